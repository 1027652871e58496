//! The uploads' records in the table `uploads`.

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use async_trait::async_trait;
use rusqlite::{Connection, params};

use super::database::Database;
use super::rows::{Json, all, change, one};
use super::upload_rows::{State, insert, record};
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};
use crate::storage::{Commit, CommitOutcome, StorageError, UploadCounts, UploadStore};

#[async_trait]
impl UploadStore for Database {
    async fn create(&self, upload: &UploadRecord) -> Result<(), StorageError> {
        let upload = upload.clone();
        self.write(move |connection| insert(connection, &upload))
            .await
    }

    async fn get(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        let file = *file;
        self.read(move |connection| find(connection, &file)).await
    }

    async fn by_key(&self, key: &KeyHash) -> Result<Option<UploadRecord>, StorageError> {
        let key = *key;
        self.read(move |connection| {
            let sql = "SELECT * FROM uploads WHERE key = ?1";
            one(connection, sql, [key.0], record)
        })
        .await
    }

    async fn by_post(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let (room, owner, nonce) = (room.clone(), *owner, *nonce);
        self.read(move |connection| {
            let sql = "SELECT * FROM uploads
                WHERE room = ?1 AND nonce = ?2 AND owner = ?3 ORDER BY opened_at, file";
            let key = params![room.as_str(), nonce.0, owner.0];
            all(connection, sql, key, record)
        })
        .await
    }

    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError> {
        let room = room.clone();
        self.read(move |connection| {
            let sql = "SELECT * FROM uploads
                WHERE room = ?1 AND nonce IS NOT NULL AND state IN ('open', 'finishing')
                ORDER BY opened_at, file";
            all(connection, sql, [room.as_str()], record)
        })
        .await
    }

    async fn counts(
        &self,
        session: &SessionId,
        address: &[u8; 8],
    ) -> Result<UploadCounts, StorageError> {
        let (session, address) = (*session, *address);
        self.read(move |connection| {
            let sql = "SELECT
                (SELECT count(*) FROM uploads WHERE owner = ?1 AND state = 'open') AS of_session,
                (SELECT count(*) FROM uploads WHERE address = ?2 AND state = 'open') AS of_address";
            let counts = one(connection, sql, params![session.0, address], |row| {
                Ok(UploadCounts {
                    of_session: row.get("of_session")?,
                    of_address: row.get("of_address")?,
                })
            })?;
            Ok(counts.unwrap_or_default())
        })
        .await
    }

    async fn claim(
        &self,
        file: &FileId,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<bool, StorageError> {
        let (file, room, owner, nonce) = (*file, room.clone(), *owner, *nonce);
        self.write(move |connection| {
            let sql = "UPDATE uploads SET nonce = ?4
                WHERE file = ?1 AND room = ?2 AND owner = ?3
                AND (nonce = ?4 OR nonce IS NULL AND state IN ('open', 'finishing'))";
            let values = params![file.0, room.as_str(), owner.0, nonce.0];
            Ok(change(connection, sql, values)? == 1)
        })
        .await
    }

    async fn unclaim(&self, file: &FileId, nonce: &Nonce) -> Result<(), StorageError> {
        let (file, nonce) = (*file, *nonce);
        self.write(move |connection| {
            let sql = "UPDATE uploads SET nonce = NULL, told = told OR ended_at IS NOT NULL
                WHERE file = ?1 AND nonce = ?2 AND no IS NULL";
            change(connection, sql, params![file.0, nonce.0]).map(drop)
        })
        .await
    }

    async fn posted(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
        no: PostNo,
    ) -> Result<(), StorageError> {
        let (room, owner, nonce) = (room.clone(), *owner, *nonce);
        self.write(move |connection| {
            let sql = "UPDATE uploads SET no = ?4
                WHERE room = ?1 AND nonce = ?2 AND owner = ?3 AND no IS NULL";
            let key = params![room.as_str(), nonce.0, owner.0, no];
            change(connection, sql, key).map(drop)
        })
        .await
    }

    async fn take_turn(&self, file: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        let file = *file;
        self.write(move |connection| {
            let sql = "UPDATE uploads SET turn = turn + 1
                WHERE file = ?1 AND state = 'open' RETURNING *";
            one(connection, sql, [file.0], record)
        })
        .await
    }

    async fn set_started(
        &self,
        file: &FileId,
        turn: Turn,
        started: &Started,
    ) -> Result<CommitOutcome, StorageError> {
        let (file, started) = (*file, started.clone());
        self.write(move |connection| {
            let sql = "UPDATE uploads SET started = ?3
                WHERE file = ?1 AND turn = ?2 AND state = 'open' AND started IS NULL";
            let values = params![file.0, turn, Json(started)];
            Ok(outcome(change(connection, sql, values)?))
        })
        .await
    }

    async fn set_size(
        &self,
        file: &FileId,
        turn: Turn,
        size: u64,
    ) -> Result<CommitOutcome, StorageError> {
        let file = *file;
        self.write(move |connection| {
            let sql = "UPDATE uploads SET size = ?3
                WHERE file = ?1 AND turn = ?2 AND state = 'open' AND size IS NULL";
            let values = params![file.0, turn, size];
            Ok(outcome(change(connection, sql, values)?))
        })
        .await
    }

    async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StorageError> {
        let commit = commit.clone();
        self.write(move |connection| {
            let sql = "UPDATE uploads
                SET committed = ?4, tail = ?5, last_write = max(last_write, ?6)
                WHERE file = ?1 AND turn = ?2 AND state = 'open' AND committed = ?3
                AND committed <= ?4";
            let values = params![
                commit.file.0,
                commit.turn,
                commit.from,
                commit.to,
                &commit.tail[..],
                commit.at
            ];
            Ok(outcome(change(connection, sql, values)?))
        })
        .await
    }

    async fn transition(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
        sha256: Option<[u8; 32]>,
        at: Millis,
    ) -> Result<Option<UploadRecord>, StorageError> {
        let (file, from) = (*file, from.to_vec());
        self.write(move |connection| match find(connection, &file)? {
            Some(found) if from.contains(&found.state) => enter(connection, &found, to, sha256, at),
            Some(_) | None => Ok(None),
        })
        .await
    }

    async fn mark_told(&self, file: &FileId) -> Result<(), StorageError> {
        let file = *file;
        self.write(move |connection| {
            let sql = "UPDATE uploads SET told = 1 WHERE file = ?1 AND told = 0";
            change(connection, sql, [file.0]).map(drop)
        })
        .await
    }

    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        let file = *file;
        self.write(move |connection| {
            change(connection, "DELETE FROM uploads WHERE file = ?1", [file.0]).map(drop)
        })
        .await
    }

    async fn unclaimed(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let sql = "SELECT * FROM uploads
            WHERE nonce IS NULL AND state IN ('open', 'finishing', 'done') AND opened_at < ?1
            ORDER BY opened_at LIMIT ?2";
        self.sweep(sql, before, limit).await
    }

    async fn idle(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let sql = "SELECT * FROM uploads
            WHERE state IN ('open', 'finishing') AND last_write < ?1
            ORDER BY last_write LIMIT ?2";
        self.sweep(sql, before, limit).await
    }

    async fn untold(&self, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let sql = "SELECT * FROM uploads
            WHERE told = 0 AND ended_at IS NOT NULL AND ended_at <= ?1 AND nonce IS NOT NULL
            ORDER BY ended_at LIMIT ?2";
        self.sweep(sql, Millis::MAX, limit).await
    }

    async fn unposted(
        &self,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let sql = "SELECT * FROM uploads
            WHERE nonce IS NOT NULL AND no IS NULL AND last_write < ?1
            ORDER BY last_write LIMIT ?2";
        self.sweep(sql, before, limit).await
    }

    async fn spent(&self, before: Millis, limit: u32) -> Result<Vec<UploadRecord>, StorageError> {
        let sql = "SELECT * FROM uploads
            WHERE told = 1 AND ended_at IS NOT NULL AND state <> 'done' AND ended_at < ?1
            ORDER BY ended_at LIMIT ?2";
        self.sweep(sql, before, limit).await
    }
}

impl Database {
    async fn sweep(
        &self,
        sql: &'static str,
        before: Millis,
        limit: u32,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        self.read(move |connection| all(connection, sql, params![before, limit], record))
            .await
    }
}

fn find(connection: &Connection, file: &FileId) -> rusqlite::Result<Option<UploadRecord>> {
    let sql = "SELECT * FROM uploads WHERE file = ?1";
    one(connection, sql, [file.0], record)
}

/// Enters a state from that of `found`, which was read in this transaction.
fn enter(
    connection: &Connection,
    found: &UploadRecord,
    to: UploadState,
    sha256: Option<[u8; 32]>,
    at: Millis,
) -> rusqlite::Result<Option<UploadRecord>> {
    let ends = to.is_ended();
    let keeps_bytes = !ends || to == UploadState::Done;
    let sql = "UPDATE uploads SET state = ?2, sha256 = coalesce(?3, sha256), told = ?4,
        tail = CASE WHEN ?5 THEN tail ELSE x'' END, ended_at = ?6
        WHERE file = ?1 RETURNING *";
    let values = params![
        found.file.0,
        State(to),
        sha256.filter(|_| to == UploadState::Done),
        ends && found.post.is_none(),
        keeps_bytes,
        ends.then_some(at)
    ];
    one(connection, sql, values, record)
}

fn outcome(changed: usize) -> CommitOutcome {
    if changed == 1 {
        CommitOutcome::Done
    } else {
        CommitOutcome::Lost
    }
}
