//! The store of a cluster: MongoDB for records and logs, GridFS for bytes.
//!
//! Every write is acknowledged by the majority and every read is the primary's, of what the majority has: what a
//! client was told is never rolled back. Every write is one document, an insert under a unique key or a
//! compare-and-swap; neither transactions nor change streams nor TTL indexes are needed. Each call has a time limit.
//!
//! To add a field: its line in the port's document, a default where older documents lack it, a case in the contract.

mod call;
mod chunks;
mod connect;
mod error;
mod event_documents;
mod event_log;
mod files;
mod indexes;
mod lease_store;
mod participant_store;
mod room_store;
mod session_store;
mod stripes;
mod upload_documents;
mod upload_store;
mod values;

use std::sync::Arc;

use self::call::Database;
use self::chunks::Chunks;
pub use self::connect::ConnectError;
use super::{
    ByteStore, EventLog, LeaseStore, ParticipantStore, RoomStore, SessionStore, StorageError,
    UploadStore,
};

/// Every port of the store, over one pool of connections that all of them share.
#[derive(Debug, Clone)]
pub struct MongoStore {
    database: Database,
    chunks: Chunks,
}

impl MongoStore {
    /// Connects, and makes collections and indexes where they are missing. The name of the database is the path of
    /// `url`. Takes ten seconds at the most where nobody answers, and half a minute where indexes must be built.
    ///
    /// # Errors
    /// A sentence for whoever starts the server; it never shows the URL.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        let database = connect::open(url).await?;
        indexes::ensure(&database).await?;
        Ok(Self {
            chunks: Chunks::new(&database),
            database,
        })
    }

    /// Name of the database: what tells one cluster from another.
    #[must_use]
    pub fn name(&self) -> &str {
        self.database.name()
    }

    /// The log of every room.
    #[must_use]
    pub fn events(&self) -> Arc<dyn EventLog> {
        Arc::new(self.database.clone())
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
        Arc::new(self.chunks.clone())
    }

    /// What one node at a time may do.
    #[must_use]
    pub fn leases(&self) -> Arc<dyn LeaseStore> {
        Arc::new(self.database.clone())
    }

    /// Asks whether the store answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StorageError> {
        Ok(self.database.ping().await?)
    }

    /// Ends the pool once nobody uses it any more, or after some seconds. Calls made from now on fail as unavailable.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
