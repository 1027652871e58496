//! Sessions, and the names they take in rooms.

use app::api::backend::{Caller, NewSession, SessionId};
use app::wire::error::ErrorCode;
use app::wire::ids::RoomId;
use app::wire::room::Author;
use app::wire::text;

use super::{Core, no_such_room, timely};
use crate::domain::participant::Name;
use crate::domain::session::{SessionRecord, SessionToken};
use crate::error::ServiceError;
use crate::log::{Command, Draft, Precondition};
use crate::storage::Renamed;

impl Core {
    pub(super) async fn open_session(&self, caller: &Caller) -> Result<NewSession, ServiceError> {
        self.rates.session(caller)?;
        let token = SessionToken(self.deps.ids.session_token());
        let record = SessionRecord {
            id: token.id(),
            created_at: self.deps.clock.now(),
        };
        timely(self.deps.sessions.create(&record)).await?;
        Ok(NewSession {
            session: record.id,
            set_cookie: token.set_cookie(self.settings.secure),
        })
    }

    /// Stores the name, then tells the room. Where the second fails the name is the session's all the same, and
    /// asking again tells the room.
    pub(super) async fn rename(
        &self,
        session: SessionId,
        room: RoomId,
        name: &str,
    ) -> Result<Author, ServiceError> {
        let name = text::name(name, &self.settings.limits.wire)?.map(Name::new);
        if name.as_ref().is_some_and(is_reserved) {
            return Err(ServiceError::refused(
                ErrorCode::NameTaken,
                "names like \"Anonymous 7\" are given by the room",
            ));
        }
        self.rates.change(session)?;
        let record = self.open_room(&room).await?;
        let participants = &self.deps.participants;
        timely(participants.join(&room, &session, record.owner == session)).await?;
        let author = match timely(participants.rename(&room, &session, name.as_ref())).await? {
            Renamed::Done(participant) => participant.author(),
            Renamed::Taken => {
                return Err(ServiceError::refused(
                    ErrorCode::NameTaken,
                    "somebody in the room has this name",
                ));
            }
            Renamed::NotThere => return Err(no_such_room()),
        };
        let draft = Draft::ParticipantNamed {
            author: author.clone(),
        };
        let nonce = self.deps.ids.nonce();
        let named = Command::user(room, session, nonce, draft, Precondition::RoomOpen);
        self.deps.log.append(named).await?;
        Ok(author)
    }
}

/// Whether a name looks like the one somebody without a name is shown by.
fn is_reserved(name: &Name) -> bool {
    name.key
        .strip_prefix("anonymous")
        .is_some_and(|rest| rest.chars().all(|c| c.is_numeric() || c.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_pass_for_the_nameless() {
        for name in ["Anonymous 7", "ANONYMOUS", "anonymous７"] {
            assert!(is_reserved(&Name::new(name.to_owned())), "{name}");
        }
        for name in ["Anonymous Coward", "Ada", "An0nymous 7"] {
            assert!(!is_reserved(&Name::new(name.to_owned())), "{name}");
        }
    }
}
