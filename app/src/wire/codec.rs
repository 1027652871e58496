//! The two codecs of the feed.

use serde::{Serialize, de::DeserializeOwned};

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of this protocol")]
pub struct Undecodable;

/// Encodes a message of ours as postcard.
#[must_use]
pub fn to_postcard<T: Serialize>(message: &T) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "our types have no maps with odd keys and no lengths unknown before"
    )]
    postcard::to_stdvec(message).expect("wire types encode")
}

/// Decodes a message; trailing bytes are refused.
///
/// # Errors
/// [`Undecodable`], whatever is wrong with the bytes.
pub fn from_postcard<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Undecodable> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok(_) | Err(_) => Err(Undecodable),
    }
}

/// Encodes a message of ours as JSON.
#[must_use]
pub fn to_json<T: Serialize>(message: &T) -> String {
    #[expect(
        clippy::expect_used,
        reason = "our types have no maps with keys other than text"
    )]
    serde_json::to_string(message).expect("wire types encode")
}

/// Decodes a message.
///
/// # Errors
/// [`Undecodable`], whatever is wrong with the text.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Undecodable> {
    serde_json::from_str(text).map_err(|_| Undecodable)
}
