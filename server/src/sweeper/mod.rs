//! What nobody waits for: expiry, unfinished endings, removals cut short, rooms that are over.
//!
//! One node sweeps at a time, the one with the lease; each step is a compare-and-swap or idempotent, so that two that
//! sweep at once do no harm. A round takes a bounded batch of each kind and goes on after a record that fails; the next round tries it again.

mod posts;
mod rooms;
mod settings;
mod uploads;

use std::sync::Arc;

use app::wire::ids::Millis;
use app::wire::limits::Limits;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::log::{AppendError, RoomLog};
use crate::storage::{ByteStore, EventLog, LeaseStore, RoomStore, StorageError, UploadStore};
use crate::uploads::{UploadError, Uploads};

use rooms::KnownHours;

pub use settings::SweepSettings;

/// Name of the sweeper's lease.
const LEASE: &str = "sweeper";

/// What the sweeper looks through.
#[derive(Debug, Clone)]
pub struct SweeperDeps {
    /// The service that ends uploads.
    pub uploads: Arc<Uploads>,
    /// Records of uploads.
    pub store: Arc<dyn UploadStore>,
    /// Bytes of files.
    pub bytes: Arc<dyn ByteStore>,
    /// Logs, to be read.
    pub events: Arc<dyn EventLog>,
    /// Records of rooms.
    pub rooms: Arc<dyn RoomStore>,
    /// Who sweeps.
    pub leases: Arc<dyn LeaseStore>,
    /// This node, as the lease names it.
    pub node: String,
    /// Logs, to be appended to.
    pub log: Arc<RoomLog>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
}

/// How much a round found to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Records seen to.
    pub done: u32,
    /// Records that failed and wait for the next round.
    pub failed: u32,
}

/// Finishes what was left half-done, and ends what nobody uses.
#[derive(Debug)]
pub struct Sweeper {
    deps: SweeperDeps,
    settings: SweepSettings,
    /// Hours of a room whose own are not known.
    room_hours: u32,
    hours: KnownHours,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error(transparent)]
    Upload(#[from] UploadError),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Sweeper {
    /// Makes a sweeper.
    #[must_use]
    pub fn new(deps: SweeperDeps, settings: SweepSettings, limits: &Limits) -> Self {
        Self {
            deps,
            settings,
            room_hours: limits.room_hours,
            hours: KnownHours::default(),
        }
    }

    /// Sweeps until `stop`; a round under way is finished, and the lease given back for the next node.
    pub async fn run(&self, stop: &CancellationToken) {
        self.keep_sweeping(stop).await;
        let released = self.deps.leases.release(LEASE, &self.deps.node).await;
        if let Err(error) = released {
            let error: &dyn std::error::Error = &error;
            tracing::debug!(error, "sweep.lease_kept");
        }
    }

    async fn keep_sweeping(&self, stop: &CancellationToken) {
        let mut ticks = tokio::time::interval(self.settings.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if !self.is_my_turn().await {
                continue;
            }
            let swept = self.sweep_once().await;
            if swept != Swept::default() {
                tracing::debug!(
                    sweep.done = swept.done,
                    sweep.failed = swept.failed,
                    "sweep"
                );
            }
        }
    }

    /// Whether this node has the lease, which outlives a few rounds. Without an answer nobody sweeps.
    async fn is_my_turn(&self) -> bool {
        let now = self.deps.clock.now();
        let length = self.settings.lease;
        let held = self.deps.leases.hold(LEASE, &self.deps.node, now, length);
        held.await.unwrap_or_else(|error| {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "sweep.no_lease");
            false
        })
    }

    /// One round: a batch of everything there is to do. Safe to drop at any point.
    pub async fn sweep_once(&self) -> Swept {
        let mut swept = Swept::default();
        self.unposted(&mut swept).await;
        self.unclaimed(&mut swept).await;
        self.unfinished(&mut swept).await;
        self.expired(&mut swept).await;
        self.untold(&mut swept).await;
        self.removed_posts(&mut swept).await;
        self.spent(&mut swept).await;
        self.idle_rooms(&mut swept).await;
        swept
    }

    /// The time `age` ago.
    fn before(&self, age: std::time::Duration) -> Millis {
        let age = Millis::try_from(age.as_millis()).unwrap_or(Millis::MAX);
        self.deps.clock.now().saturating_sub(age)
    }
}

impl Swept {
    /// Counts a record; logs its failure.
    fn count(&mut self, step: &'static str, result: Result<(), SweepError>) {
        match result {
            Ok(()) => self.done += 1,
            Err(error) => {
                self.failed += 1;
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, sweep.step = step, "sweep.step_failed");
            }
        }
    }

    /// What a query found; a query that fails is a failure like that of a record.
    fn found<T>(&mut self, step: &'static str, found: Result<Vec<T>, StorageError>) -> Vec<T> {
        found.unwrap_or_else(|error| {
            self.count(step, Err(error.into()));
            Vec::new()
        })
    }
}
