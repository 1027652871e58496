//! The room log on the embedded store, from two writers that do not know of each other.

use std::sync::Arc;

use app::wire::event::{Event, EventBody};
use app::wire::ids::Epoch;
use app::wire::room::Visibility;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::fixture::{
    NOW, assert_valid, creation, edit, ending, post, removal, room, room_log, session,
};
use crate::bus::local::LocalBus;
use crate::clock::ManualClock;
use crate::domain::room::RoomRecord;
use crate::log::{AppendError, Command, RoomLog};
use crate::storage::PostRef;
use crate::storage::embedded::EmbeddedStore;

/// Two logs over one store in which the room exists.
async fn two(dir: &TempDir) -> (EmbeddedStore, [Arc<RoomLog>; 2]) {
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let record = RoomRecord {
        id: room(),
        epoch: Epoch([1; 8]),
        visibility: Visibility::Listed,
        owner: session(1),
        created_at: NOW,
        last_activity: NOW,
        ended: false,
    };
    assert!(store.rooms().create(&record).await.unwrap());
    let logs = [(); 2].map(|()| {
        let clock = Arc::new(ManualClock::at(NOW));
        let bus = Arc::new(LocalBus::new());
        room_log(store.events(), store.rooms(), bus, clock).0
    });
    logs[0].append(creation()).await.unwrap();
    (store, logs)
}

async fn events(store: &EmbeddedStore) -> Vec<Event> {
    let entries = store.events().range(&room(), 0, 10_000).await.unwrap();
    entries.into_iter().map(|entry| entry.event).collect()
}

/// Gives each command to its log, all at once, and returns the results in the same order.
async fn all(commands: Vec<(Arc<RoomLog>, Command)>) -> Vec<Result<Event, AppendError>> {
    let mut tasks = JoinSet::new();
    for (index, (log, command)) in commands.into_iter().enumerate() {
        tasks.spawn(async move { (index, log.append(command).await) });
    }
    let mut results = tasks.join_all().await;
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_sent_to_both_at_once_are_events_once() {
    let dir = TempDir::new().unwrap();
    let (store, logs) = two(&dir).await;
    let mut commands = Vec::new();
    for n in 0..100 {
        let command = post(&format!("{n}"));
        commands.push((logs[n % 2].clone(), command.clone()));
        if n % 5 == 0 {
            commands.push((logs[(n + 1) % 2].clone(), command));
        }
    }
    let results = all(commands).await;
    let log = events(&store).await;
    assert_eq!(log.len(), 101);
    assert_valid(&log);
    for result in results {
        assert!(log.contains(&result.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn edits_and_removals_race_and_what_is_erased_still_counts() {
    let dir = TempDir::new().unwrap();
    let (store, logs) = two(&dir).await;
    for no in 1..=20 {
        let command = post("secret");
        let first = logs[0].append(command.clone()).await.unwrap();
        assert_eq!(first.no, no);
        let race = vec![
            (logs[0].clone(), edit(no, "b")),
            (logs[1].clone(), removal(no)),
        ];
        let mut results = all(race).await;
        let removed = results.pop().unwrap().unwrap();
        match results.pop().unwrap() {
            Ok(edited) => assert!(edited.seq < removed.seq),
            Err(error) => assert!(matches!(error, AppendError::PostRemoved), "{error}"),
        }
        let post = PostRef { room: room(), no };
        store.events().redact(&post).await.unwrap();
        let again = logs[1].append(command).await.unwrap();
        assert_eq!((again.seq, again.body), (first.seq, EventBody::Tombstone));
    }
    logs[1].append(ending(NOW)).await.unwrap();
    let late = logs[0].append(post("late")).await;
    assert!(matches!(late, Err(AppendError::RoomEnded)));
    for (seq, event) in (1..).zip(events(&store).await) {
        assert_eq!(event.seq, seq);
    }
}
