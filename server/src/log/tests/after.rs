//! What follows an append: publishing, the room's record.

use std::sync::Arc;
use std::time::Duration;

use app::wire::event::Event;

use super::fake::FakeRooms;
use super::fixture::{NOW, Node, ending, post, room, room_log};
use crate::bus::faulty::{Faults, FaultyBus};
use crate::bus::local::LocalBus;
use crate::bus::message::BusMessage;
use crate::bus::{Bus, BusEvent, Topic};
use crate::clock::ManualClock;

/// What the node's ear has heard of the room's log.
fn published(node: &mut Node) -> Vec<Event> {
    let mut events = Vec::new();
    while let Ok(heard) = node.ear.try_recv() {
        let BusEvent::Message { topic, payload } = heard else {
            panic!("{heard:?}");
        };
        assert_eq!(topic, Topic::Room(room()));
        let BusMessage::Event { epoch, event } = BusMessage::decode(&payload).unwrap() else {
            panic!("not an event");
        };
        assert_eq!(epoch, node.rooms.epoch);
        events.push(event);
    }
    events
}

#[tokio::test]
async fn every_event_is_published_once_and_in_order() {
    let mut node = Node::new().await;
    let command = post("again and again");
    for _ in 0..3 {
        node.all((0..100).map(|_| post("x")).collect()).await;
        node.log.append(command.clone()).await.unwrap();
    }
    node.settle().await;
    let events = node.events();
    assert_eq!(events.len(), 302);
    assert_eq!(published(&mut node), events);
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_is_gone_does_not_hold_up_posts() {
    #[derive(Debug)]
    struct Gone;
    #[async_trait::async_trait]
    impl Bus for Gone {
        async fn publish(&self, _: &Topic, _: bytes::Bytes) -> Result<(), crate::bus::BusError> {
            std::future::pending().await
        }
        async fn subscribe(&self, _: &Topic) -> Result<(), crate::bus::BusError> {
            Ok(())
        }
        async fn unsubscribe(&self, _: &Topic) -> Result<(), crate::bus::BusError> {
            Ok(())
        }
        fn listen(&self) -> Option<tokio::sync::mpsc::Receiver<BusEvent>> {
            None
        }
    }
    let node = Node::new().await;
    let clock = Arc::new(ManualClock::at(NOW));
    let rooms = Arc::new(FakeRooms::default());
    let (log, tracker) = room_log(node.store.clone(), rooms, Arc::new(Gone), clock);
    let begun = tokio::time::Instant::now();
    for _ in 0..200 {
        log.append(post("x")).await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_millis(1));
    tracker.close();
    tracker.wait().await;
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "one wait, not 200"
    );
}

#[tokio::test]
async fn a_bus_that_refuses_loses_no_event_of_the_log() {
    let node = Node::new().await;
    let faults = Faults {
        drop: 200,
        refuse: 200,
        ..Faults::default()
    };
    let bus = Arc::new(FaultyBus::new(Arc::new(LocalBus::new()), faults, 3));
    let clock = Arc::new(ManualClock::at(NOW));
    let rooms = Arc::new(FakeRooms::default());
    let (log, _) = room_log(node.store.clone(), rooms, bus, clock);
    for seq in 2..100 {
        assert_eq!(log.append(post("x")).await.unwrap().seq, seq);
    }
}

#[tokio::test(start_paused = true)]
async fn activity_is_noted_now_and_then_and_the_end_at_once() {
    let node = Node::new().await;
    for _ in 0..100 {
        node.log.append(post("x")).await.unwrap();
        node.settle().await;
    }
    assert_eq!(*node.rooms.touched.lock().unwrap(), [NOW]);
    tokio::time::advance(Duration::from_secs(11)).await;
    node.clock.advance(11_000);
    node.log.append(post("x")).await.unwrap();
    node.settle().await;
    assert_eq!(*node.rooms.touched.lock().unwrap(), [NOW, NOW + 11_000]);
    assert!(node.rooms.ended.lock().unwrap().is_empty());
    node.log.append(ending(NOW + 11_000)).await.unwrap();
    node.settle().await;
    assert_eq!(*node.rooms.ended.lock().unwrap(), [room()]);
}
