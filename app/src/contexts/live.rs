//! Joins the room shown to the feed: what comes is folded, drawn, counted and read aloud.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::clock::use_clock;
use super::draft;
use super::feed::{Feed, use_feed};
use super::notices::{Notices, use_notices};
use super::outbox::{Outbox, provide_outbox};
use super::people::{People, provide_people};
use super::reading::{Reading, provide_reading};
use super::room::{Room, provide_room};
use super::uploads::{Uploads, use_uploads};
use crate::browser::feed::{FeedEvent, Line};
use crate::browser::page;
use crate::model::room_sync::{Changed, Step};
use crate::wire::feed::{RefusedReason, ServerMessage};
use crate::wire::ids::PostNo;
use crate::wire::page::RoomPage;

/// Wait before a page is asked for again or a refused room subscribed again, in milliseconds.
const RETRY_MS: u32 = 2_000;
/// Longest such wait, in milliseconds.
const LONGEST_MS: u32 = 30_000;

/// Everything that a message of the feed may concern.
#[derive(Debug, Clone, Copy)]
struct Live {
    room: Room,
    feed: Feed,
    uploads: Uploads,
    people: People,
    reading: Reading,
    outbox: Outbox,
    notices: Notices,
}

/// Provides the contexts of the room of `page`, and follows it once the page is alive.
pub fn provide_live_room(page: &RoomPage) -> Room {
    let room = provide_room(page);
    let uploads = use_uploads();
    uploads.note(&page.page.progress);
    let live = Live {
        room,
        feed: use_feed(),
        uploads,
        people: provide_people(),
        reading: provide_reading(),
        outbox: provide_outbox(),
        notices: use_notices(),
    };
    draft::provide_draft();
    let (has_session, build, now) = (page.me.session, page.build.clone(), page.now);
    let clock = use_clock();
    Effect::new(move || {
        clock.set_server_now(now);
        let (room, cursor) = (live.room.id(), live.room.cursor());
        live.feed
            .follow(room, cursor, has_session, build.clone(), move |event| {
                live.on_event(event)
            });
    });
    let id = room.id();
    on_cleanup(move || {
        live.feed.leave(&id);
        live.uploads.retain(&[]);
    });
    room
}

impl Live {
    fn on_event(self, event: &FeedEvent) {
        if self.room.is_gone() {
            return;
        }
        match event {
            FeedEvent::Line(Line::Open) => {
                self.room.line_lost();
                self.outbox.run();
            }
            FeedEvent::Line(_) => self.room.line_lost(),
            FeedEvent::Message(ServerMessage::Refused { room, reason })
                if *room == self.room.id() =>
            {
                self.on_refused(*reason);
            }
            FeedEvent::Message(message) => {
                let step = self.room.on_message(message);
                self.take(step);
            }
        }
    }

    fn take(self, step: Step) {
        match step {
            Step::Changed(changed) => self.on_changed(&changed),
            Step::Progress(files) => self.uploads.note(&files),
            Step::People(people) => self.people.set(people),
            Step::LoadPage => spawn_local(self.load_again()),
            Step::Resubscribe => self.feed.subscribe(self.room.id(), self.room.cursor()),
            Step::Nothing => {}
        }
    }

    fn on_changed(self, changed: &Changed) {
        self.feed.set_cursor(&self.room.id(), self.room.cursor());
        for no in &changed.new {
            let own = self.is_own(*no);
            self.reading.note(*no, own);
        }
        if let Some(no) = changed.new.last().filter(|no| !self.is_own(**no)) {
            self.announce(*no);
        }
        if !changed.posts.is_empty() {
            self.outbox.settle();
            self.uploads.retain(&self.room.open_ids());
        }
        if !changed.new.is_empty() && self.reading.is_looking() {
            self.room.trim();
        }
    }

    fn is_own(self, no: PostNo) -> bool {
        self.room.post(no).is_some_and(|post| {
            untrack(|| post.with_untracked(|post| self.room.is_me(&post.author)))
        })
    }

    fn announce(self, no: PostNo) {
        let Some(post) = self.room.post(no) else {
            return;
        };
        let line = post.with_untracked(|post| {
            let by = post.author.label();
            match post.files.len() {
                0 => format!("No. {no} by {by}."),
                1 => format!("No. {no} by {by}, one file arriving."),
                files => format!("No. {no} by {by}, {files} files arriving."),
            }
        });
        self.notices.speak(line);
    }

    fn on_refused(self, reason: RefusedReason) {
        match reason {
            RefusedReason::NoSuchRoom => self.notices.warn("This room is gone."),
            RefusedReason::TooManyRooms | RefusedReason::Unavailable => {
                page::timeout(RETRY_MS, move || {
                    if !self.room.is_gone() {
                        self.feed.subscribe(self.room.id(), self.room.cursor());
                    }
                })
                .keep();
            }
        }
    }

    /// Loads the newest page until the server gives one, then follows from there.
    async fn load_again(self) {
        let mut wait_ms = RETRY_MS;
        loop {
            match self.room.load_again().await {
                Ok(Some(cursor)) => {
                    self.feed.subscribe(self.room.id(), cursor);
                    self.outbox.settle();
                    self.uploads.retain(&self.room.open_ids());
                    return;
                }
                Ok(None) => return,
                Err(error) if error.error.is_passing() => {
                    page::sleep(wait_ms).await;
                    wait_ms = (wait_ms * 2).min(LONGEST_MS);
                }
                Err(error) => {
                    self.notices
                        .warn(format!("The room could not be loaded again: {error}."));
                    return;
                }
            }
            if self.room.is_gone() {
                return;
            }
        }
    }
}
