//! The ports in memory, as slow and as broken as a test wants them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, Weak};
use std::time::Duration;

use app::api::backend::SessionId;
use app::model::room::{RoomView, apply};
use app::wire::event::{Event, EventBody};
use app::wire::file::Started;
use app::wire::ids::{Epoch, FileId, Millis, Nonce, PostNo, RoomId, Seq};
use app::wire::room::{PeopleHere, Visibility};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::events::{event, session};
use crate::bus::{Bus, BusError, BusEvent, Topic};
use crate::clock::Clock;
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::domain::participant::{Name, Participant};
use crate::domain::room::RoomRecord;
use crate::domain::upload::{KeyHash, Turn, UploadRecord, UploadState};
use crate::hub::Hub;
use crate::ids::IdSource;
use crate::presence::{NodeMembers, PresenceError, PresenceStore};
use crate::storage::{
    Commit, CommitOutcome, EventLog, Head, Inserted, ParticipantStore, PostRef, Renamed, RoomStore,
    StorageError, UploadCounts, UploadStore,
};

/// Wall time that follows tokio's clock.
#[derive(Debug)]
pub(super) struct TokioClock(pub(super) Instant);

impl Clock for TokioClock {
    fn now(&self) -> Millis {
        Millis::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

#[derive(Debug, Default)]
pub(super) struct FakeStore {
    pub(super) logs: Mutex<HashMap<RoomId, Vec<Event>>>,
    pub(super) epoch: Mutex<u8>,
    pub(super) uploads: Mutex<Vec<UploadRecord>>,
    pub(super) people: Mutex<HashMap<(RoomId, SessionId), Participant>>,
    pub(super) down: AtomicBool,
    pub(super) ranges: AtomicUsize,
    pub(super) heads: AtomicUsize,
    pub(super) lookups: AtomicUsize,
}

impl FakeStore {
    pub(super) fn epoch(&self) -> Epoch {
        Epoch([*self.epoch.lock().unwrap(); 8])
    }

    /// Appends as the log would; nobody is told.
    pub(super) fn append(&self, room: &RoomId, no: Option<PostNo>, body: EventBody) -> Event {
        let mut logs = self.logs.lock().unwrap();
        let log = logs.entry(room.clone()).or_default();
        let posts = log.last().map_or(0, |last| last.posts);
        let is_post = matches!(body, EventBody::Posted { .. });
        let no = no.unwrap_or(if is_post { posts + 1 } else { 0 });
        let mut appended = event(log.len() as Seq + 1, no, body);
        appended.posts = posts + u32::from(is_post);
        log.push(appended.clone());
        appended
    }

    pub(super) fn head(&self, room: &RoomId) -> Seq {
        self.logs.lock().unwrap().get(room).map_or(0, Vec::len) as Seq
    }

    /// The fold of the whole log.
    pub(super) fn view(&self, room: &RoomId) -> RoomView {
        let mut view = RoomView::default();
        for event in self.logs.lock().unwrap().get(room).into_iter().flatten() {
            apply(&mut view, event);
        }
        view
    }

    /// Answers after a moment, as a store does: a read gives what was there when it began.
    async fn answer<T>(&self, value: T) -> Result<T, StorageError> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        if self.down.load(Ordering::SeqCst) {
            return Err(StorageError::Unavailable("down".into()));
        }
        Ok(value)
    }
}

fn entry(room: &RoomId, event: &Event) -> Entry {
    Entry {
        room: room.clone(),
        source: Source::Server,
        command: CommandHash([0; 16]),
        event: event.clone(),
    }
}

fn head_of(log: &[Event]) -> Option<Head> {
    log.last().map(|last| Head {
        seq: last.seq,
        posts: last.posts,
        at: last.at,
        ended: last.body == EventBody::RoomEnded,
    })
}

#[async_trait]
impl EventLog for FakeStore {
    async fn insert(&self, _: &[Entry]) -> Result<Inserted, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        self.heads.fetch_add(1, Ordering::SeqCst);
        let head = self
            .logs
            .lock()
            .unwrap()
            .get(room)
            .and_then(|log| head_of(log));
        self.answer(head).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        let heads = {
            let logs = self.logs.lock().unwrap();
            let head = |room: &RoomId| Some((room.clone(), head_of(logs.get(room)?)?));
            rooms.iter().filter_map(head).collect()
        };
        self.answer(heads).await
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        self.ranges.fetch_add(1, Ordering::SeqCst);
        let entries = {
            let logs = self.logs.lock().unwrap();
            let log = logs.get(room).into_iter().flatten();
            let events = log.filter(|event| event.seq > after);
            events
                .take(limit as usize)
                .map(|event| entry(room, event))
                .collect()
        };
        self.answer(entries).await
    }

    async fn posts(&self, _: &RoomId, _: PostNo, _: PostNo) -> Result<Vec<Entry>, StorageError> {
        unreachable!("the hub reads no pages")
    }

    async fn snapshot(&self, _: &RoomId) -> Result<Option<Entry>, StorageError> {
        unreachable!("the hub reads no pages")
    }

    async fn by_nonce(
        &self,
        _: &RoomId,
        _: &Source,
        _: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        let mut logs = self.logs.lock().unwrap();
        for event in logs.get_mut(&post.room).into_iter().flatten() {
            if event.no == post.no && event.body != EventBody::PostRemoved {
                event.body = EventBody::Tombstone;
            }
        }
        Ok(())
    }

    async fn pending_redactions(&self, _: u32) -> Result<Vec<PostRef>, StorageError> {
        unreachable!("the hub does not sweep")
    }
}

#[async_trait]
impl RoomStore for FakeStore {
    async fn create(&self, _: &RoomRecord) -> Result<bool, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError> {
        let there = self.logs.lock().unwrap().contains_key(room);
        let record = there.then(|| RoomRecord {
            id: room.clone(),
            epoch: self.epoch(),
            visibility: Visibility::Listed,
            owner: session(1),
            created_at: 0,
            last_activity: 0,
            ended: false,
        });
        self.answer(record).await
    }

    async fn listed(&self, _: u32) -> Result<Vec<RoomRecord>, StorageError> {
        unreachable!("the hub lists nothing")
    }

    async fn touch(&self, _: &RoomId, _: Millis) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn end(&self, _: &RoomId) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn idle(&self, _: Millis, _: u32) -> Result<Vec<RoomRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn renew_epochs(&self, _: &dyn IdSource) -> Result<u64, StorageError> {
        unreachable!("the hub does not write")
    }
}

#[async_trait]
impl ParticipantStore for FakeStore {
    async fn get(
        &self,
        room: &RoomId,
        session: &SessionId,
    ) -> Result<Option<Participant>, StorageError> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let key = (room.clone(), *session);
        let found = self.people.lock().unwrap().get(&key).cloned();
        self.answer(found).await
    }

    async fn join(&self, _: &RoomId, _: &SessionId, _: bool) -> Result<Participant, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn rename(
        &self,
        _: &RoomId,
        _: &SessionId,
        _: Option<&Name>,
    ) -> Result<Renamed, StorageError> {
        unreachable!("the hub does not write")
    }
}

#[async_trait]
impl UploadStore for FakeStore {
    async fn open_in_room(&self, room: &RoomId) -> Result<Vec<UploadRecord>, StorageError> {
        let uploads = self.uploads.lock().unwrap().clone();
        let open = uploads.into_iter().filter(|upload| upload.room == *room);
        self.answer(open.collect()).await
    }

    async fn create(&self, _: &UploadRecord) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn get(&self, _: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn by_key(&self, _: &KeyHash) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn by_post(
        &self,
        _: &RoomId,
        _: &SessionId,
        _: &Nonce,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn counts(&self, _: &SessionId, _: &[u8; 8]) -> Result<UploadCounts, StorageError> {
        unreachable!("the hub reads rooms")
    }

    async fn claim(
        &self,
        _: &FileId,
        _: &RoomId,
        _: &SessionId,
        _: &Nonce,
    ) -> Result<bool, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn unclaim(&self, _: &FileId, _: &Nonce) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn posted(
        &self,
        _: &RoomId,
        _: &SessionId,
        _: &Nonce,
        _: PostNo,
    ) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn take_turn(&self, _: &FileId) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn set_started(
        &self,
        _: &FileId,
        _: Turn,
        _: &Started,
    ) -> Result<CommitOutcome, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn set_size(&self, _: &FileId, _: Turn, _: u64) -> Result<CommitOutcome, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn commit(&self, _: &Commit) -> Result<CommitOutcome, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn transition(
        &self,
        _: &FileId,
        _: &[UploadState],
        _: UploadState,
        _: Option<[u8; 32]>,
        _: Millis,
    ) -> Result<Option<UploadRecord>, StorageError> {
        unreachable!("the hub does not write")
    }

    async fn mark_told(&self, _: &FileId) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn remove(&self, _: &FileId) -> Result<(), StorageError> {
        unreachable!("the hub does not write")
    }

    async fn unclaimed(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn idle(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn untold(&self, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn unposted(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }

    async fn spent(&self, _: Millis, _: u32) -> Result<Vec<UploadRecord>, StorageError> {
        unreachable!("the hub does not sweep")
    }
}

/// A bus that hands on at once what is published on a topic that is followed.
#[derive(Debug, Default)]
pub(super) struct FakeBus {
    pub(super) followed: Mutex<HashSet<Topic>>,
    pub(super) down: AtomicBool,
    pub(super) hub: OnceLock<Weak<Hub>>,
}

impl FakeBus {
    pub(super) fn is_followed(&self, room: &RoomId) -> bool {
        let topic = Topic::Room(room.clone());
        self.followed.lock().unwrap().contains(&topic)
    }

    fn check(&self) -> Result<(), BusError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(BusError::Unavailable("down".into()));
        }
        Ok(())
    }

    pub(super) fn hand_on(&self, topic: &Topic, payload: &[u8]) {
        let Topic::Room(room) = topic else { return };
        if self.is_followed(room) && self.check().is_ok() {
            let hub = self.hub.get().and_then(Weak::upgrade).unwrap();
            hub.deliver(room, payload);
        }
    }
}

#[async_trait]
impl Bus for FakeBus {
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        self.hand_on(topic, &payload);
        Ok(())
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        self.followed.lock().unwrap().insert(topic.clone());
        Ok(())
    }

    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.followed.lock().unwrap().remove(topic);
        Ok(())
    }

    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>> {
        unreachable!("the hub does not listen")
    }
}

/// Presence of this node and of one other.
#[derive(Debug, Default)]
pub(super) struct FakePresence {
    pub(super) ours: Mutex<HashMap<RoomId, NodeMembers>>,
    pub(super) theirs: Mutex<HashMap<RoomId, NodeMembers>>,
    pub(super) puts: AtomicUsize,
    pub(super) down: AtomicBool,
}

impl FakePresence {
    fn check(&self) -> Result<(), PresenceError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(PresenceError("down".into()));
        }
        Ok(())
    }

    fn people(&self, room: &RoomId) -> PeopleHere {
        let mut people = PeopleHere::default();
        for node in [&self.ours, &self.theirs] {
            if let Some(members) = node.lock().unwrap().get(room) {
                people.here += members.count;
                people.named.extend(members.named.iter().cloned());
            }
        }
        people
    }
}

#[async_trait]
impl PresenceStore for FakePresence {
    async fn put(&self, room: &RoomId, members: &NodeMembers) -> Result<(), PresenceError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        self.puts.fetch_add(1, Ordering::SeqCst);
        let mut ours = self.ours.lock().unwrap();
        if members.count == 0 {
            ours.remove(room);
        } else {
            ours.insert(room.clone(), members.clone());
        }
        Ok(())
    }

    async fn get(&self, room: &RoomId) -> Result<PeopleHere, PresenceError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        Ok(self.people(room))
    }

    async fn counts(&self, rooms: &[RoomId]) -> Result<Vec<u32>, PresenceError> {
        self.check()?;
        Ok(rooms.iter().map(|room| self.people(room).here).collect())
    }
}
