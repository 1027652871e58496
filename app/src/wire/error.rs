//! The one shape of errors a client sees: `{ "error": code, "message": text, "request": id, "retry_after": seconds }`.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// What went wrong; closed, so that a client can act on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The arguments cannot be read or break a rule. 400
    Invalid,
    /// The session may not do this. 403
    Forbidden,
    /// The request came from a page of another origin. 403
    ForeignOrigin,
    /// There is no such room, post, file or upload. 404
    NotFound,
    /// The nonce was used for another command. 409
    NonceReused,
    /// Somebody in the room has this name. 409
    NameTaken,
    /// What the command builds on has changed meanwhile. 409
    Conflict,
    /// Another request sends this upload now; not to be repeated by itself. 409
    TakenOver,
    /// The room is over, or the post or file was taken away. 410
    Gone,
    /// Text, file or body is larger than allowed. 413
    TooLarge,
    /// Too often, or too many at once; see `Retry-After`. 429
    TooMany,
    /// The store is full. 507
    StoreFull,
    /// A service behind the server does not answer; nothing was done, or the same nonce tells. 503
    Unavailable,
    /// A fault of the server, logged there under the request's id. 500
    Internal,
    /// The request did not reach the server or its answer did not come back; made by the browser alone.
    Network,
}

impl ErrorCode {
    /// The HTTP status it is answered with.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Forbidden | Self::ForeignOrigin => 403,
            Self::NotFound => 404,
            Self::NonceReused | Self::NameTaken | Self::Conflict | Self::TakenOver => 409,
            Self::Gone => 410,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable | Self::Network => 503,
            Self::StoreFull => 507,
        }
    }

    /// Whether the same command may succeed later without a change.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::TooMany | Self::Unavailable | Self::Network)
    }
}

/// An error as a client sees it. Never carries a driver's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// What went wrong, for programs.
    pub error: ErrorCode,
    /// What went wrong, for people: a sentence in lower case without a full stop.
    pub message: String,
    /// The request's id, to be named to the operator; set by the layer around `/api`.
    #[serde(default)]
    pub request: String,
    /// Seconds after which trying again is worth it, as in `Retry-After`.
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl ApiError {
    /// An error that the layer around `/api` completes with the request's id.
    pub fn new(error: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            error,
            message: message.into(),
            request: String::new(),
            retry_after: None,
        }
    }

    /// The error with how long to wait until it is worth trying again.
    #[must_use]
    pub fn after(mut self, wait: std::time::Duration) -> Self {
        // Rounded up: a moment too early would be refused once more.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.retry_after = Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX));
        self
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => {
                Self::new(ErrorCode::Network, "the server cannot be reached")
            }
            ServerFnErrorErr::Args(text) | ServerFnErrorErr::MissingArg(text) => Self::new(
                ErrorCode::Invalid,
                format!("the arguments cannot be read: {text}"),
            ),
            ServerFnErrorErr::Deserialization(_) => {
                Self::new(ErrorCode::Network, "the server's answer cannot be read")
            }
            ServerFnErrorErr::UnsupportedRequestMethod(_) => {
                Self::new(ErrorCode::Invalid, "this endpoint takes POST")
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::Serialization(_) => {
                Self::new(ErrorCode::Internal, "the server failed")
            }
        }
    }
}
