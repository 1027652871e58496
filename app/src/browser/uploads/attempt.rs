//! Requests of one upload in a row: ask for the offset, send from there, until the end or the first failure.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::{AbortController, AbortSignal, Blob};

use super::answer::Answer;
use super::plan::{self, Verdict};
use super::task::{End, Task};
use super::{SendState, request, stream};
use crate::browser::page::{interval, now_ms};
use crate::wire::ids::{Millis, UploadKey};

/// Time between two reports of progress.
const REPORT_MS: Millis = 100;

/// A body of which nothing moves for this long is given up: the network may be another by now.
const STALL_MS: Millis = 45_000;

/// How often that is looked at.
const LOOK_MS: u32 = 5_000;

/// Least bytes of a slice: below, the pauses between slices cost more than the bytes.
const SLICE_LEAST: u64 = 64 * 1024;

impl Task {
    /// Sends until the end or the first failure.
    pub(super) async fn send(self: &Rc<Self>) -> End {
        loop {
            let at = match self.offset.get() {
                Some(at) => Ok(at),
                None => self.ask().await,
            };
            let sent = match at {
                Ok(at) => self.send_from(at).await,
                Err(end) => Err(end),
            };
            match sent {
                Ok(offset) => self.offset.set(Some(offset)),
                Err(end) => return end,
            }
        }
    }

    /// Asks the server where it stands.
    async fn ask(&self) -> Result<u64, End> {
        let (key, size) = self.key_and_size();
        if size == 0 {
            // Offset and size are equal from the start: only sending tells whether it is over.
            return Ok(0);
        }
        let answer = request::head(key, &self.begin()?).await;
        let offset = match self.settle(&answer, size)? {
            Verdict::Moved(offset) | Verdict::From(offset) => offset,
            _ => return Err(End::Again(0)),
        };
        if self.streamed_from.take() == Some(offset) {
            // Not a byte came through: something on the way does not take streamed bodies.
            self.shared.streams.set(false);
        }
        Ok(offset)
    }

    /// Sends one body; `Ok` tells where the server stands after it.
    async fn send_from(self: &Rc<Self>, at: u64) -> Result<u64, End> {
        let (key, size) = self.key_and_size();
        let stop = self.begin()?;
        let streams = self.shared.streams.get() && size > 0;
        let end = if streams {
            size
        } else {
            let slice = self.job.borrow().slice_bytes.max(SLICE_LEAST);
            size.min(at.saturating_add(slice))
        };
        let body = self.slice(at, end).ok_or(End::Over(SendState::NeedsFile))?;
        self.tell(SendState::Sending {
            sent: at,
            total: size,
        });
        let moved = Rc::new(Cell::new(now_ms()));
        let progress = self.reporter(at, size, Rc::clone(&moved));
        let _watch = interval(LOOK_MS, {
            let task = Rc::downgrade(self);
            move || {
                if now_ms() - moved.get() > STALL_MS
                    && let Some(task) = task.upgrade()
                {
                    task.cut();
                }
            }
        });
        let answer = if streams {
            stream::patch(key, at, &body, progress, &stop).await
        } else {
            request::patch(key, at, &body, progress, &stop).await
        };
        let was_cut = answer.status == 0 && !stop.aborted();
        self.streamed_from.set((streams && was_cut).then_some(at));
        match self.settle(&answer, size)? {
            Verdict::From(offset) if offset > at => Ok(offset),
            Verdict::Moved(offset) => {
                self.offset.set(Some(offset));
                Err(End::Again(0))
            }
            _ => Err(End::Again(0)),
        }
    }

    /// Sorts out what ends the stretch, and notes what the server told.
    fn settle(&self, answer: &Answer, size: u64) -> Result<Verdict, End> {
        // Whatever went wrong, the next try asks first.
        self.offset.set(None);
        let verdict = plan::judge(answer, size);
        match verdict {
            Verdict::Done => Err(End::Over(SendState::Done)),
            Verdict::TakenOver => Err(End::Over(SendState::TakenOver)),
            Verdict::Gone => Err(End::Over(SendState::Failed(
                "the server does not wait for this file any more".to_owned(),
            ))),
            Verdict::Failed(message) => Err(End::Over(SendState::Failed(message))),
            Verdict::Again { least_ms } => Err(End::Again(least_ms)),
            Verdict::From(offset) | Verdict::Moved(offset) => {
                self.confirmed.set(self.confirmed.get().max(offset));
                Ok(verdict)
            }
        }
    }

    /// The signal of a new attempt.
    fn begin(&self) -> Result<AbortSignal, End> {
        let attempt = AbortController::new().map_err(|_| End::Again(0))?;
        let signal = attempt.signal();
        self.attempt.replace(Some(attempt));
        Ok(signal)
    }

    fn slice(&self, from: u64, to: u64) -> Option<Blob> {
        let blob = self.job.borrow().blob.clone()?;
        // Sizes are below 2^53.
        let slice = blob
            .blob()
            .slice_with_f64_and_f64(from as f64, to as f64)
            .ok()?;
        Some(slice)
    }

    fn key_and_size(&self) -> (UploadKey, u64) {
        let job = self.job.borrow();
        (job.key, job.size)
    }

    /// Tells how far the body is that began at `from`, a few times a second.
    fn reporter(
        self: &Rc<Self>,
        from: u64,
        total: u64,
        moved: Rc<Cell<Millis>>,
    ) -> impl Fn(u64) + 'static {
        let task = Rc::downgrade(self);
        let reported = Cell::new(now_ms());
        move |bytes| {
            let now = now_ms();
            moved.set(now);
            if now - reported.get() < REPORT_MS {
                return;
            }
            reported.set(now);
            if let Some(task) = task.upgrade()
                && matches!(*task.state.borrow(), SendState::Sending { .. })
            {
                let sent = from.saturating_add(bytes).min(total);
                task.tell(SendState::Sending { sent, total });
            }
        }
    }
}
