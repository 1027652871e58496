//! A node on the store: uploads and the sweeper, a room, a session.

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::file::FileKind;
use app::wire::ids::{Nonce, RoomId};
use app::wire::limits::Limits;
use app::wire::request::{OpenUpload, UploadOpened};
use app::wire::room::{Author, RoomSnapshot, Visibility};
use bytes::Bytes;
use server::bus::local::LocalBus;
use server::clock::{Clock, ManualClock};
use server::domain::room::RoomRecord;
use server::domain::upload::UploadRecord;
use server::files::{FileSettings, Watchers};
use server::ids::{IdSource, SystemIds};
use server::log::{Command, Draft, Precondition, RoomLog};
use server::storage::faulty::{
    Faults, FaultyByteStore, FaultyEventLog, FaultyRoomStore, FaultyUploadStore,
};
use server::storage::{ByteStore, EventLog, RoomStore, UploadStore};
use server::sweeper::{SweepSettings, Sweeper, SweeperDeps};
use server::uploads::{BodyHead, Sent, UploadDeps, UploadError, UploadSettings, Uploads};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::database::Database;

pub(crate) const MINUTE: i64 = 60_000;
const NOW: i64 = 1_700_000_000_000;
const ADA: SessionId = SessionId([1; 32]);

/// Bytes of a full chunk of a small file, or one of unknown length.
pub(crate) const CHUNK: usize = 63 * 1024;

pub(crate) struct Node {
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) sweeper: Sweeper,
    pub(crate) records: Arc<dyn UploadStore>,
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) clock: Arc<ManualClock>,
    log: Arc<RoomLog>,
    rooms: Arc<dyn RoomStore>,
    tasks: TaskTracker,
}

fn room() -> RoomId {
    "testroom".parse().unwrap()
}

impl Node {
    /// A node whose writes go wrong by `faults`, with these bytes.
    pub(crate) fn new(database: &Database, bytes: Arc<dyn ByteStore>, faults: &Faults) -> Self {
        let store = &database.store;
        let events: Arc<dyn EventLog> = Arc::new(FaultyEventLog::new(store.events(), faults));
        let rooms: Arc<dyn RoomStore> = Arc::new(FaultyRoomStore::new(store.rooms(), faults));
        let records: Arc<dyn UploadStore> =
            Arc::new(FaultyUploadStore::new(store.uploads(), faults));
        let bytes: Arc<dyn ByteStore> = Arc::new(FaultyByteStore::new(bytes, faults));
        let bus = Arc::new(LocalBus::new());
        let manual = Arc::new(ManualClock::at(NOW));
        let clock: Arc<dyn Clock> = manual.clone();
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        let log = RoomLog::new(
            events.clone(),
            rooms.clone(),
            bus.clone(),
            clock.clone(),
            tasks.clone(),
        );
        let watchers = Watchers::new(
            records.clone(),
            bytes.clone(),
            bus.clone(),
            tasks.clone(),
            stopping.clone(),
            FileSettings::default(),
        );
        let limits = Limits::default();
        let deps = UploadDeps {
            store: records.clone(),
            bytes: bytes.clone(),
            rooms: rooms.clone(),
            log: log.clone(),
            bus,
            watchers,
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            tasks: tasks.clone(),
            stopping,
        };
        let uploads = Uploads::new(deps, UploadSettings::default(), limits);
        let deps = SweeperDeps {
            uploads: uploads.clone(),
            store: records.clone(),
            bytes,
            events: events.clone(),
            rooms: rooms.clone(),
            leases: store.leases(),
            node: "node".to_owned(),
            log: log.clone(),
            clock,
        };
        Self {
            uploads,
            sweeper: Sweeper::new(deps, SweepSettings::default(), &limits),
            records,
            events,
            clock: manual,
            log,
            rooms,
            tasks,
        }
    }

    /// A node where nothing goes wrong.
    pub(crate) fn healthy(database: &Database) -> Self {
        Self::new(database, database.store.bytes(), &Faults::none())
    }

    pub(crate) async fn make_room(&self) {
        let ids: &dyn IdSource = &SystemIds;
        let record = RoomRecord {
            id: room(),
            epoch: ids.epoch(),
            visibility: Visibility::Listed,
            owner: ADA,
            created_at: NOW,
            last_activity: NOW,
            ended: false,
        };
        self.rooms.create(&record).await.unwrap();
        let snapshot = RoomSnapshot {
            room: room(),
            title: "Cats".into(),
            visibility: Visibility::Listed,
            created_at: NOW,
            ends_after_hours: 72,
        };
        let draft = Draft::RoomChanged { snapshot };
        let created = Command::server(room(), draft, Precondition::NoLog);
        self.log.append(created).await.unwrap();
    }

    /// Opens an upload and posts it.
    pub(crate) async fn post(&self, size: Option<u64>) -> UploadOpened {
        let ids: &dyn IdSource = &SystemIds;
        let wanted = OpenUpload {
            room: room(),
            name: "cat.bin".into(),
            size,
            hint: Some(FileKind::Other),
            placeholder: Default::default(),
        };
        let address = "192.0.2.1".parse().unwrap();
        let upload = self.uploads.open(ADA, address, wanted).await.unwrap();
        let nonce: Nonce = ids.nonce();
        let (room, files) = (room(), [upload.file]);
        let claimed = self.uploads.claim(&room, &ADA, &nonce, &files).await;
        let draft = Draft::Posted {
            author: Author {
                number: 1,
                name: None,
                op: true,
            },
            text: String::new(),
            files: claimed.unwrap(),
        };
        let posted = Command::user(room.clone(), ADA, nonce, draft, Precondition::RoomOpen);
        let event = self.log.append(posted).await.unwrap();
        self.uploads.posted(&room, &ADA, &event).await.unwrap();
        upload
    }

    /// Begins to send a body that the test feeds, the last of its file.
    pub(crate) fn begin(&self, upload: &UploadOpened, offset: u64) -> Sender {
        let (feed, body) = mpsc::channel::<Result<Bytes, std::io::Error>>(64);
        let (uploads, key) = (self.uploads.clone(), upload.key);
        let head = BodyHead {
            offset,
            length: None,
            last: true,
        };
        let body = ReceiverStream::new(body);
        let sent = self
            .tasks
            .spawn(async move { uploads.send(&key, head, body).await });
        Sender { feed, sent }
    }

    pub(crate) async fn record(&self, upload: &UploadOpened) -> UploadRecord {
        self.records.get(&upload.file).await.unwrap().unwrap()
    }

    /// How many events the room's log has.
    pub(crate) async fn log_length(&self) -> usize {
        self.events.range(&room(), 0, 100).await.unwrap().len()
    }
}

/// A request that sends, fed by the test.
pub(crate) struct Sender {
    feed: mpsc::Sender<Result<Bytes, std::io::Error>>,
    sent: JoinHandle<Result<Sent, UploadError>>,
}

impl Sender {
    pub(crate) async fn give(&self, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.feed.send(Ok(bytes)).await.unwrap();
    }

    /// Ends the body.
    pub(crate) async fn end(self) -> Result<Sent, UploadError> {
        drop(self.feed);
        self.sent.await.unwrap()
    }
}

/// Bytes that differ from their neighbours and from those of another seed.
pub(crate) fn noise(length: usize, seed: u32) -> Vec<u8> {
    (0..length as u32)
        .map(|at| (at.wrapping_add(seed << 16).wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}
