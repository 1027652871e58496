//! What the server answered to a request about an upload, whichever way it was sent.

use crate::wire::error::{ApiError, ErrorCode};

/// An answer, or the lack of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// HTTP status; 0 where the request was cut or given up.
    pub(super) status: u16,
    /// `Upload-Offset`.
    pub(super) offset: Option<u64>,
    /// Another request sends this upload now: told by `Upload-Taken-Over`, and by the error's code.
    pub(super) taken_over: bool,
    /// `Retry-After` in seconds.
    pub(super) retry_after_s: Option<u32>,
    /// The sentence of the error's body.
    pub(super) message: Option<String>,
}

impl Answer {
    /// Reads the headers by their names and, for an error, the body.
    pub(super) fn read(status: u16, header: impl Fn(&str) -> Option<String>, body: &str) -> Self {
        let number = |name| header(name)?.trim().parse::<u64>().ok();
        let error = (status >= 400)
            .then(|| serde_json::from_str::<ApiError>(body).ok())
            .flatten();
        let code = error.as_ref().map(|error| error.error);
        Self {
            status,
            offset: number("Upload-Offset"),
            taken_over: header("Upload-Taken-Over").is_some() || code == Some(ErrorCode::TakenOver),
            retry_after_s: number("Retry-After").and_then(|s| u32::try_from(s).ok()),
            message: error.map(|error| error.message),
        }
    }
}
