//! Life and end of the process: two stages of shutdown, a tracker of every task, signals.
//!
//! Soft: nothing new is begun, `/readyz` says no, feeds are told to come back, requests under way go on. Hard,
//! after the time configured or at a second signal: what still runs is dropped. Whatever is dropped then had not
//! been acknowledged to anybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// How long tasks have to end after the hard stage began; they were cancelled, so this only bounds a bug.
const AFTER_HARD: Duration = Duration::from_secs(2);

/// Handle to the life of the process; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    crashed: Arc<AtomicBool>,
}

impl Lifecycle {
    /// A life that has just begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when nothing new may be begun.
    #[must_use]
    pub fn soft(&self) -> &CancellationToken {
        &self.soft
    }

    /// Cancelled when everything ends at once.
    #[must_use]
    pub fn hard(&self) -> &CancellationToken {
        &self.hard
    }

    /// Where every task is spawned.
    #[must_use]
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    /// Whether the end has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Whether a vital task ended before its time.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.crashed.load(Ordering::SeqCst)
    }

    /// Spawns a task that the server cannot live without: should it end or panic before the shutdown, the process
    /// shuts down instead of living on without it. The task is dropped when the hard stage begins.
    pub fn spawn_vital(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let guard = CrashGuard {
            name,
            life: self.clone(),
        };
        let hard = self.hard.clone();
        let span = tracing::info_span!("task", task.name = name);
        let vital = async move {
            let guard = guard;
            tokio::select! {
                biased;
                () = hard.cancelled() => {}
                () = task => {}
            }
            drop(guard);
        };
        self.tracker.spawn(vital.instrument(span));
    }

    /// Begins the soft stage at SIGTERM or SIGINT, the hard one at the second. Never returns unless signals
    /// cannot be caught; to be polled beside the server, not spawned, since nothing shall wait for it.
    ///
    /// # Errors
    /// Where the system does not let signals be caught.
    pub async fn follow_signals(&self) -> std::io::Result<std::convert::Infallible> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        for stage in [&self.soft, &self.hard] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("a signal asks the server to stop");
            stage.cancel();
        }
        std::future::pending().await
    }

    /// Waits until every task has ended, at most for `grace`, then makes them end.
    pub async fn wind_down(&self, grace: Duration) {
        self.soft.cancel();
        self.tracker.close();
        tokio::select! {
            biased;
            () = self.tracker.wait() => {}
            () = self.hard.cancelled() => {}
            () = tokio::time::sleep(grace) => {
                tracing::warn!(tasks.left = self.tracker.len(), "time is up, what still runs is dropped");
            }
        }
        self.hard.cancel();
        if tokio::time::timeout(AFTER_HARD, self.tracker.wait())
            .await
            .is_err()
        {
            tracing::error!(tasks.left = self.tracker.len(), "tasks did not end");
        }
    }
}

/// Notes, when dropped, whether its task ended before the shutdown.
struct CrashGuard {
    name: &'static str,
    life: Lifecycle,
}

impl Drop for CrashGuard {
    fn drop(&mut self) {
        if !self.life.soft.is_cancelled() {
            tracing::error!(
                task.name = self.name,
                "a vital task ended, the server stops"
            );
            self.life.crashed.store(true, Ordering::SeqCst);
            self.life.soft.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_crash_of_a_vital_task_stops_the_server() {
        let life = Lifecycle::new();
        life.spawn_vital("crashing", async { panic!("on purpose") });
        life.soft().cancelled().await;
        assert!(life.has_crashed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_end_in_time_is_dropped() {
        let life = Lifecycle::new();
        life.spawn_vital("endless", std::future::pending());
        life.wind_down(Duration::from_secs(5)).await;
        assert!(life.tracker().is_empty());
        assert!(!life.has_crashed());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_under_way_may_end() {
        let life = Lifecycle::new();
        let soft = life.soft().clone();
        let done = Arc::new(AtomicBool::new(false));
        let note = done.clone();
        life.tracker().spawn(async move {
            soft.cancelled().await;
            tokio::time::sleep(Duration::from_secs(3)).await;
            note.store(true, Ordering::SeqCst);
        });
        life.wind_down(Duration::from_secs(5)).await;
        assert!(done.load(Ordering::SeqCst));
    }
}
