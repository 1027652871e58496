//! Port of presence: who is in a room, soft state that expires by itself.

pub mod local;

#[cfg(any(test, feature = "testing"))]
pub mod contract;

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

/// A presence store that failed; rooms then show what this node knows.
#[derive(Debug, thiserror::Error)]
#[error("presence is not available")]
pub struct PresenceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Who is in each room, per node. Each node writes its own members and refreshes them; what was not refreshed
/// for 30 s is skipped by readers.
#[async_trait]
pub trait PresenceStore: Send + Sync + std::fmt::Debug {
    /// Writes this node's members of a room; empty removes them.
    async fn put(&self, room: &RoomId, members: &NodeMembers) -> Result<(), PresenceError>;

    /// The members of all nodes: counts added, names up to 100, above 500 none.
    async fn get(&self, room: &RoomId) -> Result<PeopleHere, PresenceError>;

    /// How many are in each of the rooms, in the same order.
    async fn counts(&self, rooms: &[RoomId]) -> Result<Vec<u32>, PresenceError>;
}
