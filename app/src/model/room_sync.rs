//! What a page does with the feed: which messages it folds, which it keeps for later, and when it must ask again.

use super::room::{RoomView, apply};
use crate::wire::event::{Event, EventBody};
use crate::wire::feed::{Alias, Cursor, Progress, ServerMessage};
use crate::wire::ids::{Epoch, PostNo, RoomId, Seq};
use crate::wire::page::Page;
use crate::wire::room::PeopleHere;

/// Events kept while a page is loading; more, and the page is asked for once more instead.
const MOST_KEPT: usize = 2_000;

/// Posts held at the most while the reader follows the end of the feed.
const MOST_POSTS: usize = 400;
/// Posts left after older ones were let go.
const POSTS_LEFT: usize = 200;

/// What a message changed, or what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Posts and room after events: which posts changed, which of them are new.
    Changed(Changed),
    /// How far open files are.
    Progress(Vec<Progress>),
    /// Who is here.
    People(PeopleHere),
    /// The room's log cannot be followed from where this page stands: load a page, then [`RoomSync::reloaded`].
    LoadPage,
    /// Something is missing in between: subscribe again from the cursor.
    Resubscribe,
    /// Nothing to be done.
    Nothing,
}

/// What events changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// Posts that are new or changed, in the order of their events.
    pub posts: Vec<PostNo>,
    /// Those of them that are new.
    pub new: Vec<PostNo>,
    /// Whether events other than about posts came.
    pub room: bool,
}

/// A room's view, and where it stands in the room's log.
#[derive(Debug, Clone)]
pub struct RoomSync {
    /// The room as far as it is known.
    pub view: RoomView,
    room: RoomId,
    epoch: Epoch,
    alias: Option<Alias>,
    /// The head the server told last.
    told_head: Seq,
    /// Events that came while a page was loading; `None` while none is.
    kept: Option<Vec<Event>>,
    /// The head when older posts were asked for, and the events folded since; `None` while none are asked for.
    older: Option<(Seq, Vec<Event>)>,
    /// Posts shown before that the log does not have any more.
    missing: u32,
}

impl RoomSync {
    /// Starts from the page that was rendered.
    #[must_use]
    pub fn new(page: &Page) -> Self {
        Self {
            view: RoomView::from_page(page),
            room: page.room.room.clone(),
            epoch: page.cursor.epoch,
            alias: None,
            told_head: page.cursor.seq,
            kept: None,
            older: None,
            missing: 0,
        }
    }

    /// Where to subscribe from.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.view.cursor(self.epoch)
    }

    /// Events known to exist and not folded yet.
    #[must_use]
    pub fn behind(&self) -> u64 {
        let kept = self.kept.as_ref().map_or(0, Vec::len) as u64;
        self.told_head.saturating_sub(self.view.head).max(kept)
    }

    /// Posts that are gone for good though they were shown.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.missing
    }

    /// The socket was lost: what the alias stood for is void.
    pub fn line_lost(&mut self) {
        self.alias = None;
    }

    /// Takes in a message of the feed.
    pub fn on_message(&mut self, message: &ServerMessage) -> Step {
        match message {
            ServerMessage::Subscribed {
                room,
                alias,
                epoch,
                head,
                resumed,
            } if *room == self.room => {
                self.alias = Some(*alias);
                self.told_head = *head;
                if *resumed && *epoch == self.epoch {
                    return Step::Changed(Changed::default());
                }
                self.kept.get_or_insert_default();
                Step::LoadPage
            }
            ServerMessage::Events { alias, events } if self.alias == Some(*alias) => {
                self.on_events(events)
            }
            ServerMessage::Progress { alias, files } if self.alias == Some(*alias) => {
                Step::Progress(files.clone())
            }
            ServerMessage::Presence { alias, people } if self.alias == Some(*alias) => {
                Step::People(people.clone())
            }
            ServerMessage::Ping { heads } => {
                for (alias, head) in heads {
                    if self.alias == Some(*alias) {
                        self.told_head = self.told_head.max(*head);
                    }
                }
                Step::Nothing
            }
            _ => Step::Nothing,
        }
    }

    fn on_events(&mut self, events: &[Event]) -> Step {
        if let Some(last) = events.last() {
            self.told_head = self.told_head.max(last.seq);
        }
        if let Some(kept) = &mut self.kept {
            if kept.len() + events.len() <= MOST_KEPT {
                kept.extend_from_slice(events);
                return Step::Nothing;
            }
            kept.clear();
            return Step::LoadPage;
        }
        let mut changed = Changed::default();
        for event in events {
            if event.seq > self.view.head + 1 {
                return Step::Resubscribe;
            }
            self.fold(event, &mut changed);
        }
        Step::Changed(changed)
    }

    fn fold(&mut self, event: &Event, changed: &mut Changed) {
        let fresh = event.seq > self.view.head;
        apply(&mut self.view, event);
        if let Some((_, since)) = &mut self.older {
            since.push(event.clone());
        }
        if event.no == 0 {
            changed.room = true;
        } else if fresh {
            if matches!(event.body, EventBody::Posted { .. }) {
                changed.new.push(event.no);
            }
            if !changed.posts.contains(&event.no) {
                changed.posts.push(event.no);
            }
        }
    }

    /// Takes in the page asked for by [`Step::LoadPage`] and applies what was kept over it. Everything shown is
    /// to be drawn anew; the caller subscribes from [`RoomSync::cursor`] then. A page that is older than what is
    /// held, of the same log, is asked for again.
    pub fn reloaded(&mut self, page: &Page) -> Step {
        let same_log = page.cursor.epoch == self.epoch;
        if same_log && page.cursor.seq < self.view.head {
            return Step::LoadPage;
        }
        if !same_log {
            let held = self
                .view
                .posts
                .keys()
                .filter(|no| **no > page.posts_total)
                .count();
            self.missing = self
                .missing
                .saturating_add(u32::try_from(held).unwrap_or(u32::MAX));
        }
        self.view = RoomView::from_page(page);
        self.older = None;
        self.epoch = page.cursor.epoch;
        self.told_head = if same_log {
            self.told_head.max(page.cursor.seq)
        } else {
            page.cursor.seq
        };
        let mut changed = Changed {
            room: true,
            ..Changed::default()
        };
        for event in self.kept.take().unwrap_or_default() {
            // A gap here is closed by the subscription that follows.
            if same_log && event.seq <= self.view.head + 1 {
                self.fold(&event, &mut changed);
            }
        }
        changed.posts = self.view.posts.keys().copied().collect();
        Step::Changed(changed)
    }

    /// Older posts are being asked for: what happens meanwhile is kept, to be applied over them.
    pub fn older_asked(&mut self) {
        self.older = Some((self.view.head, Vec::new()));
    }

    /// Takes in older posts and applies over them what happened since they were asked for. `false`: the page is
    /// of another log or older than what was held then, or too much happened; ask again.
    #[must_use]
    pub fn absorb_older(&mut self, page: &Page) -> bool {
        let Some((asked_at, since)) = self.older.take() else {
            return false;
        };
        if page.cursor.epoch != self.epoch || page.cursor.seq < asked_at || since.len() > MOST_KEPT
        {
            return false;
        }
        let head = self.view.head;
        self.view.absorb(page);
        // The page says nothing of the posts at the end: what happened to them after `head` is still to come.
        self.view.head = head;
        for event in &since {
            apply(&mut self.view, event);
        }
        true
    }

    /// Lets the oldest posts go where very many are held; says whether it did.
    pub fn trim(&mut self) -> bool {
        if self.view.posts.len() <= MOST_POSTS {
            return false;
        }
        let first_kept = self.view.posts.keys().rev().nth(POSTS_LEFT - 1).copied();
        if let Some(first_kept) = first_kept {
            self.view.posts = self.view.posts.split_off(&first_kept);
        }
        true
    }
}

#[cfg(test)]
#[path = "room_sync_tests.rs"]
mod tests;
