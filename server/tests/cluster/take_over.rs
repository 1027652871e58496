//! An upload that begins on one node and goes on at another, under the eyes of readers.

use app::wire::error::{ApiError, ErrorCode};
use app::wire::file::FileState;
use bytes::Bytes;
use reqwest::Body;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use crate::support::{picture, send};
use crate::world::{Cluster, PATIENCE, until};

const SIZE: usize = 900_000;
const CUT_AT: usize = 500_123;
const GOES_ON_TO: usize = 600_007;

/// A body that the test feeds.
fn fed() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Body) {
    let (feed, body) = mpsc::channel(16);
    (feed, Body::wrap_stream(ReceiverStream::new(body)))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_at_another_node_and_its_readers_notice_nothing() {
    let cluster = Cluster::of(3).await;
    let (anna, room) = cluster.person_in_a_room().await;
    let [first, second, third] = [0, 1, 2].map(|at| anna.at(&cluster.nodes[at]));
    let bytes = picture(SIZE);
    let upload = first.open(&room, "cat.png", Some(SIZE as u64)).await;
    let posted = first.share(&room, &upload.file).await;

    // The first node's writer goes on waiting for more while the second takes over.
    let (feed, body) = fed();
    let old = first.patch(&upload, "0").body(body).send();
    let goes_on = async {
        feed.send(Ok(Bytes::copy_from_slice(&bytes[..CUT_AT])))
            .await
            .unwrap();
        second.until_held(&upload, CUT_AT as u64).await;
        let reading = third.file(&upload.file).send().await.unwrap();
        assert_eq!(reading.status(), 200);
        assert_eq!(reading.content_length(), Some(SIZE as u64));
        let some = bytes[CUT_AT..GOES_ON_TO].to_vec();
        let sent = send(second.patch(&upload, &CUT_AT.to_string()).body(some)).await;
        assert_eq!(sent.status, 204, "{}", sent.body);
        // The old writer learns of it with the next byte it gets.
        let late = Bytes::copy_from_slice(&bytes[CUT_AT..CUT_AT + 1_000]);
        feed.send(Ok(late)).await.unwrap();
        reading
    };
    let (old, reading) = timeout(PATIENCE, async { tokio::join!(old, goes_on) })
        .await
        .expect("the old writer is told");
    let old = old.unwrap();
    assert_eq!(old.status(), 409);
    assert_eq!(old.headers()["upload-taken-over"], "1");
    let told: ApiError = old.json().await.unwrap();
    assert_eq!(told.error, ErrorCode::TakenOver);
    drop(feed);

    let rest = bytes[GOES_ON_TO..].to_vec();
    let sent = send(second.patch(&upload, &GOES_ON_TO.to_string()).body(rest)).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    let read = timeout(PATIENCE, reading.bytes()).await;
    let read = read.expect("the reader comes to the end").unwrap();
    assert!(read == bytes, "one answer with every byte");

    for client in [&first, &second, &third] {
        let read = client.file(&upload.file).send().await.unwrap();
        assert_eq!(read.headers()["accept-ranges"], "bytes");
        assert!(read.bytes().await.unwrap() == bytes);
        let part = client
            .file(&upload.file)
            .header("range", "bytes=64000-64999");
        let part = part.send().await.unwrap();
        assert_eq!(part.status(), 206);
        assert!(part.bytes().await.unwrap() == bytes[64_000..65_000]);
    }
    let post = third.history(&room).await.posts.pop().unwrap();
    assert_eq!(post.no, posted.no);
    let size = SIZE as u64;
    assert_eq!(post.files[0].state, FileState::Ready { size });
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_cut_goes_on_at_another_node_at_its_byte() {
    let cluster = Cluster::of(2).await;
    let (anna, room) = cluster.person_in_a_room().await;
    let [first, second] = [0, 1].map(|at| anna.at(&cluster.nodes[at]));
    let bytes = picture(SIZE);
    let upload = first.open(&room, "cat.png", Some(SIZE as u64)).await;
    first.share(&room, &upload.file).await;
    let (feed, body) = fed();
    let cut = async {
        feed.send(Ok(Bytes::copy_from_slice(&bytes[..CUT_AT])))
            .await
            .unwrap();
        second.until_held(&upload, CUT_AT as u64).await;
        feed.send(Err(std::io::Error::other("the line is cut")))
            .await
            .unwrap();
    };
    let (broken, ()) = tokio::join!(first.patch(&upload, "0").body(body).send(), cut);
    assert!(broken.is_err(), "{broken:?}");
    assert_eq!(second.offset(&upload).await, CUT_AT as u64);
    let rest = second.patch(&upload, &CUT_AT.to_string());
    let rest = send(rest.body(bytes[CUT_AT..].to_vec())).await;
    assert_eq!(rest.status, 204, "{}", rest.body);
    let read = first.file(&upload.file).send().await.unwrap();
    assert!(read.bytes().await.unwrap() == bytes);
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_the_node_it_began_on() {
    let mut cluster = Cluster::of(2).await;
    let (anna, room) = cluster.person_in_a_room().await;
    let [first, second] = [0, 1].map(|at| anna.at(&cluster.nodes[at]));
    let bytes = picture(SIZE);
    let upload = first.open(&room, "cat.png", Some(SIZE as u64)).await;
    first.share(&room, &upload.file).await;
    let (feed, body) = fed();
    let sending = first.patch(&upload, "0").body(body).send();
    let killing = async {
        feed.send(Ok(Bytes::copy_from_slice(&bytes[..CUT_AT])))
            .await
            .unwrap();
        second.until_held(&upload, CUT_AT as u64).await;
        cluster.nodes[0].kill().await;
    };
    let (broken, ()) = tokio::join!(sending, killing);
    assert!(broken.is_err(), "{broken:?}");
    let mut reading = second.file(&upload.file).send().await.unwrap();
    let offset = second.offset(&upload).await;
    assert_eq!(offset, CUT_AT as u64);
    let mut read = Vec::new();
    while read.len() < CUT_AT {
        let chunk = timeout(PATIENCE, reading.chunk()).await;
        read.extend(chunk.expect("what was held is read").unwrap().unwrap());
    }
    let rest = second.patch(&upload, &offset.to_string());
    let rest = send(rest.body(bytes[CUT_AT..].to_vec())).await;
    assert_eq!(rest.status, 204, "{}", rest.body);
    while let Some(chunk) = timeout(PATIENCE, reading.chunk()).await.unwrap().unwrap() {
        read.extend(chunk);
    }
    assert!(read == bytes, "one answer with every byte");
    until("the room is told", async || {
        let post = second.history(&room).await.posts.pop().unwrap();
        matches!(post.files[0].state, FileState::Ready { .. })
    })
    .await;
    cluster.stop().await;
}
