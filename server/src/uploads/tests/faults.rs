//! A store that loses its power at the n-th write: before it happens or after, and from then on for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

use crate::domain::entry::{Entry, Source};
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};
use crate::storage::{
    ByteStore, Commit, CommitOutcome, EventLog, Extent, Head, Inserted, PostRef, StorageError,
    UploadCounts, UploadStore,
};

/// How many writes are left. The ports of one node share it.
#[derive(Debug)]
pub(super) struct Power {
    writes: AtomicUsize,
    last: usize,
    /// Whether the last write happens, although nobody is told.
    after: bool,
    /// Whether bytes are written at all; else their writes wait.
    flows: watch::Sender<bool>,
}

impl Power {
    /// Power for ever.
    pub(super) fn default() -> Arc<Self> {
        Self::until(usize::MAX, false)
    }

    /// Power for `last` writes; the next one fails, `after` it happened or before.
    pub(super) fn until(last: usize, after: bool) -> Arc<Self> {
        Arc::new(Self {
            writes: AtomicUsize::new(0),
            last,
            after,
            flows: watch::channel(true).0,
        })
    }

    /// Makes writes of bytes wait, or lets them go on.
    pub(super) fn set_flows(&self, flows: bool) {
        self.flows.send_replace(flows);
    }

    async fn flows(&self) {
        let mut flows = self.flows.subscribe();
        flows.wait_for(|flows| *flows).await.unwrap();
    }

    pub(super) fn of<P>(self: &Arc<Self>, port: P) -> Powered<P> {
        Powered {
            port,
            power: Arc::clone(self),
        }
    }

    /// Whether it went out.
    pub(super) fn is_out(&self) -> bool {
        self.writes.load(Ordering::SeqCst) > self.last
    }
}

#[derive(Debug)]
pub(super) struct Powered<P> {
    port: P,
    power: Arc<Power>,
}

fn out<T>() -> Result<T, StorageError> {
    Err(StorageError::Unavailable("no power".into()))
}

impl<P> Powered<P> {
    async fn write<T>(
        &self,
        call: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        let number = self.power.writes.fetch_add(1, Ordering::SeqCst);
        if number < self.power.last {
            return call.await;
        }
        if number == self.power.last && self.power.after {
            call.await?;
        }
        out()
    }

    async fn read<T>(
        &self,
        call: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        if self.power.is_out() {
            out()
        } else {
            call.await
        }
    }
}

#[async_trait]
impl UploadStore for Powered<Arc<dyn UploadStore>> {
    async fn create(&self, upload: &UploadRecord) -> Result<(), StorageError> {
        self.write(self.port.create(upload)).await
    }
    async fn get(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        self.read(self.port.get(file)).await
    }
    async fn by_key(&self, key: &KeyHash) -> Result<Option<UploadRecord>, StorageError> {
        self.read(self.port.by_key(key)).await
    }
    async fn by_post(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.by_post(room, owner, nonce)).await
    }
    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.open_in_room(room)).await
    }
    async fn counts(
        &self,
        session: &SessionId,
        address: &[u8; 8],
    ) -> Result<UploadCounts, StorageError> {
        self.read(self.port.counts(session, address)).await
    }
    async fn claim(
        &self,
        file: &FileId,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<bool, StorageError> {
        self.write(self.port.claim(file, room, owner, nonce)).await
    }
    async fn unclaim(&self, file: &FileId, nonce: &Nonce) -> Result<(), StorageError> {
        self.write(self.port.unclaim(file, nonce)).await
    }
    async fn posted(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
        no: PostNo,
    ) -> Result<(), StorageError> {
        self.write(self.port.posted(room, owner, nonce, no)).await
    }
    async fn take_turn(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        self.write(self.port.take_turn(file)).await
    }
    async fn set_started(
        &self,
        file: &FileId,
        turn: Turn,
        started: &Started,
    ) -> Result<CommitOutcome, StorageError> {
        self.write(self.port.set_started(file, turn, started)).await
    }
    async fn set_size(
        &self,
        file: &FileId,
        turn: Turn,
        size: u64,
    ) -> Result<CommitOutcome, StorageError> {
        self.write(self.port.set_size(file, turn, size)).await
    }
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StorageError> {
        self.write(self.port.commit(commit)).await
    }
    async fn transition(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
        sha256: Option<[u8; 32]>,
        at: Millis,
    ) -> Result<Option<UploadRecord>, StorageError> {
        self.write(self.port.transition(file, from, to, sha256, at))
            .await
    }
    async fn mark_told(&self, file: &FileId) -> Result<(), StorageError> {
        self.write(self.port.mark_told(file)).await
    }
    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        self.write(self.port.remove(file)).await
    }
    async fn unclaimed(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.unclaimed(before, limit)).await
    }
    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.idle(before, limit)).await
    }
    async fn untold(&self, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.untold(limit)).await
    }
    async fn unposted(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.unposted(before, limit)).await
    }
    async fn spent(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(self.port.spent(before, limit)).await
    }
}

#[async_trait]
impl ByteStore for Powered<Arc<dyn ByteStore>> {
    async fn write(
        &self,
        extent: &Extent,
        turn: Turn,
        bytes: &[Bytes],
    ) -> Result<Bytes, StorageError> {
        self.power.flows().await;
        Powered::write(self, self.port.write(extent, turn, bytes)).await
    }
    async fn read(&self, extent: &Extent, at: u64, most: usize) -> Result<Bytes, StorageError> {
        Powered::read(self, self.port.read(extent, at, most)).await
    }
    async fn finish(&self, upload: &UploadRecord) -> Result<[u8; 32], StorageError> {
        Powered::write(self, self.port.finish(upload)).await
    }
    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        Powered::write(self, self.port.remove(file)).await
    }
}

#[async_trait]
impl EventLog for Powered<Arc<dyn EventLog>> {
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        self.write(self.port.insert(entries)).await
    }
    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        self.read(self.port.head(room)).await
    }
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        self.read(self.port.heads(rooms)).await
    }
    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        self.read(self.port.range(room, after, limit)).await
    }
    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        self.read(self.port.posts(room, first, last)).await
    }
    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        self.read(self.port.snapshot(room)).await
    }
    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        self.read(self.port.by_nonce(room, source, nonce)).await
    }
    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        self.write(self.port.redact(post)).await
    }
    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        self.read(self.port.pending_redactions(limit)).await
    }
}
