//! Opens connections with the settings that the guarantees rest on.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

/// How long SQLite itself waits for a lock; only a checkpoint that waits for readers ever does.
const BUSY: Duration = Duration::from_secs(3);

/// Statements kept prepared for each connection: more than the store has.
const STATEMENTS: usize = 96;

/// The write-ahead log is cut to this many bytes when it starts over.
const WAL_BYTES: i64 = 16 * 1024 * 1024;

/// What one connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writes,
    Reads,
}

/// Opens the database, made where it is missing.
pub(super) fn open(path: &Path, role: Role) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // FULL syncs the log at every commit: what was acknowledged survives a power cut, not only a crash.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", "on")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    // Text must not reach a temporary file, where nothing would erase it.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    connection.pragma_update(None, "trusted_schema", "off")?;
    connection.pragma_update(None, "query_only", role == Role::Reads)?;
    Ok(connection)
}
