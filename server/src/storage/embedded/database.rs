//! The SQLite database behind the ports: one writer, a few readers.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::connection::{self, Role};
use super::directory::Directory;
use super::error::{CallError, OpenError};
use super::readers::Readers;
use super::schema::{self, Migrated};
use super::writer::Writer;
use crate::storage::StorageError;

/// The database's file in the data directory.
const FILE: &str = "streamboard.db";

/// How long a call may take, waiting included.
const CALL: Duration = Duration::from_secs(10);

/// How long a ping may take.
const PING: Duration = Duration::from_secs(1);

/// A handle on the database; implements every port but that of bytes.
#[derive(Debug, Clone)]
pub(super) struct Database {
    writer: Arc<Writer>,
    readers: Arc<Readers>,
}

impl Database {
    pub(super) fn open(directory: &Arc<Directory>) -> Result<Self, OpenError> {
        let path = directory.path().join(FILE);
        let broken = |source| OpenError::Database {
            path: path.clone(),
            source,
        };
        let mut writer = connection::open(&path, Role::Writes).map_err(broken)?;
        match schema::migrate(&mut writer).map_err(broken)? {
            Migrated::Done => {}
            Migrated::Newer(found) => {
                return Err(OpenError::Newer {
                    path,
                    found,
                    known: schema::KNOWN,
                });
            }
        }
        let readers = Readers::open(&path).map_err(broken)?;
        Ok(Self {
            writer: Arc::new(Writer::new(writer, directory)),
            readers: Arc::new(readers),
        })
    }

    /// Runs `work` on a snapshot of everything acknowledged before. Dropped, it still runs to its end.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        Ok(within(CALL, self.readers.run(work)).await?)
    }

    /// Runs `work` alone among all writes: all of it happens or, on an error, none; durable when this returns.
    /// Dropped before its turn it may or may not run.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        Ok(within(CALL, self.writer.run(work)).await?)
    }

    /// Empties the write-ahead log: what was overwritten before is in no file any more when this returns.
    pub(super) async fn scrub(&self) -> Result<(), StorageError> {
        Ok(within(CALL, self.writer.scrub()).await?)
    }

    pub(super) async fn ping(&self) -> Result<(), StorageError> {
        let work = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        };
        Ok(within(PING, self.readers.run(work)).await?)
    }

    pub(super) async fn close(&self) -> Result<(), StorageError> {
        self.readers.close().await;
        Ok(within(CALL, self.writer.close()).await?)
    }
}

/// Gives a call its time limit. What was sent to the store goes on.
pub(super) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    tokio::time::timeout(limit, call)
        .await
        .unwrap_or(Err(CallError::Late(limit)))
}
