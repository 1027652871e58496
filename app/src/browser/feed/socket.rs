//! One websocket of the feed, from its opening to its end.

use wasm_bindgen::JsCast;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use crate::browser::host::{self, Guard};
use crate::wire::feed::SUBPROTOCOL_POSTCARD;

/// What a socket says.
pub(super) enum SocketEvent {
    /// It can be written to.
    Opened,
    /// A message came; empty for a text, which is none of ours.
    Message(Vec<u8>),
    /// It is over.
    Closed(u16),
}

/// A socket. Dropping it closes it, and nothing is heard of it any more.
pub(super) struct Socket {
    socket: WebSocket,
    _listeners: Guard,
}

impl Socket {
    /// Opens one to `/feed` of the page's own origin; `None` where the browser refuses to try.
    pub(super) fn open(on: impl Fn(SocketEvent) + Clone + 'static) -> Option<Self> {
        let location = host::window()?.location();
        let scheme = if location.protocol().ok()? == "https:" {
            "wss"
        } else {
            "ws"
        };
        let url = format!("{scheme}://{}/feed", location.host().ok()?);
        let socket = WebSocket::new_with_str(&url, SUBPROTOCOL_POSTCARD).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let opened = host::listen(&socket, "open", {
            let on = on.clone();
            move |_: Event| on(SocketEvent::Opened)
        });
        let message = host::listen(&socket, "message", {
            let on = on.clone();
            move |event: MessageEvent| on(SocketEvent::Message(bytes(&event)))
        });
        let closed = host::listen(&socket, "close", move |event: CloseEvent| {
            on(SocketEvent::Closed(event.code()));
        });
        Some(Self {
            socket,
            _listeners: opened.and(message).and(closed),
        })
    }

    /// Sends a message if the socket is open; what an ending socket loses is asked for again by the next.
    pub(super) fn send(&self, bytes: &[u8]) {
        if self.socket.ready_state() == WebSocket::OPEN {
            let _ = self.socket.send_with_u8_array(bytes);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}

fn bytes(event: &MessageEvent) -> Vec<u8> {
    event
        .data()
        .dyn_into::<js_sys::ArrayBuffer>()
        .map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec())
        .unwrap_or_default()
}
