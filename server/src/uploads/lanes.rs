//! One writer per upload and process.
//!
//! The turn in the store decides between nodes. Within this process two writers must not even touch the bytes at
//! once, so each waits for the lane of its upload, and tells the one before it to stop.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::wire::ids::FileId;
use tokio::sync::watch;

use crate::domain::upload::Turn;

/// A turn that no writer has: an upload that is over for all of them.
const OVER: Turn = Turn::MAX;

/// The lanes in use; one that nobody uses is dropped, so there are at most as many as bodies being received.
#[derive(Debug, Default)]
pub(super) struct Lanes(Mutex<HashMap<FileId, Used>>);

#[derive(Debug)]
struct Used {
    users: usize,
    lane: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The newest turn this process knows of.
    newest: watch::Sender<Turn>,
    /// Held while bytes are written or removed.
    bytes: tokio::sync::Mutex<()>,
}

impl Lanes {
    /// Enters the lane of an upload.
    pub(super) fn enter(self: &Arc<Self>, file: FileId) -> Lane {
        let mut open = self.open();
        let used = open.entry(file).or_insert_with(|| Used {
            users: 0,
            lane: Arc::new(Inner {
                newest: watch::channel(0).0,
                bytes: tokio::sync::Mutex::new(()),
            }),
        });
        used.users += 1;
        Lane {
            inner: Arc::clone(&used.lane),
            lanes: Arc::clone(self),
            file,
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<FileId, Used>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lane of one upload, for as long as it is held.
#[derive(Debug)]
pub(super) struct Lane {
    inner: Arc<Inner>,
    lanes: Arc<Lanes>,
    file: FileId,
}

impl Lane {
    /// Tells every writer with an older turn to stop.
    pub(super) fn supersede(&self, turn: Turn) {
        self.inner.newest.send_if_modified(|newest| {
            let newer = turn > *newest;
            *newest = turn.max(*newest);
            newer
        });
    }

    /// Tells every writer to stop.
    pub(super) fn close(&self) {
        self.supersede(OVER);
    }

    /// Returns once there is a newer turn than `turn`. Safe to drop.
    pub(super) async fn superseded(&self, turn: Turn) {
        let mut newest = self.inner.newest.subscribe();
        // Cannot fail: `self` holds the sender.
        let _ = newest.wait_for(|newest| *newest > turn).await;
    }

    /// Waits until nobody in this process touches the bytes; `None` after `most`.
    pub(super) async fn bytes(&self, most: Duration) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        tokio::time::timeout(most, self.inner.bytes.lock())
            .await
            .ok()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut open = self.lanes.open();
        if let Some(used) = open.get_mut(&self.file) {
            used.users -= 1;
            if used.users == 0 {
                open.remove(&self.file);
            }
        }
    }
}
