//! Port of the bytes of files.
//!
//! Unlike an object store, readers see an object while it is written: everything below the upload record's
//! `committed`, and nothing above it.

use app::wire::ids::FileId;
use async_trait::async_trait;
use bytes::Bytes;

use super::StorageError;
use crate::domain::upload::{Turn, UploadRecord};

/// The part of a file that may be read: what a commit made visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The file.
    pub file: FileId,
    /// Bytes of a full chunk.
    pub chunk_size: u32,
    /// Bytes that may be read.
    pub committed: u64,
    /// The unfinished last chunk, where the store keeps full chunks only.
    pub tail: Bytes,
}

impl From<&UploadRecord> for Extent {
    fn from(record: &UploadRecord) -> Self {
        Self {
            file: record.file,
            chunk_size: record.chunk_size,
            committed: record.committed,
            tail: record.tail.clone(),
        }
    }
}

/// Bytes of every file.
#[async_trait]
pub trait ByteStore: Send + Sync + std::fmt::Debug {
    /// Makes `bytes` durable behind what `extent` holds, before returning, under `turn`; nobody sees them before
    /// the commit that follows. Returns the tail for that commit: what is not in a full chunk (empty for stores
    /// that keep any length). Writing again at the same place replaces what an older turn, or a writer that
    /// crashed before its commit, left there. No bytes at all change nothing.
    ///
    /// A turn older than one that wrote here, and any turn once the file is finished, changes nothing; it may be told
    /// so by an error or not, its commit is lost in any case. A write that comes after the removal may leave bytes
    /// behind, which is why they are removed once more before the record goes.
    ///
    /// Not atomic: where it fails or is dropped, some of the bytes may be there, unseen. Dropped, it may go on. May
    /// fail as broken where bytes that `extent` holds are missing (embedded); others tell when they are read.
    async fn write(
        &self,
        extent: &Extent,
        turn: Turn,
        bytes: &[Bytes],
    ) -> Result<Bytes, StorageError>;

    /// Up to `most` bytes from `at`, at least one if `at < extent.committed` and `most` is not 0; none at its end or
    /// behind it. May give fewer than `most` (embedded: 1 MiB at once). Fails as broken where they are missing. For a
    /// file that was removed meanwhile it gives none or fails as broken: whoever reads asks the upload's record before
    /// it believes that.
    async fn read(&self, extent: &Extent, at: u64, most: usize) -> Result<Bytes, StorageError>;

    /// Makes the file final after its last commit: cuts what lies behind it, checks that all of it is there (by the
    /// record's size where it has one), and returns the SHA-256. Idempotent. Fails as broken where bytes are
    /// missing. Reads the whole file, so it may take longer than other calls (embedded: a second more for each 4 MiB).
    async fn finish(&self, upload: &UploadRecord) -> Result<[u8; 32], StorageError>;

    /// Removes what a writer of `turn` left behind `extent`, after its turn ended without a commit of it: `extent` is
    /// what the upload's record told since. What `extent` holds stays, and what other turns wrote, also if the file is
    /// finished; once more, it does nothing. Stores that let such a write leave nothing have nothing to do.
    async fn discard(&self, extent: &Extent, turn: Turn) -> Result<(), StorageError>;

    /// Removes every byte of a file; once more, or for a file that never had one, it does nothing. A read under way
    /// may still end well.
    async fn remove(&self, file: &FileId) -> Result<(), StorageError>;
}
