//! Getting one post to the server: its uploads are opened, the post is made, then the bytes may go.

use leptos::prelude::*;

use super::{OutFile, OutPost, OutState, Outbox};
use crate::api::{create_post, open_upload};
use crate::browser::files::{hint_of, placeholder};
use crate::browser::page;
use crate::browser::store::{self, OutboxPost};
use crate::browser::uploads::SendJob;
use crate::wire::error::{ApiError, ErrorCode};
use crate::wire::ids::Nonce;

/// First wait after a passing error, in milliseconds; it doubles up to [`LONGEST_MS`].
pub(super) const FIRST_MS: u32 = 1_000;
/// Longest wait after a passing error, in milliseconds.
const LONGEST_MS: u32 = 30_000;

impl Outbox {
    /// Sends one post; `false` stops the row, which goes on by itself later.
    pub(super) async fn send(self, nonce: Nonce) -> bool {
        self.change(nonce, |out| out.state = OutState::Sending);
        let result = self.deliver(nonce).await;
        if self.room.is_gone() {
            return false;
        }
        match result {
            Ok(()) => {
                self.wait_ms.set_value(FIRST_MS);
                self.change(nonce, |out| out.state = OutState::Sent);
                self.settle();
                true
            }
            Err(error) if error.error.is_passing() => {
                self.change(nonce, |out| out.state = OutState::Waiting);
                let wait_ms = self.wait_ms.get_value();
                self.wait_ms.set_value((wait_ms * 2).min(LONGEST_MS));
                page::timeout(wait_ms, move || self.run()).keep();
                false
            }
            Err(error) => {
                self.change(nonce, |out| out.state = OutState::Refused(error.message));
                true
            }
        }
    }

    /// Opens the post's uploads, makes the post, then lets the bytes go: the room has the post before the first.
    async fn deliver(self, nonce: Nonce) -> Result<(), ApiError> {
        let mut reopened = false;
        loop {
            let Some(out) = self.get(nonce) else {
                return Ok(());
            };
            let out = self.open_uploads(out).await?;
            if !out.post.files.is_empty() {
                store::put_post(&out.post).await;
            }
            let OutboxPost {
                room, text, files, ..
            } = out.post.clone();
            match create_post(room.clone(), nonce, text, files).await {
                Ok(_) => {
                    for file in out.files {
                        self.start(file, nonce);
                    }
                    store::delete_post(&room, nonce).await;
                    return Ok(());
                }
                // The uploads were not claimed in time. The post cannot exist, or its result had come back.
                Err(error) if is_lost(&error) && !out.files.is_empty() && !reopened => {
                    reopened = true;
                    self.change(nonce, |out| {
                        out.files.iter_mut().for_each(|file| file.opened = None)
                    });
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn open_uploads(self, mut out: OutPost) -> Result<OutPost, ApiError> {
        for file in out.files.iter_mut().filter(|file| file.opened.is_none()) {
            let placeholder = match file.placeholder.clone() {
                Some(placeholder) => placeholder,
                None => placeholder(&file.local).await,
            };
            let (name, size) = (file.local.name().to_owned(), file.local.size());
            let hint = hint_of(&file.local);
            let opened = open_upload(
                out.post.room.clone(),
                name,
                Some(size),
                Some(hint),
                placeholder,
            )
            .await?;
            file.opened = Some(opened.clone());
            let local = file.local.clone();
            self.change(out.post.nonce, |held| {
                if let Some(held) = held.files.iter_mut().find(|held| held.local == local) {
                    held.opened = Some(opened);
                }
            });
        }
        if !out.files.is_empty() {
            out.post.files = out
                .files
                .iter()
                .filter_map(|file| file.opened.as_ref().map(|opened| opened.file))
                .collect();
        }
        Ok(out)
    }

    fn start(self, file: OutFile, post: Nonce) {
        if let Some(opened) = file.opened {
            self.uploads.send(SendJob {
                file: opened.file,
                key: opened.key,
                room: self.room.id(),
                post,
                blob: file.local,
                slice_bytes: opened.slice_bytes,
            });
        }
    }
}

fn is_lost(error: &ApiError) -> bool {
    matches!(
        error.error,
        ErrorCode::NotFound | ErrorCode::Gone | ErrorCode::Conflict
    )
}
