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
use server::testing::eventually;

use crate::support::{Answer, Client, TestApp, nonce, send};

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
        let size = size.map(|size| size.to_string());
        let mut arguments = vec![("room", self.room.as_str()), ("name", name)];
        if let Some(size) = &size {
            arguments.push(("size", size));
        }
        self.client.call("open_upload", &arguments).await
    }

    async fn open(&self, name: &str, size: Option<u64>) -> UploadOpened {
        self.try_open(name, size).await.json()
    }

    /// Makes a post with a file.
    async fn post(&self, file: &FileId) -> Appended {
        let (nonce, file) = (nonce().to_string(), file.to_string());
        let arguments = [
            ("room", self.room.as_str()),
            ("nonce", &nonce),
            ("files[0]", &file),
        ];
        self.client.call("create_post", &arguments).await.json()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.http.request(method, self.app.url(path))
    }

    /// A request for an upload by its key.
    fn upload(&self, method: Method, upload: &UploadOpened) -> RequestBuilder {
        self.request(method, &format!("/uploads/{}", upload.key))
    }

    /// A tus `PATCH`.
    fn patch(&self, upload: &UploadOpened, offset: &str) -> RequestBuilder {
        self.upload(Method::PATCH, upload)
            .header("tus-resumable", "1.0.0")
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", offset)
    }

    async fn offset(&self, upload: &UploadOpened) -> u64 {
        let answer = send(self.upload(Method::HEAD, upload)).await;
        assert_eq!(answer.status, 200);
        answer.header("upload-offset").parse().unwrap()
    }

    /// Waits until the server holds that many bytes.
    async fn until_held(&self, upload: &UploadOpened, held: u64) {
        eventually("the bytes are held", async || {
            self.offset(upload).await >= held
        })
        .await;
    }

    fn file(&self, file: &FileId) -> RequestBuilder {
        self.request(Method::GET, &format!("/files/{file}"))
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

/// A picture of `length` bytes as far as its header goes.
fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0".to_vec();
    let noise = (0_u32..).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    bytes.extend(noise.take(length.saturating_sub(bytes.len())));
    bytes
}
