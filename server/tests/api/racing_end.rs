//! Posts that race the end of their room.
//!
//! A room ends by itself once nothing happened in it for days. Rooms of long ago are laid into the store of a server
//! that is down: the first thing it does when it is up is to end them, while posts to all of them come in. A post
//! that is there first keeps its room alive.

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::error::ErrorCode;
use app::wire::event::EventBody;
use app::wire::ids::{Epoch, Millis, Nonce, RoomId};
use app::wire::request::Appended;
use app::wire::room::{Author, RoomSnapshot, Visibility};
use futures::future::join_all;
use server::bus::local::LocalBus;
use server::clock::ManualClock;
use server::domain::entry::Entry;
use server::domain::room::RoomRecord;
use server::log::{Command, Draft, Precondition, RoomLog};
use server::storage::embedded::EmbeddedStore;
use server::testing::eventually;
use tokio_util::task::TaskTracker;

use crate::support::{Answer, TestApp, nonce};

/// Rooms that are posted to while they end; they and those below are less than one round of the sweeper.
const RACED: u32 = 40;

/// Rooms that nobody posts to before they are over.
const LEFT: u32 = 4;

/// Posts to each room, all at once.
const POSTS: usize = 3;

/// When the last thing happened in room 0; in each other one a moment later.
const LONG_AGO: Millis = 1_000_000;

const OWNER: SessionId = SessionId([9; 32]);

fn room(n: u32) -> RoomId {
    format!("aged{n:04}").parse().unwrap()
}

/// Makes a room with one post, long ago.
async fn lay(store: &EmbeddedStore, n: u32) {
    let (room, at) = (room(n), LONG_AGO + Millis::from(n));
    let record = RoomRecord {
        id: room.clone(),
        epoch: Epoch([1; 8]),
        visibility: Visibility::Listed,
        owner: OWNER,
        created_at: at,
        last_activity: at,
        ended: false,
    };
    assert!(store.rooms().create(&record).await.unwrap());
    let tracker = TaskTracker::new();
    let (bus, clock) = (Arc::new(LocalBus::new()), Arc::new(ManualClock::at(at)));
    let log = RoomLog::new(store.events(), store.rooms(), bus, clock, tracker.clone());
    let snapshot = RoomSnapshot {
        room: room.clone(),
        title: "Old".into(),
        visibility: Visibility::Listed,
        created_at: at,
        ends_after_hours: 72,
    };
    let made = Draft::RoomChanged { snapshot };
    let made = Command::server(room.clone(), made, Precondition::NoLog);
    log.append(made).await.unwrap();
    let posted = Draft::Posted {
        author: Author::nobody(),
        text: "in time".into(),
        files: Vec::new(),
    };
    let posted = Command::user(room, OWNER, nonce(), posted, Precondition::RoomOpen);
    log.append(posted).await.unwrap();
    tracker.close();
    tracker.wait().await;
}

/// What the log of a room says of the posts that were sent to it, against what their senders were told. Says
/// whether the room is over.
fn check(entries: &[Entry], sent: &[(Nonce, Answer)]) -> bool {
    let seqs: Vec<_> = entries.iter().map(|entry| entry.event.seq).collect();
    assert_eq!(seqs, (1..=entries.len() as u64).collect::<Vec<_>>());
    let is_end = |entry: &Entry| entry.event.body == EventBody::RoomEnded;
    let (last, before) = entries.split_last().unwrap();
    assert!(!before.iter().any(is_end), "something follows the end");
    let ended = is_end(last);
    for (nonce, answer) in sent {
        let made = entries.iter().filter(|entry| entry.event.nonce == *nonce);
        let made: Vec<_> = made.map(|entry| entry.event.seq).collect();
        if answer.status.is_success() {
            assert_eq!(made, [answer.json::<Appended>().seq], "{answer:?}");
        } else {
            answer.refused(ErrorCode::Gone);
            assert!(made.is_empty(), "refused and yet made");
            assert!(ended, "refused by a room that goes on");
        }
    }
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_races_the_end_of_its_room_is_in_the_log_before_it_or_refused() {
    let app = TestApp::with(&["--post-burst", "1000"]).await;
    let cookie = app.client().session().await;
    let lay_all = async |store: EmbeddedStore| {
        for n in 0..RACED + LEFT {
            lay(&store, n).await;
        }
    };
    let app = app.restart_after(lay_all).await;
    let client = &app.client_with(&cookie);
    let post = move |n: u32| async move {
        let nonce = nonce();
        let answer = client.say_as(&room(n), "late?", &nonce).await;
        (nonce, answer)
    };
    let raced = (0..RACED).map(|n| join_all((0..POSTS).map(move |_| post(n))));
    // The sweeper takes the one that is idle longest first, so all were tried once the last one is over.
    let last = room(RACED + LEFT - 1);
    let over = eventually("the last room is over", async || {
        client.history(&last).await.ended
    });
    let (mut sent, ()) = tokio::join!(join_all(raced), over);
    for n in RACED..RACED + LEFT {
        sent.push(join_all((0..POSTS).map(|_| post(n))).await);
    }
    let directory = app.stop().await;
    let store = EmbeddedStore::open(&directory.path().join("data")).unwrap();
    let log = store.events();
    let mut left_over = 0;
    for (n, sent) in (0..).zip(&sent) {
        let entries = log.range(&room(n), 0, 1_000).await.unwrap();
        let ended = check(&entries, sent);
        let accepted = sent.iter().filter(|(_, answer)| answer.status == 200);
        let expected = if ended { 0 } else { POSTS };
        assert_eq!(accepted.count(), expected, "room {n}, ended: {ended}");
        left_over += u32::from(ended && n >= RACED);
    }
    assert_eq!(left_over, LEFT);
    store.close().await.unwrap();
}
