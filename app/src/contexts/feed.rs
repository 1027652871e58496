//! The line to the server: one for the whole page, whatever room is shown.

use std::fmt;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::notices::{Notices, use_notices};
use crate::api::open_session;
use crate::browser::feed::{FeedEvent, FeedHandle, Line};
use crate::browser::page;
use crate::wire::feed::{Cursor, ServerMessage, close};
use crate::wire::ids::RoomId;

/// Longest wait between two tries to open a session, in milliseconds.
const SESSION_RETRY_MS: u32 = 15_000;

type Listener = Arc<dyn Fn(&FeedEvent) + Send + Sync>;

/// The line to the server.
#[derive(Clone, Copy)]
pub struct Feed {
    handle: StoredValue<Option<FeedHandle>>,
    line: RwSignal<Option<Line>>,
    was_open: RwSignal<bool>,
    listener: StoredValue<Option<(RoomId, Listener)>>,
    /// Build of the server that rendered this page.
    build: StoredValue<Option<String>>,
    notices: Notices,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl Feed {
    /// Whether the server has greeted on the present line; tracked.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.line.get() == Some(Line::Open)
    }

    /// Whether there was a line, or a try for one failed; tracked.
    #[must_use]
    pub fn was_tried(self) -> bool {
        self.was_open.get()
    }

    /// Follows `room` from `since` on and tells `on` what happens, in place of the room followed before.
    /// Opens the line, and before it a session where there is none.
    pub fn follow(
        self,
        room: RoomId,
        since: Cursor,
        has_session: bool,
        build: String,
        on: impl Fn(&FeedEvent) + Send + Sync + 'static,
    ) {
        self.build.update_value(|known| {
            known.get_or_insert(build);
        });
        self.listener.set_value(Some((room.clone(), Arc::new(on))));
        spawn_local(async move {
            let connected = self.handle.with_value(Option::is_some);
            if !connected && !has_session {
                open_session_for_sure().await;
            }
            let still = self.listener.try_with_value(|held| {
                held.as_ref().is_some_and(|(followed, _)| *followed == room)
            });
            if still == Some(true) {
                self.connect();
                self.subscribe(room, since);
            }
        });
    }

    /// Follows `room` no more, if it is the one followed.
    pub fn leave(self, room: &RoomId) {
        self.listener.update_value(|held| {
            if held.as_ref().is_some_and(|(followed, _)| followed == room) {
                *held = None;
            }
        });
        self.with(|handle| handle.unsubscribe(room));
    }

    /// Asks again for what happened after `since`.
    pub fn subscribe(self, room: RoomId, since: Cursor) {
        self.with(|handle| handle.subscribe(room, Some(since)));
    }

    /// Where to resume from after a reconnect.
    pub fn set_cursor(self, room: &RoomId, cursor: Cursor) {
        self.with(|handle| handle.set_cursor(room, cursor));
    }

    /// Tries at once if the line is down.
    pub fn retry_now(self) {
        self.with(FeedHandle::retry_now);
    }

    fn with(self, call: impl FnOnce(&FeedHandle)) {
        let handle = self.handle.try_with_value(Clone::clone).flatten();
        if let Some(handle) = handle {
            call(&handle);
        }
    }

    fn connect(self) {
        if self.handle.with_value(Option::is_none) {
            let handle = FeedHandle::connect(move |event| self.on_event(&event));
            self.handle.set_value(Some(handle));
        }
    }

    fn on_event(self, event: &FeedEvent) {
        match event {
            FeedEvent::Line(line) => self.on_line(*line),
            FeedEvent::Message(ServerMessage::Welcome { build, .. }) => self.compare_build(build),
            FeedEvent::Message(_) => {}
        }
        let listener = self.listener.try_with_value(Clone::clone).flatten();
        if let Some((_, listener)) = listener {
            listener(event);
        }
    }

    fn on_line(self, line: Line) {
        self.line.set(Some(line));
        match line {
            Line::Open | Line::Lost { .. } => self.was_open.set(true),
            Line::Refused(close::SESSION) => spawn_local(async move {
                open_session_for_sure().await;
                self.retry_now();
            }),
            Line::Refused(_) => {
                self.was_open.set(true);
                self.notices
                    .offer_reload("This page does not understand the server any more.");
            }
            Line::Connecting => {}
        }
    }

    fn compare_build(self, build: &str) {
        let other = self
            .build
            .try_with_value(|known| known.as_deref().is_some_and(|known| known != build));
        if other == Some(true) {
            self.notices
                .offer_reload("There is a new version of this page.");
        }
    }
}

/// Opens a session, trying until the server answers. Without one the feed is closed to us.
async fn open_session_for_sure() {
    let mut wait_ms = 500;
    while let Err(error) = open_session().await {
        if !error.error.is_passing() {
            return;
        }
        page::sleep(wait_ms).await;
        wait_ms = (wait_ms * 2).min(SESSION_RETRY_MS);
    }
}

/// Provides the line; it is opened by the first room.
pub fn provide_feed() {
    provide_context(Feed {
        handle: StoredValue::new(None),
        line: RwSignal::new(None),
        was_open: RwSignal::new(false),
        listener: StoredValue::new(None),
        build: StoredValue::new(None),
        notices: use_notices(),
    });
}

/// The line.
#[must_use]
pub fn use_feed() -> Feed {
    expect_context()
}
