//! Files in and out, as curl, tus clients and browsers' elements send and read them.

mod growing;
mod hostile;
mod sending;
mod tus;

use std::io::{Read, Write};
use std::net::TcpStream;

use app::wire::ids::{FileId, RoomId};
use app::wire::page::Page;
use app::wire::request::{Appended, UploadOpened};
use reqwest::{Method, RequestBuilder};

use crate::support::{Answer, Client, TestApp, picture};

/// A person in a room of their own.
struct Sender {
    app: TestApp,
    client: Client,
    room: RoomId,
}

impl Sender {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(flags: &[&str]) -> Self {
        let app = TestApp::with(flags).await;
        let client = app.client();
        let room = client.make_room().await;
        Self { app, client, room }
    }

    async fn try_open(&self, name: &str, size: Option<u64>) -> Answer {
        self.client.try_open(&self.room, name, size).await
    }

    async fn open(&self, name: &str, size: Option<u64>) -> UploadOpened {
        self.client.open(&self.room, name, size).await
    }

    /// Makes a post with a file.
    async fn post(&self, file: &FileId) -> Appended {
        self.client.share(&self.room, file).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, path)
    }

    fn upload(&self, method: Method, upload: &UploadOpened) -> RequestBuilder {
        self.client.upload(method, upload)
    }

    fn patch(&self, upload: &UploadOpened, offset: &str) -> RequestBuilder {
        self.client.patch(upload, offset)
    }

    async fn offset(&self, upload: &UploadOpened) -> u64 {
        self.client.offset(upload).await
    }

    async fn until_held(&self, upload: &UploadOpened, held: u64) {
        self.client.until_held(upload, held).await;
    }

    fn file(&self, file: &FileId) -> RequestBuilder {
        self.client.file(file)
    }

    async fn page(&self) -> Page {
        self.client.history(&self.room).await
    }

    /// A request as bytes, and the first bytes of its answer.
    async fn raw(&self, request: Vec<u8>) -> String {
        let address = self.app.address;
        let talk = move || {
            let mut socket = TcpStream::connect(address).unwrap();
            socket
                .set_read_timeout(Some(crate::support::PATIENCE))
                .unwrap();
            socket.write_all(&request).unwrap();
            let mut answer = [0; 4_096];
            let length = socket.read(&mut answer).unwrap();
            String::from_utf8_lossy(&answer[..length]).into_owned()
        };
        tokio::task::spawn_blocking(talk).await.unwrap()
    }
}
