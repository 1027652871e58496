//! What is known of a room as a whole.

use serde::{Deserialize, Serialize};

use super::ids::{Millis, ParticipantNo, RoomId};

/// Who can find a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Shown on the home page.
    Listed,
    /// Reached by its link alone, never shown anywhere.
    Secret,
}

/// Everything about a room that its log says, as carried whole by `RoomChanged`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    /// The room.
    pub room: RoomId,
    /// Its title, at most [`super::limits::Limits::title_chars`] characters.
    pub title: String,
    /// Who can find it.
    pub visibility: Visibility,
    /// When it was created.
    pub created_at: Millis,
    /// Hours after its last activity at which it ends.
    pub ends_after_hours: u32,
}

/// A post's author as shown when the post was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Number of the participant in this room.
    pub number: ParticipantNo,
    /// A name of one's own, unique in the room; without one the author is "Anonymous 7".
    pub name: Option<String>,
    /// Whether this participant created the room.
    pub op: bool,
}

impl Author {
    /// Who a removed post is by: participants are numbered from 1.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            number: 0,
            name: None,
            op: false,
        }
    }

    /// The name to show.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => format!("Anonymous {}", self.number),
        }
    }
}

/// Who is in a room now: soft state, the latest wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleHere {
    /// How many people are here, on all nodes, those who only read among them.
    pub here: u32,
    /// The first hundred participants among them; empty above 500, where only the count travels.
    pub named: Vec<Author>,
}

/// A room as shown in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCard {
    /// The room, its title and its rules.
    pub snapshot: RoomSnapshot,
    /// How many posts it has.
    pub posts: u32,
    /// How many people are in it.
    pub here: u32,
    /// How many files arrive right now.
    pub arriving: u32,
    /// When something last happened in it.
    pub last_activity: Millis,
    /// When it ends if nothing more happens.
    pub ends_at: Millis,
    /// The newest picture, finished or arriving.
    pub cover: Option<super::file::Attachment>,
    /// The first 200 characters of the newest text; where the newest posts have neither text nor picture, the name of
    /// their newest file.
    pub words: Option<String>,
}
