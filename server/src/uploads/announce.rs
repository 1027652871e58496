//! Telling followers and rooms how far a file is: followers in this process at once, others over the bus.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::wire::feed::Progress;
use app::wire::ids::{FileId, RoomId};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::bus::message::BusMessage;
use crate::bus::{Bus, Topic};
use crate::domain::upload::UploadRecord;
use crate::files::Watchers;

/// Time between two messages to the followers of one file on other nodes.
const FILE_GAP: Duration = Duration::from_millis(20);

/// How long a relay outlives its last news, at least the gap of progress, so that coming back makes no exception.
const LINGER: Duration = Duration::from_secs(1);

/// Tells what commits and endings made visible. There is one relay per file that moved within the last second;
/// news that come faster than they can be told are told as the latest.
#[derive(Debug)]
pub(super) struct Announcer {
    bus: Arc<dyn Bus>,
    watchers: Arc<Watchers>,
    tasks: TaskTracker,
    progress_gap: Duration,
    relays: Mutex<HashMap<FileId, Arc<News>>>,
}

/// What a relay has to tell.
#[derive(Debug)]
struct News {
    latest: Mutex<Latest>,
    came: Notify,
}

#[derive(Debug, Clone)]
struct Latest {
    version: u64,
    committed: u64,
    /// The room of the post that has the file; nobody is told of the progress of others.
    room: Option<RoomId>,
}

impl News {
    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Announcer {
    pub(super) fn new(
        bus: Arc<dyn Bus>,
        watchers: Arc<Watchers>,
        tasks: TaskTracker,
        progress_gap: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            bus,
            watchers,
            tasks,
            progress_gap,
            relays: Mutex::default(),
        })
    }

    /// Tells of a record as it is now in the store. Never waits.
    pub(super) fn announce(self: &Arc<Self>, record: &UploadRecord) {
        self.watchers.set(record);
        let room = record.post.is_some().then(|| record.room.clone());
        let news = match self.relays().entry(record.file) {
            Entry::Occupied(held) => {
                // Changed under the lock of the map: a relay that ends looks again under it.
                let news = Arc::clone(held.get());
                let mut latest = news.latest();
                latest.version += 1;
                latest.committed = latest.committed.max(record.committed);
                latest.room = room.or(latest.room.take());
                drop(latest);
                news.came.notify_one();
                return;
            }
            Entry::Vacant(free) => Arc::clone(free.insert(Arc::new(News {
                latest: Mutex::new(Latest {
                    version: 1,
                    committed: record.committed,
                    room,
                }),
                came: Notify::new(),
            }))),
        };
        let (announcer, file) = (Arc::clone(self), record.file);
        let span = tracing::debug_span!("upload.announce", upload.file = %file);
        self.tasks
            .spawn(async move { announcer.relay(file, &news).await }.instrument(span));
    }

    async fn relay(&self, file: FileId, news: &News) {
        let mut told = 0;
        let mut shown = None;
        let mut show_at = Instant::now();
        loop {
            let latest = news.latest().clone();
            if latest.version != told {
                told = latest.version;
                let message = BusMessage::FileChanged {
                    file,
                    committed: latest.committed,
                };
                self.publish(Topic::File(file), &message).await;
            }
            let unshown = latest.room.filter(|_| shown != Some(latest.committed));
            let late = unshown.is_some();
            if let Some(room) = unshown.filter(|_| Instant::now() >= show_at) {
                shown = Some(latest.committed);
                show_at = Instant::now() + self.progress_gap;
                let progress = Progress {
                    file,
                    committed: latest.committed,
                    idle_ms: 0,
                };
                self.publish(Topic::Room(room), &BusMessage::Progress(progress))
                    .await;
                continue;
            }
            if late {
                tokio::select! {
                    () = news.came.notified() => tokio::time::sleep(FILE_GAP).await,
                    () = tokio::time::sleep_until(show_at) => {}
                }
                continue;
            }
            let linger = LINGER.max(self.progress_gap);
            if tokio::time::timeout(linger, news.came.notified())
                .await
                .is_ok()
            {
                tokio::time::sleep(FILE_GAP).await;
                continue;
            }
            let mut relays = self.relays();
            if news.latest().version == told {
                relays.remove(&file);
                return;
            }
        }
    }

    async fn publish(&self, topic: Topic, message: &BusMessage) {
        if let Err(error) = self.bus.publish(&topic, message.encode()).await {
            // Followers poll the store and the next message tells the same; nothing is lost but time.
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "upload.announce_failed"
            );
        }
    }

    fn relays(&self) -> MutexGuard<'_, HashMap<FileId, Arc<News>>> {
        self.relays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
