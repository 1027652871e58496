//! Why an upload is refused or ends early.

use app::wire::error::{ApiError, ErrorCode};

use crate::log::AppendError;
use crate::storage::StorageError;

/// Why a request about uploads was refused. All but the last two are the client's doing or the course of things.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// There is no such upload, or the asker may not know of it.
    #[error("there is no such upload")]
    NotFound,
    /// There is no such room.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The room is over.
    #[error("the room is over")]
    RoomEnded,
    /// It was stopped or removed.
    #[error("the upload is over")]
    Gone,
    /// It is complete already and cannot be cancelled.
    #[error("the file is complete already")]
    Complete,
    /// An argument breaks a rule.
    #[error("{0}")]
    Invalid(&'static str),
    /// More bytes than a file may have.
    #[error("a file may have {most} bytes")]
    TooLarge {
        /// How many.
        most: u64,
    },
    /// The body has more bytes than the file was declared to have; the excess was not taken.
    #[error("the body is longer than the declared size")]
    TooLong {
        /// What is held.
        committed: u64,
    },
    /// Too many uploads are open.
    #[error("too many uploads are open, finish or cancel one first")]
    TooManyOpen,
    /// More files than a post may have.
    #[error("a post may have {most} files")]
    TooManyFiles {
        /// How many.
        most: u32,
    },
    /// Another post has the file.
    #[error("the file belongs to another post")]
    Claimed,
    /// The body does not start where the held bytes end.
    #[error("the next byte is another one")]
    OffsetMismatch {
        /// The right offset.
        committed: u64,
    },
    /// Somebody else sends this upload now. Not to be retried by itself: two senders would take turns for ever.
    #[error("another request sends this file now")]
    TakenOver,
    /// The body broke off or stayed silent for too long; what came is held.
    #[error("the body broke off, {committed} bytes are held, go on from there")]
    BodyBroken {
        /// What is held.
        committed: u64,
    },
    /// The node receives as many bodies as it can, or restarts.
    #[error("the server cannot take more bytes now")]
    Busy,
    /// The log does not take the file's events now.
    #[error("the room's log is not available")]
    Log(#[source] AppendError),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl UploadError {
    /// What the client is told. Logs a failure of the server, so this is called once, where the answer is made.
    #[must_use]
    pub fn into_api(self) -> ApiError {
        let code = self.code();
        match &self {
            Self::Log(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "upload.log_failed");
            }
            Self::Storage(error) => {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "upload.store_failed"
                );
            }
            _ => {}
        }
        // What failed within the server is told in general words, never in those of a driver.
        let message = match &self {
            Self::Storage(StorageError::Broken(_)) => "the server failed".to_owned(),
            Self::Storage(StorageError::Full(_)) => {
                "the server has no room for more files".to_owned()
            }
            Self::Busy | Self::Log(_) | Self::Storage(StorageError::Unavailable(_)) => {
                "the server cannot take bytes now, try again".to_owned()
            }
            _ => self.to_string(),
        };
        ApiError::new(code, message)
    }

    /// What is held, where the client must know it to go on.
    #[must_use]
    pub fn committed(&self) -> Option<u64> {
        match self {
            Self::OffsetMismatch { committed }
            | Self::TooLong { committed }
            | Self::BodyBroken { committed } => Some(*committed),
            _ => None,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound | Self::NoSuchRoom => ErrorCode::NotFound,
            Self::Gone | Self::RoomEnded => ErrorCode::Gone,
            Self::Invalid(_) | Self::TooManyFiles { .. } => ErrorCode::Invalid,
            Self::TooLarge { .. } | Self::TooLong { .. } => ErrorCode::TooLarge,
            Self::TooManyOpen => ErrorCode::TooMany,
            Self::Claimed | Self::Complete | Self::OffsetMismatch { .. } => ErrorCode::Conflict,
            Self::TakenOver => ErrorCode::TakenOver,
            Self::Busy | Self::BodyBroken { .. } | Self::Log(_) => ErrorCode::Unavailable,
            Self::Storage(StorageError::Full(_)) => ErrorCode::StoreFull,
            Self::Storage(StorageError::Unavailable(_)) => ErrorCode::Unavailable,
            Self::Storage(StorageError::Broken(_)) => ErrorCode::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_told_what_happened_and_of_a_failure_only_that_it_did() {
        let told = |error: UploadError| {
            let told = error.into_api();
            (told.error, told.message)
        };
        let (code, message) = told(UploadError::BodyBroken { committed: 400 });
        assert_eq!(code, ErrorCode::Unavailable);
        assert!(message.contains("broke off") && message.contains("400"));
        let (code, message) = told(UploadError::Busy);
        assert_eq!(code, ErrorCode::Unavailable);
        assert!(message.contains("cannot take bytes now"));
        for kind in [
            StorageError::Unavailable,
            StorageError::Full,
            StorageError::Broken,
        ] {
            let (_, message) = told(kind("a driver's words".into()).into());
            assert!(!message.contains("driver"), "{message}");
        }
    }
}
