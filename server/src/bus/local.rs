//! The bus of a node that is alone: what it publishes comes back to its own ear.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::ear::Ear;
use super::{Bus, BusError, BusEvent, Topic};

/// A bus within the process.
#[derive(Debug)]
pub struct LocalBus {
    node: Mutex<Node>,
}

#[derive(Debug)]
struct Node {
    /// As many as the node follows; the hub bounds its rooms, the watchers their files.
    followed: HashSet<Topic>,
    ear: Ear,
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
        let (ear, receiver) = Ear::new();
        Self {
            node: Mutex::new(Node {
                followed: HashSet::new(),
                ear,
                receiver: Some(receiver),
            }),
        }
    }

    fn node(&self) -> MutexGuard<'_, Node> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError> {
        let mut node = self.node();
        if node.followed.contains(topic) {
            node.ear.hear(BusEvent::Message {
                topic: topic.clone(),
                payload,
            });
        }
        Ok(())
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError> {
        self.node().followed.insert(topic.clone());
        Ok(())
    }

    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError> {
        self.node().followed.remove(topic);
        Ok(())
    }

    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>> {
        self.node().receiver.take()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::bus::contract;
    use crate::bus::ear::WAITING;

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
