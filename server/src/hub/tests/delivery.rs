//! What happens in a room reaches everybody who follows it, once and in order.

use std::sync::atomic::Ordering;
use std::time::Duration;

use app::wire::event::EventBody;
use app::wire::feed::{ClientMessage, ServerMessage, close};
use bytes::Bytes;
use tokio::time::Instant;

use super::events::room_id;
use super::world::{World, pass, post, subscribed};
use crate::bus::Topic;
use crate::hub::{Codec, Incoming};
use crate::storage::{EventLog, PostRef};

const MOMENT: Duration = Duration::from_millis(10);

fn ranges(world: &World) -> usize {
    world.store.ranges.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn welcome_comes_first_then_what_happens_in_both_codecs() {
    let world = World::new(3);
    for codec in [Codec::Postcard, Codec::Json] {
        let mut client = world.connect_as(None, codec, 100);
        let ServerMessage::Welcome { build, ping_s, .. } = client.next().await else {
            panic!("no welcome");
        };
        assert_eq!((build.as_str(), ping_s), ("test", 25));
        client.subscribe(None).await;
        let head = world.store.head(&room_id(0));
        assert_eq!(subscribed(client.next().await).1, head);
        let told = world.post("hello");
        assert_eq!(client.events(1).await, [told]);
    }
}

#[tokio::test(start_paused = true)]
async fn crossed_and_doubled_messages_arrive_in_order_without_a_read() {
    let world = World::new(0);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    pass(MOMENT).await;
    let reads = ranges(&world);
    let events: Vec<_> = (0..4).map(|n| world.append(&format!("{n}"))).collect();
    for n in [2, 0, 0, 1, 2, 3, 1] {
        world.publish(&events[n]);
    }
    assert_eq!(client.events(4).await, events);
    pass(Duration::from_secs(1)).await;
    assert!(client.arrived_events().is_empty());
    assert_eq!(ranges(&world), reads);
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_is_read_once_after_a_moment() {
    let world = World::new(0);
    let (mut first, _) = world.follow(world.cursor(0)).await;
    let (mut second, _) = world.follow(world.cursor(0)).await;
    pass(MOMENT).await;
    let (reads, began) = (ranges(&world), Instant::now());
    world.append("lost");
    world.append("lost too");
    world.post("heard");
    assert_eq!(first.seqs(3).await, [1, 2, 3]);
    assert_eq!(second.seqs(3).await, [1, 2, 3]);
    let took = began.elapsed();
    assert!(
        (Duration::from_millis(40)..Duration::from_millis(60)).contains(&took),
        "{took:?}"
    );
    assert_eq!(ranges(&world), reads + 1);
}

#[tokio::test(start_paused = true)]
async fn a_publish_that_never_happened_is_found_by_the_head_check() {
    let world = World::new(0);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    world.append("nobody was told");
    let began = Instant::now();
    assert_eq!(client.seqs(1).await, [1]);
    assert!(began.elapsed() < Duration::from_millis(3_200));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_read_and_a_gap_ask_the_store_at_once() {
    let world = World::new(0);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    pass(Duration::from_millis(500)).await;
    for garbage in [true, false] {
        let lost = world.append("lost");
        let began = Instant::now();
        if garbage {
            world.hub.deliver(&room_id(0), b"\xff\xff");
        } else {
            world.hub.gap();
        }
        assert_eq!(client.events(1).await, [lost]);
        assert!(began.elapsed() < Duration::from_millis(200));
    }
}

#[tokio::test(start_paused = true)]
async fn a_gap_larger_than_a_page_reaches_everybody_from_the_store() {
    let world = World::new(0);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    pass(MOMENT).await;
    for _ in 0..700 {
        world.append("lost");
    }
    world.post("heard");
    assert_eq!(client.seqs(701).await, (1..=701).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_removed_post_is_not_in_what_who_comes_later_is_sent() {
    let world = World::new(0);
    let (mut early, _) = world.follow(world.cursor(0)).await;
    world.post("a secret");
    assert_eq!(early.events(1).await[0].body, post("a secret"));
    let removed = world.append_body(Some(1), EventBody::PostRemoved);
    world.publish(&removed);
    early.events(1).await;
    let removed_post = PostRef {
        room: room_id(0),
        no: 1,
    };
    world.store.redact(&removed_post).await.unwrap();
    let (mut late, _) = world.follow(world.cursor(0)).await;
    let bodies: Vec<_> = late
        .events(2)
        .await
        .into_iter()
        .map(|event| event.body)
        .collect();
    assert_eq!(bodies, [EventBody::Tombstone, EventBody::PostRemoved]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_room_is_the_last_that_is_told() {
    let world = World::new(1);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    client.events(1).await;
    let ended = world.append_body(None, EventBody::RoomEnded);
    world.publish(&ended);
    world.post("too late");
    assert_eq!(client.events(1).await, [ended]);
    pass(Duration::from_secs(20)).await;
    assert!(client.arrived_events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_bus_a_room_lives_by_the_head_check_until_the_bus_is_back() {
    let world = World::new(0);
    world.bus.down.store(true, Ordering::SeqCst);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    world.post("by the head check");
    assert_eq!(client.seqs(1).await, [1]);
    world.bus.down.store(false, Ordering::SeqCst);
    pass(Duration::from_secs(4)).await;
    assert!(world.bus.is_followed(&room_id(0)));
    let began = Instant::now();
    world.post("by the bus");
    assert_eq!(client.seqs(1).await, [2]);
    assert!(began.elapsed() < MOMENT);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_closed_and_costs_nobody_else_anything() {
    let world = World::new(0);
    let mut slow = world.connect_as(None, Codec::Postcard, 4);
    slow.subscribe(world.cursor(0)).await;
    let (mut quick, _) = world.follow(world.cursor(0)).await;
    pass(MOMENT).await;
    for n in 1..=500 {
        world.post("x");
        let began = Instant::now();
        assert_eq!(quick.seqs(1).await, [n]);
        assert!(began.elapsed() < MOMENT);
    }
    pass(Duration::from_secs(12)).await;
    // Its socket was full: not even the reason of its closing fits.
    assert_eq!(world.hub.connections(), 1);
    slow.arrived();
    assert!(slow.is_gone());
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_who_reads_again_is_told_the_reason() {
    let world = World::new(300);
    let mut slow = world.connect_as(None, Codec::Postcard, 4);
    slow.subscribe(world.cursor(0)).await;
    pass(Duration::from_millis(10_100)).await;
    assert_eq!(slow.closed().await, close::SLOW);
}

#[tokio::test(start_paused = true)]
async fn who_unsubscribes_gets_no_more_and_a_deserted_room_is_let_go() {
    let world = World::new(0);
    let (mut client, _) = world.follow(world.cursor(0)).await;
    pass(MOMENT).await;
    client
        .send(&ClientMessage::Unsubscribe { room: room_id(0) })
        .await;
    pass(MOMENT).await;
    client.arrived();
    world.post("unheard");
    pass(Duration::from_secs(29)).await;
    assert!(client.arrived_events().is_empty());
    assert_eq!(
        (world.hub.rooms(), world.bus.is_followed(&room_id(0))),
        (1, true)
    );
    pass(Duration::from_secs(2)).await;
    assert_eq!(
        (world.hub.rooms(), world.bus.is_followed(&room_id(0))),
        (0, false)
    );
    client.subscribe(world.cursor(0)).await;
    assert_eq!(client.seqs(1).await, [1]);
    assert!(world.bus.is_followed(&room_id(0)));
}

#[tokio::test(start_paused = true)]
async fn who_comes_while_a_deserted_room_is_let_go_is_served() {
    let world = World::new(0);
    for millis in 29_995..30_010 {
        let (client, _) = world.follow(world.cursor(0)).await;
        drop(client);
        pass(Duration::from_millis(millis)).await;
        let (mut client, answer) = world
            .follow(world.cursor(world.store.head(&room_id(0))))
            .await;
        assert!(subscribed(answer).2, "{millis}");
        let told = world.post("heard");
        let began = Instant::now();
        assert_eq!(client.events(1).await, [told]);
        assert!(began.elapsed() < Duration::from_millis(50), "{millis}");
        drop(client);
        pass(Duration::from_secs(40)).await;
        assert_eq!(world.hub.rooms(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_closes_leaves_its_rooms() {
    let world = World::new(0);
    let (mut client, _) = world.follow(None).await;
    client.send_raw(Incoming::Close).await;
    pass(MOMENT).await;
    assert_eq!(world.hub.connections(), 0);
    let payload = Bytes::from_static(b"");
    world.bus.hand_on(&Topic::Room(room_id(0)), &payload);
}
