//! Making a room.

use app::api::backend::{Caller, SessionId};
use app::wire::error::ErrorCode;
use app::wire::request::CreateRoom;
use app::wire::room::RoomSnapshot;
use app::wire::text;

use super::{Core, timely};
use crate::domain::room::RoomRecord;
use crate::error::ServiceError;
use crate::log::{AppendError, Command, Draft, Precondition};

/// Ids tried; with 62^8 of them a second try is already a wonder.
const ID_ATTEMPTS: u32 = 4;

impl Core {
    /// Three writes: the record under a new id, the creator as first participant, the log's first event. The room
    /// exists from the third on. A crash before it leaves a record without a log: nobody was told its id, every
    /// reader answers "there is no such room", and the sweeper ends the record as it ends idle rooms.
    pub(super) async fn create_room(
        &self,
        caller: &Caller,
        session: SessionId,
        room: &CreateRoom,
    ) -> Result<RoomSnapshot, ServiceError> {
        let title = text::title(&room.title, &self.settings.limits.wire)?;
        self.rates.room(caller)?;
        let record = self.record_room(session, room).await?;
        let snapshot = RoomSnapshot {
            room: record.id.clone(),
            title,
            visibility: record.visibility,
            created_at: record.created_at,
            ends_after_hours: self.settings.limits.wire.room_hours,
        };
        timely(self.deps.participants.join(&record.id, &session, true)).await?;
        let draft = Draft::RoomChanged {
            snapshot: snapshot.clone(),
        };
        let nonce = self.deps.ids.nonce();
        let created = Command::user(
            record.id.clone(),
            session,
            nonce,
            draft,
            Precondition::NoLog,
        );
        match self.deps.log.append(created).await {
            Ok(_) => Ok(snapshot),
            Err(error) => {
                if !matches!(error, AppendError::Storage(_)) {
                    // Refused: the record must not keep a place in the catalog. A store that failed may have the
                    // event after all, then the room is there and nobody knows of it.
                    timely(self.deps.rooms.end(&record.id)).await?;
                }
                Err(error.into())
            }
        }
    }

    async fn record_room(
        &self,
        owner: SessionId,
        room: &CreateRoom,
    ) -> Result<RoomRecord, ServiceError> {
        let now = self.deps.clock.now();
        for _ in 0..ID_ATTEMPTS {
            let record = RoomRecord {
                id: self.deps.ids.room(room.visibility),
                epoch: self.deps.ids.epoch(),
                visibility: room.visibility,
                owner,
                created_at: now,
                last_activity: now,
                ended: false,
            };
            let rooms = &self.deps.rooms;
            // An id that is taken may be taken by this very call, where the driver lost its first answer and tried
            // again; the epoch is random and tells.
            if timely(rooms.create(&record)).await?
                || timely(rooms.get(&record.id)).await?.as_ref() == Some(&record)
            {
                return Ok(record);
            }
        }
        Err(ServiceError::refused(
            ErrorCode::Unavailable,
            "no free name for a room was found, try again",
        ))
    }
}
