//! A few connections that read, each from a snapshot.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connection::{self, Role};
use super::error::CallError;

/// Reads at once; others wait for a connection.
const CONNECTIONS: u32 = 4;

/// The connections that read.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit for each connection, taken before `idle` is asked.
    places: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let idle: Vec<_> = (0..CONNECTIONS)
            .map(|_| connection::open(path, Role::Reads))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            places: Arc::new(Semaphore::new(idle.len())),
            idle: Arc::new(Mutex::new(idle)),
        })
    }

    /// Runs `work` in one read transaction.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, CallError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|_| CallError::Closed)?;
        let idle = self.idle.clone();
        // The blocking task owns place and connection, so that a call that is dropped gives them back too.
        let read = move || {
            let borrowed = Borrowed::take(idle)?;
            let outcome = borrowed.read(work);
            drop(borrowed);
            drop(place);
            outcome
        };
        tokio::task::spawn_blocking(read)
            .await
            .unwrap_or(Err(CallError::Abandoned))
    }

    /// Waits for the reads under way and closes the connections.
    pub(super) async fn close(&self) {
        // An error means that it was closed before.
        if let Ok(_all) = self.places.acquire_many(CONNECTIONS).await {
            self.places.close();
        }
        lock(&self.idle).clear();
    }
}

/// A connection that goes back to the others when dropped, even by a panic.
struct Borrowed {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Borrowed {
    fn take(idle: Arc<Mutex<Vec<Connection>>>) -> Result<Self, CallError> {
        let connection = lock(&idle).pop();
        Ok(Self { connection, idle })
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, CallError> {
        let connection = self.connection.as_ref().ok_or(CallError::Closed)?;
        // Rolled back when dropped, which ends a read as well as a commit does.
        let transaction = connection.unchecked_transaction()?;
        Ok(work(&transaction)?)
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        lock(&self.idle).extend(self.connection.take());
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
