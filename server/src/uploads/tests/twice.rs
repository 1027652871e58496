//! A driver that loses every answer of a write and tries again: what comes out is what one run gives.

use app::wire::event::EventBody;
use app::wire::file::{FileState, StopReason};

use super::fixture::{ADA, Node, nonce, picture, room};
use crate::domain::upload::UploadState;
use crate::files::FileError;
use crate::storage::faulty::{Faults, Moment};
use crate::sweeper::Swept;
use crate::uploads::UploadError;

const MINUTE: i64 = 60_000;
const SIZE: usize = 200_000;

/// A node whose every write happens twice, in a room that exists.
async fn node() -> Node {
    Node::new().await.restarted_with(&Faults::twice())
}

#[tokio::test(start_paused = true)]
async fn a_file_is_received_and_done() {
    let (node, bytes) = (node().await, picture(SIZE));
    let upload = node.open(Some(SIZE as u64)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let (first, rest) = bytes.split_at(70_000);
    let sent = node.send(&upload, 0, first).await.unwrap();
    assert_eq!((sent.committed, sent.state), (70_000, UploadState::Open));
    let sent = node.send(&upload, 70_000, rest).await.unwrap();
    assert_eq!(
        (sent.committed, sent.state),
        (SIZE as u64, UploadState::Done)
    );
    assert_eq!(node.told().await, ["started", "ready"]);
    assert!(node.record(&upload.file).await.told);
    assert_eq!(node.read(&upload.file).await, (bytes, true));
    assert_eq!(node.log().await.len(), 4);
}

/// Each kind of write alone, so that none hides behind another.
#[tokio::test(start_paused = true)]
async fn no_single_write_may_not_happen_twice() {
    for method in [
        "upload_store.create",
        "upload_store.claim",
        "upload_store.posted",
        "upload_store.take_turn",
        "upload_store.set_started",
        "upload_store.set_size",
        "upload_store.commit",
        "upload_store.transition",
        "upload_store.mark_told",
        "byte_store.write",
        "byte_store.finish",
        "event_log.insert",
    ] {
        let faults = Faults::on(move |call| (call.method == method).then_some(Moment::Twice));
        let node = Node::new().await.restarted_with(&faults);
        let upload = node.open(None).await;
        node.post(nonce(1), &[upload.file]).await.unwrap();
        let sender = node.begin(&upload, 0);
        for piece in picture(SIZE).chunks(30_000) {
            sender.give(piece).await;
        }
        let sent = sender.end().await.unwrap();
        assert_eq!(sent.committed, SIZE as u64, "{method}");
        assert_eq!(sent.size, Some(SIZE as u64), "{method}");
        assert_eq!(sent.state, UploadState::Done, "{method}");
        assert_eq!(node.told().await, ["started", "ready"], "{method}");
        assert!(node.record(&upload.file).await.told, "{method}");
        assert_eq!(node.read(&upload.file).await, (picture(SIZE), true));
        assert!(faults.fired() > 0, "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_may_come_after_its_file() {
    let node = node().await;
    let upload = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.settle().await;
    assert_eq!(node.told().await, ["started", "ready"]);
    assert!(node.record(&upload.file).await.told);
    assert_eq!(node.read(&upload.file).await, (picture(1_000), true));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_is_told_and_carried_through_at_once() {
    let node = node().await;
    let upload = node.open(Some(SIZE as u64)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, 0, &picture(SIZE)[..100_000])
        .await
        .unwrap();
    node.uploads.cancel(&upload.key).await.unwrap();
    assert_eq!(node.told().await, ["started", "stopped"]);
    let record = node.record(&upload.file).await;
    let stopped = UploadState::Stopped(StopReason::Cancelled);
    assert_eq!((record.state, record.told), (stopped, true));
    assert_eq!(node.disk().bytes_of_files(), 0);
    let again = node.send(&upload, 100_000, b"x").await;
    assert!(matches!(again, Err(UploadError::Gone)), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_removed_file_is_gone_for_its_readers_at_once() {
    let node = node().await;
    let upload = node.open(Some(SIZE as u64)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, 0, &picture(SIZE)[..100_000])
        .await
        .unwrap();
    let reader = node.get(&upload.file).await.unwrap();
    node.uploads
        .remove_post_files(&room(), &ADA, &nonce(1))
        .await
        .unwrap();
    let (_, clean) = super::fixture::read_all(reader).await;
    assert!(!clean);
    let gone = node.get(&upload.file).await;
    assert!(matches!(gone, Err(FileError::Gone)));
    let record = node.record(&upload.file).await;
    assert_eq!((record.state, record.told), (UploadState::Removed, true));
    assert_eq!(node.disk().bytes_of_files(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_given_back_and_taken_again() {
    let node = node().await;
    let upload = node.open(Some(1_000)).await;
    let claim = async |number| {
        let files = [upload.file];
        node.uploads
            .claim(&room(), &ADA, &nonce(number), &files)
            .await
    };
    claim(1).await.unwrap();
    assert!(matches!(claim(2).await, Err(UploadError::Claimed)));
    node.uploads
        .unclaim(&nonce(1), &[upload.file])
        .await
        .unwrap();
    claim(2).await.unwrap();
    assert!(matches!(claim(1).await, Err(UploadError::Claimed)));
}

#[tokio::test(start_paused = true)]
async fn the_sweeper_ends_what_is_silent_and_forgets_it() {
    let node = node().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, 0, &picture(400)).await.unwrap();
    node.clock.advance(10 * MINUTE + 1);
    assert_eq!(
        node.sweeper.sweep_once().await,
        Swept { done: 1, failed: 0 }
    );
    let reason = StopReason::Expired;
    let seen = node.seen(&upload.file).await.state;
    assert_eq!(seen, FileState::Stopped { reason });
    assert!(node.record(&upload.file).await.told);
    assert_eq!(node.disk().bytes_of_files(), 0);
    node.clock.advance(10 * MINUTE + 1);
    assert_eq!(
        node.sweeper.sweep_once().await,
        Swept { done: 1, failed: 0 }
    );
    assert_eq!(node.store.get(&upload.file).await.unwrap(), None);
    node.clock.advance(72 * 60 * MINUTE);
    node.sweeper.sweep_once().await;
    let log = node.log().await;
    assert_eq!(log.last().unwrap().body, EventBody::RoomEnded);
    assert!(node.rooms.get(&room()).await.unwrap().unwrap().ended);
}
