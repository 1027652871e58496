//! Writing what waits for a room, batch after batch.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use app::wire::event::Event;
use app::wire::ids::{Nonce, RoomId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::after::After;
use super::batch::Batch;
use super::command::Command;
use super::error::AppendError;
use super::rooms::{Held, Rooms, Watch};
use super::{BATCH_COMMANDS, WAITING_COMMANDS, WRITE_WAIT, timely};
use crate::clock::Clock;
use crate::storage::{Duplicate, EventLog, Head, Inserted, StorageError};

/// Longest pause after the first lost race; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(4);

/// Longest pause between two tries of a batch.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A command and who waits for its event.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) command: Command,
    pub(super) answer: oneshot::Sender<Result<Event, AppendError>>,
}

/// The queue of one room.
#[derive(Debug, Default)]
pub(super) struct Lane {
    waiting: VecDeque<Waiting>,
    /// Whether a task writes this room's commands.
    writing: bool,
    /// The log's end as this node knows it: perhaps stale, never ahead.
    head: Option<Head>,
}

impl Lane {
    /// Queues a command; `true` if a task has to begin.
    pub(super) fn enter(&mut self, waiting: Waiting) -> Result<bool, AppendError> {
        if self.waiting.len() >= WAITING_COMMANDS {
            return Err(AppendError::Overloaded);
        }
        self.waiting.push_back(waiting);
        Ok(!std::mem::replace(&mut self.writing, true))
    }

    /// The next batch; `None` ends the writing. A command under a nonce that the batch has already waits for
    /// the next one, which finds the first in the log.
    fn next(&mut self) -> Option<VecDeque<Waiting>> {
        let mut nonces = HashSet::new();
        let mut fresh = |waiting: &Waiting| -> bool {
            let nonce: Nonce = waiting.command.nonce;
            nonces.insert((waiting.command.source, nonce))
        };
        let most = self.waiting.len().min(BATCH_COMMANDS);
        let length = self
            .waiting
            .iter()
            .take(most)
            .position(|waiting| !fresh(waiting))
            .unwrap_or(most);
        self.writing = length > 0;
        self.writing.then(|| self.waiting.drain(..length).collect())
    }
}

impl Held for Lane {
    fn is_idle(&self) -> bool {
        !self.writing
    }
}

/// Writes the commands of all rooms.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) after: Arc<After>,
    pub(super) lanes: Rooms<Lane>,
}

/// Whether a batch may be tried again at once.
enum Tried {
    /// All there was to do is done, or some of it was.
    Progress,
    /// A nonce is in the log already; perhaps others are.
    KnownNonce,
    /// Another node was first.
    Lost,
}

impl Writer {
    /// Writes until nothing waits for the room.
    pub(super) async fn run(&self, room: RoomId) {
        let watch = Watch::over(&self.lanes, &room);
        let mut head = self.lanes.with(&room, |lane| lane.head).flatten();
        while let Some(batch) = self.next(&room, head) {
            head = self.write(&room, head, batch).await;
        }
        watch.end();
    }

    fn next(&self, room: &RoomId, head: Option<Head>) -> Option<VecDeque<Waiting>> {
        let next = |lane: &mut Lane| {
            lane.head = head;
            lane.next()
        };
        self.lanes.with(room, next).flatten()
    }

    /// Writes a batch to the end; returns the log's head where it is known.
    async fn write(
        &self,
        room: &RoomId,
        head: Option<Head>,
        waiting: VecDeque<Waiting>,
    ) -> Option<Head> {
        let mut batch = Batch::new(room, head, waiting);
        let deadline = Instant::now() + WRITE_WAIT;
        let mut lost = 0;
        let mut ask_nonces = false;
        while let Some(jitter) = batch.jitter() {
            let tried = match self.try_once(&mut batch, ask_nonces).await {
                Ok(tried) => tried,
                Err(error) => {
                    batch.fail(error);
                    return None;
                }
            };
            ask_nonces = matches!(tried, Tried::KnownNonce);
            if matches!(tried, Tried::Progress) {
                continue;
            }
            if Instant::now() >= deadline {
                batch.fail(StorageError::Unavailable(
                    "other nodes were always faster".into(),
                ));
                return None;
            }
            if matches!(tried, Tried::Lost) {
                tokio::time::sleep(pause(lost, jitter)).await;
                lost += 1;
            }
        }
        batch.head()
    }

    /// One round: read, judge, insert, answer.
    async fn try_once(
        &self,
        batch: &mut Batch<'_>,
        ask_nonces: bool,
    ) -> Result<Tried, StorageError> {
        if ask_nonces {
            let Some(untold) = batch.answer_known(&*self.log).await? else {
                // The store refused a nonce that it does not show: its first command is not acknowledged yet.
                return Ok(Tried::Lost);
            };
            self.tell(batch.room(), untold);
        }
        if batch.is_empty() {
            return Ok(Tried::Progress);
        }
        let plan = batch.plan(&*self.log, self.clock.now()).await?;
        let entries = batch.entries(&plan);
        let inserted = match entries.as_slice() {
            [] => Ok(Inserted::All),
            entries => timely(self.log.insert(entries)).await,
        };
        let (stored, refused) = match &inserted {
            Ok(Inserted::All) => (entries.len(), None),
            Ok(Inserted::Partly { stored, refused }) => (*stored, Some(*refused)),
            // Some may be in the log; what was judged on the log alone is right in any case.
            Err(_) => (0, None),
        };
        let appended = batch.settle(plan, stored);
        self.tell(batch.room(), appended);
        inserted?;
        Ok(match refused {
            None => Tried::Progress,
            Some(Duplicate::Nonce) => Tried::KnownNonce,
            Some(Duplicate::Seq) => {
                batch.forget_head();
                Tried::Lost
            }
        })
    }

    /// Begins what follows events that are in the log.
    fn tell(&self, room: &RoomId, events: Vec<Event>) {
        if !events.is_empty() {
            self.after.begin(room, events);
        }
    }
}

/// How long to wait after `lost` lost races: full jitter, so that nodes do not collide again. The jitter comes
/// from a nonce, since nonces are random and differ between the nodes.
fn pause(lost: u32, jitter: u64) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << lost.min(10))
        .min(LONGEST_PAUSE);
    let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    let turned = jitter.rotate_left(lost.wrapping_mul(13));
    Duration::from_micros(turned % micros)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_PAUSE, pause};

    #[test]
    fn pauses_are_bounded_and_differ() {
        let jitter = 0x9e37_79b9_7f4a_7c15;
        let pauses: std::collections::HashSet<_> =
            (0..64).map(|lost| pause(lost, jitter)).collect();
        assert!(pauses.len() > 50);
        assert!(pauses.iter().all(|pause| *pause < LONGEST_PAUSE));
        assert_ne!(pause(1, jitter), pause(1, jitter + 1));
    }
}
