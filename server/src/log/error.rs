//! Why a command was not appended.

use crate::storage::StorageError;

/// Why a command was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no such log.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The log has its last event; also a log that exists where none may.
    #[error("the room is over")]
    RoomEnded,
    /// The post never existed.
    #[error("there is no such post")]
    NoSuchPost,
    /// The post was taken away.
    #[error("the post was removed")]
    PostRemoved,
    /// The post is somebody else's.
    #[error("the post is not yours")]
    NotYours,
    /// Something happened in the room meanwhile.
    #[error("the room is not idle")]
    NotIdle,
    /// The nonce was used for another command.
    #[error("the nonce was used for another command")]
    NonceReused,
    /// Too many commands wait for this room.
    #[error("too many commands wait for this room")]
    Overloaded,
    /// The store failed, or did not answer in time.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
