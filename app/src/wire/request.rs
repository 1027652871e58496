//! Arguments and results of the server functions, that is of the public API.

use serde::{Deserialize, Serialize};

use super::file::{FileKind, Placeholder};
use super::ids::{FileId, Nonce, PostNo, RoomId, Seq, UploadKey};
use super::limits::Limits;
use super::room::{RoomCard, Visibility};

/// Result of `open_session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpened {
    /// Whether the request came without a session and was given one.
    pub fresh: bool,
    /// The limits in force.
    pub limits: Limits,
    /// Build of the server.
    pub build: String,
}

/// Arguments of `create_room`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateRoom {
    /// Its title.
    pub title: String,
    /// Who can find it.
    pub visibility: Visibility,
}

/// Result of `list_rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomList {
    /// Listed rooms, busiest first.
    pub rooms: Vec<RoomCard>,
    /// When the list was made, by the server's clock.
    pub now: super::ids::Millis,
    /// The limits in force.
    pub limits: Limits,
}

/// Arguments of `create_post`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePost {
    /// The room.
    pub room: RoomId,
    /// Identity of this command; the same one again returns the first result.
    pub nonce: Nonce,
    /// The text; may be empty where there are files.
    #[serde(default)]
    pub text: String,
    /// Uploads opened for this room by this session, in the order to show them.
    #[serde(default)]
    pub files: Vec<FileId>,
}

/// Result of `create_post`, `edit_post` and `remove_post`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appended {
    /// The post.
    pub no: PostNo,
    /// The event.
    pub seq: Seq,
}

/// Arguments of `open_upload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenUpload {
    /// The room whose post will claim it.
    pub room: RoomId,
    /// Name of the file as the sender has it; cleaned by the server.
    pub name: String,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// What the sender takes it for.
    #[serde(default)]
    pub hint: Option<FileKind>,
    /// The stand-in.
    #[serde(default)]
    pub placeholder: Placeholder,
}

/// Result of `open_upload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadOpened {
    /// The file, public.
    pub file: FileId,
    /// The key to send its bytes with, told to nobody else.
    pub key: UploadKey,
    /// Bytes to send in one request at the most where a body cannot be streamed.
    pub slice_bytes: u64,
}

/// Which posts `load_history` returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// The page ends before this post; `None` ends it with the newest.
    pub before: Option<PostNo>,
    /// How many posts at the most: 1 to 200.
    pub limit: u32,
}

impl HistoryQuery {
    /// How many posts a page has unless asked otherwise.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// How many posts a page has at the most.
    pub const MOST: u32 = 200;
}
