//! The recent events of a room, shared by all connections.

use std::collections::VecDeque;
use std::sync::Arc;

use app::wire::event::{Event, EventBody};
use app::wire::feed::{Alias, ServerMessage};
use app::wire::ids::{PostNo, Seq};

use super::frames::{Codec, Frame, Outgoing};

/// An event with its frames, encoded once a codec for all connections.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) event: Event,
    frame: Frame,
}

impl Told {
    fn new(event: Event) -> Arc<Self> {
        Arc::new(Self {
            event,
            frame: Frame::default(),
        })
    }

    /// The event as a frame.
    pub(super) fn encode(&self, codec: Codec, alias: Alias) -> Outgoing {
        self.frame.get(codec, || ServerMessage::Events {
            alias,
            events: vec![self.event.clone()],
        })
    }
}

/// The last events of a room without a gap, up to its head. Bounded by number and by bytes.
#[derive(Debug)]
pub(super) struct Ring {
    entries: VecDeque<Arc<Told>>,
    /// The event before the first entry.
    base: Seq,
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
}

impl Ring {
    /// An empty ring whose next event is `head + 1`.
    pub(super) fn starting_at(head: Seq, most_events: usize, most_bytes: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            base: head,
            bytes: 0,
            most_events,
            most_bytes,
        }
    }

    /// The last event.
    pub(super) fn head(&self) -> Seq {
        self.base + self.entries.len() as Seq
    }

    /// Forgets everything and goes on after `head`.
    pub(super) fn restart(&mut self, head: Seq) {
        self.entries = VecDeque::new();
        self.bytes = 0;
        self.base = head;
    }

    /// Appends the event after the head; any other is refused. A removal takes its post's content out of the
    /// ring, frames included.
    pub(super) fn push(&mut self, event: Event) -> Option<Arc<Told>> {
        if event.seq != self.head() + 1 {
            return None;
        }
        if event.body == EventBody::PostRemoved && event.no > 0 {
            self.redact(event.no);
        }
        let told = Told::new(event);
        self.bytes += weight(&told.event);
        self.entries.push_back(Arc::clone(&told));
        while self.entries.len() > 1
            && (self.entries.len() > self.most_events || self.bytes > self.most_bytes)
        {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= weight(&oldest.event);
                self.base += 1;
            }
        }
        Some(told)
    }

    /// Up to `most` events after `seq`; `None` if the ring no longer has the first of them. A reader ahead of the
    /// ring, who read the store meanwhile, gets nothing until the ring has caught up.
    pub(super) fn after(&self, seq: Seq, most: usize) -> Option<Vec<Arc<Told>>> {
        let behind = self.head().saturating_sub(seq);
        let skip = (self.entries.len() as u64).checked_sub(behind)?;
        let skip = usize::try_from(skip).ok()?;
        Some(self.entries.range(skip..).take(most).cloned().collect())
    }

    fn redact(&mut self, no: PostNo) {
        for entry in &mut self.entries {
            let event = &entry.event;
            if event.no == no && event.body != EventBody::Tombstone {
                self.bytes -= weight(event);
                *entry = Told::new(Event {
                    body: EventBody::Tombstone,
                    ..event.clone()
                });
                self.bytes += weight(&entry.event);
            }
        }
    }
}

/// About how many bytes an event takes, in memory or in a frame.
pub(super) fn weight(event: &Event) -> usize {
    const FIXED: usize = 96;
    const FILE: usize = 160;
    let more = match &event.body {
        EventBody::Posted {
            author,
            text,
            files,
        } => {
            let names: usize = files.iter().map(|file| FILE + file.name.len()).sum();
            text.len() + names + author.name.as_ref().map_or(0, String::len)
        }
        EventBody::Edited { text } => text.len(),
        EventBody::RoomChanged { snapshot } => snapshot.title.len() + FILE,
        _ => 0,
    };
    FIXED + more
}

#[cfg(test)]
mod tests {
    use super::super::tests::events::{edited, posted, removed};
    use super::{Codec, Ring};
    use app::wire::event::EventBody;

    fn seqs(ring: &Ring, after: u64) -> Option<Vec<u64>> {
        let told = ring.after(after, 100)?;
        Some(told.iter().map(|told| told.event.seq).collect())
    }

    #[test]
    fn a_reader_gets_what_follows_its_cursor_or_learns_that_it_is_gone() {
        let mut ring = Ring::starting_at(4, 3, 1 << 20);
        assert_eq!(seqs(&ring, 4), Some(vec![]));
        assert_eq!(seqs(&ring, 3), None);
        for seq in 5..=9 {
            ring.push(posted(seq, 1, "x")).unwrap();
        }
        assert_eq!(ring.head(), 9);
        assert_eq!(seqs(&ring, 6), Some(vec![7, 8, 9]));
        assert_eq!(seqs(&ring, 5), None);
        assert_eq!(seqs(&ring, 12), Some(vec![]));
        assert_eq!(ring.after(6, 2).unwrap().len(), 2);
    }

    #[test]
    fn only_the_next_event_is_taken() {
        let mut ring = Ring::starting_at(4, 3, 1 << 20);
        assert!(ring.push(posted(4, 1, "x")).is_none());
        assert!(ring.push(posted(6, 1, "x")).is_none());
        assert!(ring.push(posted(5, 1, "x")).is_some());
    }

    #[test]
    fn bytes_bound_it_but_the_newest_stays() {
        let mut ring = Ring::starting_at(0, 100, 1_000);
        for seq in 1..=10 {
            ring.push(posted(seq, 1, &"x".repeat(300)));
        }
        assert!(ring.after(0, 100).is_none());
        assert!(!ring.after(9, 100).unwrap().is_empty());
        ring.push(posted(11, 1, &"x".repeat(5_000)));
        assert_eq!(seqs(&ring, 10), Some(vec![11]));
        assert_eq!(seqs(&ring, 9), None);
    }

    #[test]
    fn a_removal_takes_content_and_cached_frames_away() {
        let mut ring = Ring::starting_at(0, 100, 1 << 20);
        ring.push(posted(1, 1, "secret"));
        ring.push(posted(2, 2, "stays"));
        ring.push(edited(3, 1, "secret too"));
        for told in ring.after(0, 9).unwrap() {
            told.encode(Codec::Json, 1);
        }
        ring.push(removed(4, 1));
        let told = ring.after(0, 9).unwrap();
        assert_eq!(told[0].event.body, EventBody::Tombstone);
        assert_eq!(told[0].event.nonce, posted(1, 1, "").nonce);
        assert_eq!(told[2].event.body, EventBody::Tombstone);
        assert_eq!(told[3].event.body, EventBody::PostRemoved);
        let frames: Vec<_> = told
            .iter()
            .map(|told| told.encode(Codec::Json, 1))
            .collect();
        assert!(!format!("{frames:?}").contains("secret"));
        assert!(format!("{frames:?}").contains("stays"));
    }
}
