//! A store that loses its primary: what was not acknowledged comes back or does not, and nobody is told it either way.

use std::sync::Arc;
use std::time::Duration;

use app::wire::event::Event;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::fake::{FakeLog, FakeRooms};
use super::fixture::{NOW, assert_valid, creation, post, room, room_log};
use crate::bus::local::LocalBus;
use crate::bus::message::BusMessage;
use crate::bus::{Bus, BusEvent, Topic};
use crate::clock::ManualClock;
use crate::log::{AppendError, Command, RoomLog, WRITE_WAIT};
use crate::storage::StorageError;
use crate::storage::faulty::{FailoverFates, FailoverLog, FailoverOdds};

/// Plans that are tried.
const SEEDS: u64 = 300;

/// Commands of a node that are sent at once, and how often.
const AT_ONCE: usize = 12;
const WAVES: usize = 4;

/// Everything goes wrong often.
const STORMY: FailoverOdds = FailoverOdds {
    unacknowledged: 250,
    late: 100,
    caught_up: 60,
    failover: 60,
};

/// Every insert is taken and not acknowledged; nothing becomes of it.
const SILENT: FailoverOdds = FailoverOdds {
    unacknowledged: 1_000,
    late: 0,
    caught_up: 0,
    failover: 0,
};

/// Two nodes over one store whose primary may change, in which the room exists.
struct Cluster {
    majority: Arc<FakeLog>,
    log: Arc<FailoverLog>,
    nodes: [Arc<RoomLog>; 2],
    trackers: [TaskTracker; 2],
    ear: mpsc::Receiver<BusEvent>,
}

impl Cluster {
    async fn new(seed: u64) -> Self {
        let majority = Arc::new(FakeLog::default());
        let odds = FailoverOdds::default();
        let log = Arc::new(FailoverLog::new(majority.clone(), odds, seed));
        let bus = Arc::new(LocalBus::new());
        bus.subscribe(&Topic::Room(room())).await.unwrap();
        let node = || {
            let clock = Arc::new(ManualClock::at(NOW));
            let rooms = Arc::new(FakeRooms::default());
            room_log(log.clone(), rooms, bus.clone(), clock)
        };
        let (one, other) = (node(), node());
        one.0.append(creation()).await.unwrap();
        let mut cluster = Self {
            majority,
            nodes: [one.0, other.0],
            trackers: [one.1, other.1],
            ear: bus.listen().unwrap(),
            log,
        };
        assert_eq!(cluster.published().await, cluster.events());
        cluster
    }

    fn events(&self) -> Vec<Event> {
        let entries = self.majority.of(&room()).into_iter();
        entries.map(|entry| entry.event).collect()
    }

    /// Sends commands to their nodes, all at once.
    async fn all(&self, commands: &[(usize, Command)]) -> Vec<Result<Event, AppendError>> {
        let appends = commands
            .iter()
            .map(|(node, command)| self.nodes[*node].append(command.clone()));
        futures::future::join_all(appends).await
    }

    /// What was published until now.
    async fn published(&mut self) -> Vec<Event> {
        for tracker in &self.trackers {
            tracker.close();
            tracker.wait().await;
            tracker.reopen();
        }
        let mut events = Vec::new();
        while let Ok(heard) = self.ear.try_recv() {
            let BusEvent::Message { payload, .. } = heard else {
                panic!("{heard:?}");
            };
            match BusMessage::decode(&payload).unwrap() {
                BusMessage::Event { event, .. } => events.push(event),
                other => panic!("{other:?}"),
            }
        }
        events
    }
}

fn is_unavailable(result: &Result<Event, AppendError>) -> bool {
    matches!(
        result,
        Err(AppendError::Storage(StorageError::Unavailable(_)))
    )
}

/// One plan: what it did.
async fn follow_plan(seed: u64) -> FailoverFates {
    let mut cluster = Cluster::new(seed).await;
    cluster.log.set(STORMY).await;
    let mut sent = Vec::new();
    for wave in 0..WAVES {
        let mut commands = Vec::new();
        for n in 0..AT_ONCE {
            for node in [0, 1] {
                let command = post(&format!("{wave} {node} {n}"));
                commands.push((node, command.clone()));
                if n % 4 == 0 {
                    // A browser that lost one node and asks the other.
                    commands.push((1 - node, command));
                }
            }
        }
        let results = cluster.all(&commands).await;
        sent.extend(commands.into_iter().zip(results));
    }
    let published = cluster.published().await;
    for event in &published {
        assert!(
            cluster.events().contains(event),
            "seed {seed}: {event:?} was published"
        );
    }
    for (_, result) in &sent {
        match result {
            Ok(event) => assert!(cluster.events().contains(event), "seed {seed}: {event:?}"),
            failed => assert!(is_unavailable(failed), "seed {seed}: {failed:?}"),
        }
    }

    // The store is itself again: the same nonce tells, and does not append twice.
    cluster.log.set(FailoverOdds::default()).await;
    cluster.log.arrive().await.unwrap();
    if seed.is_multiple_of(2) {
        cluster.log.catch_up().await.unwrap();
    } else {
        cluster.log.fail_over().await;
    }
    for ((node, command), first) in &sent {
        let again = cluster.nodes[1 - node].append(command.clone()).await;
        let again = again.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        if let Ok(first) = first {
            assert_eq!(*first, again, "seed {seed}");
        }
    }
    let events = cluster.events();
    assert_valid(&events);
    assert_eq!(events.len(), 1 + 2 * AT_ONCE * WAVES, "seed {seed}");
    for event in cluster.published().await {
        assert!(
            events.contains(&event),
            "seed {seed}: {event:?} was published"
        );
    }
    cluster.log.fates().await
}

#[tokio::test(start_paused = true)]
async fn what_was_acknowledged_stays_and_the_rest_can_be_asked_again() {
    let mut all = FailoverFates::default();
    for seed in 0..SEEDS {
        let fates = follow_plan(seed).await;
        all.unacknowledged += fates.unacknowledged;
        all.rolled_back += fates.rolled_back;
        all.acknowledged += fates.acknowledged;
        all.late += fates.late;
        all.refused_unseen += fates.refused_unseen;
    }
    let FailoverFates {
        unacknowledged,
        rolled_back,
        acknowledged,
        late,
        refused_unseen,
    } = all;
    let many = [
        unacknowledged,
        rolled_back,
        acknowledged,
        late,
        refused_unseen,
    ];
    assert!(many.iter().all(|times| *times > SEEDS), "{all:?}");
}

/// A cluster where `command` is on the primary alone, and whoever sent it was told that it failed.
async fn with_unseen(command: &Command, seed: u64) -> Cluster {
    let cluster = Cluster::new(seed).await;
    cluster.log.set(SILENT).await;
    let failed = cluster.nodes[0].append(command.clone()).await;
    assert!(is_unavailable(&failed), "{failed:?}");
    cluster.log.set(FailoverOdds::default()).await;
    assert_eq!(cluster.events().len(), 1);
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_not_shown_is_waited_for_within_limits() {
    for seed in 0..20 {
        let (unseen, other) = (post("unseen"), post("other"));
        let mut cluster = with_unseen(&unseen, seed).await;
        // The same command and another one, on the node that has sent it and on one that knows nothing.
        let begun = Instant::now();
        let commands = [
            (0, unseen.clone()),
            (0, other.clone()),
            (1, unseen.clone()),
            (1, other.clone()),
        ];
        let results = cluster.all(&commands).await;
        assert!(results.iter().all(is_unavailable), "{results:?}");
        assert!(begun.elapsed() < WRITE_WAIT + Duration::from_secs(1));
        assert!(cluster.log.fates().await.refused_unseen < 4_000, "no pause");
        assert_eq!(cluster.events().len(), 1);
        assert_eq!(cluster.published().await.len(), 0);

        if seed.is_multiple_of(2) {
            cluster.log.catch_up().await.unwrap();
        } else {
            cluster.log.fail_over().await;
        }
        let results = cluster.all(&commands).await;
        let events = cluster.events();
        assert_valid(&events);
        assert_eq!(events.len(), 3);
        for result in results {
            assert!(events.contains(&result.unwrap()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_shown_in_time_holds_nobody_up() {
    for (seed, is_kept) in (0..20).flat_map(|seed| [(seed, true), (seed, false)]) {
        let (unseen, other) = (post("unseen"), post("other"));
        let cluster = with_unseen(&unseen, seed).await;
        let commands = [(0, unseen.clone()), (1, unseen.clone()), (1, other)];
        let later = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            if is_kept {
                cluster.log.catch_up().await.unwrap();
            } else {
                cluster.log.fail_over().await;
            }
        };
        let (results, ()) = tokio::join!(cluster.all(&commands), later);
        let events = cluster.events();
        assert_valid(&events);
        assert_eq!(events.len(), 3);
        assert_eq!(results[0].as_ref().unwrap(), results[1].as_ref().unwrap());
        for result in results {
            assert!(events.contains(&result.unwrap()));
        }
        let first = &events[1];
        if is_kept {
            assert_eq!(first.nonce, unseen.nonce, "it was first");
        }
    }
}
