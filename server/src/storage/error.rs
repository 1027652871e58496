//! What a store can fail with.

/// A store that failed. An adapter maps its own detailed error to this once, with the source attached.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// It does not answer; the same call may succeed later, and may have happened.
    #[error("the store does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no room left.
    #[error("the store is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What it holds cannot be read or is not there, or it refused for a reason that will not pass.
    #[error("the store failed")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}
