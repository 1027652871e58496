//! Port of the room log: insert under unique keys, read ranges.

use app::wire::ids::{Millis, Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;

use super::StorageError;
use crate::domain::entry::{Entry, Source};

/// The end of a room's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its last event.
    pub seq: Seq,
    /// How many posts the room has.
    pub posts: u32,
    /// When it was appended.
    pub at: Millis,
    /// Whether it is `RoomEnded`.
    pub ended: bool,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// Every entry is in the log.
    All,
    /// The first `stored` entries are in the log, the next one was refused, the rest was not tried.
    Partly {
        /// How many are in the log.
        stored: usize,
        /// Why the next was refused.
        refused: Duplicate,
    },
}

/// Which unique key refused an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicate {
    /// (room, seq): another node was first.
    Seq,
    /// (room, source, nonce): the command is in the log already.
    Nonce,
}

/// A post by room and number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PostRef {
    /// The room.
    pub room: RoomId,
    /// The post.
    pub no: PostNo,
}

/// The log of every room.
///
/// What [`EventLog::insert`] acknowledged survives a crash (embedded: fsync; cluster: majority), and every read
/// that follows on any node sees it. Reads see a prefix of each log: with seq n all before it.
#[async_trait]
pub trait EventLog: Send + Sync + std::fmt::Debug {
    /// Inserts entries of one room whose `seq`s follow each other, in order, up to the first duplicate; none at all
    /// is [`Inserted::All`]. Where an entry violates both unique keys, `Duplicate::Nonce` is told. Each entry is
    /// atomic, the batch is not: a crash, an error or a dropped call leaves a prefix of it, perhaps all.
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError>;

    /// The end of a room's log; `None` for a log without events.
    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError>;

    /// The ends of many logs in one read; rooms without events are left out.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError>;

    /// Up to `limit` entries with `seq > after`, in order.
    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError>;

    /// All entries that concern posts `first..=last`, in the order of `seq`. Without a limit: the caller bounds the
    /// posts.
    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError>;

    /// The last `RoomChanged` entry.
    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError>;

    /// The entry a command led to; also one that a redaction made a tombstone.
    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError>;

    /// Overwrites every entry of a post before its `PostRemoved` by a tombstone that keeps seq, no, posts, at, source
    /// and nonce, erases the command hashes, and then clears the mark that the removal set. Idempotent; does nothing
    /// where no removal is marked. A `PostRemoved` entry is marked as pending by [`EventLog::insert`] in the same
    /// write. Not atomic: where it fails or is dropped the mark may stay over what is erased already, and once more
    /// finishes it. When it returns, no read finds the words (embedded: they are in no file of the store any more).
    async fn redact(&self, post: &PostRef) -> Result<(), StorageError>;

    /// Up to `limit` posts of any room whose removal is marked as pending, for the sweeper; the oldest removal first.
    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError>;
}
