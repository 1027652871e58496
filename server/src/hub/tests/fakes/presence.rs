//! Presence in memory.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use app::wire::ids::RoomId;
use app::wire::room::PeopleHere;
use async_trait::async_trait;

use crate::presence::{NodeMembers, PresenceError, PresenceStore};

/// Presence of this node and of one other.
#[derive(Debug, Default)]
pub(in crate::hub) struct FakePresence {
    pub(in crate::hub) ours: Mutex<HashMap<RoomId, NodeMembers>>,
    pub(in crate::hub) theirs: Mutex<HashMap<RoomId, NodeMembers>>,
    pub(in crate::hub) puts: AtomicUsize,
    pub(in crate::hub) down: AtomicBool,
}

impl FakePresence {
    fn check(&self) -> Result<(), PresenceError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(PresenceError("down".into()));
        }
        Ok(())
    }

    fn people(&self, room: &RoomId) -> PeopleHere {
        let mut people = PeopleHere::default();
        for node in [&self.ours, &self.theirs] {
            if let Some(members) = node.lock().unwrap().get(room) {
                people.here += members.count;
                people.named.extend(members.named.iter().cloned());
            }
        }
        people
    }
}

#[async_trait]
impl PresenceStore for FakePresence {
    async fn put(&self, room: &RoomId, members: &NodeMembers) -> Result<(), PresenceError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        self.puts.fetch_add(1, Ordering::SeqCst);
        let mut ours = self.ours.lock().unwrap();
        if members.count == 0 {
            ours.remove(room);
        } else {
            ours.insert(room.clone(), members.clone());
        }
        Ok(())
    }

    async fn get(&self, room: &RoomId) -> Result<PeopleHere, PresenceError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.check()?;
        Ok(self.people(room))
    }

    async fn counts(&self, rooms: &[RoomId]) -> Result<Vec<u32>, PresenceError> {
        self.check()?;
        Ok(rooms.iter().map(|room| self.people(room).here).collect())
    }
}
