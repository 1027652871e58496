//! The sweeper: what expires, and what it finishes for others.

use app::wire::event::EventBody;
use app::wire::file::{FileState, StopReason};
use app::wire::limits::Limits;

use super::fixture::{ADA, Node, nonce, picture, room, settings};
use crate::domain::upload::UploadState;
use crate::log::{Command, Draft, Precondition};
use crate::storage::faulty::{Faults, Moment};
use crate::sweeper::Swept;

const MINUTE: i64 = 60_000;

#[tokio::test(start_paused = true)]
async fn an_upload_without_a_post_goes_after_a_minute() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let other = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(400)).await.unwrap();
    node.post(nonce(1), &[other.file]).await.unwrap();
    node.clock.advance(MINUTE);
    node.sweeper.sweep_once().await;
    assert_eq!(node.record(&upload.file).await.state, UploadState::Open);
    node.clock.advance(1);
    node.sweeper.sweep_once().await;
    let expired = UploadState::Stopped(StopReason::Expired);
    assert_eq!(node.record(&upload.file).await.state, expired);
    assert_eq!(node.disk().bytes_of_files(), 0);
    assert_eq!(node.record(&other.file).await.state, UploadState::Open);
    node.clock.advance(10 * MINUTE + 1);
    node.sweeper.sweep_once().await;
    assert_eq!(node.store.get(&upload.file).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_silent_upload_expires_and_its_room_is_told() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.clock.advance(9 * MINUTE);
    node.send(&upload, 0, &picture(400)).await.unwrap();
    node.clock.advance(9 * MINUTE);
    node.sweeper.sweep_once().await;
    assert_eq!(node.seen(&upload.file).await.state, FileState::Arriving);
    node.clock.advance(MINUTE + 1);
    node.sweeper.sweep_once().await;
    let reason = StopReason::Expired;
    assert_eq!(
        node.seen(&upload.file).await.state,
        FileState::Stopped { reason }
    );
    assert_eq!(node.disk().bytes_of_files(), 0);
}

#[tokio::test(start_paused = true)]
async fn uploads_that_wait_do_not_hide_a_whole_file() {
    let healthy = Node::new().await;
    for n in 1..=5 {
        let waits = healthy.open(Some(1_000)).await;
        healthy.post(nonce(n), &[waits.file]).await.unwrap();
    }
    healthy.clock.advance(1);
    let whole = healthy.open(Some(1_000)).await;
    healthy.post(nonce(6), &[whole.file]).await.unwrap();
    let dying = healthy.restarted_with(&no_finish());
    let _ = dying.send(&whole, 0, &picture(1_000)).await;
    let next = healthy.restarted();
    next.clock.advance(MINUTE);
    next.sweeper_of(2).sweep_once().await;
    assert_eq!(next.record(&whole.file).await.state, UploadState::Done);
}

#[tokio::test(start_paused = true)]
async fn whole_files_that_fail_do_not_hide_one_that_expires() {
    let healthy = Node::new().await;
    let failing = healthy.restarted_with(&no_finish());
    for n in 1..=5 {
        let whole = failing.open(Some(1_000)).await;
        failing.post(nonce(n), &[whole.file]).await.unwrap();
        let _ = failing.send(&whole, 0, &picture(1_000)).await;
    }
    failing.clock.advance(1);
    let silent = failing.open(Some(1_000)).await;
    failing.post(nonce(6), &[silent.file]).await.unwrap();
    failing.clock.advance(10 * MINUTE + 1);
    let swept = failing.sweeper_of(2).sweep_once().await;
    assert_eq!(swept, Swept { done: 1, failed: 2 });
    let expired = UploadState::Stopped(StopReason::Expired);
    assert_eq!(failing.record(&silent.file).await.state, expired);
}

/// No file can be finished.
fn no_finish() -> Faults {
    Faults::on(|call| (call.method == "byte_store.finish").then_some(Moment::Before))
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_post_was_never_made_is_given_back_and_goes() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.uploads
        .claim(&room(), &ADA, &nonce(1), &[upload.file])
        .await
        .unwrap();
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    node.clock.advance(MINUTE + 1);
    node.sweeper.sweep_once().await;
    let record = node.record(&upload.file).await;
    assert_eq!((record.post, record.told), (None, true));
    assert!(record.state.is_ended());
    assert!(node.told().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_post_was_made_learns_its_number() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let files = node
        .uploads
        .claim(&room(), &ADA, &nonce(1), &[upload.file])
        .await
        .unwrap();
    let draft = Draft::Posted {
        author: super::fixture::author(),
        text: String::new(),
        files,
    };
    let posted = Command::user(room(), ADA, nonce(1), draft, Precondition::RoomOpen);
    let no = node.log.append(posted).await.unwrap().no;
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    assert_eq!(node.seen(&upload.file).await.state, FileState::Waiting);
    node.clock.advance(MINUTE + 1);
    node.sweeper.sweep_once().await;
    node.settle().await;
    assert_eq!(node.record(&upload.file).await.post.unwrap().no, Some(no));
    assert_eq!(node.told().await, ["started", "ready"]);
}

#[tokio::test(start_paused = true)]
async fn records_of_posted_files_stay() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    node.clock.advance(60 * MINUTE);
    assert_eq!(node.sweeper.sweep_once().await, Swept::default());
    assert!(node.read(&upload.file).await.1);
}

#[tokio::test(start_paused = true)]
async fn an_idle_room_ends_once_and_one_that_only_looks_idle_does_not() {
    let node = Node::new().await;
    node.clock.advance(71 * 60 * MINUTE);
    node.sweeper.sweep_once().await;
    assert_eq!(node.log().await.len(), 1);
    node.post(nonce(1), &[]).await.unwrap();
    node.settle().await;
    node.clock.advance(71 * 60 * MINUTE);
    node.sweeper.sweep_once().await;
    assert_eq!(node.log().await.len(), 2, "the post was activity");
    node.clock.advance(60 * MINUTE + 1);
    node.sweeper.sweep_once().await;
    node.sweeper.sweep_once().await;
    let log = node.log().await;
    assert_eq!(log.len(), 3);
    assert_eq!(log[2].body, EventBody::RoomEnded);
    assert!(node.rooms.get(&room()).await.unwrap().unwrap().ended);
}

#[tokio::test(start_paused = true)]
async fn a_room_ends_after_the_hours_it_was_made_with() {
    for room_hours in [24, 500] {
        let (uploads, files, limits) = settings();
        let limits = Limits {
            room_hours,
            ..limits
        };
        let node = Node::with((uploads, files, limits)).await;
        node.clock.advance(72 * 60 * MINUTE);
        node.sweeper.sweep_once().await;
        assert_eq!(node.log().await.len(), 1, "new rooms have {room_hours}");
        node.clock.advance(1);
        node.sweeper.sweep_once().await;
        assert_eq!(node.log().await.len(), 2, "new rooms have {room_hours}");
    }
}

#[tokio::test(start_paused = true)]
async fn rooms_that_stay_longer_do_not_hide_one_that_is_due() {
    let node = Node::new().await;
    for n in 0..5 {
        let longer = format!("longer{n:02}").parse().unwrap();
        node.make_room(longer, 500).await;
    }
    node.clock.advance(60 * MINUTE);
    node.post(nonce(1), &[]).await.unwrap();
    node.settle().await;
    node.clock.advance(72 * 60 * MINUTE + 1);
    node.sweeper_of(2).sweep_once().await;
    let log = node.log().await;
    assert_eq!(log.last().unwrap().body, EventBody::RoomEnded);
}

#[tokio::test(start_paused = true)]
async fn a_round_without_work_does_nothing() {
    let node = Node::new().await;
    assert_eq!(node.sweeper.sweep_once().await, Swept::default());
}
