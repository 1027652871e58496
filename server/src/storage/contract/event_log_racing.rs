//! The contract of [`EventLog`]: many writers and readers at once.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::ids::{RoomId, Seq};

use super::event_log::{fill, insert, read, refused};
use super::samples::{posted, room};
use super::{RACERS, race};
use crate::domain::entry::Entry;
use crate::storage::{Duplicate, EventLog, Inserted};

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

pub(super) async fn of_racing_writers_each_seq_has_one(log: &Arc<dyn EventLog>) {
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

pub(super) async fn of_one_command_sent_many_times_one_is_stored(log: &Arc<dyn EventLog>) {
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

pub(super) async fn readers_see_a_prefix_while_others_write(log: &Arc<dyn EventLog>) {
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
