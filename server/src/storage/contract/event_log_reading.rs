//! The contract of [`EventLog`]: what reads give.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::event::EventBody;
use app::wire::ids::Seq;

use super::event_log::fill;
use super::samples::{changed, edited, entry, nonce, posted, room};
use crate::domain::entry::{Entry, Source};
use crate::storage::{EventLog, Head};

pub(super) async fn a_range_starts_after_and_ends_at_the_limit(log: &Arc<dyn EventLog>) {
    let (room, other) = (room(), super::samples::room());
    let entries: Vec<_> = (1..=9).map(|n| posted(&room, n, 1)).collect();
    fill(log, &entries).await;
    fill(log, &[posted(&other, 1, 1)]).await;
    for (after, limit, expected) in [
        (0, 9, &entries[..]),
        (0, 2, &entries[..2]),
        (3, 4, &entries[3..7]),
        (7, 100, &entries[7..]),
        (9, 100, &[]),
        (1_000, 100, &[]),
        (Seq::MAX, 100, &[]),
        (0, 0, &[]),
    ] {
        let range = log.range(&room, after, limit).await.expect("a range");
        assert_eq!(range, expected, "after {after}, limit {limit}");
    }
}

pub(super) async fn posts_are_found_by_number_in_the_order_of_the_log(log: &Arc<dyn EventLog>) {
    let room = room();
    let entries = [
        changed(&room, 1, "Tea"),
        posted(&room, 2, 1),
        posted(&room, 3, 2),
        posted(&room, 4, 3),
        edited(&room, 5, 1),
        edited(&room, 6, 3),
        edited(&room, 7, 2),
    ];
    fill(log, &entries).await;
    let of = |places: &[usize]| -> Vec<_> { places.iter().map(|n| entries[*n].clone()).collect() };
    for (first, last, places) in [
        (1, 1, &[1, 4][..]),
        (2, 3, &[2, 3, 5, 6]),
        (1, 9, &[1, 2, 3, 4, 5, 6]),
        (4, 9, &[]),
        (3, 2, &[]),
    ] {
        let posts = log.posts(&room, first, last).await.expect("posts");
        assert_eq!(posts, of(places), "posts {first} to {last}");
    }
}

pub(super) async fn the_head_is_the_last_event(log: &Arc<dyn EventLog>) {
    let room = room();
    let post = posted(&room, 1, 1);
    fill(log, std::slice::from_ref(&post)).await;
    let mut head = Head {
        seq: 1,
        posts: 1,
        at: post.event.at,
        ended: false,
    };
    assert_eq!(log.head(&room).await.expect("a head"), Some(head));
    let end = entry(&room, 2, 0, EventBody::RoomEnded);
    fill(log, std::slice::from_ref(&end)).await;
    head = Head {
        seq: 2,
        posts: end.event.posts,
        at: end.event.at,
        ended: true,
    };
    assert_eq!(log.head(&room).await.expect("a head"), Some(head));
}

pub(super) async fn heads_leave_out_empty_logs(log: &Arc<dyn EventLog>) {
    let rooms: Vec<_> = (0..5).map(|_| room()).collect();
    for room in &rooms[1..4] {
        fill(log, &[posted(room, 1, 1), edited(room, 2, 1)]).await;
    }
    let mut heads = log.heads(&rooms).await.expect("heads");
    heads.sort_by_key(|(room, _)| rooms.iter().position(|r| r == room));
    let found: Vec<_> = heads.iter().map(|(room, _)| room.clone()).collect();
    assert_eq!(found, rooms[1..4]);
    for (room, head) in heads {
        assert_eq!(log.head(&room).await.expect("a head"), Some(head));
    }
    assert_eq!(log.heads(&[]).await.expect("heads"), []);
}

pub(super) async fn the_snapshot_is_the_last_one(log: &Arc<dyn EventLog>) {
    let room = room();
    fill(log, &[posted(&room, 1, 1)]).await;
    assert_eq!(log.snapshot(&room).await.expect("a snapshot"), None);
    let last = changed(&room, 3, "Cake");
    fill(
        log,
        &[changed(&room, 2, "Tea"), last.clone(), posted(&room, 4, 2)],
    )
    .await;
    assert_eq!(log.snapshot(&room).await.expect("a snapshot"), Some(last));
}

pub(super) async fn a_command_is_found_by_its_room_source_and_nonce(log: &Arc<dyn EventLog>) {
    let room = room();
    let entries = [posted(&room, 1, 1), posted(&room, 2, 2)];
    fill(log, &entries).await;
    let [Entry { source, event, .. }, other] = &entries;
    for (room, source, nonce, expected) in [
        (&room, source, &event.nonce, Some(&entries[0])),
        (&room, &other.source, &other.event.nonce, Some(other)),
        (&room, &other.source, &event.nonce, None),
        (&room, &Source::Server, &event.nonce, None),
        (&room, source, &nonce(), None),
        (&super::samples::room(), source, &event.nonce, None),
    ] {
        let found = log.by_nonce(room, source, nonce).await.expect("a look");
        assert_eq!(found.as_ref(), expected);
    }
}
