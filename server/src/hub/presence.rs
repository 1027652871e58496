//! Who is in a room, as this node knows it: visitors with a grace for those who leave, and what is told of them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::feed::{Alias, ServerMessage};
use app::wire::ids::ParticipantNo;
use app::wire::room::{Author, PeopleHere};
use tokio::time::Instant;

use super::frames::{Codec, Frame, Outgoing};
use super::settings::HubSettings;
use crate::presence::NodeMembers;

/// Numbers of participants that visitors were asked about; forgotten when there are more.
const NUMBERS_ASKED: usize = 1_000;

/// Nameless leaves in their grace; more leave at once.
const NAMELESS_LEAVING: usize = 1_000;

/// The visitors of a room on this node, and everybody in it as last heard.
#[derive(Debug, Default)]
pub(super) struct Here {
    sessions: HashMap<SessionId, Visitor>,
    nameless: u32,
    nameless_left: VecDeque<Instant>,
    numbers_asked: HashSet<ParticipantNo>,
    /// Visitors differ from what the store was told.
    changed: bool,
    /// Somebody elsewhere came or went.
    stale: bool,
    last_round: Option<Instant>,
    put: NodeMembers,
    put_at: Option<Instant>,
    people: Arc<Telling>,
    /// 0 until the store was asked once.
    version: u64,
}

#[derive(Debug)]
struct Visitor {
    connections: u32,
    left_at: Option<Instant>,
    who: Who,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// Not looked up yet.
    Unasked,
    /// Only reads.
    Nobody,
    /// A participant.
    Participant(Author),
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
        let Some(session) = session else {
            self.nameless += 1;
            // Most likely the one who just left and reloads.
            let returned = self.nameless_left.pop_front().is_some();
            self.changed |= !returned;
            return !returned;
        };
        if let Some(visitor) = self.sessions.get_mut(&session) {
            visitor.connections += 1;
            visitor.left_at = None;
            return false;
        }
        let visitor = Visitor {
            connections: 1,
            left_at: None,
            who: Who::Unasked,
        };
        self.sessions.insert(session, visitor);
        self.changed = true;
        true
    }

    /// A connection went. Says whether a grace begins.
    pub(super) fn leave(&mut self, session: Option<SessionId>, now: Instant) -> bool {
        let Some(session) = session else {
            self.nameless = self.nameless.saturating_sub(1);
            if self.nameless_left.len() >= NAMELESS_LEAVING {
                self.nameless_left.pop_front();
                self.changed = true;
            }
            self.nameless_left.push_back(now);
            return true;
        };
        let Some(visitor) = self.sessions.get_mut(&session) else {
            return false;
        };
        visitor.connections = visitor.connections.saturating_sub(1);
        if visitor.connections == 0 {
            visitor.left_at = Some(now);
        }
        visitor.connections == 0
    }

    /// Somebody elsewhere came or went, or may have.
    pub(super) fn elsewhere_changed(&mut self) {
        self.stale = true;
    }

    /// Takes a name from the log. Says whether there is something to look up or to tell.
    pub(super) fn event(&mut self, event: &Event, settings: &HubSettings) -> bool {
        let (EventBody::ParticipantNamed { author } | EventBody::Posted { author, .. }) =
            &event.body
        else {
            return false;
        };
        if self.local() > settings.names_until {
            return false;
        }
        let named = matches!(event.body, EventBody::ParticipantNamed { .. });
        let known = self
            .sessions
            .values_mut()
            .find_map(|visitor| match &mut visitor.who {
                Who::Participant(held) if held.number == author.number => Some(held),
                _ => None,
            });
        match known {
            Some(held) if named && held != author => {
                held.clone_from(author);
                self.changed = true;
            }
            Some(_) => return false,
            None => return self.ask_about(author.number, settings.lookups),
        }
        true
    }

    /// A participant nobody here is known to be: one of the nameless sessions may have become it.
    fn ask_about(&mut self, number: ParticipantNo, most: usize) -> bool {
        if self.numbers_asked.len() >= NUMBERS_ASKED {
            self.numbers_asked.clear();
        }
        if !self.numbers_asked.insert(number) {
            return false;
        }
        let nobodies = self.sessions.values_mut();
        let nobodies = nobodies.filter(|visitor| visitor.who == Who::Nobody);
        let asked = nobodies
            .take(most)
            .map(|visitor| visitor.who = Who::Unasked)
            .count();
        self.changed |= asked > 0;
        asked > 0
    }

    /// When the next round is due.
    pub(super) fn due(&self, now: Instant, settings: &HubSettings) -> Option<Instant> {
        let earliest = self.last_round.map_or(now, |at| at + self.pause(settings));
        let wanted = (self.changed || self.stale).then_some(earliest);
        let left = self.sessions.values().filter_map(|visitor| visitor.left_at);
        let left = left.chain(self.nameless_left.front().copied()).min();
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
        let over = |at: &Instant| *at + settings.leave_grace <= now;
        self.sessions
            .retain(|_, visitor| !visitor.left_at.as_ref().is_some_and(over));
        while self.nameless_left.front().is_some_and(over) {
            self.nameless_left.pop_front();
        }
        self.changed = false;
        self.stale = false;
        self.last_round = Some(now);
        if self.local() > settings.names_until {
            return Vec::new();
        }
        let unasked = self
            .sessions
            .iter()
            .filter(|(_, visitor)| visitor.who == Who::Unasked);
        let lookups: Vec<_> = unasked
            .map(|(session, _)| *session)
            .take(settings.lookups)
            .collect();
        self.changed = lookups.len() == settings.lookups;
        lookups
    }

    /// Takes the answer of a look-up.
    pub(super) fn looked_up(&mut self, session: &SessionId, author: Option<Author>) {
        if let Some(visitor) = self.sessions.get_mut(session) {
            visitor.who = author.map_or(Who::Nobody, Who::Participant);
        }
    }

    /// What to write of this node, and whether others must hear of it; `None` if the store knows it already.
    pub(super) fn to_put(
        &self,
        now: Instant,
        settings: &HubSettings,
    ) -> Option<(NodeMembers, bool)> {
        let members = NodeMembers {
            count: self.local(),
            named: self.named(settings),
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
        self.local().max(self.people.people.here)
    }

    fn local(&self) -> u32 {
        let leaving = self.nameless_left.len();
        let count = self.sessions.len() + leaving;
        u32::try_from(count)
            .unwrap_or(u32::MAX)
            .saturating_add(self.nameless)
    }

    fn local_people(&self, settings: &HubSettings) -> PeopleHere {
        PeopleHere {
            here: self.local(),
            named: self.named(settings),
        }
    }

    /// The participants here by number; none where there are too many people.
    fn named(&self, settings: &HubSettings) -> Vec<Author> {
        if self.local() > settings.names_until {
            return Vec::new();
        }
        let authors = self
            .sessions
            .values()
            .filter_map(|visitor| match &visitor.who {
                Who::Participant(author) => Some(author.clone()),
                _ => None,
            });
        let mut named: Vec<Author> = authors.collect();
        named.sort_unstable_by_key(|author| author.number);
        named.truncate(settings.names);
        named
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::events::{author, event, session};
    use super::{Here, HubSettings};
    use app::wire::event::EventBody;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    fn local(here: &mut Here) -> (u32, Vec<u32>) {
        let settings = HubSettings::default();
        here.begin(Instant::now(), &settings);
        let people = here.local_people(&settings);
        (
            people.here,
            people.named.iter().map(|author| author.number).collect(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_counts_once_however_many_tabs_and_a_reload_is_no_leave() {
        let mut here = Here::default();
        assert!(here.enter(Some(session(1))));
        assert!(!here.enter(Some(session(1))));
        assert!(here.enter(None));
        assert_eq!(local(&mut here).0, 2);
        here.leave(Some(session(1)), Instant::now());
        here.leave(Some(session(1)), Instant::now());
        here.leave(None, Instant::now());
        advance(Duration::from_secs(4)).await;
        assert_eq!(local(&mut here).0, 2);
        assert!(!here.enter(Some(session(1))));
        assert!(!here.enter(None));
        advance(Duration::from_secs(60)).await;
        assert_eq!(local(&mut here).0, 2);
        here.leave(Some(session(1)), Instant::now());
        here.leave(None, Instant::now());
        advance(Duration::from_secs(5)).await;
        assert_eq!(local(&mut here).0, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_becomes_a_participant_is_looked_up_once_and_named() {
        let settings = HubSettings::default();
        let mut here = Here::default();
        here.enter(Some(session(1)));
        assert_eq!(here.begin(Instant::now(), &settings), [session(1)]);
        here.looked_up(&session(1), None);
        assert_eq!(here.begin(Instant::now(), &settings), []);
        let named = |number, name: &str| {
            let author = author(number, Some(name));
            event(9, 0, EventBody::ParticipantNamed { author })
        };
        assert!(here.event(&named(7, "Ada"), &settings));
        assert!(
            !here.event(&named(7, "Ada"), &settings),
            "asked once a number"
        );
        assert_eq!(here.begin(Instant::now(), &settings), [session(1)]);
        here.looked_up(&session(1), Some(author(7, Some("Ada"))));
        assert_eq!(local(&mut here), (1, vec![7]));
        assert!(here.event(&named(7, "Bea"), &settings));
        assert_eq!(here.named(&settings)[0].name.as_deref(), Some("Bea"));
    }

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
    async fn above_five_hundred_only_the_count_travels() {
        let mut here = Here::default();
        here.enter(Some(session(1)));
        here.looked_up(&session(1), Some(author(1, None)));
        (0..499).for_each(|_| assert!(here.enter(None)));
        assert_eq!(local(&mut here), (500, vec![1]));
        here.enter(None);
        assert_eq!(local(&mut here), (501, vec![]));
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
