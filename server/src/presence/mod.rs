//! Port of presence: who is in a room, soft state that expires by itself.

pub mod local;
pub mod redis;

#[cfg(any(test, feature = "testing"))]
pub mod contract;

use std::collections::BTreeMap;
use std::time::Duration;

use app::wire::ids::RoomId;
use app::wire::room::{Author, PeopleHere};
use async_trait::async_trait;

/// The members one node has in a room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeMembers {
    /// How many participants and readers.
    pub count: u32,
    /// Up to 100 of the participants among them.
    pub named: Vec<Author>,
}

/// What was not refreshed for this long is not shown.
pub const LAPSE: Duration = Duration::from_secs(30);

/// Names shown at the most.
pub const SHOWN_NAMES: usize = 100;

/// Members up to which names are shown; in a larger crowd only the count travels.
pub const SHOWN_COUNT: u32 = 500;

/// A presence store that failed; rooms then show what this node knows.
#[derive(Debug, thiserror::Error)]
#[error("presence is not available")]
pub struct PresenceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Who is in each room, per node. Each node writes its own members and refreshes them; what was not refreshed
/// for [`LAPSE`] is skipped by readers. A call has no time limit of its own: the caller gives it one.
#[async_trait]
pub trait PresenceStore: Send + Sync + std::fmt::Debug {
    /// Writes this node's members of a room in place of those before; a count of 0 removes them. Idempotent; dropped,
    /// it may have happened or not.
    async fn put(&self, room: &RoomId, members: &NodeMembers) -> Result<(), PresenceError>;

    /// The members of all nodes, see [`people_here`]: counts added, names by number up to 100, above 500 members
    /// none. A room that nobody is in, or that does not exist, is empty.
    async fn get(&self, room: &RoomId) -> Result<PeopleHere, PresenceError>;

    /// How many are in each of the rooms, in the same order.
    async fn counts(&self, rooms: &[RoomId]) -> Result<Vec<u32>, PresenceError>;
}

/// What a room is told of the members of all nodes: counts added, each participant named once, by number.
#[must_use]
pub fn people_here<'a>(nodes: impl IntoIterator<Item = &'a NodeMembers>) -> PeopleHere {
    let mut here = 0_u32;
    let mut named = BTreeMap::new();
    for members in nodes {
        here = here.saturating_add(members.count);
        for author in &members.named {
            named.insert(author.number, author);
        }
    }
    if here > SHOWN_COUNT {
        named.clear();
    }
    PeopleHere {
        here,
        named: named.into_values().take(SHOWN_NAMES).cloned().collect(),
    }
}
