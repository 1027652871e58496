//! The rooms' records in the collection `rooms`.

use app::api::backend::SessionId;
use app::wire::ids::{Epoch, Millis, RoomId};
use app::wire::room::Visibility;
use async_trait::async_trait;
use futures::TryStreamExt as _;
use mongodb::bson::{Binary, Document, doc};
use serde::{Deserialize, Serialize};

use super::call::{Database, within};
use super::error::CallError;
use super::values::{array, binary, id, room as room_id};
use crate::domain::room::RoomRecord;
use crate::ids::IdSource;
use crate::storage::{RoomStore, StorageError};

/// A room's record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RoomDocument {
    #[serde(rename = "_id")]
    id: String,
    epoch: Binary,
    visibility: String,
    owner: Binary,
    created_at: i64,
    last_activity: i64,
    ended: bool,
}

#[async_trait]
impl RoomStore for Database {
    async fn create(&self, room: &RoomRecord) -> Result<bool, StorageError> {
        match within(self.rooms.insert_one(document(room))).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_duplicate() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError> {
        let found = within(self.rooms.find_one(doc! { "_id": room.as_str() })).await?;
        Ok(found.as_ref().map(record).transpose()?)
    }

    async fn listed(&self, limit: u32) -> Result<Vec<RoomRecord>, StorageError> {
        let filter = doc! { "ended": false, "visibility": word(Visibility::Listed) };
        let order = doc! { "last_activity": -1, "_id": 1 };
        Ok(self.some_rooms(filter, order, limit).await?)
    }

    async fn touch(&self, room: &RoomId, at: Millis) -> Result<(), StorageError> {
        let filter = doc! { "_id": room.as_str(), "last_activity": { "$lt": at } };
        let update = doc! { "$set": { "last_activity": at } };
        within(self.rooms.update_one(filter, update)).await?;
        Ok(())
    }

    async fn end(&self, room: &RoomId) -> Result<(), StorageError> {
        let filter = doc! { "_id": room.as_str(), "ended": false };
        let update = doc! { "$set": { "ended": true } };
        within(self.rooms.update_one(filter, update)).await?;
        Ok(())
    }

    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<RoomRecord>, StorageError> {
        let filter = doc! { "ended": false, "last_activity": { "$lt": before } };
        let order = doc! { "last_activity": 1, "_id": 1 };
        Ok(self.some_rooms(filter, order, limit).await?)
    }

    /// Room by room: the rooms renewed before a failure keep their new epoch, and the next call renews them again.
    async fn renew_epochs(&self, ids: &dyn IdSource) -> Result<u64, StorageError> {
        let mut renewed = 0;
        let ids_alone = self.rooms.clone_with_type::<Document>();
        let find = ids_alone.find(doc! {}).projection(doc! { "_id": 1 });
        let mut rooms = within(find).await?;
        while let Some(room) = within(rooms.try_next()).await? {
            let filter = doc! { "_id": room.get_str("_id").unwrap_or_default() };
            let update = doc! { "$set": { "epoch": id(ids.epoch().0) } };
            within(self.rooms.update_one(filter, update)).await?;
            renewed += 1;
        }
        Ok(renewed)
    }
}

impl Database {
    async fn some_rooms(
        &self,
        filter: Document,
        order: Document,
        limit: u32,
    ) -> Result<Vec<RoomRecord>, CallError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let find = self.rooms.find(filter).sort(order).limit(i64::from(limit));
        let found: Vec<RoomDocument> = within(async { find.await?.try_collect().await }).await?;
        found.iter().map(record).collect()
    }
}

fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Listed => "listed",
        Visibility::Secret => "secret",
    }
}

fn document(room: &RoomRecord) -> RoomDocument {
    RoomDocument {
        id: room.id.as_str().to_owned(),
        epoch: binary(room.epoch.0),
        visibility: word(room.visibility).to_owned(),
        owner: binary(room.owner.0),
        created_at: room.created_at,
        last_activity: room.last_activity,
        ended: room.ended,
    }
}

fn record(found: &RoomDocument) -> Result<RoomRecord, CallError> {
    // Whatever is not listed by name stays hidden.
    let visibility = if found.visibility == word(Visibility::Listed) {
        Visibility::Listed
    } else {
        Visibility::Secret
    };
    Ok(RoomRecord {
        id: room_id(&found.id)?,
        epoch: Epoch(array(&found.epoch, "room's epoch")?),
        visibility,
        owner: SessionId(array(&found.owner, "room's owner")?),
        created_at: found.created_at,
        last_activity: found.last_activity,
        ended: found.ended,
    })
}
