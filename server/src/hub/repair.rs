//! Events that came before one that is missing, and when to ask the store for it.

use std::collections::BTreeMap;
use std::time::Duration;

use app::wire::event::Event;
use app::wire::ids::Seq;
use tokio::time::Instant;

/// What is known beyond a room's head. Bounded; what does not fit is read from the store.
#[derive(Debug)]
pub(super) struct Hold {
    held: BTreeMap<Seq, Event>,
    most: usize,
    /// The last event known to exist.
    known: Seq,
    /// When to read what is missing.
    due: Option<Instant>,
}

/// What became of an event.
#[derive(Debug, PartialEq)]
pub(super) enum Judged {
    /// It is the next one.
    Next(Event),
    /// It was told already.
    Old,
    /// One before it is missing; `first` if nothing was missing before.
    Held {
        /// Whether a wait begins.
        first: bool,
    },
}

impl Hold {
    /// Nothing held, nothing known beyond `head`.
    pub(super) fn new(most: usize, head: Seq) -> Self {
        Self {
            held: BTreeMap::new(),
            most,
            known: head,
            due: None,
        }
    }

    /// Judges an event against the head.
    pub(super) fn judge(
        &mut self,
        head: Seq,
        event: Event,
        now: Instant,
        wait: Duration,
    ) -> Judged {
        if event.seq <= head {
            return Judged::Old;
        }
        if event.seq == head + 1 {
            return Judged::Next(event);
        }
        let first = self.saw(head, event.seq, now + wait);
        if self.held.len() < self.most {
            self.held.insert(event.seq, event);
        }
        Judged::Held { first }
    }

    /// Takes the event after `head` if it waits here.
    pub(super) fn next(&mut self, head: Seq) -> Option<Event> {
        self.held.remove(&(head + 1))
    }

    /// An event `seq` exists; what is missing is read at `due` or as agreed before. Says whether a wait begins.
    pub(super) fn saw(&mut self, head: Seq, seq: Seq, due: Instant) -> bool {
        self.known = self.known.max(seq);
        let begins = self.known > head && self.due.is_none();
        if begins {
            self.due = Some(due);
        }
        begins
    }

    /// Forgets what the head has reached; the rest of a gap gets a fresh wait.
    pub(super) fn settle(&mut self, head: Seq, due: Instant) {
        self.held = self.held.split_off(&(head + 1));
        self.known = self.known.max(head);
        self.due = (self.known > head).then_some(due);
    }

    /// Forgets everything beyond `head`.
    pub(super) fn clear(&mut self, head: Seq) {
        *self = Self::new(self.most, head);
    }

    /// Tries again later.
    pub(super) fn postpone(&mut self, due: Instant) {
        self.due = Some(due);
    }

    /// When to read what is missing.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The last event known to exist.
    pub(super) fn known(&self) -> Seq {
        self.known
    }

    /// The first event that is not missing, or the one after the last known.
    pub(super) fn missing_before(&self) -> Seq {
        self.held
            .first_key_value()
            .map_or(self.known + 1, |(seq, _)| *seq)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::events::posted;
    use super::{Hold, Judged};
    use std::time::Duration;
    use tokio::time::Instant;

    const WAIT: Duration = Duration::from_millis(40);

    #[tokio::test(start_paused = true)]
    async fn crossed_publishes_are_put_in_order_without_the_store() {
        let mut hold = Hold::new(8, 5);
        let now = Instant::now();
        let held = hold.judge(5, posted(7, 7, ""), now, WAIT);
        assert_eq!(held, Judged::Held { first: true });
        assert_eq!(hold.due(), Some(now + WAIT));
        assert_eq!(hold.missing_before(), 7);
        let six = posted(6, 6, "");
        assert_eq!(hold.judge(5, six.clone(), now, WAIT), Judged::Next(six));
        assert_eq!(hold.next(6), Some(posted(7, 7, "")));
        hold.settle(7, now + WAIT);
        assert_eq!((hold.due(), hold.known()), (None, 7));
        assert_eq!(hold.judge(7, posted(7, 7, ""), now, WAIT), Judged::Old);
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_fit_is_still_known_to_be_missing() {
        let mut hold = Hold::new(2, 0);
        let now = Instant::now();
        for seq in [9, 5, 3, 7] {
            hold.judge(0, posted(seq, 1, ""), now, WAIT);
        }
        assert_eq!((hold.known(), hold.missing_before()), (9, 5));
        assert!(hold.next(2).is_none());
        hold.settle(8, now);
        assert_eq!(hold.next(8), Some(posted(9, 1, "")));
    }
}
