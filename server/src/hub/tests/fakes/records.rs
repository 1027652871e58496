//! The store's records of rooms, participants and uploads.

use std::sync::atomic::Ordering;

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use app::wire::room::Visibility;
use async_trait::async_trait;

use super::FakeStore;
use crate::domain::participant::{Name, Participant};
use crate::domain::room::RoomRecord;
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};
use crate::hub::tests::events::session;
use crate::ids::IdSource;
use crate::storage::{
    Commit, CommitOutcome, ParticipantStore, Renamed, RoomStore, StorageError, UploadCounts,
    UploadStore,
};

#[async_trait]
impl RoomStore for FakeStore {
    async fn create(&self, _: &RoomRecord) -> Result<bool, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError> {
        let there = self.logs.lock().unwrap().contains_key(room);
        let record = there.then(|| RoomRecord {
            id: room.clone(),
            epoch: self.epoch(),
            visibility: Visibility::Listed,
            owner: session(1),
            created_at: 0,
            last_activity: 0,
            ended: false,
        });
        self.answer(record).await
    }

    async fn listed(&self, _: u32) -> Result<Vec<RoomRecord>, StorageError> {
        unreachable!("the hub lists nothing")
    }

    async fn touch(&self, _: &RoomId, _: Millis) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn end(&self, _: &RoomId) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn idle(&self, _: Millis, _: u32) -> Result<Vec<RoomRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn renew_epochs(&self, _: &dyn IdSource) -> Result<u64, StorageError> {
        unreachable!("the hub does not write")
    }
}

#[async_trait]
impl ParticipantStore for FakeStore {
    async fn get(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, StorageError> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let key = (room.clone(), *session);
        let found = self.people.lock().unwrap().get(&key).cloned();
        self.answer(found).await
    }

    async fn join(&self, _: &RoomId, _: &SessionId, _: bool) -> Result<Participant, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn rename(
        &self,
        _: &RoomId,
        _: &SessionId,
        _: Option<&Name>,
    ) -> Result<Renamed, StorageError> {
        unreachable!("the hub does not write")
    }
}

#[async_trait]
impl UploadStore for FakeStore {
    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError> {
        let uploads = self.uploads.lock().unwrap().clone();
        let open = uploads.into_iter().filter(|upload| upload.room == *room);
        self.answer(open.collect()).await
    }

    async fn create(&self, _: &UploadRecord) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn get(&self, _: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn by_key(&self, _: &KeyHash) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn by_post(
        &self,
        _: &RoomId,
        _: &SessionId,
        _: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn counts(&self, _: &SessionId, _: &[u8; 8]) -> Result<UploadCounts, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn claim(
        &self,
        _: &FileId,
        _: &RoomId,
        _: &SessionId,
        _: &Nonce,
    ) -> Result<bool, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn unclaim(&self, _: &FileId, _: &Nonce) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn posted(
        &self,
        _: &RoomId,
        _: &SessionId,
        _: &Nonce,
        _: PostNo,
    ) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn take_turn(&self, _: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn set_started(
        &self,
        _: &FileId,
        _: Turn,
        _: &Started,
    ) -> Result<CommitOutcome, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn set_size(&self, _: &FileId, _: Turn, _: u64) -> Result<CommitOutcome, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn commit(&self, _: &Commit) -> Result<CommitOutcome, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn transition(
        &self,
        _: &FileId,
        _: &[UploadState],
        _: UploadState,
        _: Option<[u8; 32]>,
        _: Millis,
    ) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn mark_told(&self, _: &FileId) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn remove(&self, _: &FileId) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn unclaimed(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn idle(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn untold(&self, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn unposted(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn spent(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }
}
