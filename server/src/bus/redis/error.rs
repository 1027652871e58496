//! What the Redis adapters fail with, in detail.

use fred::error::{Error, ErrorKind};

/// Why Redis cannot be used at the start; the display form is a sentence for whoever starts the server.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The settings make no sense.
    #[error("{0}")]
    Settings(String),
    /// It cannot be reached, or refuses what is needed.
    #[error("Redis at {at} {fault}")]
    Unusable {
        /// Host and port.
        at: String,
        /// What is wrong.
        fault: String,
    },
}

impl ConnectError {
    /// In words what the driver says. Of its text only what a server or the system said is kept.
    pub(super) fn unusable(at: &str, error: &Error) -> Self {
        let details = words(error.details());
        let fault = match error.kind() {
            ErrorKind::IO => format!("cannot be reached: {details}"),
            ErrorKind::Timeout => "does not answer in time".to_owned(),
            ErrorKind::Auth => format!("refuses the name or password: {details}"),
            ErrorKind::Tls => format!("cannot be reached by TLS: {details}"),
            _ => format!("cannot be used: {details}"),
        };
        Self::Unusable {
            at: at.to_owned(),
            // One sentence, whatever a server answers.
            fault: fault.replace(['\r', '\n'], " "),
        }
    }
}

/// The driver writes errors of the system in their debug form: what is in quotes, or else the inmost error, is for
/// people.
fn words(details: &str) -> &str {
    let mut parts = details.rsplit('"');
    if let (Some(_), Some(quoted), Some(_)) = (parts.next(), parts.next(), parts.next()) {
        return quoted;
    }
    match details.rsplit_once("error: ") {
        Some((_, inmost)) => inmost.trim_end_matches(" }"),
        None => details,
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedisError {
    /// There is no connection, or too many commands wait for it.
    #[error("Redis is not connected")]
    Disconnected,
    /// The driver or the server says so.
    #[error("Redis failed")]
    Command(#[from] Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(kind: ErrorKind, details: &'static str) -> String {
        ConnectError::unusable("10.0.0.1:6379", &Error::new(kind, details)).to_string()
    }

    #[test]
    fn what_is_wrong_is_said_in_one_sentence() {
        let refused = "Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }";
        assert_eq!(
            sentence(ErrorKind::IO, refused),
            "Redis at 10.0.0.1:6379 cannot be reached: Connection refused"
        );
        let unknown = "Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) }";
        assert_eq!(
            sentence(ErrorKind::IO, unknown),
            "Redis at 10.0.0.1:6379 cannot be reached: InvalidCertificate(UnknownIssuer)"
        );
        assert_eq!(
            sentence(ErrorKind::Timeout, "Request timed out."),
            "Redis at 10.0.0.1:6379 does not answer in time"
        );
        assert_eq!(
            sentence(ErrorKind::Auth, "WRONGPASS invalid\r\nindeed"),
            "Redis at 10.0.0.1:6379 refuses the name or password: WRONGPASS invalid  indeed"
        );
    }
}
