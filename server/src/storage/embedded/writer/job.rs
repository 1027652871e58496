//! A write that waits, with whom to tell.

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::storage::embedded::error::CallError;

/// Something to do with the connection that writes.
pub(super) enum Job {
    /// Runs with others in one transaction.
    Write(Box<dyn Write>),
    /// Empties the write-ahead log, outside of any transaction.
    Scrub {
        /// Whom to tell.
        reply: oneshot::Sender<Result<(), CallError>>,
        /// Its place in the queue.
        _place: OwnedSemaphorePermit,
    },
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Write(_) => "Write",
            Self::Scrub { .. } => "Scrub",
        })
    }
}

impl Job {
    /// Tells the caller that nothing happened.
    pub(super) fn fail(self, error: &CallError) {
        match self {
            Self::Write(write) => write.settle(Some(error)),
            Self::Scrub { reply, .. } => {
                // Whoever gave up needs no answer.
                let _ = reply.send(Err(error.clone()));
            }
        }
    }
}

/// A piece of a transaction.
pub(super) trait Write: Send {
    /// Does the work and keeps the outcome.
    fn run(&mut self, connection: &Connection) -> Result<(), CallError>;

    /// Tells the caller: its own outcome, unless the transaction failed that it was part of.
    fn settle(self: Box<Self>, failed: Option<&CallError>);
}

/// The work of one call.
pub(super) struct Task<T, F> {
    work: Option<F>,
    outcome: Result<T, CallError>,
    reply: oneshot::Sender<Result<T, CallError>>,
    _place: OwnedSemaphorePermit,
}

impl<T, F> Task<T, F> {
    pub(super) fn new(
        work: F,
        reply: oneshot::Sender<Result<T, CallError>>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            work: Some(work),
            outcome: Err(CallError::Abandoned),
            reply,
            _place: place,
        }
    }
}

impl<T, F> Write for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), CallError> {
        if let Some(work) = self.work.take() {
            self.outcome = work(connection).map_err(CallError::from);
        }
        self.outcome.as_ref().map(drop).map_err(Clone::clone)
    }

    fn settle(self: Box<Self>, failed: Option<&CallError>) {
        let outcome = match (self.outcome, failed) {
            (Ok(_), Some(error)) => Err(error.clone()),
            (outcome, _) => outcome,
        };
        // Whoever gave up needs no answer.
        let _ = self.reply.send(outcome);
    }
}
