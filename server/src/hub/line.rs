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

    /// The next frame, `None` when there will be none. May be dropped.
    pub(super) async fn next(&mut self) -> Option<Incoming> {
        self.socket.next().await.and_then(Result::ok)
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
        let End::Close(code, reason) = end else {
            // A peer that closed is waiting for the socket's answer; one that is gone makes this fail.
            let _ = timeout(self.close_wait, self.socket.close()).await;
            return;
        };
        tracing::debug!(feed.close_code = code, reason, "a connection is closed");
        let frame = Outgoing::Close { code, reason };
        let said = timeout(self.close_wait, self.socket.send(frame)).await;
        if matches!(said, Ok(Ok(()))) {
            let answer = async {
                while let Some(Ok(incoming)) = self.socket.next().await {
                    if incoming == Incoming::Close {
                        break;
                    }
                }
            };
            // Whoever does not answer is cut off.
            let _ = timeout(self.close_wait, answer).await;
        }
    }
}

const TOO_SLOW: End = End::Close(close::SLOW, "too slow");
