//! Port of the uploads' records. Every change is one compare-and-swap.

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use async_trait::async_trait;
use bytes::Bytes;

use super::StorageError;
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};

/// A wish to raise `committed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The file.
    pub file: FileId,
    /// The writer's turn.
    pub turn: Turn,
    /// What the writer takes `committed` to be.
    pub from: u64,
    /// What it becomes.
    pub to: u64,
    /// The unfinished last chunk from now on; it takes the place of the former.
    pub tail: Bytes,
    /// When; the time of the last byte never goes back.
    pub at: Millis,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is in force.
    Done,
    /// The turn is over, the state is not open, or `from` is not what is committed; read again.
    Lost,
}

/// What counts against quotas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadCounts {
    /// Open uploads of the session.
    pub of_session: u32,
    /// Open uploads of the address.
    pub of_address: u32,
}

/// The record of every upload. Lists are in the order of the time they ask for, oldest first, and may leave out the
/// records' tails; those without a limit are bounded by what one post or the quotas of one room's people allow.
#[async_trait]
pub trait UploadStore: Send + Sync + std::fmt::Debug {
    /// Stores a new upload; once more changes nothing.
    async fn create(&self, upload: &UploadRecord) -> Result<(), StorageError>;

    /// An upload by its file.
    async fn get(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError>;

    /// An upload by its key.
    async fn by_key(&self, key: &KeyHash) -> Result<Option<UploadRecord>, StorageError>;

    /// The uploads of a post, by the session and the nonce that claimed them. The nonce alone is no name: it is
    /// told to the room, and another session may claim its own files under it.
    async fn by_post(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError>;

    /// Uploads of the room that are open or finishing and claimed, for the snapshot of progress.
    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError>;

    /// Open uploads of a session, in any room, and of an address; those finishing do not count.
    async fn counts(
        &self,
        session: &SessionId,
        address: &[u8; 8],
    ) -> Result<UploadCounts, StorageError>;

    /// Claims a file for a post: `post: null -> nonce`, if it is of this room and session and open or finishing.
    /// Claiming again with the same nonce succeeds, even after the end. `false`: it cannot be claimed.
    async fn claim(
        &self,
        file: &FileId,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<bool, StorageError>;

    /// Undoes a claim whose post was refused: `post: nonce -> null` unless the post's number is known. If the
    /// upload ended meanwhile, it becomes told: there is nobody to tell any more.
    async fn unclaim(&self, file: &FileId, nonce: &Nonce) -> Result<(), StorageError>;

    /// Notes the number of the post that claimed files with `nonce`, where none is noted yet.
    async fn posted(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
        no: PostNo,
    ) -> Result<(), StorageError>;

    /// Raises the turn of an open upload and returns the record with the new turn; `None` if it is not open.
    async fn take_turn(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError>;

    /// Notes what the first bytes told, if it is open, the turn is right and nothing was noted before.
    async fn set_started(
        &self,
        file: &FileId,
        turn: Turn,
        started: &Started,
    ) -> Result<CommitOutcome, StorageError>;

    /// Notes the size of an upload that was opened without one, if it is open, the turn is right and no size is
    /// noted.
    async fn set_size(
        &self,
        file: &FileId,
        turn: Turn,
        size: u64,
    ) -> Result<CommitOutcome, StorageError>;

    /// Raises `committed` if the turn and `from` are right and it is open; never lowers it.
    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StorageError>;

    /// Changes the state if it is one of `from`; `sha256` is stored with `Done`, the tail goes with `Stopped` and
    /// `Removed`. Makes `told` false, except that an upload that ends and that nobody claimed has nobody to tell.
    /// `at` is when it ended, if it does. Returns the record after the change, `None` if it lost or is not there.
    async fn transition(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
        sha256: Option<[u8; 32]>,
        at: Millis,
    ) -> Result<Option<UploadRecord>, StorageError>;

    /// Notes that the log has the ending.
    async fn mark_told(&self, file: &FileId) -> Result<(), StorageError>;

    /// Drops the record, whatever its state.
    async fn remove(&self, file: &FileId) -> Result<(), StorageError>;

    /// For the sweeper: uploads that nobody claimed and that were opened before `before`, open, finishing or done.
    async fn unclaimed(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError>;

    /// For the sweeper: open or finishing uploads without a byte since `before`.
    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError>;

    /// For the sweeper: claimed uploads that ended and whose ending the log may not have, their post's number known
    /// or not.
    async fn untold(&self, limit: u32) -> Result<Vec<UploadRecord>, StorageError>;

    /// For the sweeper: claimed uploads, in whatever state, whose post has no number yet and to which no byte came
    /// since `before`.
    async fn unposted(&self, before: Millis, limit: u32)
    -> Result<Vec<UploadRecord>, StorageError>;

    /// For the sweeper: stopped or removed uploads that are told and ended (last changed their state) before
    /// `before`.
    async fn spent(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError>;
}
