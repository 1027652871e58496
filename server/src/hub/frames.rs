//! Frames of a connection in its codec; what many connections are sent is encoded once.

use std::sync::OnceLock;

use app::wire::codec::{self, Undecodable};
use app::wire::feed::{ClientMessage, ServerMessage};
use bytes::Bytes;

/// The codec of a connection, by its subprotocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Binary frames, for browsers.
    Postcard,
    /// Text frames, for people and tools.
    Json,
}

/// What a socket received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A text frame, UTF-8.
    Text(Bytes),
    /// A binary frame.
    Binary(Bytes),
    /// The peer closes.
    Close,
    /// A control frame that the socket answers by itself; counts as a message where floods are judged.
    Control,
}

/// What a socket is to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame, UTF-8. Cheap to clone.
    Text(Bytes),
    /// A binary frame. Cheap to clone.
    Binary(Bytes),
    /// The close frame, always the last.
    Close {
        /// One of [`app::wire::feed::close`].
        code: u16,
        /// For people.
        reason: &'static str,
    },
}

impl Codec {
    /// Encodes a message for one connection.
    pub(super) fn encode(self, message: &ServerMessage) -> Outgoing {
        match self {
            Self::Postcard => Outgoing::Binary(codec::to_postcard(message).into()),
            Self::Json => Outgoing::Text(codec::to_json(message).into()),
        }
    }

    /// Reads a client's message; a frame of the other codec is refused like garbage.
    pub(super) fn decode(self, incoming: &Incoming) -> Result<ClientMessage, Undecodable> {
        match (self, incoming) {
            (Self::Postcard, Incoming::Binary(bytes)) => codec::from_postcard(bytes),
            (Self::Json, Incoming::Text(bytes)) => {
                let text = std::str::from_utf8(bytes).map_err(|_| Undecodable)?;
                codec::from_json(text)
            }
            _ => Err(Undecodable),
        }
    }
}

/// A frame that many connections share, encoded when the first of a codec asks for it.
#[derive(Debug, Default)]
pub(super) struct Frame {
    postcard: OnceLock<Bytes>,
    json: OnceLock<Bytes>,
}

impl Frame {
    /// The frame in a codec; `message` is what it says, asked once per codec.
    pub(super) fn get(&self, codec: Codec, message: impl FnOnce() -> ServerMessage) -> Outgoing {
        match codec {
            Codec::Postcard => Outgoing::Binary(
                self.postcard
                    .get_or_init(|| codec::to_postcard(&message()).into())
                    .clone(),
            ),
            Codec::Json => Outgoing::Text(
                self.json
                    .get_or_init(|| codec::to_json(&message()).into())
                    .clone(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Codec, Frame, Incoming};
    use app::wire::codec;
    use app::wire::feed::{ClientMessage, ServerMessage};

    #[test]
    fn a_frame_is_encoded_once_a_codec() {
        let frame = Frame::default();
        let message = || ServerMessage::Ping {
            heads: vec![(1, 2)],
        };
        let first = frame.get(Codec::Postcard, message);
        assert_eq!(
            first,
            frame.get(Codec::Postcard, || panic!("encoded twice"))
        );
        assert_eq!(
            frame.get(Codec::Json, message),
            Codec::Json.encode(&message())
        );
    }

    #[test]
    fn a_frame_of_the_other_codec_is_garbage() {
        let binary = Incoming::Binary(codec::to_postcard(&ClientMessage::Pong).into());
        let text = Incoming::Text(codec::to_json(&ClientMessage::Pong).into());
        assert_eq!(Codec::Postcard.decode(&binary), Ok(ClientMessage::Pong));
        assert_eq!(Codec::Json.decode(&text), Ok(ClientMessage::Pong));
        assert!(Codec::Postcard.decode(&text).is_err());
        assert!(Codec::Json.decode(&binary).is_err());
        let torn = Incoming::Text(bytes::Bytes::from_static(b"\"po\xff"));
        assert!(Codec::Json.decode(&torn).is_err());
    }
}
