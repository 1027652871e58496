//! The rooms' records in the table `rooms`.

use app::api::backend::SessionId;
use app::wire::ids::{Epoch, Millis, RoomId};
use app::wire::room::Visibility;
use async_trait::async_trait;
use rusqlite::{Row, params};

use super::database::Database;
use super::rows::{Room, all, change, one};
use crate::domain::room::RoomRecord;
use crate::ids::IdSource;
use crate::storage::{RoomStore, StorageError};

#[async_trait]
impl RoomStore for Database {
    async fn create(&self, room: &RoomRecord) -> Result<bool, StorageError> {
        let room = room.clone();
        self.write(move |connection| {
            let sql = "INSERT INTO rooms
                (id, epoch, visibility, owner, created_at, last_activity, ended)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
            let values = params![
                room.id.as_str(),
                room.epoch.0,
                word(room.visibility),
                room.owner.0,
                room.created_at,
                room.last_activity,
                room.ended
            ];
            Ok(change(connection, sql, values)? == 1)
        })
        .await
    }

    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError> {
        let room = room.clone();
        self.read(move |connection| {
            let sql = "SELECT * FROM rooms WHERE id = ?1";
            one(connection, sql, [room.as_str()], record)
        })
        .await
    }

    async fn listed(&self, limit: u32) -> Result<Vec<RoomRecord>, StorageError> {
        self.read(move |connection| {
            let sql = "SELECT * FROM rooms WHERE ended = 0 AND visibility = 'listed'
                ORDER BY last_activity DESC, id LIMIT ?1";
            all(connection, sql, [limit], record)
        })
        .await
    }

    async fn touch(&self, room: &RoomId, at: Millis) -> Result<(), StorageError> {
        let room = room.clone();
        self.write(move |connection| {
            let sql = "UPDATE rooms SET last_activity = ?2 WHERE id = ?1 AND last_activity < ?2";
            change(connection, sql, params![room.as_str(), at]).map(drop)
        })
        .await
    }

    async fn end(&self, room: &RoomId) -> Result<(), StorageError> {
        let room = room.clone();
        self.write(move |connection| {
            let sql = "UPDATE rooms SET ended = 1 WHERE id = ?1 AND ended = 0";
            change(connection, sql, [room.as_str()]).map(drop)
        })
        .await
    }

    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<RoomRecord>, StorageError> {
        self.read(move |connection| {
            let sql = "SELECT * FROM rooms WHERE ended = 0 AND last_activity < ?1
                ORDER BY last_activity, id LIMIT ?2";
            all(connection, sql, params![before, limit], record)
        })
        .await
    }

    async fn renew_epochs(&self, ids: &dyn IdSource) -> Result<u64, StorageError> {
        let rooms = self
            .read(|connection| {
                all(connection, "SELECT id FROM rooms", [], |row| {
                    row.get::<_, String>(0)
                })
            })
            .await?;
        let renewed: Vec<(String, Epoch)> =
            rooms.into_iter().map(|room| (room, ids.epoch())).collect();
        self.write(move |connection| {
            for (room, epoch) in &renewed {
                let sql = "UPDATE rooms SET epoch = ?2 WHERE id = ?1";
                change(connection, sql, params![room, epoch.0])?;
            }
            Ok(renewed.len() as u64)
        })
        .await
    }
}

fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Listed => "listed",
        Visibility::Secret => "secret",
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<RoomRecord> {
    let Room(id) = row.get("id")?;
    // Whatever is not listed by name stays hidden.
    let visibility = match row.get_ref("visibility")?.as_str()? {
        "listed" => Visibility::Listed,
        _ => Visibility::Secret,
    };
    Ok(RoomRecord {
        id,
        epoch: Epoch(row.get("epoch")?),
        visibility,
        owner: SessionId(row.get("owner")?),
        created_at: row.get("created_at")?,
        last_activity: row.get("last_activity")?,
        ended: row.get("ended")?,
    })
}
