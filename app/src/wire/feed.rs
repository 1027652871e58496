//! Messages of the feed, the websocket at `/feed`. docs/PROTOCOL.md tells their order and rules.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::ids::{Epoch, FileId, RoomId, Seq};
use super::limits::Limits;
use super::room::PeopleHere;

/// Version of these messages; part of both subprotocol names.
pub const PROTOCOL_VERSION: u32 = 1;

/// Subprotocol of browsers.
pub const SUBPROTOCOL_POSTCARD: &str = "streamboard.v1.postcard";

/// Subprotocol of people and tools.
pub const SUBPROTOCOL_JSON: &str = "streamboard.v1.json";

/// Where a reader stands in a room's log: it has everything up to and with `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Which log.
    pub epoch: Epoch,
    /// The last event the reader has.
    pub seq: Seq,
}

/// A number that stands for a room on one node, for as long as that node runs.
pub type Alias = u32;

/// From client to server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientMessage {
    /// Send what happens in a room. Once more for the same room moves the cursor.
    Subscribe {
        /// The room.
        room: RoomId,
        /// What the client has; `None` starts at the head.
        since: Option<Cursor>,
    },
    /// Send no more of a room.
    Unsubscribe {
        /// The room.
        room: RoomId,
    },
    /// Answer to [`ServerMessage::Ping`].
    Pong,
}

/// From server to client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message.
    Welcome {
        /// Build of the server; another one than the page's offers a reload.
        build: String,
        /// Seconds between two pings; twice as long without any message means the line is dead.
        ping_s: u32,
        /// The limits in force.
        limits: Limits,
    },
    /// Answer to `Subscribe`; every event after `since` follows, then the live ones. Comes unasked, with `resumed:
    /// false`, where a followed room can be followed no longer.
    Subscribed {
        /// The room.
        room: RoomId,
        /// What stands for the room from now on.
        alias: Alias,
        /// Which log.
        epoch: Epoch,
        /// The last event the server had then.
        head: Seq,
        /// `false`: the cursor cannot be served (other epoch, past the head, or more than 1,000 behind);
        /// the client loads a page and subscribes with its cursor. Nothing follows until it does.
        resumed: bool,
    },
    /// Events of one room, in the order of their `seq`, without a gap to what was sent before.
    Events {
        /// The room.
        alias: Alias,
        /// At least one.
        events: Vec<Event>,
    },
    /// How far open files are: only what changed since the last, the latest wins.
    Progress {
        /// The room.
        alias: Alias,
        /// One entry a file.
        files: Vec<Progress>,
    },
    /// Who is in a room: the whole of it, the latest wins.
    Presence {
        /// The room.
        alias: Alias,
        /// The people.
        people: PeopleHere,
    },
    /// Asks for a [`ClientMessage::Pong`], and tells where each subscribed room's log ends.
    Ping {
        /// The head of each subscribed room.
        heads: Vec<(Alias, Seq)>,
    },
    /// A `Subscribe` that cannot be served.
    Refused {
        /// The room asked for.
        room: RoomId,
        /// Why.
        reason: RefusedReason,
    },
}

/// How far an open file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The file.
    pub file: FileId,
    /// Bytes the server holds for good.
    pub committed: u64,
    /// Milliseconds since the last byte came, or since the upload was opened.
    pub idle_ms: u64,
}

/// Why a `Subscribe` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedReason {
    /// There is no such room.
    NoSuchRoom,
    /// The connection follows as many rooms as it may.
    TooManyRooms,
    /// The store cannot be asked now, or the node follows as many rooms as it may; try again later.
    Unavailable,
}

/// Close codes of the feed.
pub mod close {
    /// The server restarts; come back after a random moment.
    pub const RESTART: u16 = 1012;
    /// The client sent what is not the protocol; do not come back by yourself.
    pub const PROTOCOL: u16 = 4000;
    /// The session is not known; open another.
    pub const SESSION: u16 = 4001;
    /// The client did not read for ten seconds; come back and resume.
    pub const SLOW: u16 = 4008;
    /// No answer to two pings.
    pub const PING_TIMEOUT: u16 = 4009;
    /// Too many connections; come back later.
    pub const OVERLOADED: u16 = 4013;
}
