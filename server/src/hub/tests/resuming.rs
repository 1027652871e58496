//! A client comes back with a cursor and misses nothing, or learns that it has to start over.

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::wire::feed::{Cursor, RefusedReason, ServerMessage};
use app::wire::ids::Epoch;

use super::events::room_id;
use super::world::{World, pass, subscribed};

fn ranges(world: &World) -> usize {
    world.store.ranges.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_cursor_within_the_ring_is_served_without_a_read() {
    let world = World::new(150);
    let (_first, _) = world.follow(None).await;
    let reads = ranges(&world);
    let (mut client, answer) = world.follow(world.cursor(20)).await;
    let (_, head, resumed) = subscribed(answer);
    assert_eq!((head, resumed), (150, true));
    assert_eq!(client.seqs(130).await, (21..=150).collect::<Vec<_>>());
    assert_eq!(ranges(&world), reads);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_behind_the_ring_goes_over_from_store_to_ring_while_events_come() {
    let world = World::new(900);
    let (mut client, answer) = world.follow(world.cursor(10)).await;
    assert!(subscribed(answer).2);
    let mut seqs = Vec::new();
    for n in 0..89 {
        world.post(&format!("new {n}"));
        seqs.extend(client.seqs(1).await);
    }
    while seqs.len() < 979 {
        seqs.extend(client.seqs(1).await);
    }
    assert_eq!(seqs, (11..=989).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_behind_is_served_and_one_more_starts_over() {
    let world = World::new(1_001);
    let (mut client, answer) = world.follow(world.cursor(1)).await;
    assert!(subscribed(answer).2);
    assert_eq!(client.seqs(1_000).await.last(), Some(&1_001));
    let (mut client, answer) = world.follow(world.cursor(0)).await;
    assert!(!subscribed(answer).2);
    world.post("nothing follows");
    pass(Duration::from_secs(10)).await;
    assert!(client.arrived_events().is_empty());
    client.subscribe(world.cursor(1_001)).await;
    assert!(subscribed(client.next().await).2);
    assert_eq!(client.seqs(1).await, [1_002]);
}

#[tokio::test(start_paused = true)]
async fn another_epoch_and_a_cursor_past_the_head_start_over() {
    let world = World::new(5);
    let foreign = Cursor {
        epoch: Epoch([9; 8]),
        seq: 3,
    };
    for since in [Some(foreign), world.cursor(6)] {
        let (_client, answer) = world.follow(since).await;
        assert!(!subscribed(answer).2, "{since:?}");
    }
    assert!(subscribed(world.follow(world.cursor(5)).await.1).2);
}

#[tokio::test(start_paused = true)]
async fn a_page_newer_than_what_the_bus_told_is_no_reason_to_start_over() {
    let world = World::new(5);
    let (mut early, _) = world.follow(None).await;
    world.append("not published");
    let (mut client, answer) = world.follow(world.cursor(6)).await;
    let (_, head, resumed) = subscribed(answer);
    assert_eq!((head, resumed), (6, true));
    world.post("published");
    assert_eq!(client.seqs(1).await, [7]);
    assert_eq!(early.seqs(2).await, [6, 7]);
}

#[tokio::test(start_paused = true)]
async fn without_a_cursor_a_client_starts_at_the_head() {
    let world = World::new(5);
    let (mut client, answer) = world.follow(None).await;
    assert_eq!(subscribed(answer).1, 5);
    world.post("new");
    assert_eq!(client.seqs(1).await, [6]);
}

#[tokio::test(start_paused = true)]
async fn subscribing_again_moves_the_cursor() {
    let world = World::new(5);
    let (mut client, _) = world.follow(None).await;
    client.subscribe(world.cursor(3)).await;
    assert_eq!(client.seqs(2).await, [4, 5]);
    client.subscribe(world.cursor(1)).await;
    assert_eq!(client.seqs(4).await, [2, 3, 4, 5]);
    world.post("once");
    assert_eq!(client.seqs(1).await, [6]);
    pass(Duration::from_secs(1)).await;
    assert!(client.arrived_events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_epoch_makes_everybody_start_over() {
    let world = World::new(5);
    let (mut client, answer) = world.follow(world.cursor(5)).await;
    let (alias, ..) = subscribed(answer);
    let old = world.cursor(5);
    *world.store.epoch.lock().unwrap() = 1;
    world.post("of the new log");
    let answer = client
        .until(|message| match message {
            ServerMessage::Subscribed { .. } => Some(message),
            ServerMessage::Events { .. } => panic!("an event of another log"),
            _ => None,
        })
        .await;
    let ServerMessage::Subscribed {
        alias: told,
        epoch,
        head,
        resumed,
        ..
    } = answer
    else {
        panic!("no answer");
    };
    assert_eq!(
        (told, epoch, head, resumed),
        (alias, world.store.epoch(), 6, false)
    );
    client.subscribe(old).await;
    assert!(!subscribed(client.next().await).2);
    client.subscribe(world.cursor(4)).await;
    assert_eq!(client.seqs(2).await, [5, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_of_a_newer_epoch_is_believed_when_the_store_says_so() {
    let world = World::new(5);
    let (_old, _) = world.follow(world.cursor(5)).await;
    *world.store.epoch.lock().unwrap() = 1;
    let (mut client, answer) = world.follow(world.cursor(4)).await;
    assert!(subscribed(answer).2);
    assert_eq!(client.seqs(1).await, [5]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_room_and_a_store_that_fails_are_refused() {
    let world = World::new(5);
    let mut client = world.connect();
    client.next().await;
    client.subscribe_to(room_id(1), None).await;
    let refused = |room, reason| ServerMessage::Refused { room, reason };
    assert_eq!(
        client.next().await,
        refused(room_id(1), RefusedReason::NoSuchRoom)
    );
    assert!(!world.bus.is_followed(&room_id(1)));
    world.store.down.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        client.subscribe(world.cursor(5)).await;
        assert_eq!(
            client.next().await,
            refused(room_id(0), RefusedReason::Unavailable)
        );
    }
    pass(Duration::from_secs(1)).await;
    assert_eq!(world.hub.rooms(), 0);
    world.store.down.store(false, Ordering::SeqCst);
    client.subscribe(world.cursor(4)).await;
    assert_eq!(client.seqs(1).await, [5]);
}

#[tokio::test(start_paused = true)]
async fn many_who_come_at_once_share_one_read() {
    let world = World::new(50);
    let (_first, _) = world.follow(None).await;
    pass(Duration::from_secs(2)).await;
    let (heads, reads) = (world.store.heads.load(Ordering::SeqCst), ranges(&world));
    let mut clients: Vec<_> = (0..200).map(|_| world.connect()).collect();
    for client in &mut clients {
        client.subscribe(world.cursor(40)).await;
    }
    for client in &mut clients {
        assert_eq!(client.seqs(10).await, (41..=50).collect::<Vec<_>>());
    }
    assert_eq!(world.store.heads.load(Ordering::SeqCst), heads + 1);
    assert_eq!(ranges(&world), reads);
}
