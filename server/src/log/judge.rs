//! Judging a command against the log as it stands, with the commands of its batch before it. Pure.

use std::collections::HashMap;

use app::wire::event::{Event, EventBody};
use app::wire::ids::{Millis, ParticipantNo, PostNo};

use super::command::{Command, Draft, Precondition};
use super::error::AppendError;
use crate::domain::entry::Entry;
use crate::storage::Head;

/// What a precondition may ask of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PostFacts {
    /// Whose it is; 0 where a removal erased it.
    author: ParticipantNo,
    removed: bool,
}

impl PostFacts {
    /// Reads them from all entries of a post; `None` if there are none.
    pub(super) fn read(entries: &[Entry]) -> Option<Self> {
        if entries.is_empty() {
            return None;
        }
        let author = entries.iter().find_map(|entry| match &entry.event.body {
            EventBody::Posted { author, .. } => Some(author.number),
            _ => None,
        });
        let removed = entries
            .iter()
            .any(|entry| matches!(entry.event.body, EventBody::PostRemoved));
        Some(Self {
            author: author.unwrap_or_default(),
            removed,
        })
    }
}

/// The log as it will be when all that was added here is in the store.
#[derive(Debug)]
pub(super) struct Prospect {
    head: Option<Head>,
    posts: HashMap<PostNo, PostFacts>,
    now: Millis,
}

impl Prospect {
    /// Begins with the log's head and what is known of the posts that will be asked for.
    pub(super) fn new(head: Option<Head>, posts: HashMap<PostNo, PostFacts>, now: Millis) -> Self {
        Self { head, posts, now }
    }

    /// Judges a command and takes it as appended.
    pub(super) fn append(&mut self, command: &Command) -> Result<Event, AppendError> {
        self.judge(command)?;
        let head = self.head.unwrap_or(Head {
            seq: 0,
            posts: 0,
            at: Millis::MIN,
            ended: false,
        });
        let posts = match command.draft {
            // A room of four billion posts takes no more.
            Draft::Posted { .. } => head.posts.checked_add(1).ok_or(AppendError::RoomEnded)?,
            _ => head.posts,
        };
        let no = match command.draft {
            Draft::Posted { .. } => posts,
            _ => post(&command.draft),
        };
        let event = Event {
            seq: head.seq + 1,
            no,
            posts,
            at: self.now.max(head.at),
            nonce: command.nonce,
            body: body(&command.draft),
        };
        self.note(&event);
        Ok(event)
    }

    fn judge(&self, command: &Command) -> Result<(), AppendError> {
        let creates = matches!(command.draft, Draft::RoomChanged { .. });
        let head = match (self.head, command.precondition) {
            (None, Precondition::NoLog) if creates => return Ok(()),
            (None, _) => return Err(AppendError::NoSuchRoom),
            (Some(_), Precondition::NoLog) => return Err(AppendError::RoomEnded),
            (Some(head), _) => head,
        };
        if head.ended {
            return Err(AppendError::RoomEnded);
        }
        match command.precondition {
            Precondition::NoLog | Precondition::RoomOpen => Ok(()),
            Precondition::PostExists => self.present(&command.draft).map(|_| ()),
            Precondition::PostOf(author) if self.present(&command.draft)?.author != author => {
                Err(AppendError::NotYours)
            }
            Precondition::PostOf(_) => Ok(()),
            Precondition::IdleSince(since) if head.at > since => Err(AppendError::NotIdle),
            Precondition::IdleSince(_) => Ok(()),
        }
    }

    /// The draft's post, unless it was removed.
    fn present(&self, draft: &Draft) -> Result<PostFacts, AppendError> {
        match self.posts.get(&post(draft)) {
            None => Err(AppendError::NoSuchPost),
            Some(facts) if facts.removed => Err(AppendError::PostRemoved),
            Some(facts) => Ok(*facts),
        }
    }

    fn note(&mut self, event: &Event) {
        self.head = Some(head_after(event));
        match &event.body {
            EventBody::Posted { author, .. } => {
                let facts = PostFacts {
                    author: author.number,
                    removed: false,
                };
                self.posts.insert(event.no, facts);
            }
            EventBody::PostRemoved => {
                let facts = PostFacts {
                    author: 0,
                    removed: true,
                };
                self.posts.insert(event.no, facts);
            }
            _ => {}
        }
    }
}

/// The head of a log whose last event this is.
pub(super) fn head_after(event: &Event) -> Head {
    Head {
        seq: event.seq,
        posts: event.posts,
        at: event.at,
        ended: matches!(event.body, EventBody::RoomEnded),
    }
}

/// The post whose facts the command's precondition needs; never 0, which is no post.
pub(super) fn asks_for(command: &Command) -> Option<PostNo> {
    match command.precondition {
        Precondition::PostExists | Precondition::PostOf(_) => {
            Some(post(&command.draft)).filter(|no| *no > 0)
        }
        Precondition::NoLog | Precondition::RoomOpen | Precondition::IdleSince(_) => None,
    }
}

/// The post a draft concerns; 0 if none, or one that has no number yet.
fn post(draft: &Draft) -> PostNo {
    match draft {
        Draft::Edited { no, .. }
        | Draft::PostRemoved { no }
        | Draft::FileStarted { no, .. }
        | Draft::FileReady { no, .. }
        | Draft::FileStopped { no, .. }
        | Draft::FileRemoved { no, .. } => *no,
        Draft::Posted { .. }
        | Draft::ParticipantNamed { .. }
        | Draft::RoomChanged { .. }
        | Draft::RoomEnded => 0,
    }
}

fn body(draft: &Draft) -> EventBody {
    match draft.clone() {
        Draft::Posted {
            author,
            text,
            files,
        } => EventBody::Posted {
            author,
            text,
            files,
        },
        Draft::Edited { text, .. } => EventBody::Edited { text },
        Draft::PostRemoved { .. } => EventBody::PostRemoved,
        Draft::FileStarted { file, started, .. } => EventBody::FileStarted { file, started },
        Draft::FileReady { file, size, .. } => EventBody::FileReady { file, size },
        Draft::FileStopped { file, reason, .. } => EventBody::FileStopped { file, reason },
        Draft::FileRemoved { file, .. } => EventBody::FileRemoved { file },
        Draft::ParticipantNamed { author } => EventBody::ParticipantNamed { author },
        Draft::RoomChanged { snapshot } => EventBody::RoomChanged { snapshot },
        Draft::RoomEnded => EventBody::RoomEnded,
    }
}
