//! Who follows which growing file on this node, and what they know of it.
//!
//! One task per followed file reads its record, for all followers: when a message about it comes, and every two
//! seconds without one. Commits made in this process are told without any read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::wire::ids::FileId;
use bytes::Bytes;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::shared_reads::SharedReads;
use super::{FileError, FileSettings};
use crate::bus::{Bus, Topic};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::{ByteStore, Extent, UploadStore};

/// How long the first read of a followed file's record may take.
const FIRST_READ: Duration = Duration::from_secs(10);

/// How long a subscription may take; until it is in force, and if it never is, the poll serves.
const SUBSCRIBE: Duration = Duration::from_secs(2);

/// What followers know of a file.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// Its record was not read yet.
    Nothing,
    /// Its record.
    Record(Arc<UploadRecord>),
    /// There is no such record any more.
    Missing,
}

/// The followed files of this node.
#[derive(Debug)]
pub struct Watchers {
    store: Arc<dyn UploadStore>,
    bus: Arc<dyn Bus>,
    pub(super) reads: SharedReads,
    pub(super) stopping: CancellationToken,
    tasks: TaskTracker,
    settings: FileSettings,
    files: Mutex<HashMap<FileId, Arc<Watched>>>,
}

#[derive(Debug)]
struct Watched {
    seen: watch::Sender<Seen>,
    /// Asks for a read of the record.
    stale: Notify,
}

impl Watchers {
    /// Makes the registry. `stopping` ends all following.
    #[must_use]
    pub fn new(
        store: Arc<dyn UploadStore>,
        bytes: Arc<dyn ByteStore>,
        bus: Arc<dyn Bus>,
        tasks: TaskTracker,
        stopping: CancellationToken,
        settings: FileSettings,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            bus,
            reads: SharedReads::new(bytes, settings.shared_bytes),
            stopping,
            tasks,
            settings,
            files: Mutex::default(),
        })
    }

    /// A message came: the file's `committed` rose or its state changed. Never waits.
    pub fn changed(&self, file: &FileId) {
        if let Some(watched) = self.files().get(file) {
            watched.stale.notify_one();
        }
    }

    /// Messages were lost: every followed file is read again. Never waits.
    pub fn gap(&self) {
        for watched in self.files().values() {
            watched.stale.notify_one();
        }
    }

    /// How many files are followed now.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.files().len()
    }

    /// Tells followers what this process just wrote to a record. Never waits.
    pub(crate) fn set(&self, record: &UploadRecord) {
        let watched = self.files().get(&record.file).cloned();
        if let Some(watched) = watched {
            watched.tell(Seen::Record(Arc::new(record.clone())));
        }
    }

    /// Hands followers on this node what this process just committed behind `extent`, so that they read it from no
    /// store. Never waits.
    pub(crate) fn fill(&self, extent: &Extent, bytes: &Bytes) {
        if self.files().contains_key(&extent.file) {
            self.reads.fill(extent, bytes);
        }
    }

    /// Follows a file: first watches, then reads the record, so that no change falls between.
    ///
    /// # Errors
    /// [`FileError::TooManyFollowers`], [`FileError::Slow`] or [`FileError::Restart`].
    pub(super) async fn follow(
        self: &Arc<Self>,
        file: FileId,
    ) -> Result<watch::Receiver<Seen>, FileError> {
        let mut follower = self.watch(file)?;
        let first = follower.wait_for(|seen| !matches!(seen, Seen::Nothing));
        tokio::select! {
            () = self.stopping.cancelled() => return Err(FileError::Restart),
            read = timeout(FIRST_READ, first) => match read {
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => return Err(FileError::Slow),
            }
        }
        Ok(follower)
    }

    fn watch(self: &Arc<Self>, file: FileId) -> Result<watch::Receiver<Seen>, FileError> {
        let mut files = self.files();
        if let Some(watched) = files.get(&file) {
            if watched.seen.receiver_count() >= self.settings.followers {
                return Err(FileError::TooManyFollowers);
            }
            return Ok(watched.seen.subscribe());
        }
        if files.len() >= self.settings.followed {
            return Err(FileError::TooManyFollowers);
        }
        let (seen, follower) = watch::channel(Seen::Nothing);
        let watched = Arc::new(Watched {
            seen,
            stale: Notify::new(),
        });
        files.insert(file, Arc::clone(&watched));
        drop(files);
        let watchers = Arc::clone(self);
        let span = tracing::debug_span!("file.watch", upload.file = %file);
        self.tasks
            .spawn(async move { watchers.keep_reading(file, &watched).await }.instrument(span));
        Ok(follower)
    }

    /// Keeps what followers know up to date until the last of them leaves.
    async fn keep_reading(&self, file: FileId, watched: &Watched) {
        let topic = Topic::File(file);
        // Read at once, and again once the subscription is in force: nobody waits for the bus.
        self.read(&file, watched).await;
        let subscribed = timeout(SUBSCRIBE, self.bus.subscribe(&topic)).await;
        if !matches!(subscribed, Ok(Ok(()))) {
            tracing::debug!("file.watch_polls_only");
        }
        watched.stale.notify_one();
        loop {
            tokio::select! {
                biased;
                () = self.stopping.cancelled() => break,
                () = watched.seen.closed() => {
                    if self.leave(&file, watched) {
                        break;
                    }
                }
                () = watched.stale.notified() => self.read(&file, watched).await,
                () = tokio::time::sleep(self.settings.poll) => self.read(&file, watched).await,
            }
        }
        self.reads.forget(&file);
        if !matches!(
            timeout(SUBSCRIBE, self.bus.unsubscribe(&topic)).await,
            Ok(Ok(()))
        ) {
            tracing::debug!("file.watch_not_unsubscribed");
        }
        // Somebody may have come while the subscription was given up.
        if self.files().contains_key(&file) {
            let _ = timeout(SUBSCRIBE, self.bus.subscribe(&topic)).await;
        }
    }

    /// Lets go of a file unless somebody came meanwhile.
    fn leave(&self, file: &FileId, watched: &Watched) -> bool {
        let mut files = self.files();
        let left = watched.seen.receiver_count() == 0;
        if left {
            files.remove(file);
        }
        left
    }

    async fn read(&self, file: &FileId, watched: &Watched) {
        match self.store.get(file).await {
            Ok(Some(record)) => watched.tell(Seen::Record(Arc::new(record))),
            Ok(None) => watched.tell(Seen::Missing),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::debug!(error, "file.watch_read_failed");
            }
        }
        let over = match &*watched.seen.borrow() {
            Seen::Record(record) => is_over(record),
            Seen::Missing => true,
            Seen::Nothing => false,
        };
        if over {
            self.reads.forget(file);
        }
    }

    fn files(&self) -> MutexGuard<'_, HashMap<FileId, Arc<Watched>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Tells what was seen, unless something newer was: reads and writes may overtake each other on their way here.
    fn tell(&self, seen: Seen) {
        self.seen.send_if_modified(|held| {
            let newer = match (&*held, &seen) {
                (Seen::Missing, _) | (_, Seen::Nothing) => false,
                (Seen::Nothing, _) | (_, Seen::Missing) => true,
                (Seen::Record(held), Seen::Record(seen)) => is_newer(held, seen),
            };
            if newer {
                *held = seen;
            }
            newer
        });
    }
}

fn is_newer(held: &UploadRecord, seen: &UploadRecord) -> bool {
    let order = |record: &UploadRecord| {
        (
            stage(record.state),
            record.committed,
            record.started.is_some(),
            record.size.is_some(),
        )
    };
    order(seen) > order(held) && seen.committed >= held.committed
}

fn stage(state: UploadState) -> u8 {
    match state {
        UploadState::Open => 0,
        UploadState::Finishing => 1,
        UploadState::Done => 2,
        UploadState::Stopped(_) => 3,
        UploadState::Removed => 4,
    }
}

/// Whether nobody may read the file any more.
pub(super) fn is_over(record: &UploadRecord) -> bool {
    record.state.is_gone()
}
