//! Bytes that reach the store when their writer's turn is long over.

use super::fixture::{Node, nonce, picture};
use crate::domain::upload::UploadState;
use crate::storage::faulty::{Faults, Moment};
use crate::uploads::UploadError;

const SIZE: usize = 200_000;

/// Another file with the same head.
fn other_picture() -> Vec<u8> {
    let mut bytes = picture(SIZE);
    bytes[100..].iter_mut().for_each(|byte| *byte ^= 0xff);
    bytes
}

/// Two nodes on one store; the writes of the first are held once the test says so.
async fn two() -> (Node, Node, Faults) {
    let healthy = Node::new().await;
    let held = Faults::none();
    let old = healthy.restarted_with(&held);
    (old, healthy.restarted(), held)
}

#[tokio::test(start_paused = true)]
async fn a_write_that_comes_while_the_next_writer_sends_changes_nothing() {
    for before in [0, 70_000] {
        let (old, new, held) = two().await;
        let (bytes, others) = (picture(SIZE), other_picture());
        let upload = new.open(Some(SIZE as u64)).await;
        new.post(nonce(1), &[upload.file]).await.unwrap();
        if before > 0 {
            old.send(&upload, 0, &bytes[..before]).await.unwrap();
        }
        held.hold(Some("byte_store.write"));
        let slow = old.begin(&upload, before as u64);
        slow.give(&bytes[before..150_000]).await;
        let turns = if before == 0 { 1 } else { 2 };
        new.until(&upload.file, |now| {
            now.turn == turns && now.started.is_some()
        })
        .await;
        let next = new.begin(&upload, before as u64);
        next.give(&others[before..100_000]).await;
        new.until(&upload.file, |now| now.committed == 100_000)
            .await;
        held.hold(None);
        let lost = slow.answer().await;
        assert!(matches!(lost, Err(UploadError::TakenOver)), "{lost:?}");
        next.give(&others[100_000..]).await;
        assert_eq!(next.end().await.unwrap().state, UploadState::Done);
        let expected = [&bytes[..before], &others[before..]].concat();
        assert_eq!(new.read(&upload.file).await, (expected, true));
        assert_eq!(new.disk().bytes_of_files(), SIZE as u64);
        assert_eq!(new.told().await, ["started", "ready"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_comes_after_the_end_of_the_file_changes_nothing() {
    let (old, new, held) = two().await;
    let upload = new.open(None).await;
    new.post(nonce(1), &[upload.file]).await.unwrap();
    held.hold(Some("byte_store.write"));
    let slow = old.begin(&upload, 0);
    slow.give(&picture(SIZE)).await;
    new.until(&upload.file, |now| now.started.is_some()).await;
    // Shorter than what the first writer has.
    let next = new.begin(&upload, 0);
    next.give(&other_picture()[..64_512]).await;
    assert_eq!(next.end().await.unwrap().size, Some(64_512));
    held.hold(None);
    let lost = slow.answer().await;
    assert!(matches!(lost, Err(UploadError::TakenOver)), "{lost:?}");
    let (content, clean) = new.read(&upload.file).await;
    assert!(clean && content == other_picture()[..64_512]);
    assert_eq!(new.disk().bytes_of_files(), 64_512);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_comes_after_the_removal_leaves_nothing() {
    for is_forgotten in [false, true] {
        let (old, new, held) = two().await;
        let upload = new.open(Some(SIZE as u64)).await;
        held.hold(Some("byte_store.write"));
        let slow = old.begin(&upload, 0);
        slow.give(&picture(SIZE)).await;
        new.until(&upload.file, |now| now.started.is_some()).await;
        new.uploads.cancel(&upload.key).await.unwrap();
        if is_forgotten {
            new.clock.advance(11 * 60_000);
            new.sweeper.sweep_once().await;
            assert_eq!(new.store.get(&upload.file).await.unwrap(), None);
        }
        held.hold(None);
        let lost = slow.answer().await;
        assert!(matches!(lost, Err(UploadError::Gone)), "{lost:?}");
        assert_eq!(new.disk().bytes_of_files(), 0);
    }
}

/// What it wrote and could not commit goes with the writer; what it committed stays.
#[tokio::test(start_paused = true)]
async fn a_writer_that_lost_clears_away_what_is_its_own() {
    let (old, new, held) = two().await;
    let upload = new.open(Some(SIZE as u64)).await;
    let bytes = picture(SIZE);
    old.send(&upload, 0, &bytes[..70_000]).await.unwrap();
    held.hold(Some("upload_store.commit"));
    let slow = old.begin(&upload, 70_000);
    slow.give(&bytes[70_000..]).await;
    new.until(&upload.file, |now| now.turn == 2).await;
    let taken = new.send(&upload, 70_000, b"").await.unwrap();
    assert_eq!(taken.committed, 70_000);
    held.hold(None);
    let lost = slow.answer().await;
    assert!(matches!(lost, Err(UploadError::TakenOver)), "{lost:?}");
    assert!(held.methods().contains(&"byte_store.discard"));
    new.send(&upload, 70_000, &bytes[70_000..]).await.unwrap();
    assert_eq!(new.read(&upload.file).await.0, bytes);
}

/// Its commit came into force, the answer did not come, and then somebody else took over.
#[tokio::test(start_paused = true)]
async fn a_commit_whose_answer_was_lost_keeps_its_bytes() {
    let (old, new, held) = two().await;
    let upload = new.open(Some(SIZE as u64)).await;
    let bytes = picture(SIZE);
    held.set(|call| (call.method == "upload_store.commit").then_some(Moment::After));
    let sent = old.send(&upload, 0, &bytes[..70_000]).await.unwrap();
    assert_eq!(sent.committed, 70_000, "the record tells");
    new.send(&upload, 70_000, &bytes[70_000..]).await.unwrap();
    assert!(!held.methods().contains(&"byte_store.discard"));
    assert_eq!(new.read(&upload.file).await.0, bytes);
}
