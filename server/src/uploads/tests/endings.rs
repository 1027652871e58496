//! Cancelling, removing, and who wins a race.

use app::wire::file::{FileState, StopReason};

use super::fixture::{Node, nonce, picture, read_some, room};
use crate::domain::upload::UploadState;
use crate::files::FileError;
use crate::uploads::UploadError;

#[tokio::test(start_paused = true)]
async fn a_cancelled_upload_is_gone_for_sender_readers_and_room() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let sender = node.begin(&upload, 0);
    sender.give(&picture(600)).await;
    node.until(&upload.file, |record| record.committed == 600)
        .await;
    let mut reader = node.get(&upload.file).await.unwrap();
    assert_eq!(read_some(&mut reader, 600).await, picture(600));
    node.uploads.cancel(&upload.key).await.unwrap();
    let feed = sender.feed.clone();
    assert!(matches!(sender.answer().await, Err(UploadError::Gone)));
    drop(feed);
    let (rest, clean) = super::fixture::read_all(reader).await;
    assert!(rest.is_empty() && !clean, "a stopped body breaks");
    assert!(matches!(node.get(&upload.file).await, Err(FileError::Gone)));
    assert!(matches!(
        node.uploads.status(&upload.key).await,
        Err(UploadError::Gone)
    ));
    let reason = StopReason::Cancelled;
    assert_eq!(
        node.seen(&upload.file).await.state,
        FileState::Stopped { reason }
    );
    assert!(node.record(&upload.file).await.told);
    assert_eq!(node.disk().bytes_of_files(), 0);
    assert!(node.uploads.cancel(&upload.key).await.is_ok(), "once more");
    assert!(matches!(
        node.send(&upload, 600, b"").await,
        Err(UploadError::Gone)
    ));
}

#[tokio::test(start_paused = true)]
async fn a_complete_file_cannot_be_cancelled() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    let refused = node.uploads.cancel(&upload.key).await;
    assert!(matches!(refused, Err(UploadError::Complete)));
    assert_eq!(node.told().await, ["started", "ready"]);
}

#[tokio::test]
async fn the_end_of_an_upload_and_its_cancel_have_one_winner() {
    let node = Node::new().await;
    let (mut done, mut stopped) = (0, 0);
    for round in 0..40_u8 {
        let upload = node.open(Some(200_000)).await;
        node.post(nonce(round + 1), &[upload.file]).await.unwrap();
        let bytes = picture(200_000);
        let cancel = async {
            for _ in 0..u32::from(round) * 8 {
                tokio::task::yield_now().await;
            }
            node.uploads.cancel(&upload.key).await
        };
        let (sent, cancelled) = tokio::join!(node.send(&upload, 0, &bytes), cancel);
        let record = node.record(&upload.file).await;
        assert!(record.told, "{record:?}");
        let state = node.seen(&upload.file).await.state;
        if record.state == UploadState::Done {
            done += 1;
            assert!(
                matches!(cancelled, Err(UploadError::Complete)),
                "{cancelled:?}"
            );
            assert_eq!(sent.unwrap().state, UploadState::Done);
            assert_eq!(state, FileState::Ready { size: 200_000 });
            assert_eq!(node.read(&upload.file).await, (bytes, true));
        } else {
            stopped += 1;
            assert!(cancelled.is_ok(), "{cancelled:?}");
            assert!(matches!(sent, Err(UploadError::Gone)), "{sent:?}");
            let reason = StopReason::Cancelled;
            assert_eq!(state, FileState::Stopped { reason });
            assert!(matches!(node.get(&upload.file).await, Err(FileError::Gone)));
        }
    }
    assert!(stopped > 0, "{done} done, {stopped} stopped");
    let ends = node.told().await;
    let ends = ends.iter().filter(|word| **word != "started").count();
    assert_eq!(ends, 40, "each ended once");
}

#[tokio::test(start_paused = true)]
async fn files_of_a_removed_post_are_taken_away() {
    let node = Node::new().await;
    let (whole, open) = (node.open(Some(1_000)).await, node.open(Some(1_000)).await);
    node.post(nonce(1), &[whole.file, open.file]).await.unwrap();
    node.send(&whole, 0, &picture(1_000)).await.unwrap();
    node.send(&open, 0, &picture(500)).await.unwrap();
    node.uploads
        .remove_post_files(&room(), &ADA, &nonce(1))
        .await
        .unwrap();
    for file in [whole.file, open.file] {
        assert!(matches!(node.get(&file).await, Err(FileError::Gone)));
        let record = node.record(&file).await;
        assert_eq!((record.state, record.told), (UploadState::Removed, true));
    }
    assert_eq!(node.disk().bytes_of_files(), 0);
    assert!(matches!(
        node.send(&open, 500, b"x").await,
        Err(UploadError::Gone)
    ));
    node.uploads
        .remove_post_files(&room(), &ADA, &nonce(1))
        .await
        .unwrap();
}
