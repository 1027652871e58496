//! The room log in the table `events`.

use app::wire::event::{Event, EventBody};
use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, named_params, params};

use super::database::Database;
use super::rows::{Json, Room, all, change, one};
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::words::event_kind;
use crate::storage::{Duplicate, EventLog, Head, Inserted, PostRef, StorageError};
use app::api::backend::SessionId;

/// The columns of an entry but its room, in the order [`entry`] reads them by name.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT seq, no, posts, at, source, nonce, command, body FROM events ",
            $rest
        )
    };
}

#[async_trait]
impl EventLog for Database {
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        if entries.is_empty() {
            return Ok(Inserted::All);
        }
        let entries = entries.to_vec();
        self.write(move |connection| insert_all(connection, &entries))
            .await
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        let room = room.clone();
        self.read(move |connection| head(connection, &room)).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        let rooms = rooms.to_vec();
        self.read(move |connection| {
            let mut heads = Vec::with_capacity(rooms.len());
            for room in rooms {
                if let Some(head) = head(connection, &room)? {
                    heads.push((room, head));
                }
            }
            Ok(heads)
        })
        .await
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        let room = room.clone();
        // Nothing follows what no column can hold.
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(move |connection| {
            let sql = select!("WHERE room = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
            all(
                connection,
                sql,
                params![room.as_str(), after, limit],
                |row| entry(&room, row),
            )
        })
        .await
    }

    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        let room = room.clone();
        self.read(move |connection| {
            let sql = select!("WHERE room = ?1 AND no BETWEEN ?2 AND ?3 ORDER BY seq");
            all(
                connection,
                sql,
                params![room.as_str(), first, last],
                |row| entry(&room, row),
            )
        })
        .await
    }

    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        let room = room.clone();
        self.read(move |connection| {
            let sql =
                select!("WHERE room = ?1 AND kind = 'room_changed' ORDER BY seq DESC LIMIT 1");
            one(connection, sql, [room.as_str()], |row| entry(&room, row))
        })
        .await
    }

    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        let (room, source, nonce) = (room.clone(), *source, *nonce);
        self.read(move |connection| {
            let sql = select!("WHERE room = ?1 AND source = ?2 AND nonce = ?3");
            let key = params![room.as_str(), Whose(source), nonce.0];
            one(connection, sql, key, |row| entry(&room, row))
        })
        .await
    }

    /// The text leaves the table, then the write-ahead log, and only then the mark goes: a crash in between
    /// leaves the mark, and this does it all again.
    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        let erased = post.clone();
        if !self
            .write(move |connection| erase(connection, &erased))
            .await?
        {
            return Ok(());
        }
        self.scrub().await?;
        let post = post.clone();
        self.write(move |connection| {
            let sql = "UPDATE events SET pending = 0 WHERE room = ?1 AND no = ?2 AND pending = 1";
            change(connection, sql, params![post.room.as_str(), post.no]).map(drop)
        })
        .await
    }

    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        self.read(move |connection| {
            let sql = "SELECT room, no FROM events WHERE pending = 1 ORDER BY id LIMIT ?1";
            all(connection, sql, [limit], |row| {
                let Room(room) = row.get("room")?;
                let no = row.get("no")?;
                Ok(PostRef { room, no })
            })
        })
        .await
    }
}

fn insert_all(connection: &Connection, entries: &[Entry]) -> rusqlite::Result<Inserted> {
    for (stored, entry) in entries.iter().enumerate() {
        if !insert(connection, entry)? {
            let refused = refusal(connection, entry)?;
            return Ok(Inserted::Partly { stored, refused });
        }
    }
    Ok(Inserted::All)
}

/// Inserts an entry; `false` where a unique key refuses it.
fn insert(connection: &Connection, entry: &Entry) -> rusqlite::Result<bool> {
    let event = &entry.event;
    let sql = "INSERT INTO events
        (room, seq, no, posts, at, source, nonce, command, kind, body, pending)
        VALUES (:room, :seq, :no, :posts, :at, :source, :nonce, :command, :kind, :body, :pending)
        ON CONFLICT DO NOTHING";
    let values = named_params! {
        ":room": entry.room.as_str(),
        ":seq": event.seq,
        ":no": event.no,
        ":posts": event.posts,
        ":at": event.at,
        ":source": Whose(entry.source),
        ":nonce": event.nonce.0,
        ":command": entry.command.0,
        ":kind": event_kind(&event.body),
        ":body": Json(&event.body),
        ":pending": event.body == EventBody::PostRemoved,
    };
    Ok(change(connection, sql, values)? == 1)
}

fn refusal(connection: &Connection, entry: &Entry) -> rusqlite::Result<Duplicate> {
    let sql = "SELECT 1 FROM events WHERE room = ?1 AND source = ?2 AND nonce = ?3";
    let key = params![
        entry.room.as_str(),
        Whose(entry.source),
        entry.event.nonce.0
    ];
    let there = one(connection, sql, key, |_| Ok(()))?.is_some();
    Ok(if there {
        Duplicate::Nonce
    } else {
        Duplicate::Seq
    })
}

fn head(connection: &Connection, room: &RoomId) -> rusqlite::Result<Option<Head>> {
    let sql = "SELECT seq, posts, at, kind = 'room_ended' AS ended FROM events
        WHERE room = ?1 ORDER BY seq DESC LIMIT 1";
    one(connection, sql, [room.as_str()], |row| {
        Ok(Head {
            seq: row.get("seq")?,
            posts: row.get("posts")?,
            at: row.get("at")?,
            ended: row.get("ended")?,
        })
    })
}

/// Overwrites what a removed post had; `false` where there is no removal that waits for it.
fn erase(connection: &Connection, post: &PostRef) -> rusqlite::Result<bool> {
    let key = params![post.room.as_str(), post.no];
    let sql = "SELECT seq FROM events
        WHERE room = ?1 AND no = ?2 AND pending = 1 ORDER BY seq LIMIT 1";
    let Some(removal) = one(connection, sql, key, |row| row.get::<_, Seq>(0))? else {
        return Ok(false);
    };
    let sql = "UPDATE events SET kind = ?4, body = ?5, command = ?6
        WHERE room = ?1 AND no = ?2 AND seq < ?3";
    let tombstone = EventBody::Tombstone;
    let values = params![
        post.room.as_str(),
        post.no,
        removal,
        event_kind(&tombstone),
        Json(&tombstone),
        CommandHash::ERASED.0
    ];
    change(connection, sql, values)?;
    Ok(true)
}

fn entry(room: &RoomId, row: &Row<'_>) -> rusqlite::Result<Entry> {
    let Whose(source) = row.get("source")?;
    let Body(body) = row.get("body")?;
    Ok(Entry {
        room: room.clone(),
        source,
        command: CommandHash(row.get("command")?),
        event: Event {
            seq: row.get("seq")?,
            no: row.get("no")?,
            posts: row.get("posts")?,
            at: row.get("at")?,
            nonce: Nonce(row.get("nonce")?),
            body,
        },
    })
}

/// A source: a session's 32 bytes, or none for the server.
struct Whose(Source);

impl ToSql for Whose {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match &self.0 {
            Source::Server => &[][..],
            Source::Session(session) => &session.0[..],
        }))
    }
}

impl FromSql for Whose {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let source = match value.as_blob()? {
            [] => Source::Server,
            _ => Source::Session(SessionId(FromSql::column_result(value)?)),
        };
        Ok(Self(source))
    }
}

/// A stored body, which a newer version may have written.
struct Body(EventBody);

impl FromSql for Body {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        EventBody::from_json(value.as_str()?)
            .map(Self)
            .map_err(FromSqlError::other)
    }
}
