//! A store of bytes whose insert of chunks is held up on its way to the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::wire::ids::FileId;
use async_trait::async_trait;
use bytes::Bytes;
use mongodb::Collection;
use mongodb::bson::Document;
use server::domain::upload::{Turn, UploadRecord};
use server::storage::{ByteStore, Extent, StorageError};
use tokio::sync::Semaphore;

use crate::database::{Database, row};

/// Writes as the adapter does, but lets a held insert go only when the test says so, whatever happened meanwhile:
/// its checks are behind it by then. For whole chunks behind whole chunks.
#[derive(Debug)]
pub(crate) struct LateBytes {
    inner: Arc<dyn ByteStore>,
    chunks: Collection<Document>,
    holds: AtomicBool,
    held: Semaphore,
    released: Semaphore,
}

impl LateBytes {
    pub(crate) fn new(database: &Database) -> Arc<Self> {
        Arc::new(Self {
            inner: database.store.bytes(),
            chunks: database.chunks(),
            holds: AtomicBool::new(false),
            held: Semaphore::new(0),
            released: Semaphore::new(0),
        })
    }

    /// Holds the next insert.
    pub(crate) fn hold(&self) {
        self.holds.store(true, Ordering::SeqCst);
    }

    /// Waits until an insert is on its way.
    pub(crate) async fn is_held(&self) {
        self.held.acquire().await.unwrap().forget();
    }

    /// Lets it arrive.
    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }
}

#[async_trait]
impl ByteStore for LateBytes {
    async fn write(
        &self,
        extent: &Extent,
        turn: Turn,
        bytes: &[Bytes],
    ) -> Result<Bytes, StorageError> {
        if !self.holds.swap(false, Ordering::SeqCst) {
            return self.inner.write(extent, turn, bytes).await;
        }
        let chunk = extent.chunk_size as usize;
        let content = bytes.concat();
        assert!(extent.tail.is_empty() && content.len().is_multiple_of(chunk));
        let first = extent.committed / u64::from(extent.chunk_size);
        let rows: Vec<_> = (first..)
            .zip(content.chunks(chunk))
            .map(|(n, data)| row(&extent.file, n, turn, data))
            .collect();
        self.held.add_permits(1);
        self.released.acquire().await.unwrap().forget();
        match self.chunks.insert_many(rows).ordered(true).await {
            Ok(_) => Ok(Bytes::new()),
            Err(error) => Err(StorageError::Broken(error.into())),
        }
    }

    async fn read(&self, extent: &Extent, at: u64, most: usize) -> Result<Bytes, StorageError> {
        self.inner.read(extent, at, most).await
    }

    async fn finish(&self, upload: &UploadRecord) -> Result<[u8; 32], StorageError> {
        self.inner.finish(upload).await
    }

    async fn discard(&self, extent: &Extent, turn: Turn) -> Result<(), StorageError> {
        self.inner.discard(extent, turn).await
    }

    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        self.inner.remove(file).await
    }
}
