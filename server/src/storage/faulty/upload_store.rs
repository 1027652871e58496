//! A store of the uploads' records that fails on command.

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use async_trait::async_trait;

use super::wrapper;
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};
use crate::storage::{Commit, CommitOutcome, StorageError, UploadCounts, UploadStore};

wrapper!(
    /// Wraps the store of the uploads' records.
    FaultyUploadStore,
    UploadStore
);

#[async_trait]
impl UploadStore for FaultyUploadStore {
    async fn create(&self, upload: &UploadRecord) -> Result<(), StorageError> {
        let call = || self.inner.create(upload);
        self.faults.write("upload_store.create", call).await
    }

    async fn get(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        let call = || self.inner.get(file);
        self.faults.read("upload_store.get", call).await
    }

    async fn by_key(&self, key: &KeyHash) -> Result<Option<UploadRecord>, StorageError> {
        let call = || self.inner.by_key(key);
        self.faults.read("upload_store.by_key", call).await
    }

    async fn by_post(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.by_post(room, owner, nonce);
        self.faults.read("upload_store.by_post", call).await
    }

    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.open_in_room(room);
        self.faults.read("upload_store.open_in_room", call).await
    }

    async fn counts(
        &self,
        session: &SessionId,
        address: &[u8; 8],
    ) -> Result<UploadCounts, StorageError> {
        let call = || self.inner.counts(session, address);
        self.faults.read("upload_store.counts", call).await
    }

    async fn claim(
        &self,
        file: &FileId,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<bool, StorageError> {
        let call = || self.inner.claim(file, room, owner, nonce);
        self.faults.write("upload_store.claim", call).await
    }

    async fn unclaim(&self, file: &FileId, nonce: &Nonce) -> Result<(), StorageError> {
        let call = || self.inner.unclaim(file, nonce);
        self.faults.write("upload_store.unclaim", call).await
    }

    async fn posted(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
        no: PostNo,
    ) -> Result<(), StorageError> {
        let call = || self.inner.posted(room, owner, nonce, no);
        self.faults.write("upload_store.posted", call).await
    }

    async fn take_turn(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        let call = || self.inner.take_turn(file);
        self.faults.write("upload_store.take_turn", call).await
    }

    async fn set_started(
        &self,
        file: &FileId,
        turn: Turn,
        started: &Started,
    ) -> Result<CommitOutcome, StorageError> {
        let call = || self.inner.set_started(file, turn, started);
        self.faults.write("upload_store.set_started", call).await
    }

    async fn set_size(
        &self,
        file: &FileId,
        turn: Turn,
        size: u64,
    ) -> Result<CommitOutcome, StorageError> {
        let call = || self.inner.set_size(file, turn, size);
        self.faults.write("upload_store.set_size", call).await
    }

    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StorageError> {
        let call = || self.inner.commit(commit);
        self.faults.write("upload_store.commit", call).await
    }

    async fn transition(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
        sha256: Option<[u8; 32]>,
        at: Millis,
    ) -> Result<Option<UploadRecord>, StorageError> {
        let call = || self.inner.transition(file, from, to, sha256, at);
        self.faults.write("upload_store.transition", call).await
    }

    async fn mark_told(&self, file: &FileId) -> Result<(), StorageError> {
        let call = || self.inner.mark_told(file);
        self.faults.write("upload_store.mark_told", call).await
    }

    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        let call = || self.inner.remove(file);
        self.faults.write("upload_store.remove", call).await
    }

    async fn unclaimed(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.unclaimed(before, limit);
        self.faults.read("upload_store.unclaimed", call).await
    }

    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.idle(before, limit);
        self.faults.read("upload_store.idle", call).await
    }

    async fn untold(&self, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.untold(limit);
        self.faults.read("upload_store.untold", call).await
    }

    async fn unposted(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.unposted(before, limit);
        self.faults.read("upload_store.unposted", call).await
    }

    async fn spent(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let call = || self.inner.spent(before, limit);
        self.faults.read("upload_store.spent", call).await
    }
}
