//! Files on their way: how far each is by the server's count, and those that this browser sends.

use std::collections::HashMap;
use std::fmt;

use leptos::prelude::*;

use crate::browser::Guard;
use crate::browser::files::LocalFile;
use crate::browser::page;
use crate::browser::store;
use crate::browser::uploads::{Engine, SendJob, SendState};
use crate::model::transfer::Transfer;
use crate::wire::feed::Progress;
use crate::wire::ids::FileId;

/// A file that this browser sends.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnFile {
    /// Its public name.
    pub file: FileId,
    /// The file on disk, unless the page was loaded again since.
    pub local: Option<LocalFile>,
    /// How far the sending is.
    pub state: SendState,
}

/// Files on their way.
#[derive(Clone, Copy)]
pub struct Uploads {
    transfers: StoredValue<HashMap<FileId, ArcRwSignal<Transfer>>>,
    own: RwSignal<Vec<OwnFile>>,
    engine: StoredValue<Option<Engine>>,
}

impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploads").finish_non_exhaustive()
    }
}

impl Uploads {
    /// How far `file` is; follows it while it is open.
    #[must_use]
    pub fn transfer(self, file: FileId) -> ArcRwSignal<Transfer> {
        self.transfers
            .try_update_value(|transfers| transfers.entry(file).or_default().clone())
            .unwrap_or_default()
    }

    /// Takes in what the server told.
    pub fn note(self, files: &[Progress]) {
        let now = page::now_ms();
        for progress in files {
            self.transfer(progress.file)
                .update(|transfer| transfer.note(progress, now));
        }
    }

    /// Forgets how far files are that are not open any more; cards that still show them keep their own handle.
    pub fn retain(self, open: &[FileId]) {
        self.transfers
            .update_value(|transfers| transfers.retain(|file, _| open.contains(file)));
    }

    /// Sends a file.
    pub fn send(self, job: SendJob) {
        let own = OwnFile {
            file: job.file,
            local: Some(job.blob.clone()),
            state: SendState::Queued,
        };
        self.own.update(|files| files.push(own));
        self.with(|engine| engine.send(job));
    }

    /// Stops sending; the post goes on without the file.
    pub fn cancel(self, file: FileId) {
        self.with(|engine| engine.cancel(file));
        // What had failed for good is not the engine's any more.
        self.own
            .update(|files| files.retain(|own| own.file != file || !own.state.is_over()));
    }

    /// Tries again, or takes back what another tab sends.
    pub fn resume(self, file: FileId) {
        self.with(|engine| engine.resume(file));
    }

    /// Gives a file picked again to the upload it belongs to; says whether there is one.
    #[must_use]
    pub fn offer(self, local: &LocalFile) -> bool {
        let mut taken = None;
        self.with(|engine| taken = engine.offer_file(local));
        if let Some(file) = taken {
            self.own.update(|files| {
                if let Some(own) = files.iter_mut().find(|own| own.file == file) {
                    own.local = Some(local.clone());
                }
            });
        }
        taken.is_some()
    }

    /// The files that this browser sends; tracked.
    #[must_use]
    pub fn own(self) -> Vec<OwnFile> {
        self.own.get()
    }

    /// How far this browser's own sending of `file` is; tracked.
    #[must_use]
    pub fn own_state(self, file: FileId) -> Option<SendState> {
        self.own.with(|files| {
            files
                .iter()
                .find(|own| own.file == file)
                .map(|own| own.state.clone())
        })
    }

    /// The file on disk that `file` is sent from; tracked.
    #[must_use]
    pub fn local(self, file: FileId) -> Option<LocalFile> {
        self.own.with(|files| {
            files
                .iter()
                .find(|own| own.file == file)
                .and_then(|own| own.local.clone())
        })
    }

    fn with(self, call: impl FnOnce(&Engine)) {
        let engine = self.engine.try_with_value(Clone::clone).flatten();
        if let Some(engine) = engine {
            call(&engine);
        }
    }

    fn on_state(self, file: FileId, state: SendState) {
        self.own.update(|files| {
            let gone = matches!(state, SendState::Done | SendState::Cancelled);
            match files.iter().position(|own| own.file == file) {
                Some(index) if gone => {
                    files.remove(index);
                }
                Some(index) => files[index].state = state,
                None if gone => {}
                None => files.push(OwnFile {
                    file,
                    local: None,
                    state,
                }),
            }
        });
    }
}

/// Provides the files on their way; unfinished ones of a former page go on once this page is alive.
pub fn provide_uploads() {
    let uploads = Uploads {
        transfers: StoredValue::default(),
        own: RwSignal::default(),
        engine: StoredValue::new(None),
    };
    provide_context(uploads);
    let forgetful = RwSignal::new(false);
    Effect::new(move || {
        let engine = Engine::new(move |file, state| uploads.on_state(file, state));
        engine.restore();
        uploads.engine.set_value(Some(engine));
        store::on_degraded(move || forgetful.set(true));
    });
    // What survives a reload needs no warning before one.
    let warning = StoredValue::new(Guard::default());
    Effect::new(move || {
        let busy = uploads
            .own
            .with(|files| files.iter().any(|own| !own.state.is_over()));
        let guard = if busy && forgetful.get() {
            page::ask_before_leaving()
        } else {
            Guard::default()
        };
        warning.set_value(guard);
    });
}

/// The files on their way.
#[must_use]
pub fn use_uploads() -> Uploads {
    expect_context()
}
