//! Why the hub could not ask a service. Stays within the hub: a client is refused or waits.

use tokio::time::error::Elapsed;

use crate::bus::BusError;
use crate::presence::PresenceError;
use crate::storage::StorageError;

/// A service that failed or did not answer in time.
#[derive(Debug, thiserror::Error)]
pub(super) enum HubError {
    /// The store failed.
    #[error("the store failed")]
    Storage(#[from] StorageError),
    /// The bus failed.
    #[error("the bus failed")]
    Bus(#[from] BusError),
    /// The presence store failed.
    #[error("the presence store failed")]
    Presence(#[from] PresenceError),
    /// No answer within the hub's wait.
    #[error("no answer in time")]
    Late(#[from] Elapsed),
    /// A range of the log is not what the log promises.
    #[error("the store gave a log with a hole")]
    Hole,
}
