//! Fixed-size identifiers that are lower-case hex for people and raw bytes in postcard.

/// Why a text is not an identifier of the wanted size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {expected} lower-case hex digits")]
pub struct NotHex {
    /// How many digits the identifier has.
    pub expected: usize,
}

/// Writes `bytes` as lower-case hex.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads exactly `N` bytes of lower-case hex.
///
/// # Errors
/// [`NotHex`] for any other length or digit; upper case is refused, so that an identifier has one spelling.
pub fn decode<const N: usize>(text: &str) -> Result<[u8; N], NotHex> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let refuse = NotHex { expected: N * 2 };
    if text.len() != N * 2 {
        return Err(refuse);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
            return Err(refuse);
        };
        *byte = high << 4 | low;
    }
    Ok(bytes)
}

/// Declares an identifier of `$size` bytes.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $size]);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::wire::hex::encode(&self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::wire::hex::NotHex;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::wire::hex::decode::<$size>(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; $size]>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

pub(crate) use hex_id;

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(
            decode::<3>(&encode(&[0, 0xab, 255])).unwrap(),
            [0, 0xab, 255]
        );
    }

    #[test]
    fn another_length_or_spelling_is_refused() {
        for text in ["", "0", "00ABff", "00abf", "00abff0", "00abfg", "é0abff"] {
            assert!(decode::<3>(text).is_err(), "{text}");
        }
    }
}
