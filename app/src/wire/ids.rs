//! Names of rooms, files, uploads, commands and logs.

use serde::{Deserialize, Serialize};

use super::hex::hex_id;

hex_id!(
    /// Public name of a file: 128 random bits, 32 hex digits. Knowing it is the right to read the file.
    FileId, 16
);
hex_id!(
    /// Identity of one command, made by the client: 128 random bits. A repeated command returns its first result.
    Nonce, 16
);
hex_id!(
    /// Identity of one log, random, made with the room. Another epoch means: start over.
    Epoch, 8
);

impl std::fmt::Debug for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileId({self})")
    }
}

impl std::fmt::Debug for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Nonce({self})")
    }
}

impl std::fmt::Debug for Epoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Epoch({self})")
    }
}

hex_id!(
    /// Secret of one upload: 128 random bits. Knowing it is the right to send and to cancel; the server keeps its hash.
    UploadKey, 16
);

impl std::fmt::Debug for UploadKey {
    /// Redacted: a key must never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UploadKey(..)")
    }
}

/// Number of an event in its room's log: 1, 2, 3 ... without gaps; 0 stands before the first.
pub type Seq = u64;

/// Number of a post in its room: 1, 2, 3 ...; 0 where an event concerns no post.
pub type PostNo = u32;

/// Number of a participant in its room: 1, 2, 3 ...
pub type ParticipantNo = u32;

/// Milliseconds since the Unix epoch, by the server's clock.
pub type Millis = i64;

/// Name of a room: 8 letters and digits when listed, 22 (128 bits and more) when secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoomId(String);

impl RoomId {
    /// Length of a listed room's id.
    pub const LISTED_LEN: usize = 8;
    /// Length of a secret room's id: 22 of 62 letters and digits carry 130 bits.
    pub const SECRET_LEN: usize = 22;

    /// The id as it stands in addresses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not the id of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a room")]
pub struct NotARoomId;

impl std::str::FromStr for RoomId {
    type Err = NotARoomId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length_fits = matches!(text.len(), Self::LISTED_LEN | Self::SECRET_LEN);
        if length_fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotARoomId)
        }
    }
}

impl TryFrom<String> for RoomId {
    type Error = NotARoomId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RoomId> for String {
    fn from(id: RoomId) -> Self {
        id.0
    }
}

impl std::fmt::Display for RoomId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
