//! An upload, and the states it goes through.
//!
//! ```text
//! open -> finishing -> done -> removed
//!   \         \________\_____> stopped, removed
//!    \______________________/
//! ```
//! Every change of state is one compare-and-swap in the store; the loser reads again.

use app::api::backend::SessionId;
use app::wire::file::{FileKind, Placeholder, Started, StopReason};
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use bytes::Bytes;

/// SHA-256 of an upload key, the only form the store has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

/// Raised by whoever sends; a writer whose turn is over fails its next commit.
pub type Turn = u32;

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// More bytes may come.
    Open,
    /// All bytes are there and are being checked.
    Finishing,
    /// The file is complete.
    Done,
    /// It will never be complete.
    Stopped(StopReason),
    /// It was taken away, complete or not.
    Removed,
}

impl UploadState {
    /// Whether nothing but a removal may follow.
    #[must_use]
    pub fn is_ended(self) -> bool {
        !matches!(self, Self::Open | Self::Finishing)
    }

    /// Whether there is no file any more, nor will be.
    #[must_use]
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Stopped(_) | Self::Removed)
    }
}

/// The post that an upload belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Nonce of the command that makes the post.
    pub nonce: Nonce,
    /// The post's number, once its event is in the log.
    pub no: Option<PostNo>,
}

/// An upload as it is stored, from its opening until its file is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadRecord {
    /// Public name of the file.
    pub file: FileId,
    /// Hash of the key that sends its bytes.
    pub key: KeyHash,
    /// The room whose post claims it.
    pub room: RoomId,
    /// The session that opened it.
    pub owner: SessionId,
    /// Hash of the address (IPv6: /64) that opened it, for quotas.
    pub address: [u8; 8],
    /// Cleaned name.
    pub name: String,
    /// Declared size; `None` until a body of unknown length has ended.
    pub size: Option<u64>,
    /// What the sender takes it for.
    pub hint: FileKind,
    /// The stand-in.
    pub placeholder: Placeholder,
    /// Bytes of a full chunk.
    pub chunk_size: u32,
    /// The post that claimed it.
    pub post: Option<Claim>,
    /// Who sends now.
    pub turn: Turn,
    /// Where it stands.
    pub state: UploadState,
    /// Bytes held for good; exact, never goes down.
    pub committed: u64,
    /// The unfinished last chunk where the bytes store keeps full chunks only; else empty.
    pub tail: Bytes,
    /// What the first bytes told; set before `committed` first rises.
    pub started: Option<Started>,
    /// SHA-256 of the whole file, once done.
    pub sha256: Option<[u8; 32]>,
    /// When it was opened.
    pub opened_at: Millis,
    /// When a byte last came.
    pub last_write: Millis,
    /// Whether the log has this upload's ending.
    pub told: bool,
}
