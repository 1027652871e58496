//! The feed's websocket: one line to the server that mends itself and asks again for every room it follows.

use std::fmt;
use std::rc::Rc;

use send_wrapper::SendWrapper;

use self::line::Inner;
use crate::browser::host;
use crate::wire::feed::{Cursor, ServerMessage};
use crate::wire::ids::RoomId;

mod line;
mod plan;
mod socket;

/// What the feed tells, in the order it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// The state of the line changed.
    Line(Line),
    /// The server said something. Pings are told too (their heads are worth a look) and are answered already.
    Message(ServerMessage),
}

/// State of the line to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It is being opened.
    Connecting,
    /// The server greeted: `Welcome` follows, and the subscriptions are on their way.
    Open,
    /// It broke, or could not be opened.
    Lost {
        /// Milliseconds until it is tried again by itself.
        retry_in_ms: u32,
    },
    /// The server closed it with a code of [`crate::wire::feed::close`] after which nothing is tried by itself:
    /// `PROTOCOL` (load the page again) and `SESSION` (open a session, then [`FeedHandle::retry_now`]).
    Refused(u16),
}

/// The feed. Clones share the line. Dropping the last clone closes it.
#[derive(Clone)]
pub struct FeedHandle(Option<SendWrapper<Rc<Inner>>>);

impl FeedHandle {
    /// Opens the line and tells `on` everything from now on, never from within a call on the handle.
    /// On the server nothing is opened and nothing told.
    pub fn connect(on: impl Fn(FeedEvent) + 'static) -> Self {
        Self(host::window().map(|_| SendWrapper::new(Inner::start(Rc::new(on)))))
    }

    /// Follows a room, now and after every reconnect, from the given or the last known cursor. Once more for the
    /// same room asks again.
    pub fn subscribe(&self, room: RoomId, since: Option<Cursor>) {
        if let Some(inner) = &self.0 {
            inner.subscribe(room, since);
        }
    }

    /// Follows a room no more.
    pub fn unsubscribe(&self, room: &RoomId) {
        if let Some(inner) = &self.0 {
            inner.unsubscribe(room);
        }
    }

    /// What to resume a followed room from after a reconnect. Sends nothing.
    pub fn set_cursor(&self, room: &RoomId, cursor: Cursor) {
        if let Some(inner) = &self.0 {
            inner.set_cursor(room, cursor);
        }
    }

    /// Tries at once if the line is not open; also the way out of [`Line::Refused`].
    pub fn retry_now(&self) {
        if let Some(inner) = &self.0 {
            inner.retry_now();
        }
    }

    /// Closes the line for good; nothing is told any more.
    pub fn close(&self) {
        if let Some(inner) = &self.0 {
            inner.close();
        }
    }
}

impl fmt::Debug for FeedHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FeedHandle").finish_non_exhaustive()
    }
}
