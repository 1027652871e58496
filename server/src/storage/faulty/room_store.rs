//! A store of the rooms' records that fails on command.

use app::wire::ids::{Millis, RoomId};
use async_trait::async_trait;

use super::wrapper;
use crate::domain::room::RoomRecord;
use crate::storage::{RoomStore, StorageError};

wrapper!(
    /// Wraps the store of the rooms' records.
    FaultyRoomStore,
    RoomStore
);

#[async_trait]
impl RoomStore for FaultyRoomStore {
    async fn create(&self, room: &RoomRecord) -> Result<bool, StorageError> {
        let call = || self.inner.create(room);
        self.faults.write("room_store.create", call).await
    }

    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError> {
        let call = || self.inner.get(room);
        self.faults.read("room_store.get", call).await
    }

    async fn listed(&self, limit: u32) -> Result<Vec<RoomRecord>, StorageError> {
        let call = || self.inner.listed(limit);
        self.faults.read("room_store.listed", call).await
    }

    async fn touch(&self, room: &RoomId, at: Millis) -> Result<(), StorageError> {
        let call = || self.inner.touch(room, at);
        self.faults.write("room_store.touch", call).await
    }

    async fn end(&self, room: &RoomId) -> Result<(), StorageError> {
        let call = || self.inner.end(room);
        self.faults.write("room_store.end", call).await
    }

    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<RoomRecord>, StorageError> {
        let call = || self.inner.idle(before, limit);
        self.faults.read("room_store.idle", call).await
    }

    async fn renew_epochs(&self, ids: &dyn crate::ids::IdSource) -> Result<u64, StorageError> {
        let call = || self.inner.renew_epochs(ids);
        self.faults.write("room_store.renew_epochs", call).await
    }
}
