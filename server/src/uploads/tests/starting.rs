//! What a room is told of a file's first bytes, and when.

use app::wire::event::EventBody;
use app::wire::feed::Progress;
use app::wire::file::{FileKind, FileState, Preview};

use super::fixture::{Node, nonce, picture, room};
use crate::bus::message::BusMessage;
use crate::bus::{Bus, BusEvent, Topic};

#[tokio::test(start_paused = true)]
async fn a_room_is_told_what_a_file_is_before_any_byte_of_it_is_held() {
    let node = Node::new().await;
    let upload = node.open(Some(100_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    assert_eq!(node.seen(&upload.file).await.state, FileState::Waiting);
    let sender = node.begin(&upload, 0);
    // Too little to tell: nothing is held, nothing told.
    for byte in &picture(20) {
        sender.give(&[*byte]).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(node.record(&upload.file).await.committed, 0);
    assert!(node.told().await.is_empty());
    sender.give(&picture(5_000)[20..]).await;
    node.until(&upload.file, |record| record.committed > 0)
        .await;
    assert_eq!(node.told().await, ["started"]);
    let seen = node.seen(&upload.file).await;
    let started = seen.started.unwrap();
    assert_eq!((started.width, started.height), (Some(640), Some(480)));
    assert_eq!(
        (started.kind, started.how),
        (FileKind::Image, Preview::Paints)
    );
    assert_eq!(seen.state, FileState::Arriving);
    assert!(sender.cut().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_cut_within_the_first_bytes_loses_none_of_them() {
    let node = Node::new().await;
    let upload = node.open(Some(40)).await;
    let bytes = picture(40);
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..10]).await;
    assert!(sender.cut().await.is_err());
    assert_eq!(node.record(&upload.file).await.committed, 10);
    node.send(&upload, 10, &bytes[10..]).await.unwrap();
    assert_eq!(node.read(&upload.file).await.0, bytes);
}

#[tokio::test(start_paused = true)]
async fn a_file_claimed_while_it_arrives_is_told_with_its_post() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    node.send(&upload, 0, &bytes[..500]).await.unwrap();
    assert!(node.told().await.is_empty());
    node.post(nonce(1), &[upload.file]).await.unwrap();
    assert_eq!(node.told().await, ["started"]);
    node.send(&upload, 500, &bytes[500..]).await.unwrap();
    assert_eq!(node.told().await, ["started", "ready"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_sent_whole_before_its_post_is_done_with_it() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.settle().await;
    assert_eq!(node.told().await, ["started", "ready"]);
    let seen = node.seen(&upload.file).await;
    assert_eq!(seen.state, FileState::Ready { size: 1_000 });
}

#[tokio::test(start_paused = true)]
async fn posting_again_tells_nothing_twice() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, 0, &picture(1_000)).await.unwrap();
    let before = node.log().await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.settle().await;
    assert_eq!(node.log().await, before);
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_post_was_removed_meanwhile_ends_at_its_first_byte() {
    use crate::domain::upload::UploadState;
    use crate::log::{Command, Draft, Precondition};

    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let no = node.post(nonce(1), &[upload.file]).await.unwrap();
    let removal = Draft::PostRemoved { no };
    let removal = Command::server(room(), removal, Precondition::PostExists);
    node.log.append(removal).await.unwrap();
    assert!(node.send(&upload, 0, &picture(1_000)).await.is_err());
    let record = node.record(&upload.file).await;
    assert_eq!((record.state, record.told), (UploadState::Removed, true));
    assert!(node.told().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_room_hears_of_progress_five_times_a_second_and_always_the_last() {
    let node = Node::new().await;
    let mut ear = node.bus.listen().unwrap();
    node.bus.subscribe(&Topic::Room(room())).await.unwrap();
    let upload = node.open(Some(1_000_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let bytes = picture(1_000_000);
    let begun = tokio::time::Instant::now();
    // Forty bodies within two seconds.
    for (index, slice) in bytes.chunks(25_000).enumerate() {
        node.send(&upload, index as u64 * 25_000, slice)
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    node.settle().await;
    let seconds = begun.elapsed().as_secs_f64();
    let mut heard = Vec::new();
    let mut ready = 0;
    while let Ok(BusEvent::Message { payload, .. }) = ear.try_recv() {
        match BusMessage::decode(&payload).unwrap() {
            BusMessage::Progress(Progress { committed, .. }) => heard.push(committed),
            BusMessage::Event { event, .. } => {
                ready += u32::from(matches!(event.body, EventBody::FileReady { .. }));
            }
            _ => {}
        }
    }
    assert_eq!(heard.last(), Some(&1_000_000));
    assert!(heard.is_sorted(), "{heard:?}");
    let most = (seconds * 5.0) as usize + 2;
    assert!(
        (5..=most).contains(&heard.len()),
        "{heard:?} in {seconds} s"
    );
    assert_eq!(ready, 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_the_progress_of_a_file_without_a_post() {
    let node = Node::new().await;
    let mut ear = node.bus.listen().unwrap();
    node.bus.subscribe(&Topic::Room(room())).await.unwrap();
    let upload = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(500)).await.unwrap();
    node.settle().await;
    while let Ok(BusEvent::Message { payload, .. }) = ear.try_recv() {
        let heard = BusMessage::decode(&payload).unwrap();
        assert!(!matches!(heard, BusMessage::Progress(_)), "{heard:?}");
    }
}
