//! Logs as the server would write them.

use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::Index;

use super::parts::{file_notice, snapshot, started, stop_reason, text};
use crate::model::room::{RoomView, apply};
use crate::wire::event::{Event, EventBody};
use crate::wire::feed::Cursor;
use crate::wire::file::{Attachment, FileNotice, Started, StopReason};
use crate::wire::ids::{Epoch, FileId, Millis, Nonce, ParticipantNo, PostNo};
use crate::wire::page::{Page, Post};
use crate::wire::room::{Author, RoomSnapshot};

/// A valid log of `length` events, at least one: `seq` without gaps, posts counted, removals and edits and files
/// of posts that are there, time that never goes back, perhaps an end. Nothing in it is redacted yet; see
/// [`redacted`].
pub fn log(length: impl Into<SizeRange>) -> impl Strategy<Value = Vec<Event>> {
    let moves = vec((any_move(), 0..5_000_i64), length);
    (snapshot(), moves, any::<bool>()).prop_map(|(snapshot, moves, ends)| {
        let mut scribe = Scribe::new(snapshot);
        let last = moves.len().saturating_sub(1);
        for (index, (wanted, pause)) in moves.into_iter().enumerate().skip(1) {
            scribe.now += pause;
            if ends && index == last {
                scribe.write(0, EventBody::RoomEnded);
            } else {
                scribe.play(wanted);
            }
        }
        scribe.log
    })
}

/// The log after the store redacted a removed post: what the post's earlier events said is gone.
#[must_use]
pub fn redacted(log: &[Event], no: PostNo) -> Vec<Event> {
    let mut log = log.to_vec();
    let removal = |event: &Event| event.no == no && event.body == EventBody::PostRemoved;
    if let Some(removed) = log.iter().position(removal) {
        for event in log[..removed].iter_mut().filter(|event| event.no == no) {
            event.body = EventBody::Tombstone;
        }
    }
    log
}

/// The page of posts `first..=last` that a server gives for this log whose head it read first, at `head` events,
/// and whose posts then, at `read` events. `head` is at least 1 and at most `read`.
///
/// # Panics
/// Where `head` or `read` is not a length of this log.
#[must_use]
pub fn page(
    log: &[Event],
    epoch: Epoch,
    head: usize,
    read: usize,
    first: PostNo,
    last: PostNo,
) -> Page {
    let mut posts = RoomView::default();
    for event in log[..read]
        .iter()
        .filter(|event| (first..=last).contains(&event.no))
    {
        apply(&mut posts, event);
    }
    let end = &log[head - 1];
    let changes = log[..head].iter().rev();
    let room = changes.filter_map(|event| match &event.body {
        EventBody::RoomChanged { snapshot } => Some(snapshot.clone()),
        _ => None,
    });
    Page {
        cursor: Cursor {
            epoch,
            seq: end.seq,
        },
        #[expect(clippy::expect_used, reason = "every log begins with its room")]
        room: room.into_iter().next().expect("a room"),
        posts_total: end.posts,
        ended: end.body == EventBody::RoomEnded,
        last_activity: end.at,
        posts: posts.posts.into_values().collect(),
        progress: Vec::new(),
    }
}

/// What somebody wants to do; becomes a post where it cannot be done.
#[derive(Debug, Clone)]
enum Move {
    Post {
        author: ParticipantNo,
        text: String,
        files: Vec<FileNotice>,
    },
    Edit {
        post: Index,
        text: String,
    },
    Remove {
        post: Index,
    },
    Start {
        file: Index,
        started: Started,
    },
    Ready {
        file: Index,
        size: u64,
    },
    Stop {
        file: Index,
        reason: StopReason,
    },
    RemoveFile {
        file: Index,
    },
    Name {
        number: ParticipantNo,
        name: Option<String>,
    },
    Title {
        title: String,
    },
    FromTheFuture,
}

fn any_move() -> impl Strategy<Value = Move> {
    let post =
        (1..5_u32, text(), vec(file_notice(), 0..3)).prop_map(|(author, text, files)| Move::Post {
            author,
            text,
            files,
        });
    prop_oneof![
        4 => post,
        2 => (any::<Index>(), text()).prop_map(|(post, text)| Move::Edit { post, text }),
        1 => any::<Index>().prop_map(|post| Move::Remove { post }),
        3 => (any::<Index>(), started()).prop_map(|(file, started)| Move::Start { file, started }),
        2 => (any::<Index>(), any::<u64>()).prop_map(|(file, size)| Move::Ready { file, size }),
        1 => (any::<Index>(), stop_reason()).prop_map(|(file, reason)| Move::Stop { file, reason }),
        1 => any::<Index>().prop_map(|file| Move::RemoveFile { file }),
        1 => (1..5_u32, proptest::option::of(text()))
            .prop_map(|(number, name)| Move::Name { number, name }),
        1 => text().prop_map(|title| Move::Title { title }),
        1 => Just(Move::FromTheFuture),
    ]
}

/// Writes a log, knowing what is in it.
struct Scribe {
    log: Vec<Event>,
    view: RoomView,
    snapshot: RoomSnapshot,
    files: u64,
    now: Millis,
}

impl Scribe {
    fn new(snapshot: RoomSnapshot) -> Self {
        let mut scribe = Self {
            log: Vec::new(),
            view: RoomView::default(),
            now: snapshot.created_at,
            snapshot: snapshot.clone(),
            files: 0,
        };
        scribe.write(0, EventBody::RoomChanged { snapshot });
        scribe
    }

    fn write(&mut self, no: PostNo, body: EventBody) {
        let posted = matches!(body, EventBody::Posted { .. });
        let posts = self.view.posts_total + u32::from(posted);
        let seq = self.view.head + 1;
        let event = Event {
            seq,
            no: if posted { posts } else { no },
            posts,
            at: self.now,
            nonce: Nonce(spread(seq)),
            body,
        };
        apply(&mut self.view, &event);
        self.log.push(event);
    }

    fn play(&mut self, wanted: Move) {
        let done = match wanted {
            Move::Post {
                author,
                text,
                files,
            } => Some(self.post(author, text, files)),
            Move::Edit { post, text } => self
                .pick_post(post)
                .map(|no| (no, EventBody::Edited { text })),
            Move::Remove { post } => self.pick_post(post).map(|no| (no, EventBody::PostRemoved)),
            Move::Start { file, started } => self
                .pick_file(file, |file| file.is_open() && file.started.is_none())
                .map(|(no, file)| (no, EventBody::FileStarted { file, started })),
            Move::Ready { file, size } => self
                .pick_file(file, |file| file.is_open() && file.started.is_some())
                .map(|(no, file)| (no, EventBody::FileReady { file, size })),
            Move::Stop { file, reason } => self
                .pick_file(file, Attachment::is_open)
                .map(|(no, file)| (no, EventBody::FileStopped { file, reason })),
            Move::RemoveFile { file } => self
                .pick_file(file, |file| !file.is_open())
                .map(|(no, file)| (no, EventBody::FileRemoved { file })),
            Move::Name { number, name } => {
                let op = number == 1;
                let author = Author { number, name, op };
                Some((0, EventBody::ParticipantNamed { author }))
            }
            Move::Title { title } => {
                self.snapshot.title = title;
                let snapshot = self.snapshot.clone();
                Some((0, EventBody::RoomChanged { snapshot }))
            }
            Move::FromTheFuture => Some((0, EventBody::Unknown)),
        };
        let (no, body) = done.unwrap_or_else(|| self.post(1, "instead".to_owned(), Vec::new()));
        self.write(no, body);
    }

    fn post(
        &mut self,
        number: ParticipantNo,
        text: String,
        mut files: Vec<FileNotice>,
    ) -> (PostNo, EventBody) {
        for notice in &mut files {
            self.files += 1;
            notice.file = FileId(spread(self.files));
        }
        let author = Author {
            number,
            name: None,
            op: number == 1,
        };
        (
            0,
            EventBody::Posted {
                author,
                text,
                files,
            },
        )
    }

    /// A post that is not removed.
    fn pick_post(&self, which: Index) -> Option<PostNo> {
        let posts: Vec<&Post> = self
            .view
            .posts
            .values()
            .filter(|post| !post.removed)
            .collect();
        (!posts.is_empty()).then(|| which.get(&posts).no)
    }

    /// A file of such a post.
    fn pick_file(
        &self,
        which: Index,
        fits: impl Fn(&Attachment) -> bool,
    ) -> Option<(PostNo, FileId)> {
        let posts = self.view.posts.values();
        let files: Vec<(PostNo, FileId)> = posts
            .flat_map(|post| post.files.iter().map(|file| (post.no, file)))
            .filter(|(_, file)| fits(file))
            .map(|(no, file)| (no, file.notice.file))
            .collect();
        (!files.is_empty()).then(|| *which.get(&files))
    }
}

/// An identifier of its own for each number.
fn spread(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}
