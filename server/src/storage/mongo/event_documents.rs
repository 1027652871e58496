//! How an entry of a log stands in the collection `events`.

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::ids::Nonce;
use mongodb::bson::Binary;
use serde::{Deserialize, Serialize};

use super::error::CallError;
use super::values::{array, binary, int, number, room};
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::words::event_kind;

/// An entry. The body is JSON, so that a node reads around what a newer one wrote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EventDocument {
    pub(super) room: String,
    pub(super) seq: i64,
    pub(super) no: i64,
    pub(super) posts: i64,
    pub(super) at: i64,
    pub(super) source: Binary,
    pub(super) nonce: Binary,
    pub(super) command: Binary,
    pub(super) kind: String,
    pub(super) body: String,
    /// Set on a removal whose redaction is not done yet, absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<bool>,
}

impl EventDocument {
    pub(super) fn new(entry: &Entry) -> Result<Self, CallError> {
        let event = &entry.event;
        Ok(Self {
            room: entry.room.as_str().to_owned(),
            seq: int(event.seq),
            no: i64::from(event.no),
            posts: i64::from(event.posts),
            at: event.at,
            source: source(&entry.source),
            nonce: binary(event.nonce.0),
            command: binary(entry.command.0),
            kind: event_kind(&event.body).to_owned(),
            body: super::values::json(&event.body)?,
            pending: (event.body == EventBody::PostRemoved).then_some(true),
        })
    }

    pub(super) fn entry(self) -> Result<Entry, CallError> {
        let source = match &self.source.bytes[..] {
            [] => Source::Server,
            _ => Source::Session(SessionId(array(&self.source, "event's source")?)),
        };
        let body = EventBody::from_json(&self.body)
            .map_err(|error| CallError::unreadable("event's body", error))?;
        Ok(Entry {
            room: room(&self.room)?,
            source,
            command: CommandHash(array(&self.command, "event's command")?),
            event: Event {
                seq: number(self.seq, "event's seq")?,
                no: number(self.no, "event's post")?,
                posts: number(self.posts, "event's count of posts")?,
                at: self.at,
                nonce: Nonce(array(&self.nonce, "event's nonce")?),
                body,
            },
        })
    }
}

/// A session's 32 bytes, or none for the server.
pub(super) fn source(source: &Source) -> Binary {
    match source {
        Source::Server => binary(Vec::new()),
        Source::Session(session) => binary(session.0),
    }
}
