//! A client of the API: forms in, JSON out, as curl would.

use std::sync::atomic::{AtomicU64, Ordering};

use app::wire::error::{ApiError, ErrorCode};
use app::wire::ids::{Nonce, RoomId};
use app::wire::page::Page;
use app::wire::request::Appended;
use app::wire::room::RoomSnapshot;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

/// One browser.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    base: String,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A nonce nobody has used in this process.
pub(crate) fn nonce() -> Nonce {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0x5a; 16];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Nonce(bytes)
}

impl Client {
    pub(crate) fn new(base: String) -> Self {
        Self::with_headers(base, HeaderMap::new())
    }

    /// A client that sends these headers with every request.
    pub(crate) fn with_headers(base: String, headers: HeaderMap) -> Self {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .danger_accept_invalid_certs(true)
            .timeout(super::PATIENCE)
            .build()
            .unwrap();
        Self { http, base }
    }

    /// A session's cookie as a browser would send it, opened anew for this client.
    pub(crate) async fn session(&self) -> String {
        let opened = self.call("open_session", &[]).await;
        let cookie = opened.header("set-cookie");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The same browser at another server, or at the same one under another address.
    pub(crate) fn at(&self, base: String) -> Self {
        Self {
            http: self.http.clone(),
            base,
        }
    }

    /// The server as its own pages name it.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base))
    }

    /// Calls a server function with a form.
    pub(crate) async fn call(&self, function: &str, arguments: &[(&str, &str)]) -> Answer {
        send(self.post(&format!("/api/{function}")).form(arguments)).await
    }

    /// Makes a listed room.
    pub(crate) async fn make_room(&self) -> RoomId {
        let arguments = [("title", "A room"), ("visibility", "listed")];
        let snapshot: RoomSnapshot = self.call("create_room", &arguments).await.json();
        snapshot.room
    }

    /// Posts text.
    pub(crate) async fn say(&self, room: &RoomId, text: &str) -> Appended {
        self.say_as(room, text, &nonce()).await.json()
    }

    /// Posts text under a nonce.
    pub(crate) async fn say_as(&self, room: &RoomId, text: &str, nonce: &Nonce) -> Answer {
        let nonce = nonce.to_string();
        let arguments = [("room", room.as_str()), ("nonce", &nonce), ("text", text)];
        self.call("create_post", &arguments).await
    }

    /// The newest posts of a room.
    pub(crate) async fn history(&self, room: &RoomId) -> Page {
        self.call("load_history", &[("room", room.as_str())])
            .await
            .json()
    }
}

/// Sends a request as it is.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}

impl Answer {
    /// The result of a call that must have worked.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The error of a call that must have failed, in the one shape, with the status its code asks for.
    pub(crate) fn error(&self) -> ApiError {
        let error: ApiError = serde_json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("{} {:?}", self.status, self.body));
        assert_eq!(self.status.as_u16(), error.error.status(), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("x-request-id"), error.request);
        assert_eq!(error.request.len(), 16);
        error
    }

    /// Checks that the call failed with `code`.
    pub(crate) fn refused(&self, code: ErrorCode) {
        assert_eq!(self.error().error, code, "{}", self.body);
    }

    /// A header, empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
