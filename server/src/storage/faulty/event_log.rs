//! A log of every room that fails on command.

use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;

use super::wrapper;
use crate::domain::entry::{Entry, Source};
use crate::storage::{EventLog, Head, Inserted, PostRef, StorageError};

wrapper!(
    /// Wraps the log of every room.
    FaultyEventLog,
    EventLog
);

#[async_trait]
impl EventLog for FaultyEventLog {
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        let call = || self.inner.insert(entries);
        self.faults.write("event_log.insert", call).await
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        let call = || self.inner.head(room);
        self.faults.read("event_log.head", call).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        let call = || self.inner.heads(rooms);
        self.faults.read("event_log.heads", call).await
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        let call = || self.inner.range(room, after, limit);
        self.faults.read("event_log.range", call).await
    }

    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        let call = || self.inner.posts(room, first, last);
        self.faults.read("event_log.posts", call).await
    }

    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        let call = || self.inner.snapshot(room);
        self.faults.read("event_log.snapshot", call).await
    }

    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        let call = || self.inner.by_nonce(room, source, nonce);
        self.faults.read("event_log.by_nonce", call).await
    }

    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        let call = || self.inner.redact(post);
        self.faults.write("event_log.redact", call).await
    }

    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        let call = || self.inner.pending_redactions(limit);
        self.faults.read("event_log.pending_redactions", call).await
    }
}
