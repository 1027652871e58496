//! Port of the bus: what one node tells the others. A fast hint, at most once; the store is the truth.

mod ear;
mod error;
pub mod local;
pub mod message;
pub mod redis;

#[cfg(any(test, feature = "testing"))]
pub mod contract;
#[cfg(any(test, feature = "testing"))]
pub mod faulty;

use app::wire::ids::{FileId, RoomId};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

pub use error::BusError;

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Events, progress and presence of a room.
    Room(RoomId),
    /// Commits of one upload, for followers on other nodes.
    File(FileId),
}

/// What a node hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusEvent {
    /// A message, [`message::BusMessage`] encoded.
    Message {
        /// What it is about.
        topic: Topic,
        /// The encoded message.
        payload: Bytes,
    },
    /// Messages were lost on any topic (lag, reconnect): everything followed must be read from the store.
    Gap,
}

/// Messages between nodes, and from a node to itself.
///
/// Order: messages that one node publishes on one topic, each after the former was acknowledged, arrive in that
/// order at every subscriber, or not at all. Loss is possible and, where the adapter can know of it, told as
/// [`BusEvent::Gap`]. Duplicates are possible.
#[async_trait]
pub trait Bus: Send + Sync + std::fmt::Debug {
    /// Publishes; returns when the bus has taken it, at the latest after the adapter's time limit. Whether anybody
    /// follows the topic is not told. Dropping the call may or may not withdraw it.
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError>;

    /// Follows a topic. When it returns, the subscription is in force: every message published from now on
    /// arrives, or a [`BusEvent::Gap`] does. Following twice is following once, and left by leaving once. Dropped, the
    /// topic may be followed or not.
    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError>;

    /// Follows a topic no longer; a few messages may still come.
    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError>;

    /// The node's one ear; `None` once it was taken. What is followed before waits in it. Bounded: where the node does
    /// not listen, messages are lost and a [`BusEvent::Gap`] is told (embedded: those after the first 4,096).
    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>>;
}
