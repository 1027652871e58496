//! The embedded store: SQLite for records and logs, plain files for bytes, all under one data directory.
//!
//! One process owns the directory. One connection writes; the writes that wait while it is busy share one
//! transaction and one fsync ([`writer`]). A few connections read, each from a snapshot that holds every
//! acknowledged write ([`readers`]). Blocking work runs in tokio's blocking pool, never more than the bounds
//! named there, and every call has a time limit.
//!
//! To add a column: a new step in [`schema`], its mapping in the port's file, and a case in the contract.

mod connection;
mod database;
mod directory;
mod error;
mod readers;
mod rows;
mod schema;
mod writer;

mod event_log;
mod files;
mod leases;
mod participant_store;
mod room_store;
mod session_store;
mod upload_rows;
mod upload_store;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use self::database::Database;
use self::directory::Directory;
use self::error::CallError;
pub use self::error::OpenError;
use self::files::Files;
use self::leases::Leases;
use super::{
    ByteStore, EventLog, LeaseStore, ParticipantStore, RoomStore, SessionStore, StorageError,
    UploadStore,
};

/// Every port of the store, on one data directory that no other process may open meanwhile.
///
/// The ports given out share its connections; the directory is free again after [`EmbeddedStore::close`], or
/// when the store and all its ports are dropped and no call is under way.
#[derive(Debug, Clone)]
pub struct EmbeddedStore {
    directory: Arc<Directory>,
    database: Database,
    files: Files,
    leases: Arc<Leases>,
}

impl EmbeddedStore {
    /// Opens the store under `dir`, making directory and tables where they are missing. Blocks; meant for start-up.
    ///
    /// # Errors
    /// The directory cannot be used, another process has it, or its data is broken or of a newer version.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let directory = Arc::new(Directory::lock(dir)?);
        Ok(Self {
            database: Database::open(&directory)?,
            files: Files::open(&directory)?,
            leases: Arc::default(),
            directory,
        })
    }

    /// The log of every room.
    #[must_use]
    pub fn events(&self) -> Arc<dyn EventLog> {
        Arc::new(self.database.clone())
    }

    /// What one node at a time may do; here there is one.
    #[must_use]
    pub fn leases(&self) -> Arc<dyn LeaseStore> {
        self.leases.clone()
    }

    /// The rooms' records.
    #[must_use]
    pub fn rooms(&self) -> Arc<dyn RoomStore> {
        Arc::new(self.database.clone())
    }

    /// The participants.
    #[must_use]
    pub fn participants(&self) -> Arc<dyn ParticipantStore> {
        Arc::new(self.database.clone())
    }

    /// The sessions.
    #[must_use]
    pub fn sessions(&self) -> Arc<dyn SessionStore> {
        Arc::new(self.database.clone())
    }

    /// The uploads' records.
    #[must_use]
    pub fn uploads(&self) -> Arc<dyn UploadStore> {
        Arc::new(self.database.clone())
    }

    /// The bytes of files.
    #[must_use]
    pub fn bytes(&self) -> Arc<dyn ByteStore> {
        Arc::new(self.files.clone())
    }

    /// Whether the store answers: one cheap read, within a second.
    ///
    /// # Errors
    /// It does not, or it is closed.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.database.ping().await
    }

    /// Waits for the calls under way, moves everything into the database file and lets the directory go. Calls
    /// made from now on, on any port, fail as unavailable. Once more does nothing.
    ///
    /// # Errors
    /// The last checkpoint failed; what was acknowledged is in the write-ahead log and is read at the next start.
    pub async fn close(&self) -> Result<(), StorageError> {
        self.files.close().await;
        self.database.close().await?;
        Ok(self.directory.unlock().map_err(CallError::from)?)
    }
}
