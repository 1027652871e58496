//! A log whose store loses its primary now and then, by a seeded plan, for property tests.
//!
//! What the majority has not acknowledged is shown to nobody, as reads of the majority show it to nobody, and yet it
//! takes its keys; later it is acknowledged after all, or a failover drops it. A write that was given up may arrive
//! when nobody waits for it any more.

use std::sync::Arc;

use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;
use tokio::sync::{Mutex, MutexGuard};

use crate::domain::entry::{Entry, Source};
use crate::storage::{Duplicate, EventLog, Head, Inserted, PostRef, StorageError};
use crate::testing::Lots;

/// How often what happens, in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailoverOdds {
    /// Of the inserts: the primary takes a part of it, perhaps all, and the majority does not acknowledge it.
    pub unacknowledged: u16,
    /// Of the inserts: it is given up, and arrives at one of the later calls.
    pub late: u16,
    /// Of the calls, reads too: the majority acknowledges what it had not.
    pub caught_up: u16,
    /// Of the calls: another primary takes over, without what was not acknowledged.
    pub failover: u16,
}

/// How many entries, and refusals, met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailoverFates {
    /// Taken by the primary alone.
    pub unacknowledged: u64,
    /// Of these, dropped by a failover.
    pub rolled_back: u64,
    /// Of these, acknowledged when nobody waited any more.
    pub acknowledged: u64,
    /// Arrived when nobody waited any more, and taken.
    pub late: u64,
    /// Inserts refused for a key that nobody is shown.
    pub refused_unseen: u64,
}

/// Wraps a log, which has what the majority has.
#[derive(Debug)]
pub struct FailoverLog {
    majority: Arc<dyn EventLog>,
    primary: Mutex<Primary>,
}

/// What is not of the majority.
#[derive(Debug)]
struct Primary {
    lots: Lots,
    odds: FailoverOdds,
    /// In the order of their insertion.
    unacknowledged: Vec<Entry>,
    /// Inserts on their way.
    late: Vec<Vec<Entry>>,
    fates: FailoverFates,
}

impl FailoverLog {
    /// Fails over by `odds`, drawn from `seed`.
    #[must_use]
    pub fn new(majority: Arc<dyn EventLog>, odds: FailoverOdds, seed: u64) -> Self {
        Self {
            majority,
            primary: Mutex::new(Primary {
                lots: Lots::of(seed),
                odds,
                unacknowledged: Vec::new(),
                late: Vec::new(),
                fates: FailoverFates::default(),
            }),
        }
    }

    /// Changes what happens from now on; what is not acknowledged stays as it is.
    pub async fn set(&self, odds: FailoverOdds) {
        self.primary.lock().await.odds = odds;
    }

    /// What happened so far.
    pub async fn fates(&self) -> FailoverFates {
        self.primary.lock().await.fates
    }

    /// The majority acknowledges what it had not.
    ///
    /// # Errors
    /// As the inner log.
    pub async fn catch_up(&self) -> Result<(), StorageError> {
        self.catch_up_with(&mut *self.primary.lock().await).await
    }

    /// Another primary takes over, without what was not acknowledged.
    pub async fn fail_over(&self) {
        self.primary.lock().await.roll_back();
    }

    /// What is on its way arrives.
    ///
    /// # Errors
    /// As the inner log.
    pub async fn arrive(&self) -> Result<(), StorageError> {
        let mut primary = self.primary.lock().await;
        while !primary.late.is_empty() {
            self.arrive_first(&mut primary).await?;
        }
        Ok(())
    }

    /// Locks the primary and lets happen what is due.
    async fn time_passes(&self) -> Result<MutexGuard<'_, Primary>, StorageError> {
        let mut primary = self.primary.lock().await;
        let odds = primary.odds;
        if primary.lots.per_mille() < odds.caught_up {
            self.catch_up_with(&mut primary).await?;
        }
        if primary.lots.per_mille() < odds.failover {
            primary.roll_back();
        }
        // Half of the calls, so that what is late meets what was written meanwhile.
        if !primary.late.is_empty() && primary.lots.per_mille() < 500 {
            self.arrive_first(&mut primary).await?;
        }
        Ok(primary)
    }

    async fn catch_up_with(&self, primary: &mut Primary) -> Result<(), StorageError> {
        for entry in std::mem::take(&mut primary.unacknowledged) {
            self.majority.insert(&[entry]).await?;
            primary.fates.acknowledged += 1;
        }
        Ok(())
    }

    /// The first of the late inserts arrives, and is not acknowledged: nobody waits for it.
    async fn arrive_first(&self, primary: &mut Primary) -> Result<(), StorageError> {
        let entries = primary.late.remove(0);
        let fitting = self.fitting(primary, &entries).await?;
        primary.fates.late += fitting as u64;
        primary
            .unacknowledged
            .extend_from_slice(&entries[..fitting]);
        Ok(())
    }

    /// How many of the entries an ordered insert takes.
    async fn fitting(&self, primary: &Primary, entries: &[Entry]) -> Result<usize, StorageError> {
        for (index, entry) in entries.iter().enumerate() {
            let (room, nonce) = (&entry.room, &entry.event.nonce);
            let known = self.majority.by_nonce(room, &entry.source, nonce).await?;
            let before = entry.event.seq.saturating_sub(1);
            let taken = self.majority.range(room, before, 1).await?;
            let is_taken = taken.iter().any(|held| held.event.seq == entry.event.seq);
            if known.is_some() || is_taken || primary.refuses(entry).is_some() {
                return Ok(index);
            }
        }
        Ok(entries.len())
    }
}

impl Primary {
    /// The key of what is not acknowledged that refuses an entry.
    fn refuses(&self, entry: &Entry) -> Option<Duplicate> {
        let of_room = || (self.unacknowledged.iter()).filter(|held| held.room == entry.room);
        let same_command =
            |held: &Entry| held.source == entry.source && held.event.nonce == entry.event.nonce;
        if of_room().any(same_command) {
            return Some(Duplicate::Nonce);
        }
        let same_place = |held: &Entry| held.event.seq == entry.event.seq;
        of_room().any(same_place).then_some(Duplicate::Seq)
    }

    fn roll_back(&mut self) {
        self.fates.rolled_back += self.unacknowledged.len() as u64;
        self.unacknowledged.clear();
    }
}

fn not_acknowledged() -> StorageError {
    StorageError::Unavailable("the majority did not acknowledge it".into())
}

#[async_trait]
impl EventLog for FailoverLog {
    /// Refused for a key that nobody is shown, an adapter may name either key: it looks for the command and does not
    /// find it.
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        let mut primary = self.time_passes().await?;
        let odds = primary.odds;
        let lot = primary.lots.per_mille();
        if lot < odds.late {
            primary.late.push(entries.to_vec());
            return Err(not_acknowledged());
        }
        if let Some(refused) = entries.first().and_then(|first| primary.refuses(first)) {
            primary.fates.refused_unseen += 1;
            let named = primary.lots.per_mille() < 500;
            let refused = if named { refused } else { Duplicate::Seq };
            return Ok(Inserted::Partly { stored: 0, refused });
        }
        if lot < odds.late + odds.unacknowledged {
            let fitting = self.fitting(&primary, entries).await?;
            let most = fitting.max(1) as u64;
            let taken = usize::try_from(primary.lots.draw() % most + 1).unwrap_or(fitting);
            let taken = &entries[..taken.min(fitting)];
            primary.fates.unacknowledged += taken.len() as u64;
            primary.unacknowledged.extend_from_slice(taken);
            return Err(not_acknowledged());
        }
        // The majority acknowledges in the order of the primary: what was before this, too.
        self.catch_up_with(&mut primary).await?;
        self.majority.insert(entries).await
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.head(room).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.heads(rooms).await
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.range(room, after, limit).await
    }

    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.posts(room, first, last).await
    }

    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.snapshot(room).await
    }

    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.by_nonce(room, source, nonce).await
    }

    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        drop(self.time_passes().await?);
        self.majority.redact(post).await
    }

    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        drop(self.time_passes().await?);
        self.majority.pending_redactions(limit).await
    }
}
