//! What changed in the fold, put into the signals that are shown.

use std::collections::HashMap;

use leptos::prelude::*;

use super::{OpenFile, Room};
use crate::model::room_sync::{Changed, RoomSync};
use crate::wire::ids::PostNo;
use crate::wire::page::Post;

impl Room {
    /// Lets the oldest posts go where very many are held; they can be loaded again.
    pub fn trim(self) {
        if self.until.get_untracked().is_none()
            && self.sync.try_update_value(RoomSync::trim) == Some(true)
        {
            self.draw_all();
        }
    }

    pub(super) fn count(self) {
        let Some((behind, missing, total, ended)) = self.sync.try_with_value(|sync| {
            (
                sync.behind(),
                sync.missing(),
                sync.view.posts_total,
                sync.view.ended,
            )
        }) else {
            return;
        };
        set_if_other(self.behind, behind);
        set_if_other(self.missing, missing);
        set_if_other(self.total, total);
        set_if_other(self.ended, ended);
    }

    pub(super) fn draw(self, changed: &Changed) {
        let until = self.until.get_untracked();
        let mut came = Vec::new();
        for no in &changed.posts {
            let Some(post) = self
                .sync
                .with_value(|sync| sync.view.posts.get(no).cloned())
            else {
                continue;
            };
            match self.post(*no) {
                Some(signal) => signal.set(post),
                None if until.is_none() && changed.new.contains(no) => {
                    self.posts.update_value(|posts| {
                        posts.insert(*no, ArcRwSignal::new(post));
                    });
                    came.push(*no);
                }
                None => {}
            }
        }
        if !came.is_empty() {
            self.numbers.update(|numbers| numbers.extend(came));
        }
        if !changed.posts.is_empty() {
            self.draw_open();
        }
        if changed.room {
            let snapshot = self.sync.with_value(|sync| sync.view.room.clone());
            if let Some(snapshot) = snapshot {
                set_if_other(self.snapshot, snapshot);
            }
            self.rename_me();
        }
    }

    /// Draws everything anew; posts that did not change keep their signal and are not drawn again.
    pub(super) fn draw_all(self) {
        let until = self.until.get_untracked().unwrap_or(PostNo::MAX);
        let posts = self.sync.with_value(|sync| {
            let all = sync.view.posts.values().filter(|post| post.no <= until);
            unbroken(all.cloned().collect())
        });
        let numbers: Vec<PostNo> = posts.iter().map(|post| post.no).collect();
        self.posts.update_value(|signals| {
            let mut drawn = HashMap::with_capacity(posts.len());
            for post in posts {
                let signal = signals
                    .remove(&post.no)
                    .unwrap_or_else(|| ArcRwSignal::new(post.clone()));
                if signal.with_untracked(|held| *held != post) {
                    signal.set(post.clone());
                }
                drawn.insert(post.no, signal);
            }
            *signals = drawn;
        });
        self.numbers.set(numbers);
        self.draw_open();
    }

    fn draw_open(self) {
        let numbers = self.numbers.get_untracked();
        let open = self.sync.with_value(|sync| {
            let shown = numbers.iter().filter_map(|no| sync.view.posts.get(no));
            let files = shown.flat_map(|post| post.files.iter().map(|file| (post.no, file)));
            files
                .filter(|(_, file)| file.is_open())
                .map(|(no, file)| OpenFile {
                    no,
                    attachment: file.clone(),
                })
                .collect::<Vec<_>>()
        });
        set_if_other(self.open, open);
    }

    fn rename_me(self) {
        let Some(me) = self.me.with_untracked(|me| me.author.clone()) else {
            return;
        };
        let named = self
            .sync
            .with_value(|sync| sync.view.people.get(&me.number).cloned());
        if let Some(named) = named.filter(|named| *named != me) {
            self.set_me(named);
        }
    }
}

/// The last unbroken run of posts: what removals left of posts far above does not make them shown.
fn unbroken(posts: Vec<Post>) -> Vec<Post> {
    let mut first = posts.len().saturating_sub(1);
    while first > 0 && posts[first - 1].no + 1 == posts[first].no {
        first -= 1;
    }
    posts.into_iter().skip(first).collect()
}

fn set_if_other<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|held| *held != value) {
        signal.set(value);
    }
}
