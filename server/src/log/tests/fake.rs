//! Stores in memory, for tests of the room log alone.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use app::wire::event::EventBody;
use app::wire::ids::{Epoch, Millis, Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;

use crate::domain::entry::{CommandHash, Entry, Source};
use crate::domain::room::RoomRecord;
use crate::ids::IdSource;
use crate::storage::{Duplicate, EventLog, Head, Inserted, PostRef, RoomStore, StorageError};

/// What happens to an insert.
#[derive(Debug, Clone, Copy)]
pub(in crate::log) enum Fault {
    /// It fails, and nothing was stored.
    Before,
    /// It fails after this many entries were stored.
    After(usize),
    /// It never returns, and nothing is stored.
    Hang,
    /// Another node's write comes first: every seq is taken.
    Lose,
}

/// A log in memory.
#[derive(Debug, Default)]
pub(in crate::log) struct FakeLog {
    entries: Mutex<HashMap<RoomId, Vec<Entry>>>,
    pending: Mutex<Vec<PostRef>>,
    /// The faults of the inserts to come.
    pub(in crate::log) faults: Mutex<VecDeque<Fault>>,
    /// Inserts so far.
    pub(in crate::log) inserts: AtomicUsize,
    /// Held while a test wants no insert to be done.
    pub(in crate::log) gate: tokio::sync::Mutex<()>,
}

fn broken() -> StorageError {
    StorageError::Unavailable("told to break down".into())
}

impl FakeLog {
    /// The whole log of a room.
    pub(in crate::log) fn of(&self, room: &RoomId) -> Vec<Entry> {
        self.all().get(room).cloned().unwrap_or_default()
    }

    pub(in crate::log) fn fault(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<RoomId, Vec<Entry>>> {
        self.entries.lock().unwrap()
    }

    /// Stores entries past every fault and the gate.
    pub(in crate::log) fn store(&self, entries: &[Entry]) -> Inserted {
        let mut all = self.all();
        for (stored, entry) in entries.iter().enumerate() {
            let log = all.entry(entry.room.clone()).or_default();
            let nonce_taken = log
                .iter()
                .any(|held| held.source == entry.source && held.event.nonce == entry.event.nonce);
            let seq_taken = log.iter().any(|held| held.event.seq == entry.event.seq);
            if nonce_taken || seq_taken {
                let refused = if nonce_taken {
                    Duplicate::Nonce
                } else {
                    Duplicate::Seq
                };
                return Inserted::Partly { stored, refused };
            }
            assert_eq!(entry.event.seq, log.len() as Seq + 1, "a gap in the log");
            log.push(entry.clone());
            if matches!(entry.event.body, EventBody::PostRemoved) {
                self.pending.lock().unwrap().push(PostRef {
                    room: entry.room.clone(),
                    no: entry.event.no,
                });
            }
        }
        Inserted::All
    }
}

#[async_trait]
impl EventLog for FakeLog {
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        self.inserts.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let _open = self.gate.lock().await;
        let fault = self.faults.lock().unwrap().pop_front();
        match fault {
            None => Ok(self.store(entries)),
            Some(Fault::Before) => Err(broken()),
            Some(Fault::After(stored)) => {
                self.store(&entries[..stored.min(entries.len())]);
                Err(broken())
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Lose) => Ok(Inserted::Partly {
                stored: 0,
                refused: Duplicate::Seq,
            }),
        }
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        tokio::task::yield_now().await;
        let all = self.all();
        let last = all.get(room).and_then(|log| log.last());
        Ok(last.map(|entry| Head {
            seq: entry.event.seq,
            posts: entry.event.posts,
            at: entry.event.at,
            ended: matches!(entry.event.body, EventBody::RoomEnded),
        }))
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        let mut heads = Vec::new();
        for room in rooms {
            if let Some(head) = self.head(room).await? {
                heads.push((room.clone(), head));
            }
        }
        Ok(heads)
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        let later = self.of(room).into_iter();
        let later = later.filter(|entry| entry.event.seq > after);
        Ok(later.take(limit as usize).collect())
    }

    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        tokio::task::yield_now().await;
        let log = self.of(room).into_iter();
        Ok(log
            .filter(|entry| (first..=last).contains(&entry.event.no))
            .collect())
    }

    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        let log = self.of(room).into_iter();
        Ok(log
            .rev()
            .find(|entry| matches!(entry.event.body, EventBody::RoomChanged { .. })))
    }

    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        tokio::task::yield_now().await;
        let mut log = self.of(room).into_iter();
        Ok(log.find(|entry| entry.source == *source && entry.event.nonce == *nonce))
    }

    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        for entry in self.all().entry(post.room.clone()).or_default() {
            if matches!(entry.event.body, EventBody::PostRemoved) || entry.event.no != post.no {
                continue;
            }
            entry.event.body = EventBody::Tombstone;
            entry.command = CommandHash([0; 16]);
        }
        self.pending.lock().unwrap().retain(|held| held != post);
        Ok(())
    }

    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        let pending = self.pending.lock().unwrap();
        Ok(pending.iter().take(limit as usize).cloned().collect())
    }
}

/// One epoch for every room, and notes of what was noted.
#[derive(Debug)]
pub(in crate::log) struct FakeRooms {
    pub(in crate::log) epoch: Epoch,
    pub(in crate::log) touched: Mutex<Vec<Millis>>,
    pub(in crate::log) ended: Mutex<Vec<RoomId>>,
}

impl Default for FakeRooms {
    fn default() -> Self {
        Self {
            epoch: Epoch([7; 8]),
            touched: Mutex::default(),
            ended: Mutex::default(),
        }
    }
}

#[async_trait]
impl RoomStore for FakeRooms {
    async fn create(&self, _: &RoomRecord) -> Result<bool, StorageError> {
        Ok(true)
    }

    async fn get(&self, room: &RoomId) -> Result<Option<RoomRecord>, StorageError> {
        Ok(Some(RoomRecord {
            id: room.clone(),
            epoch: self.epoch,
            visibility: app::wire::room::Visibility::Listed,
            owner: super::fixture::session(1),
            created_at: 0,
            last_activity: 0,
            ended: false,
        }))
    }

    async fn listed(&self, _: u32) -> Result<Vec<RoomRecord>, StorageError> {
        Ok(Vec::new())
    }

    async fn touch(&self, _: &RoomId, at: Millis) -> Result<(), StorageError> {
        self.touched.lock().unwrap().push(at);
        Ok(())
    }

    async fn end(&self, room: &RoomId) -> Result<(), StorageError> {
        self.ended.lock().unwrap().push(room.clone());
        Ok(())
    }

    async fn idle(&self, _: Millis, _: u32) -> Result<Vec<RoomRecord>, StorageError> {
        Ok(Vec::new())
    }

    async fn renew_epochs(&self, _: &dyn IdSource) -> Result<u64, StorageError> {
        Ok(0)
    }
}
