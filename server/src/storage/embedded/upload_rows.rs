//! How the record of an upload stands in the table `uploads`.

use app::api::backend::SessionId;
use app::wire::file::Started;
use app::wire::ids::{FileId, Nonce};
use bytes::Bytes;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, named_params};

use super::rows::{Json, Room, change};
use crate::domain::upload::{Claim, KeyHash, UploadRecord, UploadState};
use crate::storage::words::{state, state_word};

/// A state as one word.
pub(super) struct State(pub(super) UploadState);

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(state_word(self.0)))
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        state(value.as_str()?)
            .map(Self)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// Stores a new record; one that is there already stays as it is.
pub(super) fn insert(connection: &Connection, upload: &UploadRecord) -> rusqlite::Result<()> {
    let sql = "INSERT INTO uploads
        (file, key, room, owner, address, name, size, hint, placeholder, chunk_size, nonce, no, turn, state,
         committed, tail, started, sha256, opened_at, last_write, ended_at, told)
        VALUES (:file, :key, :room, :owner, :address, :name, :size, :hint, :placeholder, :chunk_size, :nonce,
         :no, :turn, :state, :committed, :tail, :started, :sha256, :opened_at, :last_write, :ended_at, :told) ON CONFLICT DO NOTHING";
    let ended_at = upload.state.is_ended().then_some(upload.last_write);
    let values = named_params! {
        ":file": upload.file.0,
        ":key": upload.key.0,
        ":room": upload.room.as_str(),
        ":owner": upload.owner.0,
        ":address": upload.address,
        ":name": upload.name,
        ":size": upload.size,
        ":hint": Json(&upload.hint),
        ":placeholder": Json(&upload.placeholder),
        ":chunk_size": upload.chunk_size,
        ":nonce": upload.post.map(|claim| claim.nonce.0),
        ":no": upload.post.and_then(|claim| claim.no),
        ":turn": upload.turn,
        ":state": State(upload.state),
        ":committed": upload.committed,
        ":tail": &upload.tail[..],
        ":started": upload.started.as_ref().map(Json),
        ":sha256": upload.sha256,
        ":opened_at": upload.opened_at,
        ":last_write": upload.last_write,
        ":ended_at": ended_at,
        ":told": upload.told,
    };
    change(connection, sql, values).map(drop)
}

/// Reads a record from all columns of its row.
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<UploadRecord> {
    let Room(room) = row.get("room")?;
    let Json(hint) = row.get("hint")?;
    let Json(placeholder) = row.get("placeholder")?;
    let State(state) = row.get("state")?;
    let started: Option<Json<Started>> = row.get("started")?;
    let nonce: Option<[u8; 16]> = row.get("nonce")?;
    let no = row.get("no")?;
    Ok(UploadRecord {
        file: FileId(row.get("file")?),
        key: KeyHash(row.get("key")?),
        room,
        owner: SessionId(row.get("owner")?),
        address: row.get("address")?,
        name: row.get("name")?,
        size: row.get("size")?,
        hint,
        placeholder,
        chunk_size: row.get("chunk_size")?,
        post: nonce.map(|nonce| Claim {
            nonce: Nonce(nonce),
            no,
        }),
        turn: row.get("turn")?,
        state,
        committed: row.get("committed")?,
        tail: Bytes::from(row.get::<_, Vec<u8>>("tail")?),
        started: started.map(|Json(started)| started),
        sha256: row.get("sha256")?,
        opened_at: row.get("opened_at")?,
        last_write: row.get("last_write")?,
        told: row.get("told")?,
    })
}
