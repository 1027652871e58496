//! Posts on their way to the server: each goes once, in the order written, also after a reload.

mod delivery;

use std::fmt;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::room::{Room, use_room};
use super::uploads::{Uploads, use_uploads};
use crate::browser::files::LocalFile;
use crate::browser::page;
use crate::browser::store::{self, OutboxPost};
use crate::wire::file::Placeholder;
use crate::wire::ids::Nonce;
use crate::wire::request::UploadOpened;

/// Posts waiting at the most; the composer keeps what does not fit.
const MOST: usize = 50;

/// A file of a post to send.
#[derive(Debug, Clone, PartialEq)]
pub struct OutFile {
    /// The file on disk.
    pub local: LocalFile,
    /// Its stand-in, if it is made already.
    pub placeholder: Option<Placeholder>,
    opened: Option<UploadOpened>,
}

impl OutFile {
    /// A file for which no upload was opened.
    #[must_use]
    pub fn new(local: LocalFile, placeholder: Option<Placeholder>) -> Self {
        Self {
            local,
            placeholder,
            opened: None,
        }
    }
}

/// Where a post stands on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutState {
    /// It waits for those before it, or for the line.
    Waiting,
    /// It is being sent.
    Sending,
    /// The server has it; the feed brings it any moment.
    Sent,
    /// The server refused it; a sentence for the person.
    Refused(String),
}

/// A post on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct OutPost {
    /// What is sent.
    pub post: OutboxPost,
    /// Its files as far as they are at hand.
    pub files: Vec<OutFile>,
    /// Where it stands.
    pub state: OutState,
}

/// The posts on their way to the room shown.
#[derive(Clone, Copy)]
pub struct Outbox {
    posts: RwSignal<Vec<OutPost>>,
    running: StoredValue<bool>,
    wait_ms: StoredValue<u32>,
    room: Room,
    uploads: Uploads,
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

impl Outbox {
    /// The posts in the order written; tracked.
    #[must_use]
    pub fn posts(self) -> Vec<OutPost> {
        self.posts.get()
    }

    /// How many wait or are being sent; tracked.
    #[must_use]
    pub fn waiting(self) -> u32 {
        self.posts.with(|posts| {
            let waiting = posts
                .iter()
                .filter(|out| matches!(out.state, OutState::Waiting | OutState::Sending));
            u32::try_from(waiting.count()).unwrap_or(u32::MAX)
        })
    }

    /// Takes a post to send. `false`: too many wait already.
    #[must_use]
    pub fn submit(self, text: String, files: Vec<OutFile>) -> bool {
        if self.posts.with_untracked(Vec::len) >= MOST {
            return false;
        }
        let post = OutboxPost {
            room: self.room.id(),
            nonce: page::random_nonce(),
            text,
            files: Vec::new(),
            at: page::now_ms(),
        };
        if files.is_empty() {
            let kept = post.clone();
            spawn_local(async move { store::put_post(&kept).await });
        }
        self.posts.update(|posts| {
            posts.push(OutPost {
                post,
                files,
                state: OutState::Waiting,
            })
        });
        self.run();
        true
    }

    /// Sends a refused post once more.
    pub fn retry(self, nonce: Nonce) {
        self.change(nonce, |out| out.state = OutState::Waiting);
        self.run();
    }

    /// Gives a post up.
    pub fn discard(self, nonce: Nonce) {
        self.posts
            .update(|posts| posts.retain(|out| out.post.nonce != nonce));
        let room = self.room.id();
        spawn_local(async move { store::delete_post(&room, nonce).await });
    }

    /// Takes away what the feed has brought.
    pub fn settle(self) {
        let author = |out: &OutPost| self.room.author_of(out.post.nonce);
        let found = self
            .posts
            .try_with_untracked(|posts| posts.iter().find_map(author));
        let Some(me) = found.flatten() else {
            return;
        };
        // With the first post in a room the server made its author a participant; the post tells as whom.
        if untrack(|| self.room.me()).is_none() {
            self.room.set_me(me);
        }
        self.posts.update(|posts| {
            posts.retain(|out| author(out).is_none() || out.state == OutState::Sending);
        });
    }

    /// Goes on sending, if there is something and it is not under way.
    pub fn run(self) {
        // Without a network nothing is tried; the feed tells when it is back.
        if self.running.try_get_value() != Some(false) || !page::is_online() {
            return;
        }
        self.running.set_value(true);
        spawn_local(async move {
            while let Some(nonce) = self.next() {
                if !self.send(nonce).await {
                    break;
                }
            }
            self.running.set_value(false);
        });
    }

    fn next(self) -> Option<Nonce> {
        self.posts.try_with_untracked(|posts| {
            let next = posts.iter().find(|out| out.state == OutState::Waiting)?;
            Some(next.post.nonce)
        })?
    }

    fn get(self, nonce: Nonce) -> Option<OutPost> {
        self.posts
            .try_with_untracked(|posts| posts.iter().find(|out| out.post.nonce == nonce).cloned())?
    }

    fn change(self, nonce: Nonce, with: impl FnOnce(&mut OutPost)) {
        self.posts.update(|posts| {
            if let Some(out) = posts.iter_mut().find(|out| out.post.nonce == nonce) {
                with(out);
            }
        });
    }

    async fn restore(self) {
        let kept = store::posts(&self.room.id()).await;
        if self.room.is_gone() {
            return;
        }
        self.posts.update(|posts| {
            let unknown = kept
                .into_iter()
                .filter(|kept| posts.iter().all(|out| out.post.nonce != kept.nonce));
            let restored = unknown.map(|post| OutPost {
                post,
                files: Vec::new(),
                state: OutState::Waiting,
            });
            let restored: Vec<OutPost> = restored.collect();
            posts.splice(0..0, restored);
        });
        self.run();
    }
}

/// Provides the posts on their way to the room shown; those kept from a former page go first.
pub fn provide_outbox() -> Outbox {
    let outbox = Outbox {
        posts: RwSignal::default(),
        running: StoredValue::new(false),
        wait_ms: StoredValue::new(delivery::FIRST_MS),
        room: use_room(),
        uploads: use_uploads(),
    };
    provide_context(outbox);
    Effect::new(move || spawn_local(outbox.restore()));
    outbox
}

/// The posts on their way.
#[must_use]
pub fn use_outbox() -> Outbox {
    expect_context()
}
