//! Port of the sessions.

use app::api::backend::SessionId;
use async_trait::async_trait;

use super::StorageError;
use crate::domain::session::SessionRecord;

/// Sessions by the hash of their cookie.
#[async_trait]
pub trait SessionStore: Send + Sync + std::fmt::Debug {
    /// Stores a session; once more changes nothing.
    async fn create(&self, session: &SessionRecord) -> Result<(), StorageError>;

    /// Looks a session up.
    async fn get(&self, id: &SessionId) -> Result<Option<SessionRecord>, StorageError>;
}
