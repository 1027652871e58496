//! A store of the bytes that fails on command.

use app::wire::ids::FileId;
use async_trait::async_trait;
use bytes::Bytes;

use super::wrapper;
use crate::domain::upload::{Turn, UploadRecord};
use crate::storage::{ByteStore, Extent, StorageError};

wrapper!(
    /// Wraps the store of the bytes.
    FaultyByteStore,
    ByteStore
);

#[async_trait]
impl ByteStore for FaultyByteStore {
    async fn write(
        &self,
        extent: &Extent,
        turn: Turn,
        bytes: &[Bytes],
    ) -> Result<Bytes, StorageError> {
        let call = || self.inner.write(extent, turn, bytes);
        self.faults.write("byte_store.write", call).await
    }

    async fn read(&self, extent: &Extent, at: u64, most: usize) -> Result<Bytes, StorageError> {
        let call = || self.inner.read(extent, at, most);
        self.faults.read("byte_store.read", call).await
    }

    async fn finish(&self, upload: &UploadRecord) -> Result<[u8; 32], StorageError> {
        let call = || self.inner.finish(upload);
        self.faults.write("byte_store.finish", call).await
    }

    async fn discard(&self, extent: &Extent, turn: Turn) -> Result<(), StorageError> {
        let call = || self.inner.discard(extent, turn);
        self.faults.write("byte_store.discard", call).await
    }

    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        let call = || self.inner.remove(file);
        self.faults.write("byte_store.remove", call).await
    }
}
