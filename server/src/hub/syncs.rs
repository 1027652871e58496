//! When a room's state is read from the store: one read at a time, asked for by many.

use std::time::Duration;

use tokio::time::Instant;

/// Number of a read; a later read has a higher one.
pub(super) type SyncNo = u64;

/// Reads asked for, begun and done. Who asks while one runs gets the next, which begins after the question.
#[derive(Debug)]
pub(super) struct Syncs {
    asked: SyncNo,
    begun: SyncNo,
    done: SyncNo,
    good: SyncNo,
    good_at: Instant,
    not_before: Instant,
    /// Something may have been lost; cleared by the first good read that began later.
    dirty: bool,
    /// Whether the room's record is to be read too.
    record: bool,
    /// Whether the last read failed.
    failing: bool,
}

/// A read that has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    /// Its number.
    pub(super) no: SyncNo,
    /// When.
    pub(super) at: Instant,
    /// Whether the room's record is to be read too.
    pub(super) record: bool,
}

impl Syncs {
    /// Just read.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            asked: 0,
            begun: 0,
            done: 0,
            good: 0,
            good_at: now,
            not_before: now,
            dirty: false,
            record: false,
            failing: false,
        }
    }

    /// Asks for a read that begins from now on.
    pub(super) fn ask(&mut self) -> SyncNo {
        self.asked = self.asked.max(self.begun + 1);
        self.asked
    }

    /// The same, with the room's record.
    pub(super) fn ask_with_record(&mut self) -> SyncNo {
        self.record = true;
        self.ask()
    }

    /// Asks for a read unless a good one is younger than `fresh`.
    pub(super) fn ask_unless_fresh(&mut self, now: Instant, fresh: Duration) -> SyncNo {
        if now < self.good_at + fresh && !self.dirty {
            self.good
        } else {
            self.ask()
        }
    }

    /// Something may have been lost: reads until one succeeds.
    pub(super) fn dirty(&mut self, record: bool) {
        self.dirty = true;
        self.record |= record;
        self.ask();
    }

    /// Whether something may have been lost.
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// When the next read is to begin.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.asked > self.begun).then_some(self.not_before)
    }

    /// Begins a read.
    pub(super) fn begin(&mut self, now: Instant) -> Begun {
        self.begun = self.asked;
        Begun {
            no: self.begun,
            at: now,
            record: self.record,
        }
    }

    /// Ends a good read; the next one begins after `pause`.
    pub(super) fn good(&mut self, begun: Begun, now: Instant, pause: Duration) {
        self.done = begun.no;
        self.good = begun.no;
        self.good_at = now;
        self.not_before = now + pause;
        self.failing = false;
        // What was lost after the read began asked for another one.
        if self.asked == begun.no {
            self.dirty = false;
            self.record = false;
        }
    }

    /// Ends a failed read; the next one begins after `pause`. Says whether the one before was good.
    pub(super) fn failed(&mut self, begun: Begun, now: Instant, pause: Duration) -> bool {
        self.done = begun.no;
        self.not_before = now + pause;
        if self.dirty {
            self.ask();
        }
        !std::mem::replace(&mut self.failing, true)
    }

    /// Whether read `no` is done, and whether it or a later one was good.
    pub(super) fn outcome(&self, no: SyncNo) -> Option<bool> {
        if self.good >= no {
            Some(true)
        } else if self.done >= no {
            Some(false)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Syncs;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_asks_while_a_read_runs_gets_the_next() {
        let now = Instant::now();
        let mut syncs = Syncs::new(now);
        let first = syncs.ask();
        assert_eq!(syncs.ask(), first, "one read serves both");
        let begun = syncs.begin(now);
        let second = syncs.ask();
        assert_ne!(first, second);
        syncs.good(begun, now, SECOND);
        assert_eq!(syncs.outcome(first), Some(true));
        assert_eq!(syncs.outcome(second), None);
        assert_eq!(syncs.due(), Some(now + SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_be_lost_is_read_until_it_succeeds() {
        let now = Instant::now();
        let mut syncs = Syncs::new(now);
        syncs.dirty(true);
        let begun = syncs.begin(now);
        assert!(begun.record);
        assert!(syncs.failed(begun, now, SECOND));
        assert_eq!(syncs.outcome(begun.no), Some(false));
        let again = syncs.begin(now);
        assert!(again.record);
        syncs.good(again, now, SECOND);
        assert_eq!(syncs.due(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fresh_read_serves_who_comes() {
        let mut syncs = Syncs::new(Instant::now());
        let no = syncs.ask_unless_fresh(Instant::now(), SECOND);
        assert_eq!(syncs.outcome(no), Some(true));
        advance(SECOND).await;
        let no = syncs.ask_unless_fresh(Instant::now(), SECOND);
        assert_eq!(syncs.outcome(no), None);
        syncs.dirty(false);
        assert_eq!(syncs.ask_unless_fresh(Instant::now(), SECOND), no);
    }
}
