//! The judge: what everybody heard is what the store has, and the store has every acknowledged post exactly once.

use std::collections::{HashMap, HashSet};

use app::wire::event::{Event, EventBody};
use app::wire::ids::RoomId;
use server::domain::entry::Entry;
use server::storage::EventLog;

use super::{Acknowledged, Cluster, Follower, until};

/// The log of a room, from its first event to its last.
async fn whole_log(log: &dyn EventLog, room: &RoomId) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.event.seq);
        let page = log.range(room, after, 500).await.unwrap();
        if page.is_empty() {
            return entries;
        }
        entries.extend(page);
    }
}

/// A log that was found to be in order.
pub(crate) struct Verdict {
    pub(crate) events: Vec<Event>,
}

impl Verdict {
    /// Reads the log past the nodes, and checks it against what authors were told and followers heard. Followers
    /// have the time they need to hear the last event.
    pub(crate) async fn of(
        cluster: &Cluster,
        room: &RoomId,
        acknowledged: &[Acknowledged],
        followers: &[Follower],
    ) -> Self {
        let store = cluster.database.store().await;
        let entries = whole_log(&*store.events(), room).await;
        let events = in_order(&entries);
        each_once(&events, acknowledged);
        let head = events.last().unwrap().seq;
        until("every follower has the last event", async || {
            followers.iter().all(|follower| follower.last() >= head)
        })
        .await;
        for follower in followers {
            heard_all(follower, &events);
        }
        Self { events }
    }
}

/// 1, 2, 3 ..., and no command twice.
fn in_order(entries: &[Entry]) -> Vec<Event> {
    let seqs = entries.iter().map(|entry| entry.event.seq);
    assert!(seqs.eq(1..=entries.len() as u64), "the log has gaps");
    let mut commands = HashSet::new();
    for Entry { source, event, .. } in entries {
        assert!(commands.insert((*source, event.nonce)), "{event:?} twice");
    }
    entries.iter().map(|entry| entry.event.clone()).collect()
}

/// Every acknowledged post is there once, at the place its author was told.
fn each_once(events: &[Event], acknowledged: &[Acknowledged]) {
    let mut posted = HashMap::new();
    for event in events {
        if let EventBody::Posted { text, .. } = &event.body {
            let before = posted.insert(event.nonce, (event.no, event.seq, text));
            assert!(before.is_none(), "{text} twice");
        }
    }
    for post in acknowledged {
        let found = posted.get(&post.nonce);
        assert_eq!(found, Some(&(post.no, post.seq, &post.text)), "{post:?}");
    }
}

/// What the follower heard is the end of the log, from where it began.
fn heard_all(follower: &Follower, events: &[Event]) {
    let heard = follower.heard();
    assert_eq!(heard.faults, Vec::<String>::new());
    let Some(first) = heard.events.first() else {
        return;
    };
    let from = usize::try_from(first.seq).unwrap() - 1;
    assert_eq!(heard.events, events[from..]);
}
