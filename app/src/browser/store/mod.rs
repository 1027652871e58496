//! What this browser remembers for this site: unsent posts, unfinished uploads with their bytes, small values.
//!
//! In IndexedDB where the browser has it; in private modes and where it refuses, in memory until the page is left.
//! All tabs share it. Nothing here fails for the caller: what cannot be kept is told once by [`on_degraded`].

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use self::database::Table;
use crate::browser::host;
use crate::wire::ids::{FileId, Millis, Nonce, RoomId};

mod database;
mod jobs;
mod memory;
mod request;

pub(crate) use jobs::{KeptJob, delete_job, job, jobs, put_job};

/// A post on its way to the server, kept until the server has acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxPost {
    /// Where it goes.
    pub room: RoomId,
    /// Its identity: the server takes it once however often it is sent.
    pub nonce: Nonce,
    /// Its text.
    pub text: String,
    /// Its files, by uploads opened before.
    pub files: Vec<FileId>,
    /// When it was written; posts are listed in this order.
    pub at: Millis,
}

/// Keeps a post, replacing one of the same room and nonce.
pub async fn put_post(post: &OutboxPost) {
    let Ok(text) = serde_json::to_string(post) else {
        return;
    };
    put(Table::Posts, &post_key(&post.room, post.nonce), text).await;
}

/// Forgets a post that the server acknowledged or the person gave up.
pub async fn delete_post(room: &RoomId, nonce: Nonce) {
    delete(Table::Posts, &post_key(room, nonce)).await;
}

/// The kept posts of a room in the order they were written.
pub async fn posts(room: &RoomId) -> Vec<OutboxPost> {
    let prefix = format!("{room}/");
    let mut texts = memory::list(Table::Posts, &prefix);
    let kept = database::list(Table::Posts, &prefix).await;
    texts.extend(kept.iter().filter_map(wasm_bindgen::JsValue::as_string));
    let mut posts: Vec<OutboxPost> = texts
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .collect();
    posts.sort_by_key(|post| (post.at, post.nonce));
    posts.dedup_by_key(|post| post.nonce);
    posts
}

/// A small value kept for this site.
pub async fn get(key: &str) -> Option<String> {
    match memory::get(Table::Values, key) {
        Some(value) => Some(value),
        None => database::get(Table::Values, key).await?.as_string(),
    }
}

/// Keeps a small value; `None` forgets it.
pub async fn set(key: &str, value: Option<&str>) {
    match value {
        Some(value) => put(Table::Values, key, value.to_owned()).await,
        None => delete(Table::Values, key).await,
    }
}

/// Calls `on` once, as soon as something could not be kept beyond this page; at once if that was so before.
pub fn on_degraded(on: impl FnOnce() + 'static) {
    if host::window().is_none() {
        return;
    }
    let told_before = NOTICE.with_borrow_mut(|notice| match notice {
        Notice::Whole(waiting) => {
            waiting.push(Box::new(on));
            None
        }
        Notice::Degraded => Some(on),
    });
    if let Some(on) = told_before {
        on();
    }
}

/// What was said of durability.
enum Notice {
    /// Everything was kept so far; whom to tell when that ends.
    Whole(Vec<Box<dyn FnOnce()>>),
    Degraded,
}

thread_local! {
    static NOTICE: RefCell<Notice> = const { RefCell::new(Notice::Whole(Vec::new())) };
}

fn degraded() {
    let before = NOTICE.with_borrow_mut(|notice| std::mem::replace(notice, Notice::Degraded));
    if let Notice::Whole(waiting) = before {
        for on in waiting {
            on();
        }
    }
}

async fn put(table: Table, key: &str, text: String) {
    // The server shares its threads between visitors: nothing of one may be left for the next.
    if host::window().is_none() {
        return;
    }
    match database::put(table, key, &text.as_str().into()).await {
        // What memory held from an earlier refusal is outdated now.
        Ok(()) => memory::delete(table, key),
        Err(database::NotKept) => {
            memory::put(table, key, text);
            degraded();
        }
    }
}

async fn delete(table: Table, key: &str) {
    memory::delete(table, key);
    database::delete(table, key).await;
}

fn post_key(room: &RoomId, nonce: Nonce) -> String {
    format!("{room}/{nonce}")
}
