//! What can be appended, and on which condition.

use app::wire::file::{FileNotice, Started, StopReason};
use app::wire::ids::{FileId, Nonce, ParticipantNo, PostNo, RoomId};
use app::wire::room::{Author, RoomSnapshot};

use crate::domain::entry::{CommandHash, Source};

/// A command to one room's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The room.
    pub room: RoomId,
    /// Whose command.
    pub source: Source,
    /// Its identity.
    pub nonce: Nonce,
    /// What it asks for, hashed: the same nonce with another hash is refused.
    pub hash: CommandHash,
    /// What to append.
    pub draft: Draft,
    /// When it may be appended; judged against the log's prefix, and again after every duplicate key.
    pub precondition: Precondition,
}

/// An event to be, without what the log itself adds (`seq`, `posts`, `at`, the number of a new post).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Draft {
    /// A new post.
    Posted {
        /// As shown.
        author: Author,
        /// The text.
        text: String,
        /// The files.
        files: Vec<FileNotice>,
    },
    /// A new text of a post.
    Edited {
        /// The post.
        no: PostNo,
        /// The text.
        text: String,
    },
    /// A post is taken away.
    PostRemoved {
        /// The post.
        no: PostNo,
    },
    /// A file's first bytes.
    FileStarted {
        /// The post.
        no: PostNo,
        /// The file.
        file: FileId,
        /// What they told.
        started: Started,
    },
    /// A file is complete.
    FileReady {
        /// The post.
        no: PostNo,
        /// The file.
        file: FileId,
        /// Its size.
        size: u64,
    },
    /// A file will never be complete.
    FileStopped {
        /// The post.
        no: PostNo,
        /// The file.
        file: FileId,
        /// Why.
        reason: StopReason,
    },
    /// A file is taken away.
    FileRemoved {
        /// The post.
        no: PostNo,
        /// The file.
        file: FileId,
    },
    /// A participant took a name or gave it up.
    ParticipantNamed {
        /// As shown from now on.
        author: Author,
    },
    /// The room was created (on an empty log) or changed.
    RoomChanged {
        /// All of it.
        snapshot: RoomSnapshot,
    },
    /// The room is over.
    RoomEnded,
}

/// When a command may be appended. Every command but the first `RoomChanged` needs a log that exists and has
/// not ended, on top of what is named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The log is empty: the room's creation.
    NoLog,
    /// Nothing more.
    RoomOpen,
    /// The draft's post exists and is not removed.
    PostExists,
    /// The draft's post exists, is not removed, and is this participant's.
    PostOf(ParticipantNo),
    /// The last event is not newer than this: the room really had no activity (its end).
    IdleSince(app::wire::ids::Millis),
}
