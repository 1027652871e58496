//! Posts of a room, folded from its log.

use serde::{Deserialize, Serialize};

use super::feed::Cursor;
use super::file::Attachment;
use super::ids::{Millis, Nonce, PostNo, Seq};
use super::limits::Limits;
use super::room::{Author, RoomSnapshot};

/// A post as it stands after the event that changed it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its number.
    pub no: PostNo,
    /// When it was made.
    pub at: Millis,
    /// The command that made it.
    pub nonce: Nonce,
    /// Its author as shown then.
    pub author: Author,
    /// Its text.
    pub text: String,
    /// Its files in the order given.
    pub files: Vec<Attachment>,
    /// Whether its text was changed.
    pub edited: bool,
    /// Whether it was taken away; text and files are empty then.
    pub removed: bool,
    /// The event that changed it last; what is not newer is not applied again.
    pub changed: Seq,
}

/// Posts `first..=last` of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The log and the head it was read at; subscribing with it leaves no gap.
    pub cursor: Cursor,
    /// The room.
    pub room: RoomSnapshot,
    /// How many posts the room has.
    pub posts_total: u32,
    /// Whether the room is over.
    pub ended: bool,
    /// When something last happened in the room.
    pub last_activity: Millis,
    /// The posts, oldest first, without gaps in `no`.
    pub posts: Vec<Post>,
    /// How far the open files among them are, as of this page.
    pub progress: Vec<super::feed::Progress>,
}

/// Everything a room's page is rendered from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomPage {
    /// The posts.
    pub page: Page,
    /// Who reads it.
    pub me: Me,
    /// Nonce of the form that posts without script.
    pub form_nonce: Nonce,
    /// The limits in force.
    pub limits: Limits,
    /// Build of the server that rendered it.
    pub build: String,
    /// When it was rendered, by the server's clock.
    pub now: Millis,
}

/// The reader in a room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Whether the request came with a session.
    pub session: bool,
    /// The reader's participant; `None` until the first post or name.
    pub author: Option<Author>,
}
