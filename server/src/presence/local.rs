//! Presence of a node that is alone.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::wire::ids::RoomId;
use app::wire::room::PeopleHere;
use async_trait::async_trait;
use tokio::time::Instant;

use super::{LAPSE, NodeMembers, PresenceError, PresenceStore, people_here};

/// Presence within the process. Bounded by what the hub follows: a room is forgotten when it is emptied, else at the
/// first write for any room a minute after it was last refreshed, if not before.
#[derive(Debug)]
pub struct LocalPresence {
    rooms: Mutex<Rooms>,
}

#[derive(Debug)]
struct Rooms {
    members: HashMap<RoomId, (NodeMembers, Instant)>,
    /// When lapsed rooms were last thrown out.
    swept: Instant,
}

impl Default for LocalPresence {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalPresence {
    /// Nobody is anywhere.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rooms: Mutex::new(Rooms {
                members: HashMap::new(),
                swept: Instant::now(),
            }),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rooms {
    fn members(&self, room: &RoomId) -> Option<&NodeMembers> {
        self.members
            .get(room)
            .filter(|(_, refreshed)| refreshed.elapsed() < LAPSE)
            .map(|(members, _)| members)
    }

    fn sweep(&mut self) {
        if self.swept.elapsed() >= LAPSE {
            self.swept = Instant::now();
            self.members
                .retain(|_, (_, refreshed)| refreshed.elapsed() < LAPSE);
        }
    }
}

#[async_trait]
impl PresenceStore for LocalPresence {
    async fn put(&self, room: &RoomId, members: &NodeMembers) -> Result<(), PresenceError> {
        let mut rooms = self.rooms();
        rooms.sweep();
        if members.count == 0 {
            rooms.members.remove(room);
        } else {
            rooms
                .members
                .insert(room.clone(), (members.clone(), Instant::now()));
        }
        Ok(())
    }

    async fn get(&self, room: &RoomId) -> Result<PeopleHere, PresenceError> {
        Ok(people_here(self.rooms().members(room)))
    }

    async fn counts(&self, rooms: &[RoomId]) -> Result<Vec<u32>, PresenceError> {
        let held = self.rooms();
        Ok(rooms
            .iter()
            .map(|room| held.members(room).map_or(0, |members| members.count))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::presence::contract;

    #[tokio::test(start_paused = true)]
    async fn keeps_the_contract() {
        contract::run(
            || async { vec![Arc::new(LocalPresence::new()) as Arc<dyn PresenceStore>] },
            tokio::time::advance,
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn rooms_that_nobody_asks_for_are_forgotten() {
        let presence = LocalPresence::new();
        let members = NodeMembers {
            count: 1,
            named: Vec::new(),
        };
        for _ in 0..100 {
            presence.put(&contract::new_room(), &members).await.unwrap();
        }
        tokio::time::advance(LAPSE + Duration::from_secs(1)).await;
        presence.put(&contract::new_room(), &members).await.unwrap();
        assert_eq!(presence.rooms().members.len(), 1);
    }
}
