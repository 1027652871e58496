//! The room log in the collection `events`, under the unique keys (room, seq) and (room, source, nonce).

use app::wire::event::EventBody;
use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use mongodb::bson::{Bson, Document, doc};
use serde::Deserialize;

use super::call::{Database, within};
use super::error::CallError;
use super::event_documents::{EventDocument, source};
use super::values::{id, int, json, number, room as room_id};
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::words::event_kind;
use crate::storage::{Duplicate, EventLog, Head, Inserted, PostRef, StorageError};

/// Ends of logs read at once; each is one seek in the index.
const HEADS: usize = 16;

/// What the end of a log is read from.
#[derive(Debug, Deserialize)]
struct HeadDocument {
    seq: i64,
    posts: i64,
    at: i64,
    kind: String,
}

/// What a removal is read from.
#[derive(Debug, Deserialize)]
struct RemovalDocument {
    room: String,
    seq: i64,
    no: i64,
}

#[async_trait]
impl EventLog for Database {
    /// One ordered insert: the server stops at the first duplicate, so that what is stored is a prefix.
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        if entries.is_empty() {
            return Ok(Inserted::All);
        }
        let documents = entries
            .iter()
            .map(EventDocument::new)
            .collect::<Result<Vec<_>, _>>()?;
        let error = match within(self.events.insert_many(&documents).ordered(true)).await {
            Ok(_) => return Ok(Inserted::All),
            Err(error) => error,
        };
        match error.stored_before_duplicate() {
            Some(stored) if stored < entries.len() => Ok(Inserted::Partly {
                stored,
                refused: self.refusal(&entries[stored]).await?,
            }),
            _ => Err(error.into()),
        }
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        Ok(self.read_head(room).await?)
    }

    /// A seek for each room, a few at once: servers differ in what they make of one query for the ends of many.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        let heads = futures::stream::iter(rooms.to_vec()).map(|room| async move {
            let head = self.read_head(&room).await?;
            Ok::<_, CallError>(head.map(|head| (room, head)))
        });
        let heads: Vec<Option<(RoomId, Head)>> = heads.buffered(HEADS).try_collect().await?;
        Ok(heads.into_iter().flatten().collect())
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        let filter = doc! { "room": room.as_str(), "seq": { "$gt": int(after) } };
        if limit == 0 {
            return Ok(Vec::new());
        }
        Ok(self.entries(filter, limit).await?)
    }

    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        let numbers = doc! { "$gte": i64::from(first), "$lte": i64::from(last) };
        let filter = doc! { "room": room.as_str(), "no": numbers };
        Ok(self.entries(filter, 0).await?)
    }

    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        let find = self
            .events
            .find_one(doc! { "room": room.as_str(), "kind": "room_changed" })
            .sort(doc! { "seq": -1 });
        Ok(entry(within(find).await?)?)
    }

    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        let find = self.events.find_one(command(room, source, nonce));
        Ok(entry(within(find).await?)?)
    }

    /// The text goes first and the mark after it: a crash in between leaves the mark, and this does it all again.
    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        let removal = doc! {
            "room": post.room.as_str(),
            "no": i64::from(post.no),
            "pending": true,
        };
        let removals = self.events.clone_with_type::<RemovalDocument>();
        let find = removals.find_one(removal.clone()).sort(doc! { "seq": 1 });
        let Some(found) = within(find).await? else {
            return Ok(());
        };
        let earlier = doc! {
            "room": post.room.as_str(),
            "no": i64::from(post.no),
            "seq": { "$lt": found.seq },
        };
        let tombstone = doc! {
            "kind": event_kind(&EventBody::Tombstone),
            "body": json(&EventBody::Tombstone)?,
            "command": id(CommandHash::ERASED.0),
        };
        within(self.events.update_many(earlier, doc! { "$set": tombstone })).await?;
        let unmark = doc! { "$unset": { "pending": "" } };
        within(self.events.update_many(removal, unmark)).await?;
        Ok(())
    }

    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let removals = self.events.clone_with_type::<RemovalDocument>();
        let find = removals
            .find(doc! { "pending": true })
            .sort(doc! { "at": 1, "_id": 1 })
            .limit(i64::from(limit));
        let found: Vec<RemovalDocument> = within(async { find.await?.try_collect().await }).await?;
        let posts = found.into_iter().map(|removal| {
            Ok(PostRef {
                room: room_id(&removal.room)?,
                no: number(removal.no, "removal's post")?,
            })
        });
        Ok(posts.collect::<Result<_, CallError>>()?)
    }
}

impl Database {
    async fn read_head(&self, room: &RoomId) -> Result<Option<Head>, CallError> {
        let ends = self.events.clone_with_type::<HeadDocument>();
        let find = ends
            .find_one(doc! { "room": room.as_str() })
            .sort(doc! { "seq": -1 })
            .projection(doc! { "_id": 0, "seq": 1, "posts": 1, "at": 1, "kind": 1 });
        let Some(found) = within(find).await? else {
            return Ok(None);
        };
        Ok(Some(Head {
            seq: number(found.seq, "event's seq")?,
            posts: number(found.posts, "event's count of posts")?,
            at: found.at,
            ended: found.kind == event_kind(&EventBody::RoomEnded),
        }))
    }

    /// Entries in order of `seq`; a limit of 0 is no limit, as MongoDB has it.
    async fn entries(&self, filter: Document, limit: u32) -> Result<Vec<Entry>, CallError> {
        let find = self
            .events
            .find(filter)
            .sort(doc! { "seq": 1 })
            .limit(i64::from(limit));
        let found: Vec<EventDocument> = within(async { find.await?.try_collect().await }).await?;
        found.into_iter().map(EventDocument::entry).collect()
    }

    /// Which key refused an entry: the command's, if its result is there.
    async fn refusal(&self, refused: &Entry) -> Result<Duplicate, CallError> {
        let filter = command(&refused.room, &refused.source, &refused.event.nonce);
        let found = within(self.events.find_one(filter)).await?;
        Ok(if found.is_some() {
            Duplicate::Nonce
        } else {
            Duplicate::Seq
        })
    }
}

fn command(room: &RoomId, whose: &Source, nonce: &Nonce) -> Document {
    doc! {
        "room": room.as_str(),
        "source": Bson::Binary(source(whose)),
        "nonce": id(nonce.0),
    }
}

fn entry(found: Option<EventDocument>) -> Result<Option<Entry>, CallError> {
    found.map(EventDocument::entry).transpose()
}
