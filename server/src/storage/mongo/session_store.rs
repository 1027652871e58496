//! The sessions in the collection `sessions`.

use app::api::backend::SessionId;
use async_trait::async_trait;
use mongodb::bson::doc;

use super::call::{Database, within};
use super::error::CallError;
use super::values::id;
use crate::domain::session::SessionRecord;
use crate::storage::{SessionStore, StorageError};

#[async_trait]
impl SessionStore for Database {
    async fn create(&self, session: &SessionRecord) -> Result<(), StorageError> {
        let document = doc! { "_id": id(session.id.0), "created_at": session.created_at };
        match within(self.sessions.insert_one(document)).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_duplicate() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn get(&self, session: &SessionId) -> Result<Option<SessionRecord>, StorageError> {
        let Some(found) = within(self.sessions.find_one(doc! { "_id": id(session.0) })).await?
        else {
            return Ok(None);
        };
        let created_at = found
            .get_i64("created_at")
            .map_err(|error| CallError::unreadable("session", error))?;
        Ok(Some(SessionRecord {
            id: *session,
            created_at,
        }))
    }
}
