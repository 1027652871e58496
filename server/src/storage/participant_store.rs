//! Port of the participants.

use app::api::backend::SessionId;
use app::wire::ids::RoomId;
use async_trait::async_trait;

use super::StorageError;
use crate::domain::participant::{Name, Participant};

/// What became of a wish for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renamed {
    /// The participant has it.
    Done(Participant),
    /// Somebody else in the room has it.
    Taken,
    /// The session is no participant of the room.
    NotThere,
}

/// Sessions in rooms: unique by (room, session), (room, number) and (room, name key).
#[async_trait]
pub trait ParticipantStore: Send + Sync + std::fmt::Debug {
    /// The session's participant in the room.
    async fn get(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, StorageError>;

    /// The same, made with the next number where there is none: 1, 2, 3 ... in each room. Two calls at once, on any
    /// node, get one participant. `op` counts only when it is made. Whether there is such a room is not asked.
    async fn join(
        &self,
        room: &RoomId,
        session: &SessionId,
        op: bool,
    ) -> Result<Participant, StorageError>;

    /// Takes a name, or gives it up. Of two who want one name at once, one gets it. A session's own name may be
    /// taken again, written in another way.
    async fn rename(
        &self,
        room: &RoomId,
        session: &SessionId,
        name: Option<&Name>,
    ) -> Result<Renamed, StorageError>;
}
