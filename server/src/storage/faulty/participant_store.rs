//! A store of the participants that fails on command.

use app::api::backend::SessionId;
use app::wire::ids::RoomId;
use async_trait::async_trait;

use super::wrapper;
use crate::domain::participant::{Name, Participant};
use crate::storage::{ParticipantStore, Renamed, StorageError};

wrapper!(
    /// Wraps the store of the participants.
    FaultyParticipantStore,
    ParticipantStore
);

#[async_trait]
impl ParticipantStore for FaultyParticipantStore {
    async fn get(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, StorageError> {
        let call = || self.inner.get(room, session);
        self.faults.read("participant_store.get", call).await
    }

    async fn join(
        &self,
        room: &RoomId,
        session: &SessionId,
        op: bool,
    ) -> Result<Participant, StorageError> {
        let call = || self.inner.join(room, session, op);
        self.faults.write("participant_store.join", call).await
    }

    async fn rename(
        &self,
        room: &RoomId,
        session: &SessionId,
        name: Option<&Name>,
    ) -> Result<Renamed, StorageError> {
        let call = || self.inner.rename(room, session, name);
        self.faults.write("participant_store.rename", call).await
    }
}
