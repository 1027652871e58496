//! A client of the feed.

use app::wire::codec;
use app::wire::event::Event;
use app::wire::feed::{
    Alias, ClientMessage, Cursor, SUBPROTOCOL_JSON, SUBPROTOCOL_POSTCARD, ServerMessage,
};
use app::wire::ids::{RoomId, Seq};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{PATIENCE, TestApp};

/// How messages are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Postcard,
    Json,
}

/// One feed.
pub(crate) struct Feed {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    codec: Codec,
}

/// An upgrade that was answered otherwise.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Opens a feed without a session.
pub(crate) async fn connect(app: &TestApp, codec: Codec) -> Feed {
    let protocol = match codec {
        Codec::Postcard => SUBPROTOCOL_POSTCARD,
        Codec::Json => SUBPROTOCOL_JSON,
    };
    connect_with(app, &[("sec-websocket-protocol", protocol)])
        .await
        .unwrap()
}

/// Opens a feed with these headers.
pub(crate) async fn connect_with(
    app: &TestApp,
    headers: &[(&'static str, &str)],
) -> Result<Feed, Refusal> {
    let url = format!("ws://{}/feed", app.address);
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    match tokio::time::timeout(PATIENCE, connect_async(request))
        .await
        .unwrap()
    {
        Ok((socket, response)) => {
            let chosen = response.headers()["sec-websocket-protocol"]
                .to_str()
                .unwrap();
            let codec = if chosen == SUBPROTOCOL_JSON {
                Codec::Json
            } else {
                Codec::Postcard
            };
            Ok(Feed { socket, codec })
        }
        Err(Error::Http(response)) => Err(Refusal {
            status: response.status().as_u16(),
            body: String::from_utf8(response.into_body().unwrap_or_default()).unwrap(),
        }),
        Err(error) => panic!("{error}"),
    }
}

impl Feed {
    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        let message = match self.codec {
            Codec::Postcard => Message::binary(codec::to_postcard(message)),
            Codec::Json => Message::text(codec::to_json(message)),
        };
        self.socket.send(message).await.unwrap();
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    async fn frame(&mut self) -> Result<Message, Option<CloseFrame>> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next());
            match next.await.expect("the feed says something in time") {
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Ok(message),
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> ServerMessage {
        match self.frame().await {
            Ok(Message::Binary(bytes)) => codec::from_postcard(&bytes).unwrap(),
            Ok(Message::Text(text)) => codec::from_json(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The code the server closes with, whatever it says before.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.frame().await {
                Ok(_) => {}
                Err(frame) => return frame.map_or(0, |frame| frame.code.into()),
            }
        }
    }

    /// Follows a room; says what stands for it, its head and whether the feed goes on from `since`.
    pub(crate) async fn subscribe(
        &mut self,
        room: &RoomId,
        since: Option<Cursor>,
    ) -> (Alias, Cursor, bool) {
        let room = room.clone();
        self.send(&ClientMessage::Subscribe { room, since }).await;
        loop {
            if let ServerMessage::Subscribed {
                alias,
                epoch,
                head,
                resumed,
                ..
            } = self.next().await
            {
                return (alias, Cursor { epoch, seq: head }, resumed);
            }
        }
    }

    /// The events up to and with `last`, in order of arrival.
    pub(crate) async fn events_until(&mut self, last: Seq) -> Vec<Event> {
        let mut all: Vec<Event> = Vec::new();
        while all.last().is_none_or(|event| event.seq < last) {
            match self.next().await {
                ServerMessage::Events { events, .. } => all.extend(events),
                ServerMessage::Ping { .. } => self.send(&ClientMessage::Pong).await,
                _ => {}
            }
        }
        all
    }
}
