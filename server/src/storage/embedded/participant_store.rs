//! The participants in the table `participants`. All writes are one after the other, so that a look before a
//! write cannot be overtaken.

use app::api::backend::SessionId;
use app::wire::ids::RoomId;
use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::database::Database;
use super::rows::one;
use crate::domain::participant::{Name, Participant};
use crate::storage::{ParticipantStore, Renamed, StorageError};

#[async_trait]
impl ParticipantStore for Database {
    async fn get(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, StorageError> {
        let (room, session) = (room.clone(), *session);
        self.read(move |connection| find(connection, &room, &session))
            .await
    }

    async fn join(
        &self,
        room: &RoomId,
        session: &SessionId,
        op: bool,
    ) -> Result<Participant, StorageError> {
        // Most who join are there already, and a read waits for nobody.
        if let Some(participant) = ParticipantStore::get(self, room, session).await? {
            return Ok(participant);
        }
        let (room, session) = (room.clone(), *session);
        self.write(move |connection| match find(connection, &room, &session)? {
            Some(participant) => Ok(participant),
            None => add(connection, &room, &session, op),
        })
        .await
    }

    async fn rename(
        &self,
        room: &RoomId,
        session: &SessionId,
        name: Option<&Name>,
    ) -> Result<Renamed, StorageError> {
        let (room, session, name) = (room.clone(), *session, name.cloned());
        self.write(move |connection| {
            if let Some(name) = &name
                && is_taken(connection, &room, &session, name)?
            {
                let there = find(connection, &room, &session)?.is_some();
                return Ok(if there {
                    Renamed::Taken
                } else {
                    Renamed::NotThere
                });
            }
            let (shown, key) = name.map(|name| (name.shown, name.key)).unzip();
            let sql = "UPDATE participants SET name = ?3, name_key = ?4
                WHERE room = ?1 AND session = ?2 RETURNING number, name, op";
            let values = params![room.as_str(), session.0, shown, key];
            let renamed = one(connection, sql, values, participant)?;
            Ok(renamed.map_or(Renamed::NotThere, Renamed::Done))
        })
        .await
    }
}

fn find(
    connection: &Connection,
    room: &RoomId,
    session: &SessionId,
) -> rusqlite::Result<Option<Participant>> {
    let sql = "SELECT number, name, op FROM participants WHERE room = ?1 AND session = ?2";
    one(
        connection,
        sql,
        params![room.as_str(), session.0],
        participant,
    )
}

fn add(
    connection: &Connection,
    room: &RoomId,
    session: &SessionId,
    op: bool,
) -> rusqlite::Result<Participant> {
    let sql = "INSERT INTO participants (room, session, number, op)
        SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3 FROM participants WHERE room = ?1
        RETURNING number, name, op";
    let values = params![room.as_str(), session.0, op];
    connection
        .prepare_cached(sql)?
        .query_row(values, participant)
}

/// Whether somebody else in the room has the name.
fn is_taken(
    connection: &Connection,
    room: &RoomId,
    session: &SessionId,
    name: &Name,
) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM participants WHERE room = ?1 AND name_key = ?2 AND session <> ?3";
    let values = params![room.as_str(), name.key, session.0];
    Ok(one(connection, sql, values, |_| Ok(()))?.is_some())
}

fn participant(row: &Row<'_>) -> rusqlite::Result<Participant> {
    Ok(Participant {
        number: row.get("number")?,
        name: row.get("name")?,
        op: row.get("op")?,
    })
}
