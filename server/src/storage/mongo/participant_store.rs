//! The participants in the collection `participants`; its unique keys settle every race.

use app::api::backend::SessionId;
use app::wire::ids::RoomId;
use async_trait::async_trait;
use mongodb::bson::{Binary, Document, doc};
use mongodb::options::ReturnDocument;
use serde::{Deserialize, Serialize};

use super::call::{Database, within};
use super::error::CallError;
use super::values::{binary, id, number};
use crate::domain::participant::{Name, Participant};
use crate::storage::{ParticipantStore, Renamed, StorageError};

/// How often a number may be lost to somebody else before a newcomer is told to come again.
const ATTEMPTS: u32 = 200;

/// A session in a room.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ParticipantDocument {
    room: String,
    session: Binary,
    number: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name_key: Option<String>,
    op: bool,
}

#[async_trait]
impl ParticipantStore for Database {
    async fn get(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, StorageError> {
        Ok(self.find_participant(room, session).await?)
    }

    /// The number after the last, until nobody else took it meanwhile.
    async fn join(
        &self,
        room: &RoomId,
        session: &SessionId,
        op: bool,
    ) -> Result<Participant, StorageError> {
        if let Some(participant) = self.find_participant(room, session).await? {
            return Ok(participant);
        }
        // One newcomer of a room at a time on this node, so that only nodes race for a number.
        let _turn = self.joins.of(room).await;
        for _ in 0..ATTEMPTS {
            if let Some(participant) = self.find_participant(room, session).await? {
                return Ok(participant);
            }
            let newcomer = ParticipantDocument {
                room: room.as_str().to_owned(),
                session: binary(session.0),
                number: self.last_number(room).await? + 1,
                name: None,
                name_key: None,
                op,
            };
            match within(self.participants.insert_one(&newcomer)).await {
                Ok(_) => return Ok(participant(&newcomer)?),
                Err(error) if error.is_duplicate() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CallError::Contended.into())
    }

    async fn rename(
        &self,
        room: &RoomId,
        session: &SessionId,
        name: Option<&Name>,
    ) -> Result<Renamed, StorageError> {
        let update = match name {
            Some(name) => doc! { "$set": { "name": &name.shown, "name_key": &name.key } },
            None => doc! { "$unset": { "name": "", "name_key": "" } },
        };
        let rename = self
            .participants
            .find_one_and_update(key(room, session), update)
            .return_document(ReturnDocument::After);
        match within(rename).await {
            Ok(Some(renamed)) => Ok(Renamed::Done(participant(&renamed)?)),
            Ok(None) => Ok(Renamed::NotThere),
            Err(error) if error.is_duplicate() => Ok(Renamed::Taken),
            Err(error) => Err(error.into()),
        }
    }
}

impl Database {
    async fn find_participant(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, CallError> {
        let found = within(self.participants.find_one(key(room, session))).await?;
        found.as_ref().map(participant).transpose()
    }

    async fn last_number(&self, room: &RoomId) -> Result<i64, CallError> {
        let find = self
            .participants
            .find_one(doc! { "room": room.as_str() })
            .sort(doc! { "number": -1 });
        Ok(within(find).await?.map_or(0, |last| last.number))
    }
}

fn key(room: &RoomId, session: &SessionId) -> Document {
    doc! { "room": room.as_str(), "session": id(session.0) }
}

fn participant(found: &ParticipantDocument) -> Result<Participant, CallError> {
    Ok(Participant {
        number: number(found.number, "participant's number")?,
        name: found.name.clone(),
        op: found.op,
    })
}
