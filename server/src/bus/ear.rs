//! The queue between an adapter and the one who listens: bounded, and never silent about what it lost.

use tokio::sync::mpsc;

use super::BusEvent;

/// Messages that wait for the listener at the most; what comes after them is lost, and told as a gap.
pub(super) const WAITING: usize = 4_096;

/// The adapter's end of the queue.
#[derive(Debug)]
pub(super) struct Ear {
    sender: mpsc::Sender<BusEvent>,
    /// A place in the queue kept free for a [`BusEvent::Gap`]. Without it a gap is the last in the queue, or the
    /// queue has room.
    for_gap: Option<mpsc::OwnedPermit<BusEvent>>,
}

impl Ear {
    /// An ear and what its listener receives.
    pub(super) fn new() -> (Self, mpsc::Receiver<BusEvent>) {
        let (sender, receiver) = mpsc::channel(WAITING + 1);
        let ear = Self {
            sender,
            for_gap: None,
        };
        (ear, receiver)
    }

    /// Queues a message, or the gap that stands for it.
    pub(super) fn hear(&mut self, message: BusEvent) {
        self.keep_place();
        // Where no place can be kept, the queue is full and ends with a gap that nobody has heard yet: it speaks
        // for this message too.
        if self.for_gap.is_some() && self.sender.try_send(message).is_err() {
            self.gap();
        }
    }

    /// Queues a gap; where the queue ends with one that nobody has heard, that one does.
    pub(super) fn gap(&mut self) {
        self.keep_place();
        if let Some(place) = self.for_gap.take() {
            place.send(BusEvent::Gap);
        }
    }

    fn keep_place(&mut self) {
        if self.for_gap.is_none() {
            self.for_gap = self.sender.clone().try_reserve_owned().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::bus::Topic;
    use crate::bus::contract::new_topic;

    fn message(topic: &Topic) -> BusEvent {
        BusEvent::Message {
            topic: topic.clone(),
            payload: Bytes::new(),
        }
    }

    #[test]
    fn a_gap_of_the_adapters_own_is_told_in_its_place() {
        let topic = new_topic();
        let (mut ear, mut heard) = Ear::new();
        ear.hear(message(&topic));
        ear.gap();
        ear.hear(message(&topic));
        assert_eq!(heard.try_recv(), Ok(message(&topic)));
        assert_eq!(heard.try_recv(), Ok(BusEvent::Gap));
        assert_eq!(heard.try_recv(), Ok(message(&topic)));
        assert!(heard.try_recv().is_err());
    }

    #[test]
    fn gaps_of_an_adapter_do_not_outgrow_the_queue() {
        let topic = new_topic();
        let (mut ear, mut heard) = Ear::new();
        for _ in 0..3 * WAITING {
            ear.gap();
            ear.hear(message(&topic));
        }
        let mut last = None;
        for _ in 0..=WAITING {
            last = heard.try_recv().ok();
        }
        assert_eq!(last, Some(BusEvent::Gap), "what was lost is told");
        assert!(heard.try_recv().is_err());
        ear.hear(message(&topic));
        assert_eq!(heard.try_recv(), Ok(message(&topic)));
    }
}
