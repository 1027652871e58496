//! A batch of one room's commands on its way into the store.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use app::wire::event::{Event, EventBody};
use app::wire::ids::{Millis, PostNo, RoomId, Seq};
use futures::{StreamExt, TryStreamExt, stream};

use super::command::Command;
use super::error::AppendError;
use super::judge::{PostFacts, Prospect, asks_for, head_after};
use super::timely;
use super::writer::Waiting;
use crate::domain::entry::{CommandHash, Entry};
use crate::storage::{EventLog, Head, StorageError};

/// Reads of one batch that are in flight at once at the most.
const READS: usize = 8;

/// What the redaction of a post leaves of its commands' hashes.
const ERASED: CommandHash = CommandHash([0; 16]);

/// Commands that wait, in order; each leaves when it is answered.
pub(super) struct Batch<'a> {
    room: &'a RoomId,
    head: Option<Head>,
    waiting: VecDeque<Waiting>,
}

/// What is to be done with a command.
pub(super) enum Verdict {
    /// It goes into the log as this event.
    Append(Event),
    /// It is answered so, provided that what stands before it in the batch went into the log.
    Answer(Result<Event, AppendError>),
}

impl<'a> Batch<'a> {
    pub(super) fn new(room: &'a RoomId, head: Option<Head>, waiting: VecDeque<Waiting>) -> Self {
        Self {
            room,
            head,
            waiting,
        }
    }

    pub(super) fn room(&self) -> &'a RoomId {
        self.room
    }

    pub(super) fn head(&self) -> Option<Head> {
        self.head
    }

    /// The head is not what it was.
    pub(super) fn forget_head(&mut self) {
        self.head = None;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A number that differs between nodes; `None` once all commands are answered.
    pub(super) fn jitter(&self) -> Option<u64> {
        let nonce = self.waiting.front()?.command.nonce.0;
        let (first, _) = nonce.split_first_chunk()?;
        Some(u64::from_le_bytes(*first))
    }

    /// Judges every command against the log and the ones before it.
    pub(super) async fn plan(
        &mut self,
        log: &dyn EventLog,
        now: Millis,
    ) -> Result<Vec<Verdict>, StorageError> {
        if self.head.is_none() {
            self.head = timely(log.head(self.room)).await?;
        }
        let posts = self.read_posts(log).await?;
        let mut prospect = Prospect::new(self.head, posts, now);
        let mut plan = Vec::with_capacity(self.waiting.len());
        for waiting in &self.waiting {
            plan.push(match prospect.append(&waiting.command) {
                Ok(event) => Verdict::Append(event),
                // A command that is in the log already is often refused by its own effect.
                Err(refusal) => {
                    let first = first_result(log, &waiting.command).await?;
                    Verdict::Answer(first.unwrap_or(Err(refusal)))
                }
            });
        }
        Ok(plan)
    }

    /// The entries of a plan, in order.
    pub(super) fn entries(&self, plan: &[Verdict]) -> Vec<Entry> {
        let planned = self.waiting.iter().zip(plan);
        planned
            .filter_map(|(waiting, verdict)| match verdict {
                Verdict::Append(event) => Some(Entry {
                    room: waiting.command.room.clone(),
                    source: waiting.command.source,
                    command: waiting.command.hash,
                    event: event.clone(),
                }),
                Verdict::Answer(_) => None,
            })
            .collect()
    }

    /// Answers what is decided once the first `stored` entries of the plan are in the log, up to the first that
    /// is not: what follows was judged on a log that did not come about. Returns the events in the log.
    pub(super) fn settle(&mut self, plan: Vec<Verdict>, stored: usize) -> Vec<Event> {
        let mut appended = Vec::with_capacity(stored);
        for verdict in plan {
            let result = match verdict {
                Verdict::Append(_) if appended.len() == stored => break,
                Verdict::Append(event) => {
                    appended.push(event.clone());
                    Ok(event)
                }
                Verdict::Answer(result) => result,
            };
            if let Some(waiting) = self.waiting.pop_front() {
                // Whoever does not wait any longer asks again with the same nonce.
                let _ = waiting.answer.send(result);
            }
        }
        if let Some(last) = appended.last() {
            self.head = Some(head_after(last));
        }
        appended
    }

    /// Answers the commands that are in the log already; `None` where there are none. Returns the events among them
    /// that lie behind the head, in order: they may be this batch's own, put there by an insert whose answer the
    /// driver lost before it tried again, and then nobody was told of them.
    pub(super) async fn answer_known(
        &mut self,
        log: &dyn EventLog,
    ) -> Result<Option<Vec<Event>>, StorageError> {
        let reads: Vec<_> = self
            .waiting
            .iter()
            .map(|waiting| first_result(log, &waiting.command))
            .collect();
        let firsts: Vec<_> = stream::iter(reads).buffered(READS).try_collect().await?;
        let head = self.head.map_or(Seq::MAX, |head| head.seq);
        let (mut any, mut untold) = (false, Vec::new());
        for (waiting, first) in std::mem::take(&mut self.waiting).into_iter().zip(firsts) {
            match first {
                Some(result) => {
                    any = true;
                    untold.extend(
                        result
                            .as_ref()
                            .ok()
                            .filter(|event| event.seq > head)
                            .cloned(),
                    );
                    let _ = waiting.answer.send(result);
                }
                None => self.waiting.push_back(waiting),
            }
        }
        untold.sort_by_key(|event| event.seq);
        if let Some(last) = untold.last() {
            self.head = Some(head_after(last));
        }
        Ok(any.then_some(untold))
    }

    /// Fails every command that is left.
    pub(super) fn fail(self, error: StorageError) {
        let error = Arc::new(error);
        for waiting in self.waiting {
            let _ = waiting.answer.send(Err(share(&error).into()));
        }
    }

    /// What the commands ask of posts.
    async fn read_posts(
        &self,
        log: &dyn EventLog,
    ) -> Result<HashMap<PostNo, PostFacts>, StorageError> {
        let asked: HashSet<PostNo> = self
            .waiting
            .iter()
            .filter_map(|waiting| asks_for(&waiting.command))
            .collect();
        let reads: Vec<_> = asked
            .into_iter()
            .map(|no| async move {
                let entries = timely(log.posts(self.room, no, no)).await?;
                Ok::<_, StorageError>(PostFacts::read(&entries).map(|facts| (no, facts)))
            })
            .collect();
        let facts: Vec<_> = stream::iter(reads)
            .buffer_unordered(READS)
            .try_collect()
            .await?;
        Ok(facts.into_iter().flatten().collect())
    }
}

/// What the command led to before, if it is in the log; where its nonce belongs to another one, the refusal.
async fn first_result(
    log: &dyn EventLog,
    command: &Command,
) -> Result<Option<Result<Event, AppendError>>, StorageError> {
    let found = timely(log.by_nonce(&command.room, &command.source, &command.nonce)).await?;
    Ok(found.map(|entry| {
        // A redacted entry does not tell any longer what was asked for.
        let redacted = matches!(entry.event.body, EventBody::Tombstone) || entry.command == ERASED;
        if redacted || entry.command == command.hash {
            Ok(entry.event)
        } else {
            Err(AppendError::NonceReused)
        }
    }))
}

/// One failure for many callers: the same kind, and the same source behind it.
fn share(error: &Arc<StorageError>) -> StorageError {
    let source = Box::new(Arc::clone(error));
    match **error {
        StorageError::Unavailable(_) => StorageError::Unavailable(source),
        StorageError::Full(_) => StorageError::Full(source),
        StorageError::Broken(_) => StorageError::Broken(source),
    }
}
