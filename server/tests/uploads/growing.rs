//! `GET /files/{file}` while the file arrives, and after.

use std::time::Duration;

use app::wire::error::ErrorCode;
use app::wire::request::UploadOpened;
use reqwest::{Method, Response};

use super::{Sender, picture};
use crate::support::{PATIENCE, send};

/// A picture of 100,000 bytes, posted, the first part of it sent.
async fn begun(sender: &Sender, part: usize) -> (UploadOpened, Vec<u8>) {
    let bytes = picture(100_000);
    let upload = sender.open("cat.png", Some(100_000)).await;
    sender.post(&upload.file).await;
    let sent = send(sender.patch(&upload, "0").body(bytes[..part].to_vec())).await;
    assert_eq!(sent.status, 204);
    (upload, bytes)
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// Reads exactly as much as must be there.
async fn take(response: &mut Response, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let chunk = tokio::time::timeout(PATIENCE, response.chunk()).await;
        bytes.extend_from_slice(&chunk.expect("bytes come").unwrap().expect("no end"));
    }
    assert_eq!(bytes.len(), length);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_what_came_then_what_comes() {
    let sender = Sender::new().await;
    let (upload, bytes) = begun(&sender, 70_000).await;
    let mut early = sender.file(&upload.file).send().await.unwrap();
    assert_eq!(early.status(), 200);
    assert_eq!(header(&early, "content-length"), "100000");
    assert_eq!(header(&early, "content-type"), "image/png");
    assert_eq!(header(&early, "cache-control"), "no-store");
    assert_eq!(header(&early, "accept-ranges"), "");
    assert_eq!(header(&early, "x-accel-buffering"), "no");
    assert_eq!(take(&mut early, 70_000).await, bytes[..70_000]);
    let nothing_more = tokio::time::timeout(Duration::from_millis(100), early.chunk()).await;
    assert!(nothing_more.is_err(), "held back");
    send(
        sender
            .patch(&upload, "70000")
            .body(bytes[70_000..].to_vec()),
    )
    .await;
    assert_eq!(take(&mut early, 30_000).await, bytes[70_000..]);
    assert!(early.chunk().await.unwrap().is_none(), "a clean end");
    let late = sender.file(&upload.file).send().await.unwrap();
    assert_eq!(header(&late, "accept-ranges"), "bytes");
    assert_eq!(late.bytes().await.unwrap(), bytes);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_while_it_grows_and_after() {
    let sender = Sender::new().await;
    let (upload, bytes) = begun(&sender, 70_000).await;
    let ranged = |range: &'static str| sender.file(&upload.file).header("range", range);
    for whole in [
        "bytes=0-",
        "bytes=-10",
        "bytes=0-1,4-5",
        "bytes=x",
        "lines=1-2",
    ] {
        let answer = ranged(whole).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{whole}");
        assert_eq!(header(&answer, "content-length"), "100000");
    }
    let probe = ranged("bytes=0-1").send().await.unwrap();
    assert_eq!(probe.status(), 206);
    assert_eq!(header(&probe, "content-range"), "bytes 0-1/100000");
    assert_eq!(probe.bytes().await.unwrap(), bytes[..2]);
    let rest = ranged("bytes=69000-").send().await.unwrap();
    assert_eq!(rest.status(), 206);
    assert_eq!(header(&rest, "content-range"), "bytes 69000-99999/100000");
    let beyond = ranged("bytes=100000-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    assert_eq!(header(&beyond, "content-range"), "bytes */100000");
    send(
        sender
            .patch(&upload, "70000")
            .body(bytes[70_000..].to_vec()),
    )
    .await;
    assert_eq!(rest.bytes().await.unwrap(), bytes[69_000..]);
    let tail = ranged("bytes=-10").send().await.unwrap();
    assert_eq!(tail.status(), 206);
    assert_eq!(tail.bytes().await.unwrap(), bytes[99_990..]);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_alone_come_at_once() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(500)).await;
    let path = format!("/files/{}/cat.png", upload.file);
    let head = send(sender.request(Method::HEAD, &path)).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-length"), "500");
    send(sender.patch(&upload, "0").body(picture(500))).await;
    sender.post(&upload.file).await;
    let ready = async {
        loop {
            let head = send(sender.request(Method::HEAD, &path)).await;
            if !head.header("etag").is_empty() {
                break head;
            }
        }
    };
    let head = tokio::time::timeout(PATIENCE, ready)
        .await
        .expect("it is finished");
    let etag = head.header("etag").to_owned();
    assert_eq!(head.header("cache-control"), "private, no-cache");
    let again = sender.file(&upload.file).header("if-none-match", etag);
    assert_eq!(send(again).await.status, 304);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_breaks_its_readers() {
    let sender = Sender::new().await;
    let (upload, bytes) = begun(&sender, 70_000).await;
    let mut reader = sender.file(&upload.file).send().await.unwrap();
    assert_eq!(take(&mut reader, 70_000).await, bytes[..70_000]);
    assert_eq!(
        send(sender.upload(Method::DELETE, &upload)).await.status,
        204
    );
    let end = tokio::time::timeout(PATIENCE, reader.chunk())
        .await
        .unwrap();
    assert!(end.is_err(), "{end:?}");
    send(sender.file(&upload.file))
        .await
        .refused(ErrorCode::Gone);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_post_takes_its_files_away() {
    let sender = Sender::new().await;
    let (upload, bytes) = begun(&sender, 70_000).await;
    send(
        sender
            .patch(&upload, "70000")
            .body(bytes[70_000..].to_vec()),
    )
    .await;
    let no = sender.page().await.posts[0].no.to_string();
    let arguments = [("room", sender.room.as_str()), ("no", &no)];
    let removed = sender.client.call("remove_post", &arguments).await;
    assert_eq!(removed.status, 200, "{}", removed.body);
    send(sender.file(&upload.file))
        .await
        .refused(ErrorCode::Gone);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_nobody_knows_is_not_there() {
    let sender = Sender::new().await;
    for path in [
        "/files/00000000000000000000000000000000",
        "/files/x",
        "/files/..%2f..%2fetc/x",
    ] {
        send(sender.request(Method::GET, path))
            .await
            .refused(ErrorCode::NotFound);
    }
    sender.app.stop().await;
}
