//! The contract of [`EventLog::redact`]: what a removal erases, what it keeps, and its mark.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::event::EventBody;
use app::wire::ids::{PostNo, RoomId, Seq};

use super::event_log::{fill, insert, read};
use super::samples::{changed, edited, entry, ids, posted, room, started};
use super::{ALL, RACERS, race};
use crate::domain::entry::{CommandHash, Entry};
use crate::storage::{Duplicate, EventLog, Inserted, PostRef};

fn removed(room: &RoomId, seq: Seq, no: PostNo) -> Entry {
    entry(room, seq, no, EventBody::PostRemoved)
}

/// A room whose post 1 had everything a post can have and was removed at the end; post 2 stays.
fn history(room: &RoomId) -> Vec<Entry> {
    let file = ids().file();
    vec![
        changed(room, 1, "Tea"),
        posted(room, 2, 1),
        posted(room, 3, 2),
        entry(
            room,
            4,
            1,
            EventBody::FileStarted {
                file,
                started: started(),
            },
        ),
        edited(room, 5, 1),
        entry(room, 6, 1, EventBody::FileReady { file, size: 5 }),
        edited(room, 7, 2),
        removed(room, 8, 1),
    ]
}

fn post(room: &RoomId, no: PostNo) -> PostRef {
    PostRef {
        room: room.clone(),
        no,
    }
}

async fn pending(log: &Arc<dyn EventLog>, room: &RoomId) -> Vec<PostRef> {
    let mut pending = log.pending_redactions(ALL).await.expect("a list");
    pending.retain(|post| post.room == *room);
    pending
}

async fn redact(log: &Arc<dyn EventLog>, post: &PostRef) {
    log.redact(post).await.expect("a redaction");
}

/// What the history must be after the redaction of post 1.
fn redacted(history: &[Entry]) -> Vec<Entry> {
    let mut history = history.to_vec();
    for entry in &mut history {
        if entry.event.no == 1 && entry.event.body != EventBody::PostRemoved {
            entry.event.body = EventBody::Tombstone;
            entry.command = CommandHash::ERASED;
        }
    }
    history
}

pub(super) async fn it_erases_what_the_post_had_and_keeps_its_places(log: &Arc<dyn EventLog>) {
    let room = room();
    let history = history(&room);
    fill(log, &history).await;
    redact(log, &post(&room, 1)).await;
    let after = read(log, &room).await;
    assert_eq!(after, redacted(&history));
    let post_1 = log.posts(&room, 1, 1).await.expect("posts");
    let expected: Vec<_> = after.into_iter().filter(|e| e.event.no == 1).collect();
    assert_eq!(post_1, expected);
    redact(log, &post(&room, 1)).await;
    assert_eq!(read(log, &room).await, redacted(&history), "once more");
}

pub(super) async fn it_leaves_everything_else_alone(log: &Arc<dyn EventLog>) {
    let (room, other) = (room(), super::samples::room());
    let (history, others) = (history(&room), history(&other));
    fill(log, &history).await;
    fill(log, &others).await;
    let later = posted(&room, 9, 3);
    fill(log, std::slice::from_ref(&later)).await;
    redact(log, &post(&room, 1)).await;
    assert_eq!(read(log, &other).await, others, "another room");
    assert_eq!(read(log, &room).await.last(), Some(&later));
    let snapshot = log.snapshot(&room).await.expect("a snapshot");
    assert_eq!(snapshot.as_ref(), history.first());
    let head = log.head(&room).await.expect("a head");
    assert_eq!(head.map(|head| head.seq), Some(9));
}

pub(super) async fn erased_commands_are_still_found(log: &Arc<dyn EventLog>) {
    let room = room();
    let history = history(&room);
    fill(log, &history).await;
    redact(log, &post(&room, 1)).await;
    let erased = &redacted(&history)[1];
    let found = log
        .by_nonce(&room, &erased.source, &erased.event.nonce)
        .await;
    assert_eq!(found.expect("a look").as_ref(), Some(erased));
    let mut again = history[1].clone();
    again.event.seq = 9;
    let refused = Inserted::Partly {
        stored: 0,
        refused: Duplicate::Nonce,
    };
    assert_eq!(insert(log, &[again]).await, refused);
}

pub(super) async fn a_removal_is_marked_until_it_is_redacted(log: &Arc<dyn EventLog>) {
    let room = room();
    fill(log, &history(&room)).await;
    assert_eq!(pending(log, &room).await, [post(&room, 1)]);
    fill(log, &[removed(&room, 9, 2)]).await;
    assert_eq!(
        pending(log, &room).await,
        [post(&room, 1), post(&room, 2)],
        "the oldest first"
    );
    redact(log, &post(&room, 1)).await;
    assert_eq!(pending(log, &room).await, [post(&room, 2)]);
    redact(log, &post(&room, 2)).await;
    assert_eq!(pending(log, &room).await, []);
    redact(log, &post(&room, 2)).await;
    assert_eq!(pending(log, &room).await, []);
}

pub(super) async fn without_a_removal_nothing_is_erased(log: &Arc<dyn EventLog>) {
    let room = room();
    let history = history(&room);
    fill(log, &history).await;
    for no in [0, 2, 3] {
        redact(log, &post(&room, no)).await;
    }
    redact(log, &post(&super::samples::room(), 1)).await;
    assert_eq!(read(log, &room).await, history);
    assert_eq!(pending(log, &room).await, [post(&room, 1)]);
    redact(log, &post(&room, 1)).await;
}

pub(super) async fn pending_ones_are_told_up_to_the_limit(log: &Arc<dyn EventLog>) {
    let room = room();
    let entries: Vec<_> = (1..=3)
        .map(|no| posted(&room, no.into(), no))
        .chain((1..=3).map(|no| removed(&room, Seq::from(no) + 3, no)))
        .collect();
    fill(log, &entries).await;
    assert_eq!(log.pending_redactions(2).await.expect("a list").len(), 2);
    assert_eq!(log.pending_redactions(0).await.expect("a list"), []);
    for no in 1..=3 {
        redact(log, &post(&room, no)).await;
    }
}

pub(super) async fn two_at_once_end_as_one(log: &Arc<dyn EventLog>) {
    let room = room();
    let history = history(&room);
    fill(log, &history).await;
    race((0..RACERS).map(|_| {
        let (log, post) = (log.clone(), post(&room, 1));
        async move { redact(&log, &post).await }
    }))
    .await;
    assert_eq!(read(log, &room).await, redacted(&history));
    assert_eq!(pending(log, &room).await, []);
}
