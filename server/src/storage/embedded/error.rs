//! What the embedded store can fail with, and how that reads at the port.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ErrorCode;

use crate::storage::StorageError;

/// Why a data directory cannot be opened. Each is a sentence for the person who started the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be made, read or written.
    #[error("the data directory {} cannot be used", dir.display())]
    Directory {
        /// Which.
        dir: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process holds its lock.
    #[error(
        "the data directory {} is used by another process: stop that one, or give this one a directory of its own with --data",
        dir.display()
    )]
    InUse {
        /// Which.
        dir: PathBuf,
    },
    /// A newer version of the program wrote it.
    #[error(
        "the data in {} is of schema {found}, written by a newer version; this one knows schemas up to {known}: start the newer version, or restore an older backup",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// It cannot be read as a database of ours.
    #[error("the database {} cannot be opened", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
}

/// Why a call failed. The error of a shared transaction belongs to every call in it.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum CallError {
    #[error("SQLite failed")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    #[error("a file could not be read or written")]
    File(#[source] Arc<io::Error>),
    #[error("a file has {found} bytes where {expected} were committed")]
    Short { found: u64, expected: u64 },
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    #[error("readers keep erased text in the write-ahead log")]
    NotScrubbed,
    #[error("the store is closed")]
    Closed,
    #[error("the call was given up, its worker ended early")]
    Abandoned,
}

impl From<rusqlite::Error> for CallError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl From<io::Error> for CallError {
    fn from(error: io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}

impl From<CallError> for StorageError {
    fn from(error: CallError) -> Self {
        let kind = match &error {
            CallError::Sqlite(error) => of_sqlite(error),
            CallError::File(error) => of_file(error),
            CallError::Short { .. } => Self::Broken,
            CallError::Late(_)
            | CallError::NotScrubbed
            | CallError::Closed
            | CallError::Abandoned => Self::Unavailable,
        };
        kind(Box::new(error))
    }
}

/// The constructor of the port's error that fits.
type Kind = fn(Box<dyn std::error::Error + Send + Sync>) -> StorageError;

fn of_sqlite(error: &rusqlite::Error) -> Kind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StorageError::Full,
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OperationInterrupted
            | ErrorCode::OutOfMemory,
        ) => StorageError::Unavailable,
        _ => StorageError::Broken,
    }
}

fn of_file(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StorageError::Full,
        io::ErrorKind::Interrupted
        | io::ErrorKind::TimedOut
        | io::ErrorKind::ResourceBusy
        | io::ErrorKind::OutOfMemory => StorageError::Unavailable,
        _ => StorageError::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(code: i32) -> StorageError {
        CallError::from(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(code),
            None,
        ))
        .into()
    }

    #[test]
    fn a_full_disk_is_told_from_a_busy_and_a_broken_one() {
        let full = CallError::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(matches!(full.into(), StorageError::Full(_)));
        assert!(matches!(
            sqlite(rusqlite::ffi::SQLITE_FULL),
            StorageError::Full(_)
        ));
        assert!(matches!(
            sqlite(rusqlite::ffi::SQLITE_BUSY),
            StorageError::Unavailable(_)
        ));
        assert!(matches!(
            sqlite(rusqlite::ffi::SQLITE_CORRUPT),
            StorageError::Broken(_)
        ));
    }

    #[test]
    fn the_driver_s_error_stays_attached() {
        let error = sqlite(rusqlite::ffi::SQLITE_CORRUPT);
        let call = std::error::Error::source(&error).unwrap();
        assert!(call.source().unwrap().to_string().contains("malformed"));
    }
}
