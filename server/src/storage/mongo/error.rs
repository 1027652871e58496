//! What MongoDB can fail with, and how that reads at the port.

use std::time::Duration;

use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::storage::StorageError;

/// A unique key refused a write.
const DUPLICATE_KEY: i32 = 11_000;

/// Codes of a server that cannot answer now: it starts, stops, steps down, or has no primary.
/// MongoDB server, `src/mongo/base/error_codes.yml`; 1 is an internal error, told by servers that lost their own store.
const PASSING: [i32; 21] = [
    1, 6, 7, 24, 50, 64, 89, 91, 112, 133, 134, 189, 202, 262, 9001, 10_058, 10_107, 11_600,
    11_602, 13_435, 13_436,
];

/// Codes of a server without room: out of disk, over a quota.
const FULL: [i32; 2] = [14_031, 12_501];

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("MongoDB failed")]
    Driver(#[from] Error),
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    #[error("a stored {what} cannot be read")]
    Corrupt {
        what: &'static str,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    #[error("chunk {n} of a file is missing or of the wrong length")]
    Chunk { n: i64 },
    #[error("a file has {found} bytes where {expected} were committed")]
    Short { found: u64, expected: u64 },
    #[error("another writer has taken over")]
    TakenOver,
    #[error("other nodes kept winning the race")]
    Contended,
}

impl CallError {
    /// A stored value that no version of this program writes.
    pub(super) fn corrupt(what: &'static str) -> Self {
        Self::Corrupt { what, source: None }
    }

    /// The same, with what the parser said.
    pub(super) fn unreadable(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            what,
            source: Some(source.into()),
        }
    }

    /// Whether a unique key refused the write.
    pub(super) fn is_duplicate(&self) -> bool {
        matches!(self, Self::Driver(error) if code(error) == Some(DUPLICATE_KEY))
    }

    /// How many documents of an ordered insert are stored before the one that a unique key refused; `None` where it
    /// failed for another reason.
    pub(super) fn stored_before_duplicate(&self) -> Option<usize> {
        let Self::Driver(error) = self else {
            return None;
        };
        let ErrorKind::InsertMany(failure) = error.kind.as_ref() else {
            return None;
        };
        let first = failure.write_errors.as_deref()?.first()?;
        // Stored, but not by the majority: nobody may be told that it is there.
        let durable = failure.write_concern_error.is_none();
        (durable && first.code == DUPLICATE_KEY).then_some(first.index)
    }
}

impl From<CallError> for StorageError {
    fn from(error: CallError) -> Self {
        match &error {
            CallError::Driver(driver) => match severity(driver) {
                Severity::Passing => Self::Unavailable(Box::new(error)),
                Severity::Full => Self::Full(Box::new(error)),
                Severity::Lasting => Self::Broken(Box::new(error)),
            },
            CallError::Late(_) | CallError::Contended => Self::Unavailable(Box::new(error)),
            CallError::Corrupt { .. }
            | CallError::Chunk { .. }
            | CallError::Short { .. }
            | CallError::TakenOver => Self::Broken(Box::new(error)),
        }
    }
}

/// What a failure says about the next attempt.
#[derive(Debug, PartialEq, Eq)]
enum Severity {
    Passing,
    Full,
    Lasting,
}

fn severity(error: &Error) -> Severity {
    let code = code(error);
    if code.is_some_and(|code| FULL.contains(&code)) {
        return Severity::Full;
    }
    let passing = match error.kind.as_ref() {
        ErrorKind::Io(_)
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. }
        | ErrorKind::Shutdown => true,
        ErrorKind::Write(WriteFailure::WriteConcernError(_)) => true,
        ErrorKind::InsertMany(failure) if failure.write_concern_error.is_some() => true,
        _ => code.is_some_and(|code| PASSING.contains(&code)),
    };
    if passing || error.contains_label("RetryableWriteError") {
        Severity::Passing
    } else {
        Severity::Lasting
    }
}

/// The server's number for what it refused.
pub(super) fn code(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(failure) => Some(failure.code),
        ErrorKind::Write(WriteFailure::WriteError(failure)) => Some(failure.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(failure)) => Some(failure.code),
        ErrorKind::InsertMany(failure) => failure
            .write_errors
            .as_deref()
            .and_then(|failures| failures.first())
            .map(|failure| failure.code),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
