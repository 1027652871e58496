//! The bus of a node that is alone: what it publishes comes back to its own ear.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::{Bus, BusError, BusEvent, Topic};

/// Messages that wait for the listener at the most; what comes after them is lost, and told as a gap.
const WAITING: usize = 4_096;

/// A bus within the process.
#[derive(Debug)]
pub struct LocalBus {
    ear: Mutex<Ear>,
}

#[derive(Debug)]
struct Ear {
    /// As many as the node follows; the hub bounds its rooms, the watchers their files.
    followed: HashSet<Topic>,
    sender: mpsc::Sender<BusEvent>,
    /// A place in the queue kept free for a [`BusEvent::Gap`]. Without it a gap is the last in the queue.
    for_gap: Option<mpsc::OwnedPermit<BusEvent>>,
    /// Until somebody listens.
    receiver: Option<mpsc::Receiver<BusEvent>>,
}

impl Default for LocalBus {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalBus {
    /// A bus that nobody listens to yet; what is followed waits, up to 4,096 messages.
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING + 1);
        Self {
            ear: Mutex::new(Ear {
                followed: HashSet::new(),
                sender,
                for_gap: None,
                receiver: Some(receiver),
            }),
        }
    }

    fn ear(&self) -> MutexGuard<'_, Ear> {
        self.ear.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ear {
    /// Queues a message, or the gap that stands for it.
    fn hear(&mut self, message: BusEvent) {
        if self.for_gap.is_none() {
            self.for_gap = self.sender.clone().try_reserve_owned().ok();
        }
        // Where no place can be kept, the queue is full and ends with a gap that nobody has heard yet: it speaks
        // for this message too.
        if self.for_gap.is_none() {
            return;
        }
        if self.sender.try_send(message).is_err()
            && let Some(place) = self.for_gap.take()
        {
            place.send(BusEvent::Gap);
        }
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError> {
        let mut ear = self.ear();
        if ear.followed.contains(topic) {
            ear.hear(BusEvent::Message {
                topic: topic.clone(),
                payload,
            });
        }
        Ok(())
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError> {
        self.ear().followed.insert(topic.clone());
        Ok(())
    }

    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError> {
        self.ear().followed.remove(topic);
        Ok(())
    }

    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>> {
        self.ear().receiver.take()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::bus::contract;

    #[tokio::test]
    async fn keeps_the_contract() {
        contract::run(|| async { vec![Arc::new(LocalBus::new()) as Arc<dyn Bus>] }).await;
    }

    #[tokio::test]
    async fn a_loss_is_told_once_and_where_it_happened() {
        let bus = LocalBus::new();
        let topic = contract::new_topic();
        bus.subscribe(&topic).await.unwrap();
        for _ in 0..WAITING + 10 {
            bus.publish(&topic, Bytes::from_static(b"x")).await.unwrap();
        }
        let mut ear = bus.listen().unwrap();
        for _ in 0..WAITING {
            assert!(matches!(ear.try_recv().unwrap(), BusEvent::Message { .. }));
        }
        assert_eq!(ear.try_recv().unwrap(), BusEvent::Gap);
        assert!(ear.try_recv().is_err());

        bus.publish(&topic, Bytes::from_static(b"y")).await.unwrap();
        assert!(matches!(ear.try_recv().unwrap(), BusEvent::Message { .. }));
        assert!(ear.try_recv().is_err());
    }

    #[tokio::test]
    async fn no_loss_stays_untold_while_the_listener_is_slow() {
        let bus = LocalBus::new();
        let topic = contract::new_topic();
        bus.subscribe(&topic).await.unwrap();
        let mut ear = bus.listen().unwrap();
        let (mut next, mut gap) = (0_u64, false);
        for number in 0..3 * WAITING as u64 {
            bus.publish(&topic, Bytes::copy_from_slice(&number.to_be_bytes()))
                .await
                .unwrap();
            if number % 2 == 0 {
                hear_one(&mut ear, &mut next, &mut gap);
            }
        }
        while !ear.is_empty() {
            hear_one(&mut ear, &mut next, &mut gap);
        }
        assert!(gap || next == 3 * WAITING as u64);
    }

    /// Takes one event; a message that does not follow the former needs a gap in between.
    fn hear_one(ear: &mut mpsc::Receiver<BusEvent>, next: &mut u64, gap: &mut bool) {
        match ear.try_recv().unwrap() {
            BusEvent::Gap => *gap = true,
            BusEvent::Message { payload, .. } => {
                let number = u64::from_be_bytes(payload[..].try_into().unwrap());
                assert!(number == *next || *gap, "lost {} untold", *next);
                *next = number + 1;
                *gap = false;
            }
        }
    }
}
