//! The room log: commands wait per room, are judged against the log, and go into the store in batches.
//!
//! Each room with waiting commands has one task that writes them, one batch after the other, so a node has one
//! write in flight per room, and dropping a caller never tears it. Nodes do not know of each other: the unique
//! keys of the store decide who was first, and the loser judges again. What was acknowledged is then told by a
//! second task per room (`after`), so that a slow bus never holds up a post.
//!
//! A `PostRemoved` leaves its redaction pending. Whoever appended it takes the post's files away and then calls
//! [`EventLog::redact`], in this order: the mark is what the sweeper finds a removal by that broke off.

mod after;
mod batch;
mod command;
mod error;
mod identity;
mod judge;
mod rooms;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use app::wire::event::Event;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::bus::Bus;
use crate::clock::Clock;
use crate::storage::{EventLog, RoomStore, StorageError};
use after::After;
use rooms::Rooms;
use writer::{Lane, Waiting, Writer};

pub use command::{Command, Draft, Precondition};
pub use error::AppendError;
pub use identity::server_nonce;

/// Commands that wait for one room on this node at the most; the next one is refused as overload.
pub const WAITING_COMMANDS: usize = 256;

/// Commands that go into the store together at the most.
pub const BATCH_COMMANDS: usize = 64;

/// Rooms written to at once on this node at the most; a room beyond is refused as overload.
pub const BUSY_ROOMS: usize = 10_000;

/// How long one call of the store may take.
pub const STORE_WAIT: Duration = Duration::from_secs(5);

/// How long a batch may lose against other nodes until its commands fail.
pub const WRITE_WAIT: Duration = Duration::from_secs(15);

/// Appends commands to the logs of rooms.
#[derive(Debug)]
pub struct RoomLog {
    writer: Arc<Writer>,
    tracker: TaskTracker,
}

impl RoomLog {
    /// A log over a store. Writes run as tasks on `tracker`; they end by themselves when nothing waits, so a
    /// shutdown that waits for them waits for what was begun.
    #[must_use]
    pub fn new(
        log: Arc<dyn EventLog>,
        rooms: Arc<dyn RoomStore>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        tracker: TaskTracker,
    ) -> Arc<Self> {
        let after = After::new(rooms, bus, tracker.clone());
        Arc::new(Self {
            writer: Arc::new(Writer {
                log,
                clock,
                after,
                lanes: Rooms::new(BUSY_ROOMS),
            }),
            tracker,
        })
    }

    /// Appends a command and returns its event, or the event that the same command led to before.
    ///
    /// Dropping the call does not withdraw the command. The event is in the store before this returns; the other
    /// nodes hear of it shortly after.
    ///
    /// # Errors
    /// A refusal of the precondition, another command under this nonce, or a store that failed; after a failure
    /// of the store the command may or may not be in the log, and the same nonce tells.
    pub async fn append(&self, command: Command) -> Result<Event, AppendError> {
        let room = command.room.clone();
        let (answer, answered) = oneshot::channel();
        let enter = |lane: &mut Lane| lane.enter(Waiting { command, answer });
        let begins = self
            .writer
            .lanes
            .with(&room, enter)
            .ok_or(AppendError::Overloaded)??;
        if begins {
            let writer = Arc::clone(&self.writer);
            let write = async move { writer.run(room).await };
            self.tracker
                .spawn(write.instrument(tracing::info_span!("room_log.write")));
        }
        answered.await.unwrap_or_else(|gone| {
            // Its task was dropped by a runtime that shuts down.
            Err(StorageError::Unavailable(Box::new(gone)).into())
        })
    }
}

/// Waits for the store, but not for ever. A write that was too slow may still happen.
async fn timely<T>(call: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
    match tokio::time::timeout(STORE_WAIT, call).await {
        Ok(result) => result,
        Err(elapsed) => Err(StorageError::Unavailable(Box::new(elapsed))),
    }
}
