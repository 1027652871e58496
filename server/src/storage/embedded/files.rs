//! The bytes of files as plain files: `files/ab/cdef...`, named by the file's id.
//!
//! A file grows by writes at its committed length, so that what an earlier writer left behind it is overwritten
//! and cut; the tail is always empty. Files being written, hashed or read are opened for that call alone.

mod growing;
mod turns;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::wire::ids::FileId;
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Semaphore;

use self::turns::Turns;
use super::database::within;
use super::directory::{self, Directory};
use super::error::{CallError, OpenError};
use crate::domain::upload::{Turn, UploadRecord};
use crate::storage::{ByteStore, Extent, StorageError};

/// The folder in the data directory.
const FOLDER: &str = "files";

/// Reads, writes and removals at once; others wait.
const OPERATIONS: u32 = 16;

/// Files hashed at once; they take long, and must not keep reads and writes waiting.
const FINISHES: u32 = 2;

/// How long a call may take, waiting included.
const CALL: Duration = Duration::from_secs(10);

/// What a file is at least hashed with, in bytes per second: finishing a large file takes longer than a call.
const SLOWEST_HASH: u64 = 4 * 1024 * 1024;

/// The folder of files; implements the port of bytes.
#[derive(Debug, Clone)]
pub(super) struct Files {
    folder: Arc<Path>,
    turns: Arc<Turns>,
    places: Arc<Semaphore>,
    finishes: Arc<Semaphore>,
    directory: Arc<Directory>,
}

impl Files {
    pub(super) fn open(directory: &Arc<Directory>) -> Result<Self, OpenError> {
        let folder = directory.path().join(FOLDER);
        directory::make(&folder)
            .and_then(|()| directory::sync(directory.path()))
            .map_err(|source| OpenError::Directory {
                dir: folder.clone(),
                source,
            })?;
        Ok(Self {
            folder: folder.into(),
            turns: Arc::default(),
            places: Arc::new(Semaphore::new(OPERATIONS as usize)),
            finishes: Arc::new(Semaphore::new(FINISHES as usize)),
            directory: directory.clone(),
        })
    }

    /// Waits for the operations under way; later ones are refused.
    pub(super) async fn close(&self) {
        for (places, all) in [(&self.places, OPERATIONS), (&self.finishes, FINISHES)] {
            // An error means that it was closed before.
            if let Ok(_all) = places.acquire_many(all).await {
                places.close();
            }
        }
    }

    fn path(&self, file: &FileId) -> PathBuf {
        let name = file.to_string();
        let (first, rest) = name.split_at(2);
        self.folder.join(first).join(rest)
    }

    /// Runs `work` on a blocking thread. Dropped, it still runs to its end and keeps its place until then.
    async fn run<T, F>(
        &self,
        places: &Arc<Semaphore>,
        limit: Duration,
        work: F,
    ) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, CallError> + Send + 'static,
    {
        let directory = self.directory.clone();
        let call = async {
            let place = places.clone().acquire_owned().await;
            let place = place.map_err(|_| CallError::Closed)?;
            let work = move || {
                let outcome = work();
                drop((place, directory));
                outcome
            };
            tokio::task::spawn_blocking(work)
                .await
                .unwrap_or(Err(CallError::Abandoned))
        };
        Ok(within(limit, call).await?)
    }
}

#[async_trait]
impl ByteStore for Files {
    async fn write(
        &self,
        extent: &Extent,
        turn: Turn,
        bytes: &[Bytes],
    ) -> Result<Bytes, StorageError> {
        let (path, at, bytes) = (self.path(&extent.file), extent.committed, bytes.to_vec());
        let held = self.turns.enter(extent.file);
        self.run(&self.places, CALL, move || {
            held.write(turn, || growing::write(&path, at, &bytes))
        })
        .await?;
        Ok(Bytes::new())
    }

    async fn read(&self, extent: &Extent, at: u64, most: usize) -> Result<Bytes, StorageError> {
        if at >= extent.committed || most == 0 {
            return Ok(Bytes::new());
        }
        let (path, committed) = (self.path(&extent.file), extent.committed);
        self.run(&self.places, CALL, move || {
            growing::read(&path, committed, at, most)
        })
        .await
    }

    async fn finish(&self, upload: &UploadRecord) -> Result<[u8; 32], StorageError> {
        let (path, committed) = (self.path(&upload.file), upload.committed);
        let expected = upload.size.unwrap_or(committed);
        let held = self.turns.enter(upload.file);
        let limit = CALL + Duration::from_secs(committed / SLOWEST_HASH);
        self.run(&self.finishes, limit, move || {
            held.close(|| growing::finish(&path, committed, expected))
        })
        .await
    }

    /// A turn that is over writes nothing here once a newer one wrote or the file ended, and what it left before lies
    /// where the next write or the end cuts.
    async fn discard(&self, _: &Extent, _: Turn) -> Result<(), StorageError> {
        Ok(())
    }

    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        let path = self.path(file);
        let held = self.turns.enter(*file);
        self.run(&self.places, CALL, move || {
            held.close(|| growing::remove(&path))
        })
        .await
    }
}
