//! Port of the rooms' records.

use app::wire::ids::{Millis, RoomId};
use async_trait::async_trait;

use super::StorageError;
use crate::domain::room::RoomRecord;

/// The record of every room. The log is the truth; activity and ending here are hints for order and sweeping.
#[async_trait]
pub trait RoomStore: Send + Sync + std::fmt::Debug {
    /// Stores a new room; `false` if its id is taken.
    async fn create(&self, room: &RoomRecord) -> Result<bool, StorageError>;

    /// A room's record.
    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError>;

    /// Up to `limit` listed rooms that have not ended, latest activity first.
    async fn listed(&self, limit: u32) -> Result<Vec<RoomRecord>, StorageError>;

    /// Notes activity; never moves it back.
    async fn touch(&self, room: &RoomId, at: Millis) -> Result<(), StorageError>;

    /// Notes that the room is over; once more changes nothing.
    async fn end(&self, room: &RoomId) -> Result<(), StorageError>;

    /// Up to `limit` rooms, listed or secret, that have not ended and whose last activity was before `before`, oldest
    /// first.
    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<RoomRecord>, StorageError>;

    /// Gives every room a new epoch, after a restore from a backup; says how many. One that is made meanwhile may
    /// keep its own.
    async fn renew_epochs(&self, ids: &dyn crate::ids::IdSource) -> Result<u64, StorageError>;
}
