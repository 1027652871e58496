//! A room as the store lists it.

use app::api::backend::SessionId;
use app::wire::ids::{Epoch, Millis, RoomId};
use app::wire::room::Visibility;

/// What is kept of a room beside its log: its epoch and owner, and hints that order the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecord {
    /// The room.
    pub id: RoomId,
    /// Which log.
    pub epoch: Epoch,
    /// Who can find it.
    pub visibility: Visibility,
    /// The session that created it.
    pub owner: SessionId,
    /// When it was created.
    pub created_at: Millis,
    /// When something last happened; a hint that may lag behind the log, which is asked before a room ends.
    pub last_activity: Millis,
    /// Whether `RoomEnded` is in its log; a hint in the same way.
    pub ended: bool,
}
