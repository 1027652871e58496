//! Errors of the server, and what of them a client sees.
//!
//! Policy. Each layer has one closed error: `StorageError`, `BusError`, `AppendError`, `UploadError`. The service
//! gathers them in [`ServiceError`], which becomes an [`ApiError`] here and nowhere else. What a user did wrong is
//! told to the user and not logged. What the server did wrong is logged once, here, with its sources, and told to
//! the user as a code and the request's id: never a driver's text.

use app::wire::error::{ApiError, ErrorCode};
use app::wire::text::TextRefused;

use crate::log::AppendError;
use crate::storage::StorageError;
use crate::uploads::UploadError;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The user's mistake, told as it is.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// A text breaks a rule.
    #[error(transparent)]
    Text(#[from] TextRefused),
    /// A command was not appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// An upload was refused.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The work was dropped before it ended: a shutdown, or a fault.
    #[error("the work was dropped")]
    Dropped,
}

impl ServiceError {
    /// A refusal for a reason the user can see.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(ApiError::new(code, message))
    }

    /// The answer to the client; logs what is the server's fault.
    #[must_use]
    pub fn answer(self) -> ApiError {
        match self {
            Self::Refused(error) => error,
            Self::Text(refused) => text(&refused),
            Self::Append(error) => append(error),
            Self::Storage(error) => storage(&error),
            Self::Upload(error) => error.into_api(),
            Self::Dropped => ApiError::new(ErrorCode::Unavailable, "the server is restarting"),
        }
    }
}

fn text(refused: &TextRefused) -> ApiError {
    let code = match refused {
        TextRefused::TooLong { .. } | TextRefused::TooManyLines { .. } => ErrorCode::TooLarge,
        TextRefused::Empty { .. } | TextRefused::Control { .. } => ErrorCode::Invalid,
    };
    ApiError::new(code, refused.to_string())
}

fn append(error: AppendError) -> ApiError {
    let code = match &error {
        AppendError::NoSuchRoom | AppendError::NoSuchPost => ErrorCode::NotFound,
        AppendError::RoomEnded | AppendError::PostRemoved => ErrorCode::Gone,
        AppendError::NotYours => ErrorCode::Forbidden,
        AppendError::NotIdle => ErrorCode::Conflict,
        AppendError::NonceReused => ErrorCode::NonceReused,
        AppendError::Overloaded => ErrorCode::Unavailable,
        AppendError::Storage(_) => {
            let AppendError::Storage(error) = error else {
                return ApiError::new(ErrorCode::Internal, "the server failed");
            };
            return storage(&error);
        }
    };
    ApiError::new(code, error.to_string())
}

/// What a client is told of a store that failed; logs it.
#[must_use]
pub fn storage(error: &StorageError) -> ApiError {
    let reason = std::error::Error::source(error).map(ToString::to_string);
    let reason = reason.as_deref().unwrap_or_default();
    tracing::error!(error = %error, error.source = reason, "a store failed");
    match error {
        StorageError::Unavailable(_) => ApiError::new(
            ErrorCode::Unavailable,
            "the server cannot reach its data, try again",
        ),
        StorageError::Full(_) => ApiError::new(ErrorCode::StoreFull, "the server has no room left"),
        StorageError::Broken(_) => ApiError::new(ErrorCode::Internal, "the server failed"),
    }
}
