//! What every presence store keeps, as a suite that each adapter runs.

#![expect(clippy::expect_used, reason = "a suite fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::wire::ids::RoomId;
use app::wire::room::{Author, PeopleHere};

use super::{LAPSE, NodeMembers, PresenceStore, SHOWN_COUNT, SHOWN_NAMES};

/// Runs the suite. `nodes` connects fresh nodes to one store, at least one; `pass` lets time pass for them.
///
/// # Panics
/// Where the store breaks its promises.
pub async fn run<N, P>(nodes: impl Fn() -> N, pass: impl Fn(Duration) -> P)
where
    N: Future<Output = Vec<Arc<dyn PresenceStore>>>,
    P: Future<Output = ()>,
{
    what_was_put_is_here_until_it_is_emptied(&nodes().await).await;
    what_all_nodes_put_is_added(&nodes().await).await;
    names_are_few_and_none_in_a_crowd(&nodes().await).await;
    what_is_not_refreshed_lapses(&nodes().await, pass).await;
}

/// A room that no other test has.
///
/// # Panics
/// Never: the number is made of letters and digits.
#[must_use]
pub fn new_room() -> RoomId {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let process = u64::from(std::process::id());
    let number = u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
    format!("{:022}", process * 100_000_000 + number)
        .parse()
        .expect("letters and digits")
}

async fn what_was_put_is_here_until_it_is_emptied(nodes: &[Arc<dyn PresenceStore>]) {
    let (writer, reader) = ends(nodes);
    let (room, other) = (new_room(), new_room());
    assert_eq!(people(reader, &room).await, PeopleHere::default());
    put(writer, &room, 3, 2).await;
    put(writer, &room, 2, 1).await;
    assert_eq!(
        people(reader, &room).await,
        PeopleHere {
            here: 2,
            named: vec![author(1)]
        },
        "the latest wins"
    );
    let counts = reader
        .counts(&[other.clone(), room.clone(), other])
        .await
        .expect("counts");
    assert_eq!(counts, [0, 2, 0]);
    put(writer, &room, 0, 0).await;
    assert_eq!(people(reader, &room).await, PeopleHere::default());
}

async fn what_all_nodes_put_is_added(nodes: &[Arc<dyn PresenceStore>]) {
    let room = new_room();
    for node in nodes {
        put(node, &room, 10, 1).await;
    }
    let all = u32::try_from(nodes.len()).expect("few nodes") * 10;
    for node in nodes {
        let people = people(node, &room).await;
        assert_eq!(people.here, all);
        // One participant may have connections to several nodes; shown once.
        assert_eq!(people.named, [author(1)]);
        assert_eq!(
            node.counts(std::slice::from_ref(&room))
                .await
                .expect("counts"),
            [all]
        );
    }
    put(&nodes[0], &room, 0, 0).await;
    assert_eq!(people(&nodes[0], &room).await.here, all - 10);
}

async fn names_are_few_and_none_in_a_crowd(nodes: &[Arc<dyn PresenceStore>]) {
    let (writer, reader) = ends(nodes);
    let room = new_room();
    let most = u32::try_from(SHOWN_NAMES).expect("few names");
    put(writer, &room, SHOWN_COUNT, most + 50).await;
    let named = people(reader, &room).await.named;
    assert_eq!(named, (1..=most).map(author).collect::<Vec<_>>());
    put(writer, &room, SHOWN_COUNT + 1, most).await;
    assert_eq!(
        people(reader, &room).await,
        PeopleHere {
            here: SHOWN_COUNT + 1,
            named: Vec::new()
        }
    );
}

async fn what_is_not_refreshed_lapses<P>(
    nodes: &[Arc<dyn PresenceStore>],
    pass: impl Fn(Duration) -> P,
) where
    P: Future<Output = ()>,
{
    let (writer, reader) = ends(nodes);
    let (left, kept) = (new_room(), new_room());
    put(writer, &left, 1, 1).await;
    put(writer, &kept, 1, 1).await;
    pass(LAPSE - Duration::from_secs(1)).await;
    assert_eq!(people(reader, &left).await.here, 1);
    put(writer, &kept, 1, 1).await;
    pass(Duration::from_secs(2)).await;
    assert_eq!(people(reader, &left).await, PeopleHere::default());
    assert_eq!(
        reader
            .counts(&[left.clone(), kept.clone()])
            .await
            .expect("counts"),
        [0, 1]
    );
    put(writer, &left, 4, 0).await;
    assert_eq!(people(reader, &left).await.here, 4, "back again");
}

fn ends(nodes: &[Arc<dyn PresenceStore>]) -> (&Arc<dyn PresenceStore>, &Arc<dyn PresenceStore>) {
    nodes.first().zip(nodes.last()).expect("at least one node")
}

fn author(number: u32) -> Author {
    Author {
        number,
        name: Some(format!("P{number}")),
        op: number == 1,
    }
}

async fn put(node: &Arc<dyn PresenceStore>, room: &RoomId, count: u32, named: u32) {
    let members = NodeMembers {
        count,
        named: (1..=named).map(author).collect(),
    };
    node.put(room, &members).await.expect("puts");
}

async fn people(node: &Arc<dyn PresenceStore>, room: &RoomId) -> PeopleHere {
    node.get(room).await.expect("gets")
}
