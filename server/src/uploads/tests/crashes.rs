//! A crash at every write of a command: what was acknowledged stands, and the sweeper leaves nothing half-done.

use app::wire::file::{FileState, StopReason};
use app::wire::ids::FileId;
use app::wire::request::UploadOpened;

use super::fixture::{ADA, Node, nonce, picture, room};
use crate::domain::upload::UploadState;
use crate::storage::faulty::{Faults, Moment};

const MINUTE: i64 = 60_000;
const SIZE: usize = 100_000;

/// Runs `command` on a fresh node that loses its power at the n-th write, for every n and both sides of the
/// write, until the command gets through; then starts another node on the same data and hands it to `check`.
async fn at_every_write<C, D>(prepare: impl AsyncFn(&Node) -> UploadOpened, command: C, check: D)
where
    C: AsyncFn(&Node, &UploadOpened),
    D: AsyncFn(&Node, &UploadOpened, bool),
{
    for moment in [Moment::Before, Moment::After] {
        for n in 1.. {
            assert!(n <= 200, "the command never gets through");
            let healthy = Node::new().await;
            let upload = prepare(&healthy).await;
            healthy.settle().await;
            let faults = Faults::crash_at_write(n, moment);
            let dying = healthy.restarted_with(&faults);
            command(&dying, &upload).await;
            dying.settle().await;
            let crashed = faults.fired() > 0;
            let next = healthy.restarted();
            check(&next, &upload, crashed).await;
            next.settle().await;
            if !crashed {
                assert!(n > 1, "the command writes something");
                break;
            }
        }
    }
}

/// Lets time pass, and the sweeper with it, until nothing is left to do.
async fn sweep_for(node: &Node, minutes: i64) {
    for _ in 0..minutes * 4 {
        node.clock.advance(MINUTE / 4);
        let swept = node.sweeper.sweep_once().await;
        assert_eq!(swept.failed, 0);
        node.settle().await;
    }
}

/// Nothing is half-done: the log and the record agree, and bytes are there exactly for files that are.
async fn assert_settled(node: &Node, file: &FileId) {
    let record = node.store.get(file).await.unwrap();
    let posted = node.log().await.iter().any(|event| event.no == 1);
    match record {
        Some(record) => {
            assert!(record.state.is_ended(), "{record:?}");
            assert!(record.told, "{record:?}");
            match record.state {
                UploadState::Done => {
                    assert_eq!(
                        node.seen(file).await.state,
                        FileState::Ready { size: SIZE as u64 }
                    );
                    assert_eq!(node.read(file).await, (picture(SIZE), true));
                }
                _ => assert_eq!(node.disk().bytes_of_files(), 0),
            }
        }
        None => {
            assert_eq!(node.disk().bytes_of_files(), 0);
            if posted {
                let seen = node.seen(file).await;
                assert!(!seen.is_open(), "{seen:?}");
            }
        }
    }
    let told = node.told().await;
    assert!(told.iter().filter(|word| **word == "started").count() <= 1);
    assert!(told.iter().filter(|word| **word != "started").count() <= 1);
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_sending_loses_nothing_acknowledged_and_the_sender_goes_on() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.post(nonce(1), &[upload.file]).await.unwrap();
        upload
    };
    let command = async |node: &Node, upload: &UploadOpened| {
        let _ = node.send(upload, 0, &picture(SIZE)).await;
    };
    let check = async |node: &Node, upload: &UploadOpened, _crashed: bool| {
        let held = node.uploads.status(&upload.key).await.unwrap().committed;
        let bytes = picture(SIZE);
        let rest = &bytes[usize::try_from(held).unwrap()..];
        node.send(upload, held, rest).await.unwrap();
        sweep_for(node, 2).await;
        assert_eq!(node.record(&upload.file).await.state, UploadState::Done);
        assert_settled(node, &upload.file).await;
    };
    at_every_write(prepare, command, check).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_sending_is_swept_when_the_sender_never_comes_back() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.post(nonce(1), &[upload.file]).await.unwrap();
        upload
    };
    let command = async |node: &Node, upload: &UploadOpened| {
        let _ = node.send(upload, 0, &picture(SIZE)).await;
    };
    let check = async |node: &Node, upload: &UploadOpened, _crashed: bool| {
        let whole = node.record(&upload.file).await.committed == SIZE as u64;
        sweep_for(node, 24).await;
        assert_settled(node, &upload.file).await;
        let state = node.seen(&upload.file).await.state;
        if whole {
            assert_eq!(state, FileState::Ready { size: SIZE as u64 });
        } else {
            let reason = StopReason::Expired;
            assert_eq!(state, FileState::Stopped { reason });
        }
    };
    at_every_write(prepare, command, check).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_posting_leaves_a_post_with_its_file_or_neither() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.send(&upload, 0, &picture(SIZE)).await.unwrap();
        upload
    };
    let command = async |node: &Node, upload: &UploadOpened| {
        let _ = node.post(nonce(1), &[upload.file]).await;
    };
    let check = async |node: &Node, upload: &UploadOpened, crashed: bool| {
        let posted = node.log().await.iter().any(|event| event.no == 1);
        assert!(crashed || posted);
        sweep_for(node, 24).await;
        assert_settled(node, &upload.file).await;
        let record = node.store.get(&upload.file).await.unwrap();
        assert_eq!(record.is_some(), posted, "{record:?}");
    };
    at_every_write(prepare, command, check).await;
}

#[tokio::test(start_paused = true)]
async fn a_post_repeated_after_a_crash_has_its_file() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.send(&upload, 0, &picture(SIZE)).await.unwrap();
        upload
    };
    let command = async |node: &Node, upload: &UploadOpened| {
        let _ = node.post(nonce(1), &[upload.file]).await;
    };
    let check = async |node: &Node, upload: &UploadOpened, _crashed: bool| {
        assert_eq!(node.post(nonce(1), &[upload.file]).await.unwrap(), 1);
        sweep_for(node, 24).await;
        assert_settled(node, &upload.file).await;
        assert_eq!(node.record(&upload.file).await.state, UploadState::Done);
    };
    at_every_write(prepare, command, check).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_cancelling_leaves_it_cancelled_or_as_it_was() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.post(nonce(1), &[upload.file]).await.unwrap();
        node.send(&upload, 0, &picture(SIZE)[..50_000])
            .await
            .unwrap();
        upload
    };
    let command = async |node: &Node, upload: &UploadOpened| {
        let _ = node.uploads.cancel(&upload.key).await;
    };
    let check = async |node: &Node, upload: &UploadOpened, _crashed: bool| {
        let record = node.record(&upload.file).await;
        sweep_for(node, 24).await;
        assert_settled(node, &upload.file).await;
        let reason = match record.state {
            UploadState::Stopped(reason) => reason,
            _ => StopReason::Expired,
        };
        let stopped = FileState::Stopped { reason };
        assert_eq!(node.seen(&upload.file).await.state, stopped);
    };
    at_every_write(prepare, command, check).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_taking_files_away_is_finished_by_doing_it_again() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.post(nonce(1), &[upload.file]).await.unwrap();
        node.send(&upload, 0, &picture(SIZE)).await.unwrap();
        upload
    };
    let command = async |node: &Node, _: &UploadOpened| {
        let _ = node
            .uploads
            .remove_post_files(&room(), &ADA, &nonce(1))
            .await;
    };
    let check = async |node: &Node, upload: &UploadOpened, _crashed: bool| {
        node.uploads
            .remove_post_files(&room(), &ADA, &nonce(1))
            .await
            .unwrap();
        assert_eq!(node.record(&upload.file).await.state, UploadState::Removed);
        assert_eq!(node.disk().bytes_of_files(), 0);
        sweep_for(node, 12).await;
        assert_eq!(node.store.get(&upload.file).await.unwrap(), None);
    };
    at_every_write(prepare, command, check).await;
}

#[tokio::test(start_paused = true)]
async fn a_sweeper_that_crashes_is_followed_by_one_that_finishes() {
    let prepare = async |node: &Node| {
        let upload = node.open(Some(SIZE as u64)).await;
        node.post(nonce(1), &[upload.file]).await.unwrap();
        node.send(&upload, 0, &picture(SIZE)[..50_000])
            .await
            .unwrap();
        node.clock.advance(11 * MINUTE);
        upload
    };
    let command = async |node: &Node, _: &UploadOpened| {
        node.sweeper.sweep_once().await;
    };
    let check = async |node: &Node, upload: &UploadOpened, _crashed: bool| {
        sweep_for(node, 12).await;
        assert_settled(node, &upload.file).await;
        let reason = StopReason::Expired;
        assert_eq!(
            node.seen(&upload.file).await.state,
            FileState::Stopped { reason }
        );
    };
    at_every_write(prepare, command, check).await;
}
