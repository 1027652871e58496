//! Ids and numbers as BSON, and back.

use app::wire::ids::RoomId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson};

use super::error::CallError;

/// Random ids, hashes and bytes, as a plain binary.
pub(super) fn binary(bytes: impl Into<Vec<u8>>) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes: bytes.into(),
    }
}

/// The same as a value of a filter.
pub(super) fn id(bytes: impl Into<Vec<u8>>) -> Bson {
    Bson::Binary(binary(bytes))
}

/// A binary of a known length.
pub(super) fn array<const N: usize>(
    binary: &Binary,
    what: &'static str,
) -> Result<[u8; N], CallError> {
    binary.bytes[..]
        .try_into()
        .map_err(|_| CallError::corrupt(what))
}

/// A number that BSON keeps signed. What does not fit is beyond everything stored.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored number of a narrower or unsigned type.
pub(super) fn number<T: TryFrom<i64>>(stored: i64, what: &'static str) -> Result<T, CallError> {
    T::try_from(stored).map_err(|_| CallError::corrupt(what))
}

/// A stored room's id.
pub(super) fn room(stored: &str) -> Result<RoomId, CallError> {
    stored
        .parse()
        .map_err(|error| CallError::unreadable("room's id", error))
}

/// A value that is kept as JSON, so that what a newer version writes can be read around.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, CallError> {
    serde_json::to_string(value).map_err(|error| CallError::unreadable("value", error))
}

/// The same, read.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(
    stored: &str,
    what: &'static str,
) -> Result<T, CallError> {
    serde_json::from_str(stored).map_err(|error| CallError::unreadable(what, error))
}
