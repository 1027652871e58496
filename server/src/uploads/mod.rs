//! Uploads: bytes in, byte-exact, and what their room is told of them.
//!
//! To follow one through the code: [`open`], [`claim`], [`send`] with its [`writer`] and [`commit`], [`end`]. What each tells the
//! log is in [`tell`], what followers hear in [`announce`]. Every step is one compare-and-swap in the store,
//! followed by work that is idempotent; the sweeper repeats that work where a crash came between.

mod announce;
mod claim;
mod commit;
mod end;
mod error;
mod lanes;
mod open;
mod send;
mod settings;
pub mod sniff;
mod tell;
mod writer;

use std::sync::Arc;

use app::wire::ids::{FileId, UploadKey};
use app::wire::limits::Limits;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::Bus;
use crate::clock::Clock;
use crate::domain::upload::{KeyHash, UploadRecord, UploadState};
use crate::files::Watchers;
use crate::ids::IdSource;
use crate::log::RoomLog;
use crate::storage::{ByteStore, RoomStore, UploadStore};

pub use error::UploadError;
pub use send::{BodyHead, Sent};
pub use settings::UploadSettings;

/// What uploads are made of.
#[derive(Debug, Clone)]
pub struct UploadDeps {
    /// Records of uploads.
    pub store: Arc<dyn UploadStore>,
    /// Bytes of files.
    pub bytes: Arc<dyn ByteStore>,
    /// Records of rooms, asked before an upload is opened.
    pub rooms: Arc<dyn RoomStore>,
    /// Where rooms are told of starts and endings.
    pub log: Arc<RoomLog>,
    /// Where other nodes are told of commits.
    pub bus: Arc<dyn Bus>,
    /// Followers in this process.
    pub watchers: Arc<Watchers>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn IdSource>,
    /// Owns the writers; shutdown waits for them.
    pub tasks: TaskTracker,
    /// Cancelled when the process is to end: bodies end, what came is committed.
    pub stopping: CancellationToken,
}

/// Receives files.
#[derive(Debug)]
pub struct Uploads {
    deps: UploadDeps,
    settings: UploadSettings,
    limits: Limits,
    lanes: Arc<lanes::Lanes>,
    announcer: Arc<announce::Announcer>,
    /// One permit a body being received.
    bodies: Arc<Semaphore>,
}

impl Uploads {
    /// Makes the service.
    #[must_use]
    pub fn new(deps: UploadDeps, settings: UploadSettings, limits: Limits) -> Arc<Self> {
        let announcer = announce::Announcer::new(
            Arc::clone(&deps.bus),
            Arc::clone(&deps.watchers),
            deps.tasks.clone(),
            settings.progress_gap,
        );
        Arc::new(Self {
            bodies: Arc::new(Semaphore::new(settings.bodies)),
            lanes: Arc::default(),
            announcer,
            deps,
            settings,
            limits,
        })
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Random bytes, for an owner that is no session.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.deps.ids.fill(bytes);
    }

    /// Where an upload stands, by its key.
    ///
    /// # Errors
    /// [`UploadError::NotFound`], [`UploadError::Gone`] for one that was stopped or removed, or a store that failed.
    pub async fn status(&self, key: &UploadKey) -> Result<Sent, UploadError> {
        let record = self.by_key(key).await?;
        match record.state {
            UploadState::Stopped(_) | UploadState::Removed => Err(UploadError::Gone),
            _ => Ok(Sent::of(&record)),
        }
    }

    async fn by_key(&self, key: &UploadKey) -> Result<UploadRecord, UploadError> {
        let found = self.deps.store.by_key(&key_hash(key)).await?;
        found.ok_or(UploadError::NotFound)
    }

    async fn record(&self, file: &FileId) -> Result<UploadRecord, UploadError> {
        let found = self.deps.store.get(file).await?;
        found.ok_or(UploadError::Gone)
    }
}

fn key_hash(key: &UploadKey) -> KeyHash {
    KeyHash(Sha256::digest(key.0).into())
}

/// Whether all bytes of an upload are there.
pub(crate) fn is_whole(record: &UploadRecord) -> bool {
    record.size == Some(record.committed)
}

#[cfg(test)]
mod tests;
