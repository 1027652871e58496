//! `GET /feed`: the handshake of the feed, and the socket as the hub wants it.
//!
//! What a browser's script can only learn from a close code is answered by one (unknown session, overload): a
//! refused upgrade would tell it nothing. What only a wrong client sends is a plain 400.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use app::api::backend::SessionId;
use app::wire::error::{ApiError, ErrorCode};
use app::wire::feed::{SUBPROTOCOL_JSON, SUBPROTOCOL_POSTCARD, close};
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures::{Sink, SinkExt, Stream, StreamExt};
use http::{HeaderMap, HeaderValue};

use crate::hub::{Codec, Hub, Incoming, Outgoing, Visitor};
use crate::lifecycle::Lifecycle;
use crate::listener::ConnectionPermit;
use crate::middleware::{ClientAddress, Presented, RequestId, Sessions, error_response};

/// Bytes read from a socket at once: with the library's 128 KiB ten thousand idle feeds took 1.3 GB.
const READ_BUFFER: usize = 4 * 1024;

/// Bytes of frames gathered before they are written without a flush.
const WRITE_BUFFER: usize = 16 * 1024;

/// Bytes a socket may hold unsent: one page of the longest posts in JSON; the hub feeds no more before a flush.
const MAX_WRITE_BUFFER: usize = 16 * 1024 * 1024;

/// Bytes of a client's message; a larger one is not read but an error, which the hub closes with 4000.
const MAX_MESSAGE: usize = 64 * 1024;

/// How long a client that is turned away may take to hear why.
const FAREWELL: Duration = Duration::from_secs(2);

/// The handshake: protocol, session, admission; then the hub serves. Its origin was checked before.
#[expect(
    clippy::too_many_arguments,
    reason = "each extractor is one thing a handshake depends on"
)]
pub async fn feed(
    State(hub): State<Arc<Hub>>,
    State(sessions): State<Sessions>,
    State(life): State<Lifecycle>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    id: Option<Extension<RequestId>>,
    permit: Option<Extension<ConnectionPermit>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let refuse = |error| error_response(error, id.as_deref());
    let invalid = |message: String| refuse(ApiError::new(ErrorCode::Invalid, message));
    let Ok(upgrade) = upgrade else {
        return invalid("the feed is a websocket, over HTTP/1.1".to_owned());
    };
    let Some((protocol, codec)) = choose(&upgrade) else {
        return invalid(format!(
            "the feed speaks {SUBPROTOCOL_POSTCARD} and {SUBPROTOCOL_JSON}, name one of them as subprotocol"
        ));
    };
    let arrival = match sessions.presented(&headers).await {
        Ok(Presented::Unknown) => Arrival::Turned(close::SESSION, "unknown session"),
        Ok(Presented::Nothing) => arrive(&hub, &life, address, None),
        Ok(Presented::Session(session)) => arrive(&hub, &life, address, Some(session)),
        Err(error) => return refuse(error),
    };
    let task = life.tracker().token();
    let mut upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE);
    upgrade.set_selected_protocol(protocol);
    upgrade.on_upgrade(move |socket| async move {
        // The shutdown waits for the feed, and the feed goes on counting as a connection.
        let _held = (task, permit);
        let served = async {
            match arrival {
                Arrival::Admitted(visitor) => hub.serve(Socket(socket), codec, visitor).await,
                Arrival::Turned(code, reason) => turn_away(socket, code, reason).await,
            }
        };
        tokio::select! {
            biased;
            () = life.hard().cancelled() => {}
            () = served => {}
        }
    })
}

/// What becomes of a client once its socket is open.
enum Arrival {
    Admitted(Visitor),
    Turned(u16, &'static str),
}

fn arrive(
    hub: &Hub,
    life: &Lifecycle,
    address: std::net::IpAddr,
    session: Option<SessionId>,
) -> Arrival {
    if life.is_draining() {
        return Arrival::Turned(close::RESTART, "the server restarts");
    }
    match hub.admit(address) {
        Ok(admission) => Arrival::Admitted(Visitor { session, admission }),
        Err(_) => Arrival::Turned(close::OVERLOADED, "too many connections"),
    }
}

/// The first protocol of the client's list that we speak.
fn choose(upgrade: &WebSocketUpgrade) -> Option<(HeaderValue, Codec)> {
    upgrade.requested_protocols().find_map(|protocol| {
        let codec = match protocol.to_str().ok()? {
            SUBPROTOCOL_POSTCARD => Codec::Postcard,
            SUBPROTOCOL_JSON => Codec::Json,
            _ => return None,
        };
        Some((protocol.clone(), codec))
    })
}

/// Closes with a reason and waits a moment for the answer, so that the reason is not lost to a reset.
async fn turn_away(mut socket: WebSocket, code: u16, reason: &'static str) {
    let said = async {
        socket.send(farewell(code, reason)).await?;
        while let Some(Ok(message)) = socket.next().await {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
        Ok::<_, axum::Error>(())
    };
    // Whoever does not answer is cut off.
    let _ = tokio::time::timeout(FAREWELL, said).await;
}

fn farewell(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    }))
}

/// An axum socket with the hub's messages.
struct Socket(WebSocket);

impl Stream for Socket {
    type Item = Result<Incoming, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = ready!(self.0.poll_next_unpin(context));
        Poll::Ready(message.map(|message| message.map(incoming)))
    }
}

impl Sink<Outgoing> for Socket {
    type Error = axum::Error;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        self.0.poll_ready_unpin(context)
    }

    fn start_send(mut self: Pin<&mut Self>, item: Outgoing) -> Result<(), axum::Error> {
        let message = match item {
            Outgoing::Text(bytes) => {
                Message::Text(Utf8Bytes::try_from(bytes).map_err(axum::Error::new)?)
            }
            Outgoing::Binary(bytes) => Message::Binary(bytes),
            Outgoing::Close { code, reason } => farewell(code, reason),
        };
        self.0.start_send_unpin(message)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        self.0.poll_flush_unpin(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        self.0.poll_close_unpin(context)
    }
}

fn incoming(message: Message) -> Incoming {
    match message {
        Message::Text(text) => Incoming::Text(text.into()),
        Message::Binary(bytes) => Incoming::Binary(bytes),
        Message::Close(_) => Incoming::Close,
        Message::Ping(_) | Message::Pong(_) => Incoming::Control,
    }
}
