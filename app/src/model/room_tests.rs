//! However a log reaches a reader, its fold is the same.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::model::arbitrary::{log, page, redacted};
use crate::wire::file::{FileKind, FileNotice, Placeholder, Preview, Started, StopReason};
use crate::wire::ids::Nonce;

const EPOCH: Epoch = Epoch([1; 8]);

fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> RoomView {
    let mut view = RoomView::default();
    for event in events {
        apply(&mut view, event);
    }
    view
}

/// Everything but the people: a page does not carry them.
fn assert_same(view: &RoomView, whole: &RoomView) {
    let posts: BTreeMap<_, _> = whole
        .posts
        .range(view.posts.keys().next().copied().unwrap_or(PostNo::MAX)..)
        .map(|(no, post)| (*no, post.clone()))
        .collect();
    assert_eq!(view.posts, posts);
    assert_eq!(view.head, whole.head);
    assert_eq!(view.posts_total, whole.posts_total);
    assert_eq!(view.room, whole.room);
    assert_eq!(view.ended, whole.ended);
    assert_eq!(view.last_activity, whole.last_activity);
}

/// The newest `posts` posts, whose head was read at `head` events and the posts at `read`.
fn newest(log: &[Event], head: usize, read: usize, posts: u32) -> Page {
    let last = log[head - 1].posts;
    let first = last.saturating_sub(posts.saturating_sub(1)).max(1);
    page(log, EPOCH, head, read, first, last)
}

/// Three lengths of a log, in order, each at least 1.
fn lengths(log: &[Event], picks: [Index; 3]) -> [usize; 3] {
    let mut lengths = picks.map(|pick| pick.index(log.len()) + 1);
    lengths.sort_unstable();
    lengths
}

fn removed(log: &[Event]) -> Vec<PostNo> {
    let removals = log
        .iter()
        .filter(|event| event.body == EventBody::PostRemoved);
    removals.map(|event| event.no).collect()
}

proptest! {
    #[test]
    fn generated_logs_are_valid(log in log(1..80)) {
        let (mut posts, mut at) = (0, Millis::MIN);
        for (seq, event) in (1..).zip(&log) {
            prop_assert_eq!(event.seq, seq);
            posts += u32::from(matches!(event.body, EventBody::Posted { .. }));
            prop_assert_eq!(event.posts, posts);
            prop_assert!(event.no <= posts);
            prop_assert!(event.at >= at);
            prop_assert!(event.body != EventBody::RoomEnded || seq as usize == log.len());
            at = event.at;
        }
    }

    /// A page, events that were kept while it loaded, then the feed with repetitions: what a browser goes through.
    #[test]
    fn a_page_and_the_feed_over_it_give_the_stores_fold(
        log in log(1..80),
        picks in any::<[Index; 3]>(),
        posts in 1..20_u32,
        repeats in proptest::collection::vec(any::<(Index, bool)>(), 80),
    ) {
        let [since, head, read] = lengths(&log, picks);
        let mut view = RoomView::from_page(&newest(&log, head, read, posts));
        for (index, (pick, repeat)) in (since..log.len()).zip(repeats) {
            apply(&mut view, &log[index]);
            if repeat {
                apply(&mut view, pick.get(&log[since..=index]));
            }
        }
        assert_same(&view, &fold(&log));
    }

    #[test]
    fn applying_again_changes_nothing(
        (log, again) in log(1..60).prop_flat_map(|log| {
            let again = Just(log.clone()).prop_shuffle();
            (Just(log), again)
        }),
    ) {
        let once = fold(&log);
        prop_assert_eq!(&fold(log.iter().chain(&again)), &once);
        prop_assert_eq!(&fold(log.iter().flat_map(|event| [event, event])), &once);
    }

    #[test]
    fn a_redacted_log_folds_to_the_same_view(log in log(1..80), which in any::<[bool; 80]>()) {
        let mut erased = log.clone();
        for (no, _) in removed(&log).into_iter().zip(which).filter(|(_, erase)| *erase) {
            erased = redacted(&erased, no);
        }
        prop_assert_eq!(fold(&erased), fold(&log));
    }

    /// Whoever resumes gets tombstones for what was erased meanwhile, also for posts it does not hold.
    #[test]
    fn a_reader_of_the_whole_log_may_go_on_with_the_redacted_one(
        log in log(1..80),
        picks in any::<[Index; 3]>(),
        posts in 1..20_u32,
    ) {
        let erased = removed(&log).into_iter().fold(log.clone(), |log, no| redacted(&log, no));
        let [_, head, read] = lengths(&log, picks);
        for page in [newest(&log, head, read, posts), newest(&erased, head, read, posts)] {
            let mut view = RoomView::from_page(&page);
            for event in &erased[head..] {
                apply(&mut view, event);
            }
            assert_same(&view, &fold(&log));
        }
    }

    /// Pages of older posts, in any order, each read at or after where the reader stands when it takes it in.
    #[test]
    fn pages_in_any_order_give_the_stores_fold(
        log in log(1..80),
        start in any::<Index>(),
        order in Just((0..8_u32).collect::<Vec<_>>()).prop_shuffle(),
        picks in any::<[(Index, Index, Index); 8]>(),
        erase in any::<bool>(),
    ) {
        const SIZE: u32 = 5;
        let mut feed = log.clone();
        if erase {
            feed = removed(&log).into_iter().fold(feed, |log, no| redacted(&log, no));
        }
        let mut at = start.index(log.len()) + 1;
        let mut view = RoomView::from_page(&newest(&log, at, at, 3));
        for (part, (go, head, read)) in order.into_iter().zip(picks) {
            let next = at + go.index(log.len() - at + 1);
            for event in &feed[at..next] {
                apply(&mut view, event);
            }
            at = next;
            let head = at + head.index(log.len() - at + 1);
            let read = head + read.index(log.len() - head + 1);
            let first = part * SIZE + 1;
            let last = (first + SIZE - 1).min(log[head - 1].posts);
            let source = if erase { &feed } else { &log };
            view.absorb(&page(source, EPOCH, head, read, first, last));
            prop_assert_eq!(view.head, at as u64, "a page does not move the cursor");
        }
        for event in &feed[at..] {
            apply(&mut view, event);
        }
        let whole = fold(&log);
        prop_assert_eq!(view.posts.len().min(40), whole.posts.len().min(40));
        for (no, post) in &view.posts {
            prop_assert_eq!(Some(post), whole.posts.get(no));
        }
        prop_assert_eq!((view.head, view.posts_total, view.ended), (whole.head, whole.posts_total, whole.ended));
        prop_assert_eq!(view.room, whole.room);
    }
}

fn event(seq: Seq, no: PostNo, posts: u32, body: EventBody) -> Event {
    Event {
        seq,
        no,
        posts,
        at: 100 + i64::try_from(seq).unwrap(),
        nonce: Nonce([u8::try_from(seq).unwrap(); 16]),
        body,
    }
}

fn posted(seq: Seq, no: PostNo, file: Option<FileId>) -> Event {
    let author = Author {
        number: 1,
        name: None,
        op: true,
    };
    let files = file.map(|file| FileNotice {
        file,
        name: "a".to_owned(),
        size: None,
        hint: FileKind::Other,
        placeholder: Placeholder::default(),
    });
    let body = EventBody::Posted {
        author,
        text: "text".to_owned(),
        files: files.into_iter().collect(),
    };
    event(seq, no, no, body)
}

#[test]
fn the_end_of_a_file_holds_against_a_late_start() {
    let file = FileId([1; 16]);
    let started = Started {
        kind: FileKind::Image,
        mime: "image/png".to_owned(),
        width: None,
        height: None,
        how: Preview::Paints,
    };
    let reason = StopReason::Cancelled;
    let view = fold(&[
        posted(1, 1, Some(file)),
        event(2, 1, 1, EventBody::FileStopped { file, reason }),
        event(3, 1, 1, EventBody::FileStarted { file, started }),
        event(4, 1, 1, EventBody::FileReady { file, size: 1 }),
    ]);
    let attachment = &view.posts[&1].files[0];
    assert_eq!(attachment.state, FileState::Stopped { reason });
    assert!(attachment.started.is_some());
    let gone = event(5, 1, 1, EventBody::FileRemoved { file });
    let mut view = view;
    apply(&mut view, &gone);
    assert_eq!(view.posts[&1].files[0].state, FileState::Removed);
}

#[test]
fn what_happens_to_a_post_that_is_not_held_makes_no_post() {
    let mut view = fold(&[posted(1, 1, None), posted(2, 2, None)]);
    view.posts.clear();
    for event in [
        event(3, 2, 2, EventBody::Tombstone),
        event(4, 1, 2, EventBody::Tombstone),
        event(5, 1, 2, EventBody::PostRemoved),
        event(6, 2, 2, EventBody::PostRemoved),
    ] {
        apply(&mut view, &event);
    }
    assert!(view.posts.is_empty());
    assert_eq!(view.head, 6);
    apply(&mut view, &event(7, 3, 3, EventBody::Tombstone));
    assert!(view.posts[&3].removed, "erased before it was seen");
}

#[test]
fn an_older_name_does_not_come_back() {
    let named = |seq, name: &str| {
        let author = Author {
            number: 1,
            name: Some(name.to_owned()),
            op: false,
        };
        event(seq, 0, 0, EventBody::ParticipantNamed { author })
    };
    let view = fold(&[named(1, "Ada"), named(2, "Eve"), named(1, "Ada")]);
    assert_eq!(view.people[&1].label(), "Eve");
}
