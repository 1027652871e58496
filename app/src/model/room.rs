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
}

impl RoomView {
    /// The view a page gives. Events that arrived while it was loading are applied over it.
    #[must_use]
    pub fn from_page(page: &Page) -> Self {
        let mut view = Self::default();
        view.absorb(page);
        view
    }

    /// Takes in a page, older posts or a fresh start; a post held in a newer state is kept.
    pub fn absorb(&mut self, page: &Page) {
        for post in &page.posts {
            match self.posts.get(&post.no) {
                Some(held) if held.changed >= post.changed => {}
                _ => {
                    self.posts.insert(post.no, post.clone());
                }
            }
        }
        if page.cursor.seq >= self.head {
            self.head = page.cursor.seq;
            self.posts_total = page.posts_total;
            self.ended |= page.ended;
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
            let post = view
                .posts
                .entry(event.no)
                .or_insert_with(|| removed_post(event));
            if event.seq > post.changed {
                let (at, nonce) = (post.at, post.nonce);
                *post = Post {
                    at,
                    nonce,
                    ..removed_post(event)
                };
            }
        }
        EventBody::FileStarted { file, started } => change_file(view, event, *file, |attachment| {
            attachment.started = Some(started.clone());
            attachment.state = FileState::Arriving;
        }),
        EventBody::FileReady { file, size } => change_file(view, event, *file, |attachment| {
            attachment.state = FileState::Ready { size: *size };
        }),
        EventBody::FileStopped { file, reason } => change_file(view, event, *file, |attachment| {
            attachment.state = FileState::Stopped { reason: *reason };
        }),
        EventBody::FileRemoved { file } => change_file(view, event, *file, |attachment| {
            attachment.state = FileState::Removed;
        }),
        EventBody::ParticipantNamed { author } => {
            view.people.insert(author.number, author.clone());
        }
        EventBody::RoomChanged { snapshot } => {
            if event.seq > view.room_changed {
                view.room_changed = event.seq;
                view.room = Some(snapshot.clone());
            }
        }
        EventBody::RoomEnded => view.ended = true,
        // The first tombstone of a post stands where its Posted stood: what is left is number, time and nonce,
        // just what the fold of Posted and PostRemoved leaves.
        EventBody::Tombstone => {
            if event.no > 0 {
                view.posts
                    .entry(event.no)
                    .or_insert_with(|| removed_post(event));
            }
        }
        EventBody::Unknown => {}
    }
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
