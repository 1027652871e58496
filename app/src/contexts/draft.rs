//! The post being written: its text, which survives a reload, and its files.

use std::fmt;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::outbox::{OutFile, Outbox, use_outbox};
use super::room::{Room, use_room};
use super::uploads::{Uploads, use_uploads};
use crate::browser::files::{LocalFile, hint_of, placeholder};
use crate::browser::page;
use crate::model::tray;
use crate::wire::file::{FileKind, Placeholder};

/// Files in the tray at the most, refused ones among them.
const MOST: usize = 20;

/// A file in the tray.
#[derive(Debug, Clone, PartialEq)]
pub struct TrayFile {
    /// Its number in the tray.
    pub id: u32,
    /// The file on disk.
    pub local: LocalFile,
    /// What it seems to be.
    pub kind: FileKind,
    /// Why it cannot be sent.
    pub refused: Option<String>,
    placeholder: Option<Placeholder>,
}

/// The post being written.
#[derive(Clone, Copy)]
pub struct Draft {
    text: RwSignal<String>,
    files: RwSignal<Vec<TrayFile>>,
    problem: RwSignal<Option<String>>,
    next_id: StoredValue<u32>,
    key: StoredValue<String>,
    room: Room,
    outbox: Outbox,
    uploads: Uploads,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").finish_non_exhaustive()
    }
}

impl Draft {
    /// The text; tracked.
    #[must_use]
    pub fn text(self) -> String {
        self.text.get()
    }

    /// Takes the text as typed and keeps it for the next page.
    pub fn set_text(self, text: String) {
        self.key.with_value(|key| {
            if text.is_empty() {
                page::local_remove(key);
            } else {
                page::local_set(key, &text);
            }
        });
        self.problem.set(None);
        self.text.set(text);
    }

    /// Starts a quote of post `no`.
    pub fn quote(self, no: u32) {
        let mut text = self.text.get_untracked();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&format!(">>{no}\n"));
        self.set_text(text);
    }

    /// The files; tracked.
    #[must_use]
    pub fn files(self) -> Vec<TrayFile> {
        self.files.get()
    }

    /// Why the post was not sent; tracked.
    #[must_use]
    pub fn problem(self) -> Option<String> {
        self.problem.get()
    }

    /// Takes files in, those that cannot be sent with the reason. What belongs to an upload that waits for its
    /// file goes there.
    pub fn add(self, files: Vec<LocalFile>) {
        for local in files {
            if self.uploads.offer(&local) || self.files.with_untracked(Vec::len) >= MOST {
                continue;
            }
            let id = self.next_id.get_value();
            self.next_id.set_value(id.wrapping_add(1));
            let kind = hint_of(&local);
            let file = TrayFile {
                id,
                local,
                kind,
                refused: None,
                placeholder: None,
            };
            self.files.update(|files| files.push(file.clone()));
            self.judge();
            self.make_placeholder(file);
        }
        self.problem.set(None);
    }

    /// Takes a file out.
    pub fn remove(self, id: u32) {
        self.files
            .update(|files| files.retain(|file| file.id != id));
        self.judge();
    }

    /// Sends the post; what cannot be sent is said and kept.
    pub fn send(self) {
        let limits = self.room.limits_now();
        let (fit, refused): (Vec<_>, Vec<_>) = self
            .files
            .get_untracked()
            .into_iter()
            .partition(|file| file.refused.is_none());
        let text = match tray::judge(&self.text.get_untracked(), fit.len(), &limits) {
            Ok(text) => text,
            Err(problem) => return self.problem.set(Some(problem)),
        };
        let files = fit
            .into_iter()
            .map(|file| OutFile::new(file.local, file.placeholder))
            .collect();
        if !self.outbox.submit(text, files) {
            return self
                .problem
                .set(Some("Too many posts wait to be sent".to_owned()));
        }
        self.set_text(String::new());
        self.files.set(refused);
        self.judge();
    }

    fn judge(self) {
        let limits = self.room.limits_now();
        self.files.update(|files| {
            let mut fit = 0;
            for file in files {
                file.refused = tray::file_refused(fit, file.local.size(), &limits);
                fit += usize::from(file.refused.is_none());
            }
        });
    }

    /// Made while the person still writes, so that sending need not wait for it.
    fn make_placeholder(self, file: TrayFile) {
        spawn_local(async move {
            let made = placeholder(&file.local).await;
            self.files.update(|files| {
                if let Some(held) = files.iter_mut().find(|held| held.id == file.id) {
                    held.placeholder = Some(made);
                }
            });
        });
    }
}

/// Provides the post being written; its text is that of a former page, once this one is alive.
pub fn provide_draft() -> Draft {
    let room = use_room();
    let draft = Draft {
        text: RwSignal::default(),
        files: RwSignal::default(),
        problem: RwSignal::default(),
        next_id: StoredValue::new(0),
        key: StoredValue::new(format!("streamboard-draft-{}", room.id())),
        room,
        outbox: use_outbox(),
        uploads: use_uploads(),
    };
    provide_context(draft);
    Effect::new(move || {
        let kept = draft.key.with_value(|key| page::local_get(key));
        if let Some(kept) = kept
            && draft.text.with_untracked(String::is_empty)
        {
            draft.text.set(kept);
        }
    });
    draft
}

/// The post being written.
#[must_use]
pub fn use_draft() -> Draft {
    expect_context()
}
