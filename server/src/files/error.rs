//! Why a file cannot be read.

use app::wire::error::{ApiError, ErrorCode};

use crate::storage::StorageError;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no such file")]
    NotFound,
    /// Its upload was stopped, or it was taken away.
    #[error("the file is gone")]
    Gone,
    /// Its upload is open and no byte has come for as long as a reader waits.
    #[error("no byte of the file has come yet")]
    NotStarted,
    /// As many readers as may follow this file, or files on this node, do.
    #[error("too many readers follow files that arrive")]
    TooManyFollowers,
    /// The process is to end, and the file is still arriving.
    #[error("the server restarts")]
    Restart,
    /// The store does not answer in time.
    #[error("the file's record cannot be read in time")]
    Slow,
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl FileError {
    /// What the client is told. Logs a failure of the server, so this is called once, where the answer is made.
    #[must_use]
    pub fn into_api(self) -> ApiError {
        let code = match &self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Gone => ErrorCode::Gone,
            Self::NotStarted
            | Self::TooManyFollowers
            | Self::Restart
            | Self::Slow
            | Self::Storage(StorageError::Unavailable(_)) => ErrorCode::Unavailable,
            Self::Storage(_) => ErrorCode::Internal,
        };
        if let Self::Storage(error) = &self {
            tracing::error!(error = error as &dyn std::error::Error, "file.store_failed");
            let message = match code {
                ErrorCode::Unavailable => "the file cannot be read now, try again",
                _ => "the server failed",
            };
            return ApiError::new(code, message);
        }
        ApiError::new(code, self.to_string())
    }
}
