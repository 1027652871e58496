//! Bodies: offsets, lengths, cuts, take-over.

use std::time::Duration;

use bytes::Bytes;

use super::fixture::{Cut, Node, nonce, picture, settings};
use crate::domain::upload::UploadState;
use crate::storage::faulty::Faults;
use crate::uploads::{BodyHead, UploadError};

#[tokio::test(start_paused = true)]
async fn a_posted_file_is_received_and_done() {
    let node = Node::new().await;
    let bytes = picture(300_000);
    let upload = node.open(Some(300_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let sent = node.send(&upload, 0, &bytes).await.unwrap();
    assert_eq!(sent.committed, 300_000);
    assert_eq!(sent.state, UploadState::Done);
    assert_eq!(node.told().await, ["started", "ready"]);
    assert!(node.record(&upload.file).await.told);
    assert_eq!(node.read(&upload.file).await, (bytes, true));
}

#[tokio::test(start_paused = true)]
async fn a_body_must_start_where_the_last_one_ended() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    for wrong in [1, 999, 1_000, u64::MAX] {
        let refused = node.send(&upload, wrong, b"").await;
        assert!(
            matches!(refused, Err(UploadError::OffsetMismatch { committed: 0 })),
            "{wrong}: {refused:?}"
        );
    }
    assert_eq!(
        node.send(&upload, 0, &bytes[..400])
            .await
            .unwrap()
            .committed,
        400
    );
    for wrong in [0, 399, 401] {
        let refused = node.send(&upload, wrong, b"").await;
        assert!(matches!(
            refused,
            Err(UploadError::OffsetMismatch { committed: 400 })
        ));
    }
    let sent = node.send(&upload, 400, &bytes[400..]).await.unwrap();
    assert_eq!(sent.committed, 1_000);
    assert_eq!(node.read(&upload.file).await.0, bytes);
}

#[tokio::test(start_paused = true)]
async fn a_body_longer_than_declared_is_refused_and_what_is_held_stays_exact() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(2_000);
    let refused = node.send(&upload, 0, &bytes).await;
    assert!(matches!(
        refused,
        Err(UploadError::TooLong { committed: 0 })
    ));
    // The same where only the bytes themselves tell: in one frame too many, and in one more frame.
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..300]).await;
    sender.give(&bytes[300..1_001]).await;
    assert!(matches!(
        sender.end().await,
        Err(UploadError::TooLong { committed: 300 })
    ));
    let sender = node.begin(&upload, 300);
    sender.give(&bytes[300..1_000]).await;
    sender.give(b"x").await;
    assert!(matches!(
        sender.answer().await,
        Err(UploadError::TooLong { committed: 300 })
    ));
    let record = node.record(&upload.file).await;
    assert_eq!((record.committed, record.state), (300, UploadState::Open));
    assert!(node.send(&upload, 300, &bytes[300..1_000]).await.is_ok());
    assert_eq!(node.read(&upload.file).await.0, bytes[..1_000]);
}

#[tokio::test(start_paused = true)]
async fn a_whole_file_need_not_wait_for_the_end_of_its_body() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let sender = node.begin(&upload, 0);
    sender.give(&picture(1_000)).await;
    assert_eq!(sender.answer().await.unwrap().state, UploadState::Done);
}

#[tokio::test(start_paused = true)]
async fn a_short_body_leaves_the_upload_open_at_what_came() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    let sent = node.send(&upload, 0, &bytes[..600]).await.unwrap();
    assert_eq!((sent.committed, sent.state), (600, UploadState::Open));
    let sender = node.begin(&upload, 600);
    sender.give(&bytes[600..700]).await;
    assert!(matches!(
        sender.cut().await,
        Err(UploadError::BodyBroken { committed: 700 })
    ));
    assert_eq!(
        node.uploads.status(&upload.key).await.unwrap().committed,
        700
    );
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_hides_a_cut_is_not_believed() {
    let node = Node::new().await;
    let upload = node.open(None).await;
    let head = BodyHead {
        offset: 0,
        length: Some(1_000),
        last: true,
    };
    let body = futures::stream::iter([Ok::<_, Cut>(Bytes::from(picture(400)))]);
    let sent = node.uploads.send(&upload.key, head, body).await;
    assert!(matches!(
        sent,
        Err(UploadError::BodyBroken { committed: 400 })
    ));
    assert_eq!(node.record(&upload.file).await.size, None);
}

#[tokio::test(start_paused = true)]
async fn a_silent_body_is_ended_and_what_came_is_held() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let sender = node.begin(&upload, 0);
    sender.give(&picture(600)).await;
    let begun = tokio::time::Instant::now();
    let feed = sender.feed.clone();
    let answer = sender.answer().await;
    assert!(matches!(
        answer,
        Err(UploadError::BodyBroken { committed: 600 })
    ));
    assert!(begun.elapsed() >= Duration::from_secs(30));
    drop(feed);
}

#[tokio::test(start_paused = true)]
async fn bytes_are_held_after_a_moment_without_a_full_chunk() {
    let node = Node::new().await;
    let upload = node.open(Some(100_000)).await;
    let bytes = picture(100_000);
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..100]).await;
    node.until(&upload.file, |record| record.committed == 100)
        .await;
    sender.give(&bytes[100..5_000]).await;
    node.until(&upload.file, |record| record.committed == 5_000)
        .await;
    sender.give(&bytes[5_000..70_000]).await;
    // The first chunk at once, the rest after the moment.
    node.until(&upload.file, |record| record.committed >= 63 * 1024)
        .await;
    node.until(&upload.file, |record| record.committed == 70_000)
        .await;
    assert!(sender.cut().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_keeps_what_came() {
    let node = Node::new().await;
    let upload = node.open(Some(100_000)).await;
    let bytes = picture(100_000);
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..70_000]).await;
    node.until(&upload.file, |record| record.committed > 0)
        .await;
    sender.sent.abort();
    node.until(&upload.file, |record| record.committed == 70_000)
        .await;
    assert!(node.send(&upload, 70_000, &bytes[70_000..]).await.is_ok());
    assert_eq!(node.read(&upload.file).await.0, bytes);
}

#[tokio::test(start_paused = true)]
async fn a_newer_request_takes_over_at_once() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    let old = node.begin(&upload, 0);
    old.give(&bytes[..400]).await;
    node.until(&upload.file, |record| record.committed == 400)
        .await;
    let new = node.begin(&upload, 400);
    let feed = old.feed.clone();
    assert!(matches!(old.answer().await, Err(UploadError::TakenOver)));
    drop(feed);
    new.give(&bytes[400..]).await;
    assert_eq!(new.end().await.unwrap().committed, 1_000);
    assert_eq!(node.read(&upload.file).await.0, bytes);
}

#[tokio::test(start_paused = true)]
async fn a_silent_writer_learns_that_another_node_took_over() {
    let node = Node::new().await;
    let other = node.restarted();
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    let old = node.begin(&upload, 0);
    old.give(&bytes[..400]).await;
    node.until(&upload.file, |record| record.committed == 400)
        .await;
    let new = other.begin(&upload, 400);
    node.until(&upload.file, |record| record.turn == 2).await;
    let (since, open) = (tokio::time::Instant::now(), old.feed.clone());
    assert!(matches!(old.answer().await, Err(UploadError::TakenOver)));
    assert!(since.elapsed() < std::time::Duration::from_secs(5));
    drop(open);
    new.give(&bytes[400..]).await;
    assert_eq!(new.end().await.unwrap().committed, 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_writer_on_another_node_loses_its_next_commit() {
    let node = Node::new().await;
    let other = node.restarted();
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    let old = node.begin(&upload, 0);
    old.give(&bytes[..400]).await;
    node.until(&upload.file, |record| record.committed == 400)
        .await;
    let new = other.begin(&upload, 400);
    node.until(&upload.file, |record| record.turn == 2).await;
    old.give(&[0; 100]).await;
    assert!(matches!(old.end().await, Err(UploadError::TakenOver)));
    new.give(&bytes[400..]).await;
    assert_eq!(new.end().await.unwrap().committed, 1_000);
    assert_eq!(node.read(&upload.file).await.0, bytes);
}

#[tokio::test(start_paused = true)]
async fn a_size_that_was_unknown_is_known_at_the_clean_end_of_the_last_body() {
    let node = Node::new().await;
    let upload = node.open(None).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let bytes = picture(90_000);
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..50_000]).await;
    assert!(sender.cut().await.is_err());
    assert_eq!(
        node.record(&upload.file).await.size,
        None,
        "a cut is no end"
    );
    let sender = node.begin(&upload, 50_000);
    sender.give(&bytes[50_000..]).await;
    let sent = sender.end().await.unwrap();
    assert_eq!((sent.size, sent.state), (Some(90_000), UploadState::Done));
    assert_eq!(node.read(&upload.file).await, (bytes, true));
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_is_refused_also_when_its_size_was_unknown() {
    let node = Node::new().await;
    let upload = node.open(None).await;
    let ended = node.begin(&upload, 0).end().await;
    assert!(matches!(ended, Err(UploadError::Invalid(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_file_of_unknown_size_cannot_outgrow_the_limit() {
    let (uploads, files, mut limits) = settings();
    limits.file_bytes = 1_000;
    let node = Node::with((uploads, files, limits)).await;
    let upload = node.open(None).await;
    let refused = node.send(&upload, 0, &picture(1_001)).await;
    assert!(matches!(
        refused,
        Err(UploadError::TooLarge { most: 1_000 })
    ));
    let sender = node.begin(&upload, 0);
    sender.give(&picture(800)).await;
    sender.give(&[0; 201]).await;
    assert!(matches!(
        sender.answer().await,
        Err(UploadError::TooLarge { most: 1_000 })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_sender_whose_last_answer_was_lost_learns_that_all_is_there() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    let again = node.send(&upload, 1_000, b"").await.unwrap();
    assert_eq!(again.state, UploadState::Open, "no post has it yet");
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.settle().await;
    let again = node.send(&upload, 1_000, b"").await.unwrap();
    assert_eq!(again.state, UploadState::Done);
    let refused = node.send(&upload, 0, b"").await;
    assert!(matches!(
        refused,
        Err(UploadError::OffsetMismatch { committed: 1_000 })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_full_writer_stops_reading_the_body() {
    const CHUNK: usize = 255 * 1024;
    let healthy = Node::new().await;
    let faults = Faults::none();
    let node = healthy.restarted_with(&faults);
    let bytes = picture(5_000_000);
    let upload = node.open(Some(5_000_000)).await;
    let sender = node.begin(&upload, 0);
    faults.hold(Some("byte_store.write"));
    let mut fed = 0;
    for piece in bytes.chunks(20_000) {
        let full = tokio::time::timeout(Duration::from_secs(5), sender.give(piece));
        if full.await.is_err() {
            break;
        }
        fed += piece.len();
    }
    // The 64 frames between test and writer are not the writer's.
    let held = fed - 64 * 20_000;
    assert!(held > CHUNK && held <= 4 * CHUNK, "{held} bytes in memory");
    faults.hold(None);
    node.until(&upload.file, |record| record.committed >= fed as u64)
        .await;
    assert!(sender.cut().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn more_bodies_than_the_node_takes_are_refused() {
    let (mut uploads, files, limits) = settings();
    uploads.bodies = 1;
    let node = Node::with((uploads, files, limits)).await;
    let (first, second) = (node.open(Some(99)).await, node.open(Some(99)).await);
    let sender = node.begin(&first, 0);
    node.until(&first.file, |record| record.turn == 1).await;
    let refused = node.send(&second, 0, &picture(99)).await;
    assert!(matches!(refused, Err(UploadError::Busy)));
    assert!(sender.cut().await.is_err());
    assert!(node.send(&second, 0, &picture(99)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_restart_ends_bodies_and_keeps_what_came() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let sender = node.begin(&upload, 0);
    sender.give(&picture(600)).await;
    node.until(&upload.file, |record| record.committed == 600)
        .await;
    node.stopping.cancel();
    let feed = sender.feed.clone();
    assert!(matches!(sender.answer().await, Err(UploadError::Busy)));
    drop(feed);
    node.settle().await;
    assert_eq!(node.record(&upload.file).await.committed, 600);
}
