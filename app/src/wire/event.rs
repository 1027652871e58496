//! Events of a room's log, as everybody in the room is told them.

use serde::{Deserialize, Serialize};

use super::file::{FileNotice, Started, StopReason};
use super::ids::{FileId, Millis, Nonce, PostNo, Seq};
use super::room::{Author, RoomSnapshot};

/// One entry of a room's log without what never leaves the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 1, 2, 3 ... per room, without gaps, the same order for everybody.
    pub seq: Seq,
    /// The post it concerns, 0 if none.
    pub no: PostNo,
    /// How many posts the room has after it.
    pub posts: u32,
    /// When it was appended.
    pub at: Millis,
    /// Identity of the command it is the result of; an author's browser knows its own post by it.
    pub nonce: Nonce,
    /// What happened.
    pub body: EventBody,
}

/// What happened. Grows at its end only; what a reader does not know folds to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    /// A post was made.
    Posted {
        /// Its author as shown then.
        author: Author,
        /// Its text; empty where it has files only.
        text: String,
        /// Its files, none of whose bytes need be there.
        files: Vec<FileNotice>,
    },
    /// A post's text was changed by its author.
    Edited {
        /// The new text.
        text: String,
    },
    /// A post was taken away with all it had.
    PostRemoved,
    /// The first bytes of a file told what it is.
    FileStarted {
        /// The file.
        file: FileId,
        /// What its first bytes told.
        started: Started,
    },
    /// A file is complete.
    FileReady {
        /// The file.
        file: FileId,
        /// Its size in bytes.
        size: u64,
    },
    /// A file will never be complete.
    FileStopped {
        /// The file.
        file: FileId,
        /// Why.
        reason: StopReason,
    },
    /// A file was taken away.
    FileRemoved {
        /// The file.
        file: FileId,
    },
    /// A participant took a name or gave it up.
    ParticipantNamed {
        /// The participant as shown from now on.
        author: Author,
    },
    /// The room was created or changed; carries all there is to know of it.
    RoomChanged {
        /// The whole state.
        snapshot: RoomSnapshot,
    },
    /// The room is over; always the last event of its log.
    RoomEnded,
    /// What a removal left of an earlier event of its post.
    Tombstone,
    /// Written by a newer version; folds to nothing.
    Unknown,
}

impl EventBody {
    /// Reads a stored body. What this version does not know, written by a newer one, is [`EventBody::Unknown`].
    ///
    /// # Errors
    /// Only where the text is not JSON at all.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        Ok(serde_json::from_value(value).unwrap_or(Self::Unknown))
    }
}
