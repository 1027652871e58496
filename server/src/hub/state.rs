//! What a room is on this node: its log's end, what is missing of it, and its open files. No IO, one lock.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use app::wire::event::{Event, EventBody};
use app::wire::feed::{Progress, RefusedReason};
use app::wire::ids::{Epoch, Millis, Seq};
use tokio::time::Instant;

use super::members::ConnectionNo;
use super::progress::Board;
use super::repair::{Hold, Judged};
use super::ring::{Ring, Told};
use super::settings::HubSettings;
use super::syncs::{Begun, Syncs};
use crate::domain::upload::UploadRecord;
use crate::storage::Head;

/// Whether a room can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its log's end is being found out.
    Loading,
    /// It follows its log. Where something may have been lost, [`Syncs`] says so.
    Live,
    /// It cannot be followed; who asks again makes a new one.
    Failed(RefusedReason),
}

/// The state of a room under its lock.
#[derive(Debug)]
pub(super) struct RoomState {
    pub(super) phase: Phase,
    pub(super) epoch: Epoch,
    /// Raised whenever the log is another one; cursors of an older generation are worthless.
    pub(super) generation: u32,
    pub(super) ring: Ring,
    pub(super) hold: Hold,
    pub(super) syncs: Syncs,
    pub(super) board: Board,
    /// `RoomEnded` was told; nothing follows.
    pub(super) ended: bool,
    /// Who waits for a read of the store to be let in.
    pub(super) joiners: BTreeSet<ConnectionNo>,
    /// Events that came while loading; bounded like [`Hold`].
    early: Vec<(Epoch, Event)>,
    early_lost: bool,
    settings: Arc<HubSettings>,
}

/// What the store said of a room in one read.
#[derive(Debug)]
pub(super) struct Reading {
    /// The log's epoch, if the record was read.
    pub(super) epoch: Option<Epoch>,
    /// The log's end, `None` while it is empty.
    pub(super) head: Option<Head>,
    /// Its open claimed uploads.
    pub(super) uploads: Vec<UploadRecord>,
    /// When by the wall clock.
    pub(super) wall: Millis,
}

/// What became of a bus message or a read.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Events that entered the ring.
    pub(super) told: Vec<Arc<Told>>,
    /// Members have something to pull, events or not.
    pub(super) news: bool,
    /// The keeper has something new to do or to wait for.
    pub(super) work: bool,
}

/// A hole before an event that is known to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// The last event before it.
    pub(super) after: Seq,
    /// How many are missing.
    pub(super) missing: u64,
}

impl RoomState {
    pub(super) fn new(settings: &Arc<HubSettings>, now: Instant) -> Self {
        Self {
            phase: Phase::Loading,
            epoch: Epoch([0; 8]),
            generation: 0,
            ring: Ring::starting_at(0, settings.ring_events, settings.ring_bytes),
            hold: Hold::new(settings.held_events, 0),
            syncs: Syncs::new(now),
            board: Board::new(settings),
            ended: false,
            joiners: BTreeSet::new(),
            early: Vec::new(),
            early_lost: false,
            settings: Arc::clone(settings),
        }
    }

    /// The last event known to exist.
    pub(super) fn end(&self) -> Seq {
        self.hold.known().max(self.ring.head())
    }

    /// The room is loaded: `tail` are the last events before the head, for the ring.
    pub(super) fn loaded(
        &mut self,
        reading: &Reading,
        tail: Vec<Event>,
        asked: Instant,
        now: Instant,
    ) -> Heard {
        let mut heard = Heard::default();
        // What is old is no news to presence.
        let mut old = Heard::default();
        self.phase = Phase::Live;
        self.replace(
            reading.epoch.unwrap_or(self.epoch),
            tail_start(reading, &tail),
        );
        self.syncs = Syncs::new(now);
        for event in tail {
            if event.seq == self.ring.head() + 1 {
                self.push(event, now, &mut old);
            }
        }
        self.reached_end(reading.head, now);
        self.board.sync(&reading.uploads, asked, now, reading.wall);
        for (epoch, event) in std::mem::take(&mut self.early) {
            self.event(epoch, event, now, &mut heard);
        }
        if std::mem::take(&mut self.early_lost) {
            self.syncs.dirty(false);
        }
        heard.news = true;
        heard
    }

    /// The room is followed no longer, but may be again.
    pub(super) fn unload(&mut self, now: Instant) {
        let settings = Arc::clone(&self.settings);
        let generation = self.generation;
        *self = Self::new(&settings, now);
        self.generation = generation;
    }

    /// Takes an event that the bus brought.
    pub(super) fn event(&mut self, epoch: Epoch, event: Event, now: Instant, heard: &mut Heard) {
        if self.phase != Phase::Live {
            if self.early.len() < self.settings.held_events {
                self.early.push((epoch, event));
            } else {
                self.early_lost = true;
            }
            return;
        }
        if epoch != self.epoch {
            self.syncs.dirty(true);
            heard.work = true;
            return;
        }
        if self.ended {
            return;
        }
        let head = self.ring.head();
        match self.hold.judge(head, event, now, self.settings.hold) {
            Judged::Next(event) => self.push(event, now, heard),
            Judged::Held { first } => heard.work |= first,
            Judged::Old => {}
        }
    }

    /// Takes how far a file is.
    pub(super) fn progress(&mut self, told: Progress, now: Instant, heard: &mut Heard) {
        if self.phase == Phase::Live {
            heard.work |= self.board.progress(told, now);
            heard.news |= self.board.publish(now);
        }
    }

    /// The store has events up to `head`.
    pub(super) fn saw_head(&mut self, head: &Head, now: Instant, heard: &mut Heard) {
        if self.phase == Phase::Live && !self.ended {
            let due = now + self.settings.hold;
            heard.work |= self.hold.saw(self.ring.head(), head.seq, due);
        }
    }

    /// Takes a read of the room's state. `before` was the head when the read began; a store that ends before it
    /// has another log, like one with another epoch.
    pub(super) fn synced(
        &mut self,
        begun: Begun,
        before: Seq,
        reading: &Reading,
        now: Instant,
    ) -> Heard {
        let mut heard = Heard::default();
        let seq = reading.head.map_or(0, |head| head.seq);
        let epoch = reading.epoch.unwrap_or(self.epoch);
        if epoch != self.epoch || seq < before {
            self.replace(epoch, seq);
            heard.news = true;
        } else if !self.ended {
            // What a gap of the bus hid is read at once, what is merely on its way gets its moment.
            let wait = if self.syncs.is_dirty() {
                Duration::ZERO
            } else {
                self.settings.hold
            };
            self.hold.saw(self.ring.head(), seq, now + wait);
        }
        self.reached_end(reading.head, now);
        self.board
            .sync(&reading.uploads, begun.at, now, reading.wall);
        heard.news |= self.board.publish(now);
        self.syncs.good(begun, now, self.settings.sync_pause);
        heard
    }

    /// What is missing and when to read it.
    pub(super) fn gap(&self) -> Option<(Instant, Gap)> {
        let after = self.ring.head();
        let due = self.hold.due()?;
        let missing = self.hold.missing_before().saturating_sub(after + 1);
        Some((due, Gap { after, missing }))
    }

    /// Takes what was read of a gap. A gap that the store does not have either is forgotten, and the room's state
    /// is read anew.
    pub(super) fn filled(&mut self, gap: Gap, events: Vec<Event>, now: Instant) -> Heard {
        let mut heard = Heard::default();
        for event in events {
            if event.seq == self.ring.head() + 1 && !self.ended {
                self.push(event, now, &mut heard);
            }
        }
        if self.ring.head() == gap.after {
            self.hold.clear(gap.after);
            self.syncs.dirty(true);
        }
        heard
    }

    /// Gives up a gap that is larger than a page: the ring starts behind it, and who needs what was skipped reads
    /// the store. Files are read anew, since their events may be among what was skipped.
    pub(super) fn skip(&mut self, now: Instant) -> Heard {
        let mut heard = Heard {
            news: true,
            ..Heard::default()
        };
        let to = self.hold.missing_before().saturating_sub(1);
        self.ring.restart(to);
        if let Some(event) = self.hold.next(to) {
            self.push(event, now, &mut heard);
        }
        let due = now + self.settings.hold;
        self.hold.settle(self.ring.head(), due);
        self.syncs.dirty(false);
        heard
    }

    fn push(&mut self, event: Event, now: Instant, heard: &mut Heard) {
        let files = self.board.silence_due().is_some();
        let mut next = Some(event);
        while let Some(told) = next.and_then(|event| self.ring.push(event)) {
            self.board.event(&told.event, now);
            self.ended |= told.event.body == EventBody::RoomEnded;
            heard.told.push(told);
            next = self.hold.next(self.ring.head());
        }
        let due = now + self.settings.hold;
        self.hold.settle(self.ring.head(), due);
        if self.ended {
            self.hold.clear(self.ring.head());
        }
        heard.news = true;
        heard.work |= !files && self.board.silence_due().is_some();
    }

    /// The log is another one.
    fn replace(&mut self, epoch: Epoch, head: Seq) {
        self.epoch = epoch;
        self.generation += 1;
        self.ring.restart(head);
        self.hold.clear(head);
        self.board = Board::new(&self.settings);
        self.ended = false;
    }

    /// Notes the end of a log whose last event was skipped.
    fn reached_end(&mut self, head: Option<Head>, now: Instant) {
        if let Some(head) = head
            && head.ended
            && head.seq == self.ring.head()
            && !self.ended
        {
            self.ended = true;
            self.board.close();
            self.hold.settle(head.seq, now);
        }
    }
}

/// The event before the first of the tail.
fn tail_start(reading: &Reading, tail: &[Event]) -> Seq {
    match tail.first() {
        Some(first) => first.seq.saturating_sub(1),
        None => reading.head.map_or(0, |head| head.seq),
    }
}
