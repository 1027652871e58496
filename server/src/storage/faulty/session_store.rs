//! A store of the sessions that fails on command.

use app::api::backend::SessionId;
use async_trait::async_trait;

use super::wrapper;
use crate::domain::session::SessionRecord;
use crate::storage::{SessionStore, StorageError};

wrapper!(
    /// Wraps the store of the sessions.
    FaultySessionStore,
    SessionStore
);

#[async_trait]
impl SessionStore for FaultySessionStore {
    async fn create(&self, session: &SessionRecord) -> Result<(), StorageError> {
        let call = || self.inner.create(session);
        self.faults.write("session_store.create", call).await
    }

    async fn get(&self, id: &SessionId) -> Result<Option<SessionRecord>, StorageError> {
        let call = || self.inner.get(id);
        self.faults.read("session_store.get", call).await
    }
}
