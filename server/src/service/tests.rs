//! Every command over a store whose driver loses each answer of a write and tries again.

use std::sync::Arc;

use app::api::backend::{Backend, Caller, SessionId};
use app::wire::event::EventBody;
use app::wire::ids::{Nonce, RoomId};
use app::wire::request::{CreatePost, CreateRoom};
use app::wire::room::Visibility;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Service, ServiceDeps, ServiceSettings};
use crate::bus::local::LocalBus;
use crate::clock::{Clock, ManualClock};
use crate::config::Config;
use crate::files::{FileSettings, Watchers};
use crate::ids::SystemIds;
use crate::log::RoomLog;
use crate::presence::local::LocalPresence;
use crate::storage::embedded::EmbeddedStore;
use crate::storage::faulty::{
    Faults, FaultyByteStore, FaultyEventLog, FaultyParticipantStore, FaultyRoomStore,
    FaultySessionStore, FaultyUploadStore,
};
use crate::storage::{ByteStore, EventLog, RoomStore, UploadStore};
use crate::uploads::{UploadDeps, UploadSettings, Uploads};

struct Node {
    service: Service,
    events: Arc<dyn EventLog>,
    rooms: Arc<dyn RoomStore>,
    faults: Faults,
    _dir: TempDir,
}

fn node() -> Node {
    let dir = TempDir::new().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let faults = Faults::twice();
    let rooms: Arc<dyn RoomStore> = Arc::new(FaultyRoomStore::new(store.rooms(), &faults));
    let events: Arc<dyn EventLog> = Arc::new(FaultyEventLog::new(store.events(), &faults));
    let records: Arc<dyn UploadStore> = Arc::new(FaultyUploadStore::new(store.uploads(), &faults));
    let bytes: Arc<dyn ByteStore> = Arc::new(FaultyByteStore::new(store.bytes(), &faults));
    let bus = Arc::new(LocalBus::new());
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(1_700_000_000_000));
    let (tracker, stopping) = (TaskTracker::new(), CancellationToken::new());
    let log = RoomLog::new(
        events.clone(),
        rooms.clone(),
        bus.clone(),
        clock.clone(),
        tracker.clone(),
    );
    let watchers = Watchers::new(
        records.clone(),
        bytes.clone(),
        bus.clone(),
        tracker.clone(),
        stopping.clone(),
        FileSettings::default(),
    );
    let limits = Config::from_args(["streamboard"]).unwrap().limits;
    let deps = UploadDeps {
        store: records.clone(),
        bytes,
        rooms: rooms.clone(),
        log: log.clone(),
        bus,
        watchers,
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        tasks: tracker.clone(),
        stopping,
    };
    let deps = ServiceDeps {
        rooms: rooms.clone(),
        events: events.clone(),
        log,
        participants: Arc::new(FaultyParticipantStore::new(store.participants(), &faults)),
        sessions: Arc::new(FaultySessionStore::new(store.sessions(), &faults)),
        upload_records: records,
        uploads: Uploads::new(deps, UploadSettings::default(), limits.wire),
        presence: Arc::new(LocalPresence::new()),
        clock,
        ids: Arc::new(SystemIds),
        tracker,
    };
    let settings = ServiceSettings {
        limits,
        build: "test".to_owned(),
        secure: false,
    };
    Node {
        service: Service::new(deps, settings),
        events,
        rooms,
        faults,
        _dir: dir,
    }
}

fn caller(session: Option<SessionId>) -> Caller {
    Caller {
        session,
        address: "192.0.2.1".parse().unwrap(),
    }
}

impl Node {
    async fn bodies(&self, room: &RoomId) -> Vec<EventBody> {
        let entries = self.events.range(room, 0, 100).await.unwrap();
        entries.into_iter().map(|entry| entry.event.body).collect()
    }
}

#[tokio::test]
async fn commands_whose_writes_happen_twice_are_done_once() {
    let node = node();
    let service = &node.service;
    let opened = service.open_session(&caller(None)).await.unwrap();
    let ada = opened.session;
    let wanted = CreateRoom {
        title: "Cats".to_owned(),
        visibility: Visibility::Listed,
    };
    let made = service
        .create_room(&caller(Some(ada)), ada, wanted)
        .await
        .unwrap();
    let room = made.room;
    assert_eq!(node.rooms.listed(10).await.unwrap().len(), 1);

    let post = CreatePost {
        room: room.clone(),
        nonce: Nonce([1; 16]),
        text: "hello".to_owned(),
        files: Vec::new(),
    };
    let posted = service
        .create_post(&caller(Some(ada)), ada, post.clone())
        .await
        .unwrap();
    assert_eq!((posted.no, posted.seq), (1, 2));
    let again = service.create_post(&caller(Some(ada)), ada, post).await;
    assert_eq!(again.unwrap(), posted);

    let named = service
        .rename(ada, room.clone(), "Ada".to_owned())
        .await
        .unwrap();
    assert_eq!((named.number, named.name.as_deref()), (1, Some("Ada")));
    let edited = service
        .edit_post(ada, room.clone(), 1, Nonce([2; 16]), "better".to_owned())
        .await
        .unwrap();
    assert_eq!(edited.seq, 4);
    let removed = service.remove_post(ada, room.clone(), 1).await.unwrap();
    assert_eq!(removed.seq, 5);

    let bodies = node.bodies(&room).await;
    assert!(
        matches!(
            bodies[..],
            [
                EventBody::RoomChanged { .. },
                EventBody::Tombstone,
                EventBody::ParticipantNamed { .. },
                EventBody::Tombstone,
                EventBody::PostRemoved,
            ]
        ),
        "{bodies:?}"
    );
    let pending = node.events.pending_redactions(10).await.unwrap();
    assert!(pending.is_empty());
    assert!(node.faults.fired() > 8);
}
