//! Who is in a room, as this node knows it: its own visitors, what the store was told of them, and what members
//! are told of everybody.

mod visitors;

use std::sync::Arc;
use std::time::Duration;

use app::api::backend::SessionId;
use app::wire::event::Event;
use app::wire::feed::{Alias, ServerMessage};
use app::wire::room::{Author, PeopleHere};
use tokio::time::Instant;

use super::frames::{Codec, Frame, Outgoing};
use super::settings::HubSettings;
use crate::presence::NodeMembers;

use visitors::Visitors;

/// The visitors of a room on this node, and everybody in it as last heard.
#[derive(Debug, Default)]
pub(super) struct Here {
    visitors: Visitors,
    /// Somebody elsewhere came or went.
    stale: bool,
    last_round: Option<Instant>,
    put: NodeMembers,
    put_at: Option<Instant>,
    people: Arc<Telling>,
    /// 0 until the store was asked once.
    version: u64,
}

/// One presence message, encoded once a codec.
#[derive(Debug, Default)]
pub(super) struct Telling {
    people: PeopleHere,
    frame: Frame,
}

impl Telling {
    pub(super) fn encode(&self, codec: Codec, alias: Alias) -> Outgoing {
        self.frame.get(codec, || ServerMessage::Presence {
            alias,
            people: self.people.clone(),
        })
    }
}

impl Here {
    /// A connection came. Says whether that changes who is here.
    pub(super) fn enter(&mut self, session: Option<SessionId>) -> bool {
        self.visitors.enter(session)
    }

    /// A connection went. Says whether a grace begins.
    pub(super) fn leave(&mut self, session: Option<SessionId>, now: Instant) -> bool {
        self.visitors.leave(session, now)
    }

    /// Somebody elsewhere came or went, or may have.
    pub(super) fn elsewhere_changed(&mut self) {
        self.stale = true;
    }

    /// Takes a name from the log. Says whether there is something to look up or to tell.
    pub(super) fn event(&mut self, event: &Event, settings: &HubSettings) -> bool {
        self.visitors.event(event, settings)
    }

    /// When the next round is due.
    pub(super) fn due(&self, now: Instant, settings: &HubSettings) -> Option<Instant> {
        let earliest = self.last_round.map_or(now, |at| at + self.pause(settings));
        let wanted = (self.visitors.have_changed() || self.stale).then_some(earliest);
        let left = self.visitors.first_left_at();
        let leaving = left.map(|at| (at + settings.leave_grace).max(earliest));
        let refresh = self.put_at.map(|at| at + settings.presence_refresh);
        [wanted, leaving, refresh].into_iter().flatten().min()
    }

    fn pause(&self, settings: &HubSettings) -> Duration {
        if self.count() < settings.small_room {
            settings.presence_small
        } else {
            settings.presence_large
        }
    }

    /// Begins a round: lets go whose grace is over, and says whom to look up.
    pub(super) fn begin(&mut self, now: Instant, settings: &HubSettings) -> Vec<SessionId> {
        self.stale = false;
        self.last_round = Some(now);
        self.visitors.begin(now, settings)
    }

    /// Takes the answer of a look-up.
    pub(super) fn looked_up(&mut self, session: &SessionId, author: Option<Author>) {
        self.visitors.looked_up(session, author);
    }

    /// What to write of this node, and whether others must hear of it; `None` if the store knows it already.
    pub(super) fn to_put(
        &self,
        now: Instant,
        settings: &HubSettings,
    ) -> Option<(NodeMembers, bool)> {
        let members = NodeMembers {
            count: self.visitors.count(),
            named: self.visitors.named(settings),
        };
        let changed = members != self.put;
        let refresh = self
            .put_at
            .is_some_and(|at| at + settings.presence_refresh <= now);
        (changed || refresh).then_some((members, changed))
    }

    /// The store has taken the members, or not: then it is tried again with the next refresh.
    pub(super) fn did_put(&mut self, members: NodeMembers, taken: bool, now: Instant) {
        let empty = members.count == 0;
        self.put = if taken {
            members
        } else {
            NodeMembers::default()
        };
        self.put_at = (!(empty && taken)).then_some(now);
    }

    /// Whether the store holds members of this node.
    pub(super) fn is_put(&self) -> bool {
        self.put.count > 0
    }

    /// Takes the people of all nodes; `None`: the store cannot be asked, and this node's have to do. Says whether
    /// members have something to pull.
    pub(super) fn heard(&mut self, people: Option<PeopleHere>, settings: &HubSettings) -> bool {
        let people = people.unwrap_or_else(|| self.local_people(settings));
        if self.version > 0 && people == self.people.people {
            return false;
        }
        self.version += 1;
        self.people = Arc::new(Telling {
            people,
            frame: Frame::default(),
        });
        true
    }

    /// The current version, and what a reader of version `seen` does not know; `None`: it knows nothing, and is
    /// told what can be said now.
    pub(super) fn news(
        &self,
        seen: Option<u64>,
        settings: &HubSettings,
    ) -> (u64, Option<Arc<Telling>>) {
        let telling = match seen {
            Some(seen) if seen == self.version => None,
            None if self.version == 0 => Some(Arc::new(Telling {
                people: self.local_people(settings),
                frame: Frame::default(),
            })),
            _ => Some(Arc::clone(&self.people)),
        };
        (self.version, telling)
    }

    /// How many are here as far as known.
    pub(super) fn count(&self) -> u32 {
        self.visitors.count().max(self.people.people.here)
    }

    fn local_people(&self, settings: &HubSettings) -> PeopleHere {
        PeopleHere {
            here: self.visitors.count(),
            named: self.visitors.named(settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Here, HubSettings};
    use tokio::time::{Instant, advance};

    #[tokio::test(start_paused = true)]
    async fn changes_are_told_at_once_and_then_coalesced() {
        let settings = HubSettings::default();
        let mut here = Here::default();
        here.enter(None);
        assert_eq!(here.due(Instant::now(), &settings), Some(Instant::now()));
        here.begin(Instant::now(), &settings);
        here.enter(None);
        let later = Instant::now() + settings.presence_small;
        assert_eq!(here.due(Instant::now(), &settings), Some(later));
        for _ in 0..60 {
            here.enter(None);
        }
        let later = Instant::now() + settings.presence_large;
        assert_eq!(here.due(Instant::now(), &settings), Some(later));
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_is_told_what_changed_and_every_ten_seconds() {
        let settings = HubSettings::default();
        let mut here = Here::default();
        here.enter(None);
        let (members, changed) = here.to_put(Instant::now(), &settings).unwrap();
        assert!(changed && members.count == 1);
        here.did_put(members, true, Instant::now());
        assert!(here.to_put(Instant::now(), &settings).is_none());
        advance(settings.presence_refresh).await;
        let (members, changed) = here.to_put(Instant::now(), &settings).unwrap();
        assert!(!changed);
        here.did_put(members, false, Instant::now());
        let (_, changed) = here.to_put(Instant::now(), &settings).unwrap();
        assert!(changed, "what was not taken is told again");
    }
}
