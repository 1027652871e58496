//! Rooms without activity: their log gets its last event.

use app::wire::ids::Millis;

use super::{SweepError, Sweeper, Swept};
use crate::domain::room::RoomRecord;
use crate::log::{AppendError, Command, Draft, Precondition};

impl Sweeper {
    /// Ends rooms that were idle for too long.
    pub(super) async fn idle_rooms(&self, swept: &mut Swept) {
        let before = self.deps.clock.now().saturating_sub(self.room_idle);
        let found = self.deps.rooms.idle(before, self.settings.batch).await;
        for room in swept.found("idle_rooms", found) {
            swept.count("idle_rooms", self.end_room(&room, before).await);
        }
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
