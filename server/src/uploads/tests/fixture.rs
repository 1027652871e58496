//! A node under test: its store in a directory of its own, a clock that stands, a room with people.

use std::sync::Arc;
use std::time::Duration;

use app::api::backend::SessionId;
use app::model::room::{RoomView, apply};
use app::wire::event::{Event, EventBody};
use app::wire::file::{Attachment, FileKind, Placeholder};
use app::wire::ids::{FileId, Millis, Nonce, PostNo, RoomId};
use app::wire::limits::Limits;
use app::wire::request::{OpenUpload, UploadOpened};
use app::wire::room::{Author, RoomSnapshot, Visibility};
use bytes::Bytes;
use futures::StreamExt;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bus::local::LocalBus;
use crate::clock::{Clock, ManualClock};
use crate::domain::room::RoomRecord;
use crate::domain::upload::UploadRecord;
use crate::files::{Answer, Asked, FileError, FileSettings, Files, Watchers};
use crate::ids::{IdSource, SystemIds};
use crate::log::{Command, Draft, Precondition, RoomLog};
use crate::storage::embedded::EmbeddedStore;
use crate::storage::faulty::{Faults, FaultyByteStore, FaultyEventLog, FaultyUploadStore};
use crate::storage::{ByteStore, EventLog, RoomStore, UploadStore};
use crate::sweeper::{SweepSettings, Sweeper, SweeperDeps};
use crate::uploads::{BodyHead, Sent, UploadDeps, UploadError, UploadSettings, Uploads};

pub(super) const NOW: Millis = 1_700_000_000_000;

pub(super) const ADA: SessionId = SessionId([1; 32]);
pub(super) const BOB: SessionId = SessionId([2; 32]);

/// The node and everything it is made of.
pub(super) struct Node {
    pub(super) uploads: Arc<Uploads>,
    pub(super) files: Arc<Files>,
    pub(super) watchers: Arc<Watchers>,
    pub(super) sweeper: Sweeper,
    pub(super) log: Arc<RoomLog>,
    pub(super) bus: Arc<LocalBus>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Arc<dyn UploadStore>,
    pub(super) events: Arc<dyn EventLog>,
    pub(super) rooms: Arc<dyn RoomStore>,
    pub(super) tasks: TaskTracker,
    pub(super) stopping: CancellationToken,
    /// What the node is started again from.
    disk: Disk,
}

/// What survives a crash.
#[derive(Clone)]
pub(super) struct Disk {
    store: EmbeddedStore,
    directory: Arc<TempDir>,
    clock: Arc<ManualClock>,
}

impl Disk {
    pub(super) fn new() -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        Self {
            store: EmbeddedStore::open(directory.path()).unwrap(),
            directory,
            clock: Arc::new(ManualClock::at(NOW)),
        }
    }

    /// How many bytes lie in the files of the store.
    pub(super) fn bytes_of_files(&self) -> u64 {
        fn of(path: &std::path::Path) -> u64 {
            let entries = std::fs::read_dir(path).unwrap();
            let size = |entry: std::fs::DirEntry| {
                if entry.file_type().unwrap().is_dir() {
                    of(&entry.path())
                } else {
                    entry.metadata().unwrap().len()
                }
            };
            entries.map(|entry| size(entry.unwrap())).sum()
        }
        of(&self.directory.path().join("files"))
    }
}

/// Settings as a server has them that was told nothing.
pub(super) fn settings() -> (UploadSettings, FileSettings, Limits) {
    (
        UploadSettings::default(),
        FileSettings::default(),
        Limits::default(),
    )
}

impl Node {
    /// A node with the room.
    pub(super) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(super) async fn with(settings: (UploadSettings, FileSettings, Limits)) -> Self {
        let node = Self::on(Disk::new(), &Faults::none(), settings);
        let created = RoomRecord {
            id: room(),
            epoch: app::wire::ids::Epoch([7; 8]),
            visibility: Visibility::Listed,
            owner: ADA,
            created_at: NOW,
            last_activity: NOW,
            ended: false,
        };
        node.rooms.create(&created).await.unwrap();
        let snapshot = RoomSnapshot {
            room: room(),
            title: "Cats".into(),
            visibility: Visibility::Listed,
            created_at: NOW,
            ends_after_hours: 72,
        };
        let draft = Draft::RoomChanged { snapshot };
        let created = Command::server(room(), draft, Precondition::NoLog);
        node.log.append(created).await.unwrap();
        node
    }

    /// A node on what is there, whose store may fail.
    pub(super) fn on(
        disk: Disk,
        faults: &Faults,
        (uploads, files, limits): (UploadSettings, FileSettings, Limits),
    ) -> Self {
        let store: Arc<dyn UploadStore> =
            Arc::new(FaultyUploadStore::new(disk.store.uploads(), faults));
        let bytes: Arc<dyn ByteStore> = Arc::new(FaultyByteStore::new(disk.store.bytes(), faults));
        let events: Arc<dyn EventLog> = Arc::new(FaultyEventLog::new(disk.store.events(), faults));
        let rooms = disk.store.rooms();
        let bus = Arc::new(LocalBus::new());
        let clock: Arc<dyn Clock> = disk.clock.clone();
        let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        let log = RoomLog::new(
            events.clone(),
            rooms.clone(),
            bus.clone(),
            clock.clone(),
            tasks.clone(),
        );
        let watchers = Watchers::new(
            store.clone(),
            bytes.clone(),
            bus.clone(),
            tasks.clone(),
            stopping.clone(),
            files.clone(),
        );
        let files = Files::new(store.clone(), bytes.clone(), watchers.clone(), &files);
        let deps = UploadDeps {
            store: store.clone(),
            bytes: bytes.clone(),
            rooms: rooms.clone(),
            log: log.clone(),
            bus: bus.clone(),
            watchers: watchers.clone(),
            clock: clock.clone(),
            ids,
            tasks: tasks.clone(),
            stopping: stopping.clone(),
        };
        let uploads = Uploads::new(deps, uploads, limits);
        let deps = SweeperDeps {
            uploads: uploads.clone(),
            store: store.clone(),
            bytes,
            events: events.clone(),
            rooms: rooms.clone(),
            log: log.clone(),
            clock,
        };
        Self {
            uploads,
            files,
            watchers,
            sweeper: Sweeper::new(deps, SweepSettings::default(), &limits),
            log,
            bus,
            clock: disk.clock.clone(),
            store,
            events,
            rooms,
            tasks,
            stopping,
            disk,
        }
    }

    /// The same data under another process, without faults.
    pub(super) fn restarted(&self) -> Self {
        self.restarted_with(&Faults::none())
    }

    pub(super) fn restarted_with(&self, faults: &Faults) -> Self {
        Self::on(self.disk.clone(), faults, settings())
    }

    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Waits until no task of the node runs any more.
    pub(super) async fn settle(&self) {
        self.tasks.close();
        tokio::time::timeout(Duration::from_secs(60), self.tasks.wait())
            .await
            .expect("tasks end");
        self.tasks.reopen();
    }

    /// Opens an upload of Ada's.
    pub(super) async fn open(&self, size: Option<u64>) -> UploadOpened {
        self.try_open(ADA, wanted(size)).await.unwrap()
    }

    pub(super) async fn try_open(
        &self,
        session: SessionId,
        wanted: OpenUpload,
    ) -> Result<UploadOpened, UploadError> {
        let address = "192.0.2.1".parse().unwrap();
        self.uploads.open(session, address, wanted).await
    }

    /// Sends a body in one piece that says how long it is.
    pub(super) async fn send(
        &self,
        upload: &UploadOpened,
        offset: u64,
        bytes: &[u8],
    ) -> Result<Sent, UploadError> {
        let head = BodyHead {
            offset,
            length: Some(bytes.len() as u64),
            last: false,
        };
        let bytes = Bytes::copy_from_slice(bytes);
        let body = futures::stream::iter([Ok::<_, Cut>(bytes)]);
        self.uploads.send(&upload.key, head, body).await
    }

    /// Begins to send a body that the test feeds.
    pub(super) fn begin(&self, upload: &UploadOpened, offset: u64) -> Sender {
        let (feed, body) = mpsc::channel(64);
        let (uploads, key) = (self.uploads.clone(), upload.key);
        let head = BodyHead {
            offset,
            length: None,
            last: true,
        };
        let sent = self
            .tasks
            .spawn(async move { uploads.send(&key, head, ReceiverStream::new(body)).await });
        Sender { feed, sent }
    }

    /// Makes a post of Ada's with files: what the service does for `create_post`.
    pub(super) async fn post(&self, nonce: Nonce, files: &[FileId]) -> Result<PostNo, UploadError> {
        let notices = self.uploads.claim(&room(), &ADA, &nonce, files).await?;
        let draft = Draft::Posted {
            author: author(),
            text: String::new(),
            files: notices,
        };
        let posted = Command::user(room(), ADA, nonce, draft, Precondition::RoomOpen);
        let event = match self.log.append(posted).await {
            Ok(event) => event,
            Err(error) => {
                let _ = self.uploads.unclaim(&nonce, files).await;
                return Err(UploadError::Log(error));
            }
        };
        self.uploads.posted(&room(), &ADA, &nonce, event.no).await?;
        Ok(event.no)
    }

    pub(super) async fn record(&self, file: &FileId) -> UploadRecord {
        self.store.get(file).await.unwrap().unwrap()
    }

    /// Waits until the record of a file is as asked.
    pub(super) async fn until(&self, file: &FileId, asked: impl Fn(&UploadRecord) -> bool) {
        let waits = async {
            while !asked(&self.record(file).await) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waits)
            .await
            .expect("the record becomes what is asked");
    }

    /// The room's log.
    pub(super) async fn log(&self) -> Vec<Event> {
        let entries = self.events.range(&room(), 0, 1_000).await.unwrap();
        entries.into_iter().map(|entry| entry.event).collect()
    }

    /// The log's events about files, as words.
    pub(super) async fn told(&self) -> Vec<&'static str> {
        let word = |event: &Event| match event.body {
            EventBody::FileStarted { .. } => Some("started"),
            EventBody::FileReady { .. } => Some("ready"),
            EventBody::FileStopped { .. } => Some("stopped"),
            EventBody::FileRemoved { .. } => Some("removed"),
            _ => None,
        };
        self.log().await.iter().filter_map(word).collect()
    }

    /// A file as the room sees it.
    pub(super) async fn seen(&self, file: &FileId) -> Attachment {
        let mut view = RoomView::default();
        for event in self.log().await {
            apply(&mut view, &event);
        }
        let files = view.posts.into_values().flat_map(|post| post.files);
        let mut files = files.filter(|held| held.notice.file == *file);
        files.next().expect("the file is posted")
    }

    pub(super) async fn get(&self, file: &FileId) -> Result<Answer, FileError> {
        self.files.answer(*file, Asked::default()).await
    }

    /// Everything a reader gets, and whether it ended cleanly.
    pub(super) async fn read(&self, file: &FileId) -> (Vec<u8>, bool) {
        read_all(self.get(file).await.unwrap()).await
    }
}

/// A request that sends, fed by the test.
pub(super) struct Sender {
    pub(super) feed: mpsc::Sender<Result<Bytes, Cut>>,
    pub(super) sent: JoinHandle<Result<Sent, UploadError>>,
}

impl Sender {
    pub(super) async fn give(&self, bytes: &[u8]) {
        self.feed
            .send(Ok(Bytes::copy_from_slice(bytes)))
            .await
            .unwrap();
    }

    /// Ends the body.
    pub(super) async fn end(self) -> Result<Sent, UploadError> {
        drop(self.feed);
        self.sent.await.unwrap()
    }

    /// Breaks the body off.
    pub(super) async fn cut(self) -> Result<Sent, UploadError> {
        self.feed.send(Err(Cut)).await.unwrap();
        self.end().await
    }

    /// The answer to a body that stays open.
    pub(super) async fn answer(self) -> Result<Sent, UploadError> {
        self.sent.await.unwrap()
    }
}

/// A connection that broke.
#[derive(Debug)]
pub(super) struct Cut;

pub(super) async fn read_all(answer: Answer) -> (Vec<u8>, bool) {
    let mut body = answer.body.expect("a body");
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(_) => return (bytes, false),
        }
    }
    (bytes, true)
}

/// Reads exactly as many bytes as are there.
pub(super) async fn read_some(answer: &mut Answer, length: usize) -> Vec<u8> {
    let body = answer.body.as_mut().expect("a body");
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let next = tokio::time::timeout(Duration::from_secs(60), body.next());
        let piece = next.await.expect("more comes").expect("no end").unwrap();
        bytes.extend_from_slice(&piece);
    }
    assert_eq!(bytes.len(), length);
    bytes
}

pub(super) fn room() -> RoomId {
    "testroom".parse().unwrap()
}

pub(super) fn author() -> Author {
    Author {
        number: 1,
        name: None,
        op: true,
    }
}

pub(super) fn wanted(size: Option<u64>) -> OpenUpload {
    OpenUpload {
        room: room(),
        name: "cat.png".into(),
        size,
        hint: Some(FileKind::Image),
        placeholder: Placeholder::default(),
    }
}

pub(super) fn nonce(number: u8) -> Nonce {
    Nonce([number; 16])
}

/// A picture of `length` bytes as far as its header goes, all of them different from their neighbours.
pub(super) fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0".to_vec();
    let noise = (0_u32..).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
    bytes.extend(noise.take(length.saturating_sub(bytes.len())));
    bytes.truncate(length);
    bytes
}
