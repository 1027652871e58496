//! Who is in a room on this node: sessions however many connections they have, the nameless by their number, and
//! those who left for as long as their grace lasts.

use std::collections::{HashMap, HashSet, VecDeque};

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::ids::ParticipantNo;
use app::wire::room::Author;
use tokio::time::Instant;

use crate::hub::HubSettings;

/// Numbers of participants that visitors were asked about; forgotten when there are more.
const NUMBERS_ASKED: usize = 1_000;

/// Nameless leaves in their grace; more leave at once.
const NAMELESS_LEAVING: usize = 1_000;

/// The visitors of a room on this node.
#[derive(Debug, Default)]
pub(super) struct Visitors {
    sessions: HashMap<SessionId, Visitor>,
    nameless: u32,
    nameless_left: VecDeque<Instant>,
    numbers_asked: HashSet<ParticipantNo>,
    /// They differ from what they were when the last round began, or some are still to be looked up.
    changed: bool,
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

impl Visitors {
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

    /// Takes a name from the log. Says whether there is something to look up or to tell.
    pub(super) fn event(&mut self, event: &Event, settings: &HubSettings) -> bool {
        let (EventBody::ParticipantNamed { author } | EventBody::Posted { author, .. }) =
            &event.body
        else {
            return false;
        };
        if self.count() > settings.names_until {
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

    /// Whether a round has something to do.
    pub(super) fn have_changed(&self) -> bool {
        self.changed
    }

    /// When the first of those left whose grace lasts.
    pub(super) fn first_left_at(&self) -> Option<Instant> {
        let left = self.sessions.values().filter_map(|visitor| visitor.left_at);
        left.chain(self.nameless_left.front().copied()).min()
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
        if self.count() > settings.names_until {
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

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        let leaving = self.nameless_left.len();
        let count = self.sessions.len() + leaving;
        u32::try_from(count)
            .unwrap_or(u32::MAX)
            .saturating_add(self.nameless)
    }

    /// The participants among them by number; none where there are too many people.
    pub(super) fn named(&self, settings: &HubSettings) -> Vec<Author> {
        if self.count() > settings.names_until {
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
    use super::{HubSettings, Visitors};
    use crate::hub::tests::events::{author, event, session};
    use app::wire::event::EventBody;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    fn present(visitors: &mut Visitors) -> (u32, Vec<u32>) {
        let settings = HubSettings::default();
        visitors.begin(Instant::now(), &settings);
        let named = visitors.named(&settings);
        let numbers = named.iter().map(|author| author.number).collect();
        (visitors.count(), numbers)
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_counts_once_however_many_tabs_and_a_reload_is_no_leave() {
        let mut visitors = Visitors::default();
        assert!(visitors.enter(Some(session(1))));
        assert!(!visitors.enter(Some(session(1))));
        assert!(visitors.enter(None));
        assert_eq!(present(&mut visitors).0, 2);
        visitors.leave(Some(session(1)), Instant::now());
        visitors.leave(Some(session(1)), Instant::now());
        visitors.leave(None, Instant::now());
        advance(Duration::from_secs(4)).await;
        assert_eq!(present(&mut visitors).0, 2);
        assert!(!visitors.enter(Some(session(1))));
        assert!(!visitors.enter(None));
        advance(Duration::from_secs(60)).await;
        assert_eq!(present(&mut visitors).0, 2);
        visitors.leave(Some(session(1)), Instant::now());
        visitors.leave(None, Instant::now());
        advance(Duration::from_secs(5)).await;
        assert_eq!(present(&mut visitors).0, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_becomes_a_participant_is_looked_up_once_and_named() {
        let settings = HubSettings::default();
        let mut visitors = Visitors::default();
        visitors.enter(Some(session(1)));
        assert_eq!(visitors.begin(Instant::now(), &settings), [session(1)]);
        visitors.looked_up(&session(1), None);
        assert_eq!(visitors.begin(Instant::now(), &settings), []);
        let named = |number, name: &str| {
            let author = author(number, Some(name));
            event(9, 0, EventBody::ParticipantNamed { author })
        };
        assert!(visitors.event(&named(7, "Ada"), &settings));
        assert!(
            !visitors.event(&named(7, "Ada"), &settings),
            "asked once a number"
        );
        assert_eq!(visitors.begin(Instant::now(), &settings), [session(1)]);
        visitors.looked_up(&session(1), Some(author(7, Some("Ada"))));
        assert_eq!(present(&mut visitors), (1, vec![7]));
        assert!(visitors.event(&named(7, "Bea"), &settings));
        assert_eq!(visitors.named(&settings)[0].name.as_deref(), Some("Bea"));
    }

    #[tokio::test(start_paused = true)]
    async fn above_five_hundred_only_the_count_travels() {
        let mut visitors = Visitors::default();
        visitors.enter(Some(session(1)));
        visitors.looked_up(&session(1), Some(author(1, None)));
        (0..499).for_each(|_| assert!(visitors.enter(None)));
        assert_eq!(present(&mut visitors), (500, vec![1]));
        visitors.enter(None);
        assert_eq!(present(&mut visitors), (501, vec![]));
    }
}
