//! The fold of a room's log, the only place that knows what an event means.

use std::collections::BTreeMap;

use crate::wire::event::{Event, EventBody};
use crate::wire::feed::Cursor;
use crate::wire::file::{Attachment, FileState};
use crate::wire::ids::{Epoch, FileId, Millis, ParticipantNo, PostNo, Seq};
use crate::wire::page::{Page, Post};
use crate::wire::room::{Author, RoomSnapshot};

/// A room as far as its reader knows it: everything about the room, and the posts it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoomView {
    /// The last event folded.
    pub head: Seq,
    /// How many posts the room has.
    pub posts_total: u32,
    /// The room, once a snapshot was folded.
    pub room: Option<RoomSnapshot>,
    /// The event the snapshot came with.
    room_changed: Seq,
    /// Whether the room is over.
    pub ended: bool,
    /// When something last happened.
    pub last_activity: Millis,
    /// The posts held, by number.
    pub posts: BTreeMap<PostNo, Post>,
    /// Participants as shown last.
    pub people: BTreeMap<ParticipantNo, Author>,
    /// The event each of them was named by last.
    people_named: BTreeMap<ParticipantNo, Seq>,
}

impl RoomView {
    /// The view a page gives. Events that arrived while it was loading are applied over it.
    #[must_use]
    pub fn from_page(page: &Page) -> Self {
        let mut view = Self::default();
        view.absorb(page);
        view
    }

    /// Takes in the posts of a page; a post held in a newer state is kept.
    ///
    /// A view that has begun keeps its head and what it knows of the room, even where the page is ahead: the
    /// events in between are still to come, and concern more than the posts of this page. Where the page is
    /// behind, the caller applies the events after its cursor over it, or asks for it again.
    pub fn absorb(&mut self, page: &Page) {
        for post in &page.posts {
            match self.posts.get(&post.no) {
                Some(held) if held.changed >= post.changed => {}
                _ => {
                    self.posts.insert(post.no, post.clone());
                }
            }
        }
        if self.room.is_none() {
            self.head = page.cursor.seq;
            self.posts_total = page.posts_total;
            self.ended = page.ended;
            self.last_activity = page.last_activity;
            self.room = Some(page.room.clone());
            self.room_changed = page.cursor.seq;
        }
    }

    /// Where a reader of this view stands in the log of `epoch`.
    #[must_use]
    pub fn cursor(&self, epoch: Epoch) -> Cursor {
        Cursor {
            epoch,
            seq: self.head,
        }
    }
}

/// Folds one event. Applying an event twice, or an older one after a newer one of its post, changes nothing.
pub fn apply(view: &mut RoomView, event: &Event) {
    let makes_post = makes_post(view, event);
    if event.seq > view.head {
        view.head = event.seq;
        view.posts_total = event.posts;
        view.last_activity = event.at;
    }
    match &event.body {
        EventBody::Posted {
            author,
            text,
            files,
        } => {
            view.posts.entry(event.no).or_insert_with(|| Post {
                no: event.no,
                at: event.at,
                nonce: event.nonce,
                author: author.clone(),
                text: text.clone(),
                files: files
                    .iter()
                    .map(|notice| Attachment {
                        notice: notice.clone(),
                        started: None,
                        state: FileState::Waiting,
                    })
                    .collect(),
                edited: false,
                removed: false,
                changed: event.seq,
            });
        }
        EventBody::Edited { text } => change(view, event, |post| {
            post.text.clone_from(text);
            post.edited = true;
        }),
        EventBody::PostRemoved => {
            // Also over the tombstone it left: both ways the post was changed by its removal.
            if let Some(post) = view.posts.get_mut(&event.no)
                && event.seq > post.changed
            {
                *post = Post {
                    at: post.at,
                    nonce: post.nonce,
                    ..removed_post(event)
                };
            }
        }
        EventBody::FileStarted { file, started } => change_file(view, event, *file, |attachment| {
            attachment.started = Some(started.clone());
            if attachment.state == FileState::Waiting {
                attachment.state = FileState::Arriving;
            }
        }),
        EventBody::FileReady { file, size } => {
            end_file(view, event, *file, || FileState::Ready { size: *size })
        }
        EventBody::FileStopped { file, reason } => {
            end_file(view, event, *file, || FileState::Stopped {
                reason: *reason,
            });
        }
        EventBody::FileRemoved { file } => change_file(view, event, *file, |attachment| {
            attachment.state = FileState::Removed;
        }),
        EventBody::ParticipantNamed { author } => {
            let named = view.people_named.entry(author.number).or_default();
            if event.seq > *named {
                *named = event.seq;
                view.people.insert(author.number, author.clone());
            }
        }
        EventBody::RoomChanged { snapshot } => {
            if event.seq > view.room_changed {
                view.room_changed = event.seq;
                view.room = Some(snapshot.clone());
            }
        }
        EventBody::RoomEnded => view.ended = true,
        // Where Posted stood; what is left of it is number, time and nonce, just what the fold of Posted and
        // PostRemoved leaves.
        EventBody::Tombstone => {
            if makes_post {
                view.posts
                    .entry(event.no)
                    .or_insert_with(|| removed_post(event));
            }
        }
        EventBody::Unknown => {}
    }
}

/// Whether the event numbers a new post, whatever its body became: its post is the last one. So is the post of
/// a later event, as long as no other was made; but that one comes when the post has been counted already.
fn makes_post(view: &RoomView, event: &Event) -> bool {
    let counted = event.seq > view.head && event.no <= view.posts_total;
    event.no > 0 && event.no == event.posts && !counted
}

fn removed_post(event: &Event) -> Post {
    Post {
        no: event.no,
        at: event.at,
        nonce: event.nonce,
        author: Author::nobody(),
        text: String::new(),
        files: Vec::new(),
        edited: false,
        removed: true,
        changed: event.seq,
    }
}

/// Changes the post of `event` unless it is not held, removed for good, or newer than the event.
fn change(view: &mut RoomView, event: &Event, with: impl FnOnce(&mut Post)) {
    if let Some(post) = view.posts.get_mut(&event.no)
        && event.seq > post.changed
        && !post.removed
    {
        with(post);
        post.changed = event.seq;
    }
}

fn change_file(
    view: &mut RoomView,
    event: &Event,
    file: FileId,
    with: impl FnOnce(&mut Attachment),
) {
    change(view, event, |post| {
        if let Some(attachment) = post.files.iter_mut().find(|held| held.notice.file == file) {
            with(attachment);
        }
    });
}

/// Ends a file, unless it has ended: the first ending holds.
fn end_file(view: &mut RoomView, event: &Event, file: FileId, state: impl FnOnce() -> FileState) {
    change_file(view, event, file, |attachment| {
        if attachment.is_open() {
            attachment.state = state();
        }
    });
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
