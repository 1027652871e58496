//! One upload from its first byte to its end: whose turn it is, when to try, and what is told meanwhile.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use web_sys::{AbortController, AbortSignal};

use super::nap::Nap;
use super::{SendState, locks, plan};
use crate::browser::files::LocalFile;
use crate::browser::host::Guard;
use crate::browser::page::{is_online, random};
use crate::browser::store::{self, KeptJob};
use crate::wire::ids::FileId;

/// Longest wait for the network to be back; the browser may not tell.
const OFFLINE_MS: u32 = 30_000;

/// What all tasks of an engine share.
pub(super) struct Shared {
    pub(super) on: Rc<dyn Fn(FileId, SendState)>,
    /// Whether streamed bodies are sent: until one of them got nowhere.
    pub(super) streams: Cell<bool>,
}

/// Why a task is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Pause,
    Cancel,
}

/// How a stretch of sending ended.
pub(super) enum End {
    /// With a state that stays.
    Over(SendState),
    /// To be tried again, not before so many milliseconds.
    Again(u32),
}

pub(super) struct Task {
    pub(super) shared: Rc<Shared>,
    pub(super) job: RefCell<KeptJob>,
    pub(super) state: RefCell<SendState>,
    is_running: Cell<bool>,
    /// Comes from the store and was not looked at yet: another tab may have it, or may have finished it.
    is_restored: Cell<bool>,
    /// Where the server is known to stand; `None` asks it.
    pub(super) offset: Cell<Option<u64>>,
    /// The highest offset the server ever told.
    pub(super) confirmed: Cell<u64>,
    /// Where a streamed body began that was cut.
    pub(super) streamed_from: Cell<Option<u64>>,
    stop: Cell<Option<Stop>>,
    /// Raised by a stop, ends every wait.
    stopping: RefCell<Option<AbortController>>,
    /// Ends only the request under way.
    pub(super) attempt: RefCell<Option<AbortController>>,
    nap: Nap,
    /// The lock that keeps other tabs from sending this upload. Held over a pause, which would else be no pause.
    own: RefCell<Option<Guard>>,
}

impl Task {
    pub(super) fn new(shared: Rc<Shared>, job: KeptJob, is_restored: bool) -> Rc<Self> {
        Rc::new(Self {
            shared,
            job: RefCell::new(job),
            state: RefCell::new(SendState::Queued),
            is_running: Cell::new(false),
            is_restored: Cell::new(is_restored),
            offset: Cell::new((!is_restored).then_some(0)),
            confirmed: Cell::new(0),
            streamed_from: Cell::new(None),
            stop: Cell::new(None),
            stopping: RefCell::default(),
            attempt: RefCell::default(),
            nap: Nap::default(),
            own: RefCell::default(),
        })
    }

    pub(super) fn is_running(&self) -> bool {
        self.is_running.get()
    }

    /// Whether the job is to be kept for a reload.
    pub(super) fn is_kept(&self) -> bool {
        self.is_running()
            || matches!(
                *self.state.borrow(),
                SendState::Paused | SendState::NeedsFile
            )
    }

    /// Stops what runs; the task tells its last state by itself.
    pub(super) fn stop(&self, why: Stop) {
        self.stop.set(Some(why));
        if let Some(stopping) = self.stopping.take() {
            stopping.abort();
        }
        self.cut();
    }

    /// Takes a stop back that may not have come through yet.
    pub(super) fn unstop(&self) {
        self.stop.set(None);
        self.nap.wake();
    }

    /// Gives up the request under way, and the wait before the next.
    pub(super) fn cut(&self) {
        if let Some(attempt) = self.attempt.take() {
            attempt.abort();
        }
        self.nap.wake();
    }

    /// Takes the file as picked again.
    pub(super) fn give(&self, blob: LocalFile) {
        self.job.borrow_mut().blob = Some(blob);
        self.offset.set(None);
    }

    pub(super) fn tell(&self, state: SendState) {
        *self.state.borrow_mut() = state.clone();
        let file = self.job.borrow().file;
        (self.shared.on)(file, state);
    }

    /// Runs until the upload is over, stopped, or cannot go on by itself, and tells how it ended; nothing where
    /// another tab finished it. Must not run twice at once.
    pub(super) async fn run(self: &Rc<Self>) {
        self.is_running.set(true);
        let end = loop {
            let end = self.run_to_end().await;
            // A stop that was taken back meanwhile is none.
            if end != Some(SendState::Paused) || self.stop.get().is_some() {
                break end;
            }
        };
        self.is_running.set(false);
        if end != Some(SendState::Paused) || self.stop.get() == Some(Stop::Cancel) {
            drop(self.own.take());
        }
        if self.stop.get() == Some(Stop::Cancel) {
            // The engine tells of it, and the server too.
            return;
        }
        if let Some(end) = end {
            self.tell(end);
        }
        // Not kept when taken over either: a reload must not take it back.
        if !self.is_kept() {
            let file = self.job.borrow().file;
            store::delete_job(file).await;
        }
    }

    async fn run_to_end(self: &Rc<Self>) -> Option<SendState> {
        let Ok(stopping) = AbortController::new() else {
            return Some(SendState::Failed("this browser is too old".to_owned()));
        };
        let stop = stopping.signal();
        *self.stopping.borrow_mut() = Some(stopping);
        if self.stop.get().is_some() {
            return Some(SendState::Paused);
        }
        let is_restored = self.is_restored.get();
        if !is_restored {
            self.tell(SendState::Queued);
        }
        let file = self.job.borrow().file;
        if self.own.borrow().is_none() {
            let Some(own) = locks::own(file, &stop).await else {
                return Some(SendState::Paused);
            };
            self.own.replace(Some(own));
        }
        if is_restored {
            self.is_restored.set(false);
            let kept = store::job(file).await?;
            *self.job.borrow_mut() = kept;
            self.tell(SendState::Queued);
        }
        Some(self.try_on(&stop).await)
    }

    async fn try_on(self: &Rc<Self>, stop: &AbortSignal) -> SendState {
        let mut failures = 0;
        loop {
            let Some(slot) = locks::slot(stop).await else {
                return SendState::Paused;
            };
            let before = self.confirmed.get();
            let end = self.send().await;
            drop(slot);
            if stop.aborted() {
                return SendState::Paused;
            }
            let least_ms = match end {
                End::Over(state) => return state,
                End::Again(least_ms) => least_ms,
            };
            if self.is_unreadable().await {
                return SendState::NeedsFile;
            }
            if stop.aborted() {
                return SendState::Paused;
            }
            failures = if self.confirmed.get() > before {
                1
            } else {
                failures + 1
            };
            self.wait(failures, least_ms).await;
            if stop.aborted() {
                return SendState::Paused;
            }
        }
    }

    async fn wait(&self, failures: u32, least_ms: u32) {
        if is_online() {
            let in_ms = plan::wait_ms(failures, least_ms, random());
            self.tell(SendState::Retrying { in_ms });
            self.nap.sleep(in_ms).await;
        } else {
            self.tell(SendState::Waiting);
            self.nap.sleep(OFFLINE_MS).await;
        }
    }

    /// Whether the file on disk was changed or moved since it was picked; looks for the copy that was kept.
    async fn is_unreadable(&self) -> bool {
        let (file, blob) = {
            let job = self.job.borrow();
            (job.file, job.blob.clone())
        };
        match blob {
            Some(blob) if blob.is_readable().await => false,
            Some(_) => match store::job(file).await.and_then(|kept| kept.blob) {
                Some(copy) if copy.is_readable().await => {
                    self.give(copy);
                    false
                }
                _ => {
                    self.job.borrow_mut().blob = None;
                    true
                }
            },
            None => true,
        }
    }
}
