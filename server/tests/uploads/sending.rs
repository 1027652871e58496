//! Plain bodies, cuts, two requests at once, restarts.

use std::io::Write;
use std::net::TcpStream;

use app::wire::error::ErrorCode;
use app::wire::file::FileState;
use app::wire::request::UploadOpened;
use bytes::Bytes;
use reqwest::{Body, Method};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{Sender, picture};
use crate::support::send;

/// A body that the test feeds.
fn fed() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Body) {
    let (feed, body) = mpsc::channel(16);
    (feed, Body::wrap_stream(ReceiverStream::new(body)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_put_is_a_whole_file() {
    let sender = Sender::new().await;
    let bytes = picture(300_000);
    let upload = sender.open("cat.png", Some(300_000)).await;
    let posted = sender.post(&upload.file).await;
    let answer = send(sender.upload(Method::PUT, &upload).body(bytes.clone())).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("upload-offset")),
        (204, "300000")
    );
    let post = sender.page().await.posts.pop().unwrap();
    assert_eq!(post.no, posted.no);
    assert_eq!(post.files[0].state, FileState::Ready { size: 300_000 });
    assert_eq!(post.files[0].started.as_ref().unwrap().mime, "image/png");
    let again = send(sender.upload(Method::PUT, &upload).body(bytes)).await;
    again.refused(ErrorCode::Conflict);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_put_without_any_length_ends_with_its_body() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", None).await;
    sender.post(&upload.file).await;
    let (feed, body) = fed();
    let put = sender.upload(Method::PUT, &upload).body(body).send();
    let bytes = picture(150_000);
    let feeding = async {
        for piece in bytes.chunks(10_000) {
            feed.send(Ok(Bytes::copy_from_slice(piece))).await.unwrap();
        }
        drop(feed);
    };
    let (answer, ()) = tokio::join!(put, feeding);
    assert_eq!(answer.unwrap().status(), 204);
    let post = sender.page().await.posts.pop().unwrap();
    assert_eq!(post.files[0].state, FileState::Ready { size: 150_000 });
    let read = sender.file(&upload.file).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap(), bytes);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_loses_nothing_that_came() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(100_000)).await;
    let bytes = picture(100_000);
    let head = format!(
        "PATCH /uploads/{} HTTP/1.1\r\nhost: x\r\ncontent-type: application/offset+octet-stream\r\nupload-offset: 0\r\ncontent-length: 100000\r\n\r\n",
        upload.key
    );
    let mut socket = TcpStream::connect(sender.app.address).unwrap();
    socket.write_all(head.as_bytes()).unwrap();
    socket.write_all(&bytes[..60_123]).unwrap();
    sender.until_held(&upload, 60_123).await;
    drop(socket);
    let rest = send(
        sender
            .patch(&upload, "60123")
            .body(bytes[60_123..].to_vec()),
    )
    .await;
    assert_eq!(rest.status, 204, "{}", rest.body);
    sender.post(&upload.file).await;
    let read = sender.file(&upload.file).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap(), bytes);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_of_two_requests_goes_on_and_the_older_is_told() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(1_000)).await;
    let bytes = picture(1_000);
    let (feed, body) = fed();
    let old = sender.patch(&upload, "0").body(body).send();
    let newer = async {
        feed.send(Ok(Bytes::copy_from_slice(&bytes[..400])))
            .await
            .unwrap();
        sender.until_held(&upload, 400).await;
        send(sender.patch(&upload, "400").body(bytes[400..].to_vec())).await
    };
    let (old, new) = tokio::join!(old, newer);
    assert_eq!(new.status, 204, "{}", new.body);
    let old = old.unwrap();
    assert_eq!(old.status(), 409);
    assert_eq!(old.headers()["upload-taken-over"], "1");
    let told: app::wire::error::ApiError = old.json().await.unwrap();
    assert_eq!(told.error, ErrorCode::TakenOver);
    drop(feed);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_server_loses_nothing_that_was_held() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(1_000)).await;
    let bytes = picture(1_000);
    sender.post(&upload.file).await;
    send(sender.patch(&upload, "0").body(bytes[..640].to_vec())).await;
    let Sender { app, client, room } = sender;
    let app = app.restart().await;
    let client = client.at(app.url(""));
    let sender = Sender { app, client, room };
    assert_eq!(sender.offset(&upload).await, 640);
    let rest = send(sender.patch(&upload, "640").body(bytes[640..].to_vec())).await;
    assert_eq!(rest.status, 204);
    let read = sender.file(&upload.file).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap(), bytes);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_belongs_to_its_room_its_session_and_one_post() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(1_000)).await;
    let claim = |client: crate::support::Client,
                 room: app::wire::ids::RoomId,
                 upload: UploadOpened| async move {
        let (nonce, file) = (crate::support::nonce().to_string(), upload.file.to_string());
        let arguments = [
            ("room", room.as_str()),
            ("nonce", &nonce),
            ("files[0]", &file),
        ];
        client.call("create_post", &arguments).await
    };
    let elsewhere = sender.client.make_room().await;
    let refused = claim(sender.client.clone(), elsewhere, upload.clone()).await;
    refused.refused(ErrorCode::NotFound);
    let stranger = sender.app.client();
    let refused = claim(stranger, sender.room.clone(), upload.clone()).await;
    refused.refused(ErrorCode::NotFound);
    sender.post(&upload.file).await;
    let refused = claim(sender.client.clone(), sender.room.clone(), upload).await;
    refused.refused(ErrorCode::Conflict);
    assert_eq!(sender.page().await.posts.len(), 1);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_and_numbers_over_the_limits_are_refused() {
    let sender = Sender::new().await;
    sender
        .try_open("a", Some(0))
        .await
        .refused(ErrorCode::Invalid);
    sender
        .try_open("a", Some(u64::MAX))
        .await
        .refused(ErrorCode::TooLarge);
    for _ in 0..10 {
        sender.open("a", Some(5)).await;
    }
    let refused = sender.try_open("a", Some(5)).await;
    refused.refused(ErrorCode::TooMany);
    sender.app.stop().await;
}
