//! The contract of [`EventLog`]: unique keys, batches, reads. What a removal leaves is in the sibling module.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::event::EventBody;
use app::wire::file::StopReason;
use app::wire::ids::{RoomId, Seq};

use super::samples::{author, changed, edited, entry, ids, nonce, posted, room, started};
use super::{RACERS, cases, event_log_redaction as redaction, race};
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::{Duplicate, EventLog, Head, Inserted};

/// Checks an adapter.
pub async fn run(adapter: &str, log: &Arc<dyn EventLog>) {
    cases!(
        adapter,
        "event_log",
        log,
        [
            an_empty_log_has_nothing,
            every_kind_of_event_is_read_as_it_was_written,
            an_empty_batch_is_all_in,
            a_taken_seq_is_told,
            a_used_nonce_is_told,
            a_nonce_goes_before_a_seq,
            a_nonce_belongs_to_its_room_and_source,
            a_batch_stops_at_its_first_duplicate,
            a_batch_can_refuse_itself,
            a_range_starts_after_and_ends_at_the_limit,
            posts_are_found_by_number_in_the_order_of_the_log,
            the_head_is_the_last_event,
            heads_leave_out_empty_logs,
            the_snapshot_is_the_last_one,
            a_command_is_found_by_its_room_source_and_nonce,
            of_racing_writers_each_seq_has_one,
            of_one_command_sent_many_times_one_is_stored,
            readers_see_a_prefix_while_others_write,
            redaction::it_erases_what_the_post_had_and_keeps_its_places,
            redaction::it_leaves_everything_else_alone,
            redaction::erased_commands_are_still_found,
            redaction::a_removal_is_marked_until_it_is_redacted,
            redaction::without_a_removal_nothing_is_erased,
            redaction::pending_ones_are_told_up_to_the_limit,
            redaction::two_at_once_end_as_one,
        ]
    );
}

pub(super) async fn insert(log: &Arc<dyn EventLog>, entries: &[Entry]) -> Inserted {
    log.insert(entries).await.expect("the log takes entries")
}

/// Inserts what nothing stands in the way of.
pub(super) async fn fill(log: &Arc<dyn EventLog>, entries: &[Entry]) {
    assert_eq!(insert(log, entries).await, Inserted::All);
}

/// The whole log.
pub(super) async fn read(log: &Arc<dyn EventLog>, room: &RoomId) -> Vec<Entry> {
    log.range(room, 0, super::ALL).await.expect("a range")
}

fn refused(stored: usize, refused: Duplicate) -> Inserted {
    Inserted::Partly { stored, refused }
}

async fn an_empty_log_has_nothing(log: &Arc<dyn EventLog>) {
    let room = room();
    assert_eq!(log.head(&room).await.expect("a head"), None);
    assert_eq!(read(log, &room).await, []);
    assert_eq!(log.posts(&room, 0, 9).await.expect("posts"), []);
    assert_eq!(log.snapshot(&room).await.expect("a snapshot"), None);
    let by_nonce = log.by_nonce(&room, &Source::Server, &nonce()).await;
    assert_eq!(by_nonce.expect("a look"), None);
}

async fn every_kind_of_event_is_read_as_it_was_written(log: &Arc<dyn EventLog>) {
    let room = room();
    let file = ids().file();
    let bodies = [
        EventBody::FileStarted {
            file,
            started: started(),
        },
        EventBody::FileReady {
            file,
            size: u64::MAX,
        },
        EventBody::FileStopped {
            file,
            reason: StopReason::Expired,
        },
        EventBody::FileRemoved { file },
        EventBody::ParticipantNamed { author: author() },
        EventBody::Tombstone,
        EventBody::RoomEnded,
    ];
    let mut entries = vec![
        changed(&room, 1, "Tea & <cake>"),
        posted(&room, 2, 1),
        edited(&room, 3, 1),
    ];
    for (seq, body) in (4..).zip(bodies) {
        entries.push(Entry {
            source: Source::Server,
            command: CommandHash([0xab; 16]),
            ..entry(&room, seq, 1, body)
        });
    }
    fill(log, &entries).await;
    assert_eq!(read(log, &room).await, entries);
}

async fn an_empty_batch_is_all_in(log: &Arc<dyn EventLog>) {
    assert_eq!(insert(log, &[]).await, Inserted::All);
}

async fn a_taken_seq_is_told(log: &Arc<dyn EventLog>) {
    let room = room();
    let first = posted(&room, 1, 1);
    fill(log, std::slice::from_ref(&first)).await;
    let second = insert(log, &[posted(&room, 1, 1)]).await;
    assert_eq!(second, refused(0, Duplicate::Seq));
    assert_eq!(read(log, &room).await, [first]);
}

async fn a_used_nonce_is_told(log: &Arc<dyn EventLog>) {
    let room = room();
    let first = posted(&room, 1, 1);
    fill(log, std::slice::from_ref(&first)).await;
    let mut again = first.clone();
    again.event.seq = 2;
    assert_eq!(insert(log, &[again]).await, refused(0, Duplicate::Nonce));
    assert_eq!(read(log, &room).await, [first]);
}

async fn a_nonce_goes_before_a_seq(log: &Arc<dyn EventLog>) {
    let room = room();
    let entries = [posted(&room, 1, 1), posted(&room, 2, 2)];
    fill(log, &entries).await;
    let nonce = refused(0, Duplicate::Nonce);
    assert_eq!(insert(log, &entries[..1]).await, nonce, "the same entry");
    let mut crossed = entries[0].clone();
    crossed.event.seq = 2;
    assert_eq!(insert(log, &[crossed]).await, nonce, "keys of two entries");
}

async fn a_nonce_belongs_to_its_room_and_source(log: &Arc<dyn EventLog>) {
    let (room, other) = (room(), super::samples::room());
    let first = posted(&room, 1, 1);
    let mut of_another_source = posted(&room, 2, 2);
    of_another_source.event.nonce = first.event.nonce;
    let mut of_the_server = posted(&room, 3, 3);
    of_the_server.event.nonce = first.event.nonce;
    of_the_server.source = Source::Server;
    let in_another_room = Entry {
        room: other.clone(),
        ..first.clone()
    };
    fill(log, &[first, of_another_source, of_the_server]).await;
    fill(log, &[in_another_room]).await;
    assert_eq!(read(log, &room).await.len(), 3);
    assert_eq!(read(log, &other).await.len(), 1);
}

async fn a_batch_stops_at_its_first_duplicate(log: &Arc<dyn EventLog>) {
    let room = room();
    let first = posted(&room, 1, 1);
    fill(log, std::slice::from_ref(&first)).await;
    let mut batch = [
        posted(&room, 2, 2),
        posted(&room, 3, 3),
        posted(&room, 4, 4),
        posted(&room, 5, 5),
    ];
    (batch[2].source, batch[2].event.nonce) = (first.source, first.event.nonce);
    let outcome = insert(log, &batch).await;
    assert_eq!(outcome, refused(2, Duplicate::Nonce));
    let stored = [first, batch[0].clone(), batch[1].clone()];
    assert_eq!(read(log, &room).await, stored, "nothing behind it is tried");
    let outcome = insert(log, &[posted(&room, 3, 3), posted(&room, 4, 4)]).await;
    assert_eq!(outcome, refused(0, Duplicate::Seq));
    assert_eq!(read(log, &room).await, stored);
}

async fn a_batch_can_refuse_itself(log: &Arc<dyn EventLog>) {
    let room = room();
    let mut batch = [posted(&room, 1, 1), posted(&room, 2, 2)];
    (batch[1].source, batch[1].event.nonce) = (batch[0].source, batch[0].event.nonce);
    assert_eq!(insert(log, &batch).await, refused(1, Duplicate::Nonce));
    assert_eq!(read(log, &room).await, batch[..1]);
}

async fn a_range_starts_after_and_ends_at_the_limit(log: &Arc<dyn EventLog>) {
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

async fn posts_are_found_by_number_in_the_order_of_the_log(log: &Arc<dyn EventLog>) {
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

async fn the_head_is_the_last_event(log: &Arc<dyn EventLog>) {
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

async fn heads_leave_out_empty_logs(log: &Arc<dyn EventLog>) {
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

async fn the_snapshot_is_the_last_one(log: &Arc<dyn EventLog>) {
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

async fn a_command_is_found_by_its_room_source_and_nonce(log: &Arc<dyn EventLog>) {
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

/// Appends as a node does: behind the head it read, again after each lost race.
async fn append(log: &Arc<dyn EventLog>, room: &RoomId) -> Entry {
    let mut entry = posted(room, 0, 1);
    loop {
        let head = log.head(room).await.expect("a head");
        entry.event.seq = head.map_or(0, |head| head.seq) + 1;
        match insert(log, std::slice::from_ref(&entry)).await {
            Inserted::All => return entry,
            lost => assert_eq!(lost, refused(0, Duplicate::Seq)),
        }
    }
}

async fn of_racing_writers_each_seq_has_one(log: &Arc<dyn EventLog>) {
    const EACH: usize = 5;
    let room = room();
    let mut appended: Vec<Entry> = race((0..RACERS).map(|_| {
        let (log, room) = (log.clone(), room.clone());
        async move {
            let mut entries = Vec::new();
            for _ in 0..EACH {
                entries.push(append(&log, &room).await);
            }
            entries
        }
    }))
    .await
    .concat();
    appended.sort_by_key(|entry| entry.event.seq);
    let seqs: Vec<_> = appended.iter().map(|entry| entry.event.seq).collect();
    let all: Vec<_> = (1..=(RACERS * EACH) as Seq).collect();
    assert_eq!(seqs, all, "no gap, no seq twice");
    assert_eq!(read(log, &room).await, appended);
}

async fn of_one_command_sent_many_times_one_is_stored(log: &Arc<dyn EventLog>) {
    let room = room();
    let command = posted(&room, 1, 1);
    let outcomes = race((0..RACERS).map(|_| {
        let (log, command) = (log.clone(), command.clone());
        async move { insert(&log, &[command]).await }
    }))
    .await;
    let stored = outcomes.iter().filter(|o| **o == Inserted::All).count();
    let told = refused(0, Duplicate::Nonce);
    let repeated = outcomes.iter().filter(|o| **o == told).count();
    assert_eq!((stored, repeated), (1, RACERS - 1));
    assert_eq!(read(log, &room).await, [command]);
}

async fn readers_see_a_prefix_while_others_write(log: &Arc<dyn EventLog>) {
    const LAST: Seq = 40;
    let room = room();
    let writer = {
        let (log, room) = (log.clone(), room.clone());
        async move {
            for seq in (1..=LAST).step_by(4) {
                let batch: Vec<_> = (seq..seq + 4).map(|seq| posted(&room, seq, 1)).collect();
                fill(&log, &batch).await;
                let head = log.head(&room).await.expect("a head");
                assert_eq!(
                    head.map(|head| head.seq),
                    Some(seq + 3),
                    "what was acknowledged"
                );
            }
        }
    };
    let reader = |log: Arc<dyn EventLog>, room: RoomId| async move {
        let mut seen = 0;
        while seen < LAST {
            let head = log.head(&room).await.expect("a head");
            let seqs: Vec<_> = read(&log, &room)
                .await
                .iter()
                .map(|e| e.event.seq)
                .collect();
            let prefix: Vec<_> = (1..=seqs.len() as Seq).collect();
            assert_eq!(seqs, prefix, "no hole");
            let read = seqs.len() as Seq;
            assert!(read >= head.map_or(0, |head| head.seq) && read >= seen);
            seen = read;
        }
    };
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(writer);
    for _ in 0..3 {
        tasks.spawn(reader(log.clone(), room.clone()));
    }
    tasks.join_all().await;
}
