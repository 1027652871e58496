//! The contract of [`EventLog`]: unique keys, batches. Reads, races and what a removal leaves are in the sibling
//! modules.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::event::EventBody;
use app::wire::file::StopReason;
use app::wire::ids::RoomId;

use super::samples::{author, changed, edited, entry, ids, nonce, posted, room, started};
use super::{
    cases, event_log_racing as racing, event_log_reading as reading,
    event_log_redaction as redaction,
};
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::{Duplicate, EventLog, Inserted};

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
            reading::a_range_starts_after_and_ends_at_the_limit,
            reading::posts_are_found_by_number_in_the_order_of_the_log,
            reading::the_head_is_the_last_event,
            reading::heads_leave_out_empty_logs,
            reading::the_snapshot_is_the_last_one,
            reading::a_command_is_found_by_its_room_source_and_nonce,
            racing::of_racing_writers_each_seq_has_one,
            racing::of_one_command_sent_many_times_one_is_stored,
            racing::readers_see_a_prefix_while_others_write,
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

pub(super) fn refused(stored: usize, refused: Duplicate) -> Inserted {
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
