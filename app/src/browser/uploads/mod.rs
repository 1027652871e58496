//! The upload engine: sends picked files to their opened uploads, a few at a time, until the server has every byte.

use std::fmt;
use std::rc::Rc;

use send_wrapper::SendWrapper;

use self::engine::Inner;
use crate::browser::files::LocalFile;
use crate::browser::host;
use crate::wire::ids::{FileId, Nonce, RoomId, UploadKey};

mod answer;
mod attempt;
mod engine;
mod lease;
mod locks;
mod nap;
mod plan;
mod request;
mod stream;
mod task;

/// One file to send to the upload that `open_upload` made for it.
#[derive(Debug, Clone)]
pub struct SendJob {
    /// Public name of the file.
    pub file: FileId,
    /// Secret of its upload.
    pub key: UploadKey,
    /// Room of its post.
    pub room: RoomId,
    /// Command of its post.
    pub post: Nonce,
    /// The bytes; as many as were declared.
    pub blob: LocalFile,
    /// Bytes of one request where bodies cannot be streamed, as told by the server.
    pub slice_bytes: u64,
}

/// Where a send stands, by this browser's own knowledge; the room's truth is what the server committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendState {
    /// Waits for one of the few lines of this browser.
    Queued,
    /// Bytes go out.
    Sending {
        /// Bytes handed to the network.
        sent: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A try failed.
    Retrying {
        /// Milliseconds until the next.
        in_ms: u32,
    },
    /// No network; goes on when it is back.
    Waiting,
    /// The person paused it.
    Paused,
    /// The server has every byte.
    Done,
    /// Another tab or device sends this upload now; nothing is tried until [`Engine::resume`].
    TakenOver,
    /// The bytes did not survive a reload: the person must pick the file again, see [`Engine::offer_file`].
    NeedsFile,
    /// Nothing more can be done; a sentence for the person.
    Failed(String),
    /// The person cancelled it.
    Cancelled,
}

impl SendState {
    /// Whether nothing follows.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Cancelled)
    }
}

/// The engine. Clones share its sends.
#[derive(Clone)]
pub struct Engine(Option<SendWrapper<Rc<Inner>>>);

impl Engine {
    /// An engine that tells `on` each change, never from within a call on the engine.
    pub fn new(on: impl Fn(FileId, SendState) + 'static) -> Self {
        Self(host::window().map(|_| SendWrapper::new(Inner::start(Rc::new(on)))))
    }

    /// Starts to send, or queues. The job is kept for reloads until it is over. A second job of the same file is
    /// ignored while the first is not over.
    pub fn send(&self, job: SendJob) {
        if let Some(inner) = &self.0 {
            inner.send(job);
        }
    }

    /// Stops sending and tells the server to drop the upload; its post goes on without the file.
    pub fn cancel(&self, file: FileId) {
        if let Some(inner) = &self.0 {
            inner.cancel(file);
        }
    }

    /// Stops sending until [`Self::resume`]; the server drops uploads that are silent for too long.
    pub fn pause(&self, file: FileId) {
        if let Some(inner) = &self.0 {
            inner.pause(file);
        }
    }

    /// Goes on after a pause, at once instead of after the announced wait, or takes a taken-over upload back.
    pub fn resume(&self, file: FileId) {
        if let Some(inner) = &self.0 {
            inner.resume(file);
        }
    }

    /// Takes up what was unfinished when the page was left: goes on where the bytes are still there, else tells
    /// [`SendState::NeedsFile`]. What another tab is sending stays with that tab.
    pub fn restore(&self) {
        if let Some(inner) = &self.0 {
            inner.restore();
        }
    }

    /// Gives a file picked again to the unfinished upload it belongs to, by name, size and time of change.
    /// Returns which one that was.
    pub fn offer_file(&self, blob: &LocalFile) -> Option<FileId> {
        self.0.as_ref()?.offer_file(blob)
    }

    /// Whether leaving the page now would interrupt something.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.is_busy())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").finish_non_exhaustive()
    }
}
