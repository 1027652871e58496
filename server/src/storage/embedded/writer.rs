//! The one connection that writes, with group commit.
//!
//! A call puts its work into a queue. Whoever finds nobody at work starts a blocking task that takes what waits,
//! up to a bound, runs each piece in a savepoint of one transaction, commits, and only then tells each caller;
//! so many callers share one fsync, and a piece that fails takes nothing of the others with it. The task ends
//! when nothing waits.

mod batch;
mod job;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use self::job::{Job, Task};
use super::directory::Directory;
use super::error::CallError;

/// Writes that wait or run; others wait for a place.
const QUEUE: u32 = 1024;

/// Writes in one transaction, so that the first in it waits a bounded time for the last.
const BATCH: usize = 128;

/// The connection that writes, and the queue before it.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    /// One permit for each place in the queue, held by the job until it was told its outcome.
    places: Arc<Semaphore>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Locked for a batch at a time by the one blocking task.
    open: Mutex<Option<Connection>>,
    /// The directory stays locked while a task may still write to it.
    _directory: Arc<Directory>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Job>,
    /// Whether a blocking task is there that will take what waits.
    worked: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection, directory: &Arc<Directory>) -> Self {
        Self {
            shared: Arc::new(Shared {
                queue: Mutex::default(),
                open: Mutex::new(Some(connection)),
                _directory: directory.clone(),
            }),
            places: Arc::new(Semaphore::new(QUEUE as usize)),
        }
    }

    /// Runs `work` and commits.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, CallError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.put(|place| Job::Write(Box::new(Task::new(work, reply, place))))
            .await?;
        answer.await.unwrap_or(Err(CallError::Abandoned))
    }

    /// Moves the write-ahead log into the database and empties it.
    pub(super) async fn scrub(&self) -> Result<(), CallError> {
        let (reply, answer) = oneshot::channel();
        self.put(|place| Job::Scrub {
            reply,
            _place: place,
        })
        .await?;
        answer.await.unwrap_or(Err(CallError::Abandoned))
    }

    /// Waits for the writes under way and closes the connection.
    pub(super) async fn close(&self) -> Result<(), CallError> {
        let Ok(_all) = self.places.acquire_many(QUEUE).await else {
            return Ok(());
        };
        self.places.close();
        let shared = self.shared.clone();
        let close = move || match lock(&shared.open).take() {
            Some(connection) => connection.close().map_err(|(_, error)| error.into()),
            None => Ok(()),
        };
        tokio::task::spawn_blocking(close)
            .await
            .unwrap_or(Err(CallError::Abandoned))
    }

    async fn put(
        &self,
        job: impl FnOnce(tokio::sync::OwnedSemaphorePermit) -> Job,
    ) -> Result<(), CallError> {
        let place = self.places.clone().acquire_owned().await;
        let job = job(place.map_err(|_| CallError::Closed)?);
        let worked = {
            let mut queue = lock(&self.shared.queue);
            queue.waiting.push_back(job);
            std::mem::replace(&mut queue.worked, true)
        };
        if !worked {
            // Made here rather than in the task: a runtime that shuts down drops a task it never ran.
            let worker = Worker {
                shared: self.shared.clone(),
                finished: false,
            };
            // A thread of tokio's pool, and none of our own: a paused clock then stands still while it works.
            tokio::task::spawn_blocking(move || worker.work());
        }
        Ok(())
    }
}

/// The right to take what waits. However it ends, the next call finds that nobody is at work.
struct Worker {
    shared: Arc<Shared>,
    /// Whether `worked` was cleared already, and may be another worker's by now.
    finished: bool,
}

impl Worker {
    fn work(mut self) {
        while let Some(jobs) = self.take() {
            // A panic is told to the callers of its batch as their jobs drop. One of them may ask again before the
            // unwinding ends, finding a worker there: so the worker goes on, or nobody would take what it asks.
            let ran = catch_unwind(AssertUnwindSafe(|| self.run(jobs)));
            if ran.is_err() {
                tracing::error!("a write panicked");
            }
        }
    }

    fn run(&self, jobs: Vec<Job>) {
        match &*lock(&self.shared.open) {
            Some(connection) => batch::run(connection, jobs),
            None => jobs
                .into_iter()
                .for_each(|job| job.fail(&CallError::Closed)),
        }
    }

    /// The next jobs: writes that share a transaction, or one that needs to be alone.
    fn take(&mut self) -> Option<Vec<Job>> {
        let mut queue = lock(&self.shared.queue);
        let writes = queue.waiting.iter().take(BATCH);
        let writes = writes.take_while(|job| matches!(job, Job::Write(_)));
        let together = writes.count().max(1).min(queue.waiting.len());
        if together == 0 {
            queue.worked = false;
            self.finished = true;
            return None;
        }
        Some(queue.waiting.drain(..together).collect())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !self.finished {
            lock(&self.shared.queue).worked = false;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
