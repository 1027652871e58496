//! Rooms without activity: their log gets its last event.
//!
//! A room ends after the hours it was made with, which its people are told, whatever new rooms get now.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use app::wire::event::EventBody;
use app::wire::ids::{Millis, RoomId};

use super::{SweepError, Sweeper, Swept};
use crate::domain::room::RoomRecord;
use crate::log::{AppendError, Command, Draft, Precondition};

const HOUR: Millis = 3_600_000;

/// The least a room may be made with: none that was active within it is looked at.
const SHORTEST: Millis = HOUR;

/// Batches of idle rooms that are looked through for those that are due, the most idle first. Should more rooms be
/// idle than that, one with fewer hours than most may end later than it says, never earlier.
const DEPTH: u32 = 32;

/// The hours of the rooms that were idle in the last round, each read once: they are set for good when a room is
/// made. Bounded by the rooms looked through.
#[derive(Debug, Default)]
pub(super) struct KnownHours(Mutex<HashMap<RoomId, u32>>);

impl KnownHours {
    fn of(&self, room: &RoomId) -> Option<u32> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(room).copied()
    }

    fn note(&self, room: &RoomId, hours: u32) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(room.clone(), hours);
    }

    /// Forgets all but these.
    fn keep(&self, rooms: &[RoomRecord]) {
        let rooms: HashSet<_> = rooms.iter().map(|room| &room.id).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|room, _| rooms.contains(room));
    }
}

impl Sweeper {
    /// Ends rooms that were idle for as long as they may be.
    pub(super) async fn idle_rooms(&self, swept: &mut Swept) {
        let now = self.deps.clock.now();
        let most = self.settings.batch.saturating_mul(DEPTH);
        let found = self.deps.rooms.idle(now.saturating_sub(SHORTEST), most);
        let found = swept.found("idle_rooms", found.await);
        self.hours.keep(&found);
        let mut left = self.settings.batch;
        for room in found {
            let hours = match self.hours_of(&room.id).await {
                Ok(hours) => hours,
                // A store that does not answer would make each of the others wait for it, too.
                Err(error) => return swept.count("idle_rooms", Err(error)),
            };
            let before = now.saturating_sub(Millis::from(hours) * HOUR);
            if room.last_activity >= before {
                continue;
            }
            if left == 0 {
                return;
            }
            left -= 1;
            swept.count("idle_rooms", self.end_room(&room, before).await);
        }
    }

    /// What the room's snapshot says; a record whose room was never made ends like a new room.
    async fn hours_of(&self, room: &RoomId) -> Result<u32, SweepError> {
        if let Some(hours) = self.hours.of(room) {
            return Ok(hours);
        }
        let snapshot = self.deps.events.snapshot(room).await?;
        let hours = match snapshot.map(|entry| entry.event.body) {
            Some(EventBody::RoomChanged { snapshot }) => snapshot.ends_after_hours,
            _ => return Ok(self.room_hours),
        };
        self.hours.note(room, hours);
        Ok(hours)
    }

    /// The log decides: the record's activity may lag behind. A room where a file still arrives is not idle.
    async fn end_room(&self, room: &RoomRecord, before: Millis) -> Result<(), SweepError> {
        let id = &room.id;
        if !self.deps.store.open_in_room(id).await?.is_empty() {
            self.deps.rooms.touch(id, self.deps.clock.now()).await?;
            return Ok(());
        }
        let idle = Precondition::IdleSince(before);
        let ended = Command::server(id.clone(), Draft::RoomEnded, idle);
        match self.deps.log.append(ended).await {
            Ok(_) | Err(AppendError::RoomEnded | AppendError::NoSuchRoom) => {
                self.deps.rooms.end(id).await?;
            }
            Err(AppendError::NotIdle) => {
                if let Some(head) = self.deps.events.head(id).await? {
                    self.deps.rooms.touch(id, head.at).await?;
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
