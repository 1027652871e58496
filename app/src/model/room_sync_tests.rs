//! Behaviour of a page that follows its room.

use super::*;
use crate::wire::ids::Nonce;
use crate::wire::page::Post;
use crate::wire::room::{Author, RoomSnapshot, Visibility};

const EPOCH: Epoch = Epoch([7; 8]);
const ALIAS: Alias = 3;

fn room() -> RoomId {
    "aaaaaaaa".parse().unwrap()
}

fn author() -> Author {
    Author {
        number: 1,
        name: None,
        op: true,
    }
}

fn post(no: PostNo, changed: Seq) -> Post {
    Post {
        no,
        at: 0,
        nonce: Nonce([0; 16]),
        author: author(),
        text: format!("post {no}"),
        files: Vec::new(),
        edited: false,
        removed: false,
        changed,
    }
}

fn page(epoch: Epoch, head: Seq, posts: &[PostNo]) -> Page {
    Page {
        cursor: Cursor { epoch, seq: head },
        room: RoomSnapshot {
            room: room(),
            title: "Field notes".to_owned(),
            visibility: Visibility::Listed,
            created_at: 0,
            ends_after_hours: 72,
        },
        posts_total: posts.last().copied().unwrap_or_default(),
        ended: false,
        last_activity: 0,
        posts: posts.iter().map(|no| post(*no, 1)).collect(),
        progress: Vec::new(),
    }
}

fn event(seq: Seq, no: PostNo, body: EventBody) -> Event {
    Event {
        seq,
        no,
        posts: 0,
        at: 0,
        nonce: Nonce([9; 16]),
        body,
    }
}

fn posted(seq: Seq, no: PostNo) -> Event {
    event(
        seq,
        no,
        EventBody::Posted {
            author: author(),
            text: String::new(),
            files: Vec::new(),
        },
    )
}

fn edited(seq: Seq, no: PostNo, text: &str) -> Event {
    event(
        seq,
        no,
        EventBody::Edited {
            text: text.to_owned(),
        },
    )
}

fn events(events: &[Event]) -> ServerMessage {
    ServerMessage::Events {
        alias: ALIAS,
        events: events.to_vec(),
    }
}

fn subscribed(epoch: Epoch, head: Seq, resumed: bool) -> ServerMessage {
    ServerMessage::Subscribed {
        room: room(),
        alias: ALIAS,
        epoch,
        head,
        resumed,
    }
}

fn live(head: Seq, posts: &[PostNo]) -> RoomSync {
    let mut sync = RoomSync::new(&page(EPOCH, head, posts));
    let step = sync.on_message(&subscribed(EPOCH, head, true));
    assert_eq!(step, Step::Changed(Changed::default()));
    sync
}

#[test]
fn events_after_the_page_are_folded_and_told() {
    let mut sync = live(5, &[1, 2]);
    let step = sync.on_message(&events(&[posted(6, 3), edited(7, 2, "new")]));
    let Step::Changed(changed) = step else {
        panic!("{step:?}")
    };
    assert_eq!((changed.new, changed.posts), (vec![3], vec![3, 2]));
    assert_eq!(sync.view.posts[&2].text, "new");
    assert_eq!(sync.cursor().seq, 7);
    // Once more changes nothing and tells nothing.
    let again = sync.on_message(&events(&[posted(6, 3)]));
    assert_eq!(again, Step::Changed(Changed::default()));
}

#[test]
fn a_hole_asks_again_and_folds_nothing_behind_it() {
    let mut sync = live(5, &[1, 2]);
    assert_eq!(sync.on_message(&events(&[posted(8, 5)])), Step::Resubscribe);
    assert_eq!((sync.cursor().seq, sync.behind()), (5, 3));
    assert!(!sync.view.posts.contains_key(&5));
}

#[test]
fn what_comes_while_a_page_loads_is_applied_over_it() {
    let mut sync = live(5, &[1, 2]);
    assert_eq!(
        sync.on_message(&subscribed(EPOCH, 2_000, false)),
        Step::LoadPage
    );
    assert_eq!(
        sync.on_message(&events(&[edited(2_001, 50, "newest")])),
        Step::Nothing
    );
    let step = sync.reloaded(&page(EPOCH, 2_000, &[49, 50]));
    assert!(matches!(step, Step::Changed(_)));
    assert_eq!(sync.view.posts[&50].text, "newest");
    assert_eq!((sync.cursor().seq, sync.missing()), (2_001, 0));
}

#[test]
fn a_page_older_than_what_is_held_is_asked_for_again() {
    let mut sync = live(5, &[1, 2]);
    let _ = sync.on_message(&subscribed(EPOCH, 2_000, false));
    assert_eq!(sync.reloaded(&page(EPOCH, 4, &[1])), Step::LoadPage);
    assert!(sync.view.posts.contains_key(&2));
}

#[test]
fn another_log_starts_over_and_says_what_is_gone() {
    let mut sync = live(5, &[1, 2, 3]);
    let other = Epoch([8; 8]);
    assert_eq!(
        sync.on_message(&subscribed(other, 2, false)),
        Step::LoadPage
    );
    let _ = sync.reloaded(&page(other, 2, &[1]));
    assert_eq!((sync.missing(), sync.cursor().epoch), (2, other));
    assert_eq!(sync.view.posts.len(), 1);
}

#[test]
fn older_posts_get_what_happened_while_they_were_loading() {
    let mut sync = live(9, &[5, 6]);
    sync.older_asked();
    let _ = sync.on_message(&events(&[
        edited(10, 4, "changed meanwhile"),
        posted(11, 7),
    ]));
    assert!(sync.absorb_older(&page(EPOCH, 9, &[3, 4])));
    assert_eq!(sync.view.posts[&4].text, "changed meanwhile");
    assert_eq!((sync.cursor().seq, sync.view.posts.len()), (11, 5));
}

#[test]
fn older_posts_read_before_what_is_held_are_refused() {
    let mut sync = live(9, &[5, 6]);
    sync.older_asked();
    assert!(!sync.absorb_older(&page(EPOCH, 8, &[3, 4])));
    assert!(!sync.absorb_older(&page(EPOCH, 9, &[3, 4])), "nobody asked");
    assert_eq!(sync.view.posts.len(), 2);
}

#[test]
fn messages_of_another_room_or_a_former_line_are_ignored() {
    let mut sync = live(5, &[1]);
    sync.line_lost();
    assert_eq!(sync.on_message(&events(&[posted(6, 2)])), Step::Nothing);
    let other = ServerMessage::Subscribed {
        room: "bbbbbbbb".parse().unwrap(),
        alias: 9,
        epoch: EPOCH,
        head: 1,
        resumed: false,
    };
    assert_eq!(sync.on_message(&other), Step::Nothing);
}

#[test]
fn a_ping_shows_that_something_is_missing() {
    let mut sync = live(5, &[1]);
    let _ = sync.on_message(&ServerMessage::Ping {
        heads: vec![(ALIAS, 8), (99, 100)],
    });
    assert_eq!(sync.behind(), 3);
}

#[test]
fn only_so_many_posts_are_held() {
    let all: Vec<PostNo> = (1..=500).collect();
    let mut sync = live(5, &all);
    assert!(sync.trim());
    assert_eq!(
        (sync.view.posts.len(), sync.view.posts.keys().next()),
        (200, Some(&301))
    );
    assert!(!sync.trim());
}

#[test]
fn too_much_while_loading_asks_for_another_page() {
    let mut sync = live(5, &[1]);
    let _ = sync.on_message(&subscribed(EPOCH, 9_000, false));
    let many: Vec<Event> = (0..1_500).map(|seq| edited(9_001 + seq, 1, "x")).collect();
    assert_eq!(sync.on_message(&events(&many)), Step::Nothing);
    assert_eq!(sync.on_message(&events(&many)), Step::LoadPage);
}
