//! A node under test, and commands for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::file::{FileKind, FileNotice, Placeholder};
use app::wire::ids::{FileId, Millis, Nonce, ParticipantNo, PostNo, RoomId};
use app::wire::room::{Author, RoomSnapshot, Visibility};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::fake::{FakeLog, FakeRooms};
use crate::bus::local::LocalBus;
use crate::bus::{Bus, BusEvent, Topic};
use crate::clock::ManualClock;
use crate::log::{AppendError, Command, Draft, Precondition, RoomLog};
use crate::storage::{EventLog, RoomStore};

/// What the clock shows in the beginning.
pub(in crate::log) const NOW: Millis = 1_000_000;

/// One node with its store, bus and clock.
pub(in crate::log) struct Node {
    pub(in crate::log) log: Arc<RoomLog>,
    pub(in crate::log) store: Arc<FakeLog>,
    pub(in crate::log) rooms: Arc<FakeRooms>,
    pub(in crate::log) clock: Arc<ManualClock>,
    pub(in crate::log) ear: mpsc::Receiver<BusEvent>,
    pub(in crate::log) tracker: TaskTracker,
}

impl Node {
    /// A node on a store of its own, where the room exists.
    pub(in crate::log) async fn new() -> Self {
        let node = Self::on(Arc::new(FakeLog::default())).await;
        node.log.append(creation()).await.unwrap();
        node
    }

    /// A node on a store.
    pub(in crate::log) async fn on(store: Arc<FakeLog>) -> Self {
        let bus = Arc::new(LocalBus::new());
        bus.subscribe(&Topic::Room(room())).await.unwrap();
        let ear = bus.listen().unwrap();
        let rooms = Arc::new(FakeRooms::default());
        let clock = Arc::new(ManualClock::at(NOW));
        let (log, tracker) = room_log(store.clone(), rooms.clone(), bus, clock.clone());
        Self {
            log,
            store,
            rooms,
            clock,
            ear,
            tracker,
        }
    }

    /// Waits until nothing is written, published or erased any more.
    pub(in crate::log) async fn settle(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.tracker.reopen();
    }

    /// Appends many commands at once.
    pub(in crate::log) async fn all(
        &self,
        commands: Vec<Command>,
    ) -> Vec<Result<Event, AppendError>> {
        let appends = commands.into_iter().map(|command| self.log.append(command));
        futures::future::join_all(appends).await
    }

    /// The log of the room as everybody is told it.
    pub(in crate::log) fn events(&self) -> Vec<Event> {
        let entries = self.store.of(&room()).into_iter();
        entries.map(|entry| entry.event).collect()
    }
}

pub(in crate::log) fn room_log(
    store: Arc<dyn EventLog>,
    rooms: Arc<dyn RoomStore>,
    bus: Arc<dyn Bus>,
    clock: Arc<ManualClock>,
) -> (Arc<RoomLog>, TaskTracker) {
    let tracker = TaskTracker::new();
    let log = RoomLog::new(store, rooms, bus, clock, tracker.clone());
    (log, tracker)
}

/// Checks what every log keeps: seq and no without gaps, posts counted, time never back, nonces unique, the end last.
pub(in crate::log) fn assert_valid(events: &[Event]) {
    let (mut posts, mut at) = (0, Millis::MIN);
    let mut nonces = std::collections::HashSet::new();
    for (seq, event) in (1..).zip(events) {
        assert_eq!(event.seq, seq);
        if matches!(event.body, EventBody::Posted { .. }) {
            posts += 1;
            assert_eq!(event.no, posts);
        }
        assert_eq!(event.posts, posts, "at seq {seq}");
        assert!(event.at >= at);
        at = event.at;
        assert!(nonces.insert(event.nonce), "{:?} twice", event.nonce);
        if matches!(event.body, EventBody::RoomEnded) {
            assert_eq!(seq as usize, events.len(), "the end is not the last event");
        }
    }
}

pub(in crate::log) fn room() -> RoomId {
    "testroom".parse().unwrap()
}

pub(in crate::log) fn session(number: u8) -> SessionId {
    SessionId([number; 32])
}

pub(in crate::log) fn author(number: ParticipantNo) -> Author {
    Author {
        number,
        name: None,
        op: number == 1,
    }
}

pub(in crate::log) fn notice(number: u8) -> FileNotice {
    FileNotice {
        file: FileId([number; 16]),
        name: "a.png".to_owned(),
        size: Some(9),
        hint: FileKind::Image,
        placeholder: Placeholder::default(),
    }
}

/// A nonce that no other has.
pub(in crate::log) fn nonce() -> Nonce {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    Nonce(bytes)
}

/// A command of session 1 under a new nonce.
pub(in crate::log) fn command(draft: Draft, precondition: Precondition) -> Command {
    Command::user(room(), session(1), nonce(), draft, precondition)
}

pub(in crate::log) fn creation() -> Command {
    let snapshot = RoomSnapshot {
        room: room(),
        title: "Test".to_owned(),
        visibility: Visibility::Listed,
        created_at: NOW,
        ends_after_hours: 72,
    };
    Command::server(room(), Draft::RoomChanged { snapshot }, Precondition::NoLog)
}

/// A post of participant 1.
pub(in crate::log) fn post(text: &str) -> Command {
    let draft = Draft::Posted {
        author: author(1),
        text: text.to_owned(),
        files: vec![notice(1)],
    };
    command(draft, Precondition::RoomOpen)
}

/// An edit by participant 1.
pub(in crate::log) fn edit(no: PostNo, text: &str) -> Command {
    let text = text.to_owned();
    command(Draft::Edited { no, text }, Precondition::PostOf(1))
}

pub(in crate::log) fn removal(no: PostNo) -> Command {
    command(Draft::PostRemoved { no }, Precondition::PostExists)
}

pub(in crate::log) fn ready(no: PostNo, file: u8) -> Command {
    let draft = Draft::FileReady {
        no,
        file: FileId([file; 16]),
        size: 9,
    };
    Command::server(room(), draft, Precondition::PostExists)
}

pub(in crate::log) fn ending(idle_since: Millis) -> Command {
    Command::server(
        room(),
        Draft::RoomEnded,
        Precondition::IdleSince(idle_since),
    )
}
