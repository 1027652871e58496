//! The sessions in the table `sessions`.

use app::api::backend::SessionId;
use async_trait::async_trait;
use rusqlite::params;

use super::database::Database;
use super::rows::{change, one};
use crate::domain::session::SessionRecord;
use crate::storage::{SessionStore, StorageError};

#[async_trait]
impl SessionStore for Database {
    async fn create(&self, session: &SessionRecord) -> Result<(), StorageError> {
        let session = session.clone();
        self.write(move |connection| {
            let sql =
                "INSERT INTO sessions (id, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            change(connection, sql, params![session.id.0, session.created_at]).map(drop)
        })
        .await
    }

    async fn get(&self, id: &SessionId) -> Result<Option<SessionRecord>, StorageError> {
        let id = *id;
        self.read(move |connection| {
            let sql = "SELECT created_at FROM sessions WHERE id = ?1";
            one(connection, sql, [id.0], |row| {
                Ok(SessionRecord {
                    id,
                    created_at: row.get("created_at")?,
                })
            })
        })
        .await
    }
}
