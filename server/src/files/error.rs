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

impl From<FileError> for ApiError {
    /// What the client is told. Logs a failure of the server, so this is done once, where the answer is made.
    fn from(refused: FileError) -> Self {
        let code = match &refused {
            FileError::NotFound => ErrorCode::NotFound,
            FileError::Gone => ErrorCode::Gone,
            FileError::NotStarted
            | FileError::TooManyFollowers
            | FileError::Restart
            | FileError::Slow
            | FileError::Storage(StorageError::Unavailable(_)) => ErrorCode::Unavailable,
            FileError::Storage(_) => ErrorCode::Internal,
        };
        if let FileError::Storage(error) = &refused {
            tracing::error!(error = error as &dyn std::error::Error, "file.store_failed");
            let message = match code {
                ErrorCode::Unavailable => "the file cannot be read now, try again",
                _ => "the server failed",
            };
            return Self::new(code, message);
        }
        Self::new(code, refused.to_string())
    }
}
