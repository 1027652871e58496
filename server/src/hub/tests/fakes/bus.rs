//! A bus in memory.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, Weak};
use std::time::Duration;

use app::wire::ids::RoomId;
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::bus::{Bus, BusError, BusEvent, Topic};
use crate::hub::Hub;

/// A bus that hands on at once what is published on a topic that is followed.
#[derive(Debug, Default)]
pub(in crate::hub) struct FakeBus {
    pub(in crate::hub) followed: Mutex<HashSet<Topic>>,
    pub(in crate::hub) down: AtomicBool,
    pub(in crate::hub) hub: OnceLock<Weak<Hub>>,
}

impl FakeBus {
    pub(in crate::hub) fn is_followed(&self, room: &RoomId) -> bool {
        let topic = Topic::Room(room.clone());
        self.followed.lock().unwrap().contains(&topic)
    }

    fn check(&self) -> Result<(), BusError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(BusError::Unavailable("down".into()));
        }
        Ok(())
    }

    pub(in crate::hub) fn hand_on(&self, topic: &Topic, payload: &[u8]) {
        let Topic::Room(room) = topic else { return };
        if self.is_followed(room) && self.check().is_ok() {
            let hub = self.hub.get().and_then(Weak::upgrade).unwrap();
            hub.deliver(room, payload);
        }
    }
}

#[async_trait]
impl Bus for FakeBus {
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        self.hand_on(topic, &payload);
        Ok(())
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        self.followed.lock().unwrap().insert(topic.clone());
        Ok(())
    }

    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.followed.lock().unwrap().remove(topic);
        Ok(())
    }

    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>> {
        unreachable!("the hub does not listen")
    }
}
