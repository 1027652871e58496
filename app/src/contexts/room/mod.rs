//! The room shown: the fold of its log behind one signal a post, so that what happens to one post draws one post.

use std::collections::HashMap;
use std::fmt;

use leptos::prelude::*;

use crate::model::room_sync::{RoomSync, Step};
use crate::wire::feed::{Cursor, ServerMessage};
use crate::wire::file::Attachment;
use crate::wire::ids::{FileId, Nonce, PostNo, RoomId};
use crate::wire::limits::Limits;
use crate::wire::page::{Me, Post, RoomPage};
use crate::wire::room::{Author, RoomSnapshot};

mod drawing;
mod loading;

/// An open file and the post it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    /// The post.
    pub no: PostNo,
    /// The file.
    pub attachment: Attachment,
}

/// The room shown.
#[derive(Clone, Copy)]
pub struct Room {
    id: StoredValue<RoomId>,
    sync: StoredValue<RoomSync>,
    posts: StoredValue<HashMap<PostNo, ArcRwSignal<Post>>>,
    /// Numbers of the posts shown, oldest first, without gaps.
    numbers: RwSignal<Vec<PostNo>>,
    /// The last post shown where the page was asked for older ones; `None` follows the end.
    until: RwSignal<Option<PostNo>>,
    open: RwSignal<Vec<OpenFile>>,
    snapshot: RwSignal<RoomSnapshot>,
    total: RwSignal<u32>,
    ended: RwSignal<bool>,
    behind: RwSignal<u64>,
    missing: RwSignal<u32>,
    following: RwSignal<bool>,
    loading_older: RwSignal<bool>,
    me: RwSignal<Me>,
    limits: RwSignal<Limits>,
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

impl Room {
    fn new(page: &RoomPage) -> Self {
        let posts = &page.page.posts;
        let last = posts.last().map_or(0, |post| post.no);
        let room = Self {
            id: StoredValue::new(page.page.room.room.clone()),
            sync: StoredValue::new(RoomSync::new(&page.page)),
            posts: StoredValue::default(),
            numbers: RwSignal::default(),
            until: RwSignal::new((last < page.page.posts_total).then_some(last)),
            open: RwSignal::default(),
            snapshot: RwSignal::new(page.page.room.clone()),
            total: RwSignal::new(page.page.posts_total),
            ended: RwSignal::new(page.page.ended),
            behind: RwSignal::new(0),
            missing: RwSignal::new(0),
            following: RwSignal::new(false),
            loading_older: RwSignal::new(false),
            me: RwSignal::new(page.me.clone()),
            limits: RwSignal::new(page.limits),
        };
        room.draw_all();
        room
    }

    /// The room's id.
    #[must_use]
    pub fn id(self) -> RoomId {
        self.id.get_value()
    }

    /// Title, visibility, ending; tracked.
    #[must_use]
    pub fn snapshot(self) -> RoomSnapshot {
        self.snapshot.get()
    }

    /// Numbers of the posts shown, oldest first; tracked.
    #[must_use]
    pub fn numbers(self) -> Vec<PostNo> {
        self.numbers.get()
    }

    /// A post shown.
    #[must_use]
    pub fn post(self, no: PostNo) -> Option<ArcRwSignal<Post>> {
        self.posts.with_value(|posts| posts.get(&no).cloned())
    }

    /// Files among the posts shown whose bytes are still to come; tracked.
    #[must_use]
    pub fn open_files(self) -> Vec<OpenFile> {
        self.open.get()
    }

    /// Their names; not tracked.
    #[must_use]
    pub fn open_ids(self) -> Vec<FileId> {
        self.open.with_untracked(|open| {
            open.iter()
                .map(|open| open.attachment.notice.file)
                .collect()
        })
    }

    /// Whether the room is over; tracked.
    #[must_use]
    pub fn is_ended(self) -> bool {
        self.ended.get()
    }

    /// How many posts the room has; tracked.
    #[must_use]
    pub fn total(self) -> u32 {
        self.total.get()
    }

    /// The last post shown where newer ones are on another page; tracked.
    #[must_use]
    pub fn until(self) -> Option<PostNo> {
        self.until.get()
    }

    /// The post before which there are more, if there are; tracked.
    #[must_use]
    pub fn more_before(self) -> Option<PostNo> {
        self.numbers
            .with(|numbers| numbers.first().copied())
            .filter(|first| *first > 1)
    }

    /// Events known to exist and not shown yet; tracked.
    #[must_use]
    pub fn behind(self) -> u64 {
        self.behind.get()
    }

    /// Posts shown before that could not be recovered; tracked.
    #[must_use]
    pub fn missing(self) -> u32 {
        self.missing.get()
    }

    /// Whether the feed sends this room's events now; tracked.
    #[must_use]
    pub fn is_followed(self) -> bool {
        self.following.get()
    }

    /// Whether older posts are being loaded; tracked.
    #[must_use]
    pub fn is_loading_older(self) -> bool {
        self.loading_older.get()
    }

    /// The limits in force; tracked.
    #[must_use]
    pub fn limits(self) -> Limits {
        self.limits.get()
    }

    /// The limits in force; not tracked.
    #[must_use]
    pub fn limits_now(self) -> Limits {
        self.limits.get_untracked()
    }

    /// The reader as shown in this room; tracked.
    #[must_use]
    pub fn me(self) -> Option<Author> {
        self.me.with(|me| me.author.clone())
    }

    /// Takes in what the server says of the reader.
    pub fn set_me(self, author: Author) {
        self.me.update(|me| {
            me.session = true;
            me.author = Some(author);
        });
    }

    /// Whether `author` is the reader; tracked.
    #[must_use]
    pub fn is_me(self, author: &Author) -> bool {
        self.me.with(|me| {
            me.author
                .as_ref()
                .is_some_and(|own| own.number == author.number)
        })
    }

    /// Who made the post of `nonce`, once that is here.
    #[must_use]
    pub fn author_of(self, nonce: Nonce) -> Option<Author> {
        self.sync
            .try_with_value(|sync| {
                let mut posts = sync.view.posts.values();
                posts
                    .find(|post| post.nonce == nonce)
                    .map(|post| post.author.clone())
            })
            .flatten()
    }

    /// Where to subscribe from.
    #[must_use]
    pub fn cursor(self) -> Cursor {
        self.sync.with_value(RoomSync::cursor)
    }

    /// Whether the room is not shown any more.
    #[must_use]
    pub fn is_gone(self) -> bool {
        self.sync.is_disposed()
    }

    /// The line was lost or found again, and with it the subscription.
    pub fn line_lost(self) {
        self.sync.update_value(RoomSync::line_lost);
        self.following.set(false);
    }

    /// Folds what the feed says and draws what changed.
    pub fn on_message(self, message: &ServerMessage) -> Step {
        let step = self
            .sync
            .try_update_value(|sync| sync.on_message(message))
            .unwrap_or(Step::Nothing);
        if let Step::Changed(changed) = &step {
            self.draw(changed);
        }
        let told = matches!(message, ServerMessage::Subscribed { room, .. } if *room == self.id());
        if told {
            self.following.set(true);
        }
        self.count();
        step
    }
}

/// Provides the room of `page`.
pub fn provide_room(page: &RoomPage) -> Room {
    let room = Room::new(page);
    provide_context(room);
    room
}

/// The room shown.
#[must_use]
pub fn use_room() -> Room {
    expect_context()
}
