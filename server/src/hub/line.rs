//! The socket of a connection: frames in its codec, nothing written without a time limit.

use std::time::Duration;

use app::wire::feed::{ServerMessage, close};
use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::timeout;

use super::frames::{Codec, Incoming, Outgoing};
use super::settings::HubSettings;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The peer went.
    Gone,
    /// What the peer sent cannot be read: too large a message, or no websocket's. Or nothing can be read since it
    /// went without a word, which the socket does not tell apart.
    Unreadable,
    /// It is closed with a code.
    Close(u16, &'static str),
}

/// A socket of frames.
#[derive(Debug)]
pub(super) struct Line<S> {
    socket: S,
    pub(super) codec: Codec,
    write_timeout: Duration,
    close_wait: Duration,
}

impl<S, E> Line<S>
where
    S: Stream<Item = Result<Incoming, E>> + Sink<Outgoing> + Unpin,
{
    pub(super) fn new(socket: S, codec: Codec, settings: &HubSettings) -> Self {
        Self {
            socket,
            codec,
            write_timeout: settings.write_timeout,
            close_wait: settings.close_wait,
        }
    }

    /// The next frame. May be dropped.
    pub(super) async fn next(&mut self) -> Result<Incoming, End> {
        match self.socket.next().await {
            Some(incoming) => incoming.map_err(|_| End::Unreadable),
            None => Err(End::Gone),
        }
    }

    pub(super) async fn feed_message(&mut self, message: &ServerMessage) -> Result<(), End> {
        self.feed(self.codec.encode(message)).await
    }

    /// Hands a frame to the socket once it takes one; nothing may be taken for the write timeout at most.
    pub(super) async fn feed(&mut self, frame: Outgoing) -> Result<(), End> {
        match timeout(self.write_timeout, self.socket.feed(frame)).await {
            Ok(fed) => fed.map_err(|_| End::Gone),
            Err(_) => Err(TOO_SLOW),
        }
    }

    /// Sends what was fed.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        match timeout(self.write_timeout, self.socket.flush()).await {
            Ok(flushed) => flushed.map_err(|_| End::Gone),
            Err(_) => Err(TOO_SLOW),
        }
    }

    /// Says why, and waits a moment for the peer's answer, so that the reason is not lost to a reset.
    pub(super) async fn close(&mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => {
                // A peer that closed is waiting for the socket's answer; one that is gone makes this fail.
                let _ = timeout(self.close_wait, self.socket.close()).await;
                return;
            }
            End::Unreadable => (close::PROTOCOL, "too large, or not this protocol"),
            End::Close(code, reason) => (code, reason),
        };
        let frame = Outgoing::Close { code, reason };
        let said = timeout(self.close_wait, self.socket.send(frame)).await;
        let is_said = matches!(said, Ok(Ok(())));
        if is_said || end != End::Unreadable {
            tracing::debug!(feed.close_code = code, reason, "a connection is closed");
        }
        if is_said {
            let answer = async {
                while let Some(Ok(incoming)) = self.socket.next().await {
                    if incoming == Incoming::Close {
                        return;
                    }
                }
                if end == End::Unreadable {
                    // Nothing more is read, so that what lies unread resets the line once it is dropped: until then
                    // the peer can hear why.
                    std::future::pending::<()>().await;
                }
            };
            // Whoever does not answer is cut off.
            let _ = timeout(self.close_wait, answer).await;
        }
    }
}

const TOO_SLOW: End = End::Close(close::SLOW, "too slow");
