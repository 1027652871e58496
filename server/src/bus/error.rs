//! What a bus can fail with.

/// A bus that failed; delivery falls back to the hub's head check.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// It does not answer within its time limit.
    #[error("the bus does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The message is larger than this bus carries.
    #[error("a message of {bytes} bytes is more than the bus carries, which is {most}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most.
        most: usize,
    },
}
