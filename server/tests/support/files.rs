//! What a client does with files: open an upload, post it, send bytes, ask how far it is, read.

use app::wire::ids::{FileId, RoomId};
use app::wire::request::{Appended, UploadOpened};
use reqwest::{Method, RequestBuilder};
use server::testing::eventually;

use super::{Answer, Client, nonce, send};

impl Client {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base()))
    }

    pub(crate) async fn try_open(&self, room: &RoomId, name: &str, size: Option<u64>) -> Answer {
        let size = size.map(|size| size.to_string());
        let mut arguments = vec![("room", room.as_str()), ("name", name)];
        if let Some(size) = &size {
            arguments.push(("size", size));
        }
        self.call("open_upload", &arguments).await
    }

    /// Opens an upload.
    pub(crate) async fn open(&self, room: &RoomId, name: &str, size: Option<u64>) -> UploadOpened {
        self.try_open(room, name, size).await.json()
    }

    /// Makes a post with a file.
    pub(crate) async fn share(&self, room: &RoomId, file: &FileId) -> Appended {
        let (nonce, file) = (nonce().to_string(), file.to_string());
        let arguments = [
            ("room", room.as_str()),
            ("nonce", &nonce),
            ("files[0]", &file),
        ];
        self.call("create_post", &arguments).await.json()
    }

    /// A request for an upload by its key.
    pub(crate) fn upload(&self, method: Method, upload: &UploadOpened) -> RequestBuilder {
        self.request(method, &format!("/uploads/{}", upload.key))
    }

    /// A tus `PATCH`.
    pub(crate) fn patch(&self, upload: &UploadOpened, offset: &str) -> RequestBuilder {
        self.upload(Method::PATCH, upload)
            .header("tus-resumable", "1.0.0")
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", offset)
    }

    /// How much of an upload is held.
    pub(crate) async fn offset(&self, upload: &UploadOpened) -> u64 {
        let answer = send(self.upload(Method::HEAD, upload)).await;
        assert_eq!(answer.status, 200);
        answer.header("upload-offset").parse().unwrap()
    }

    /// Waits until the server holds that many bytes.
    pub(crate) async fn until_held(&self, upload: &UploadOpened, held: u64) {
        eventually("the bytes are held", async || {
            self.offset(upload).await >= held
        })
        .await;
    }

    /// A request for a file.
    pub(crate) fn file(&self, file: &FileId) -> RequestBuilder {
        self.request(Method::GET, &format!("/files/{file}"))
    }
}

/// A picture of `length` bytes as far as its header goes.
pub(crate) fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0".to_vec();
    let noise = (0_u32..).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    bytes.extend(noise.take(length.saturating_sub(bytes.len())));
    bytes
}
