//! The store, of which the hub reads: its logs, and what can be made of them.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use app::api::backend::SessionId;
use app::model::room::{RoomView, apply};
use app::wire::event::{Event, EventBody};
use app::wire::ids::{Epoch, Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;

use crate::domain::entry::{CommandHash, Entry, Source};
use crate::domain::participant::Participant;
use crate::domain::upload::UploadRecord;
use crate::hub::tests::events::event;
use crate::storage::{EventLog, Head, Inserted, PostRef, StorageError};

/// What the hub reads of the store.
#[derive(Debug, Default)]
pub(in crate::hub) struct FakeStore {
    pub(in crate::hub) logs: Mutex<HashMap<RoomId, Vec<Event>>>,
    pub(in crate::hub) epoch: Mutex<u8>,
    pub(in crate::hub) uploads: Mutex<Vec<UploadRecord>>,
    pub(in crate::hub) people: Mutex<HashMap<(RoomId, SessionId), Participant>>,
    pub(in crate::hub) down: AtomicBool,
    pub(in crate::hub) ranges: AtomicUsize,
    pub(in crate::hub) heads: AtomicUsize,
    pub(in crate::hub) lookups: AtomicUsize,
}

impl FakeStore {
    pub(in crate::hub) fn epoch(&self) -> Epoch {
        Epoch([*self.epoch.lock().unwrap(); 8])
    }

    /// Appends as the log would; nobody is told.
    pub(in crate::hub) fn append(
        &self,
        room: &RoomId,
        no: Option<PostNo>,
        body: EventBody,
    ) -> Event {
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

    pub(in crate::hub) fn head(&self, room: &RoomId) -> Seq {
        self.logs.lock().unwrap().get(room).map_or(0, Vec::len) as Seq
    }

    /// The fold of the whole log.
    pub(in crate::hub) fn view(&self, room: &RoomId) -> RoomView {
        let mut view = RoomView::default();
        for event in self.logs.lock().unwrap().get(room).into_iter().flatten() {
            apply(&mut view, event);
        }
        view
    }

    /// Answers after a moment, as a store does: a read gives what was there when it began.
    pub(super) async fn answer<T>(&self, value: T) -> Result<T, StorageError> {
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
