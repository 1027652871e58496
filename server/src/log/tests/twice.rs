//! A driver that loses the answer of every insert and tries again: its own entries are in its way.

use std::sync::Arc;

use super::fake::FakeRooms;
use super::fixture::{NOW, Node, assert_valid, ending, post, removal, room_log};
use crate::bus::local::LocalBus;
use crate::bus::message::BusMessage;
use crate::bus::{Bus, BusEvent, Topic};
use crate::clock::ManualClock;
use crate::log::AppendError;
use crate::storage::faulty::{Faults, FaultyEventLog};

#[tokio::test(start_paused = true)]
async fn a_batch_finds_its_own_entries_and_tells_of_them() {
    let healthy = Node::new().await;
    let log = FaultyEventLog::new(healthy.store.clone(), &Faults::twice());
    let bus = Arc::new(LocalBus::new());
    bus.subscribe(&Topic::Room(super::fixture::room()))
        .await
        .unwrap();
    let mut ear = bus.listen().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let rooms = Arc::new(FakeRooms::default());
    let (log, tracker) = room_log(Arc::new(log), rooms, bus, clock);

    // The log is not empty for a node that knows nothing of it.
    let first = log.append(post("a")).await.unwrap();
    assert_eq!(first.seq, 2);
    let appends = (0..200).map(|n| log.append(post(&format!("{n}"))));
    let results = futures::future::join_all(appends).await;
    let seqs: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().unwrap().seq)
        .collect();
    assert_eq!(seqs, (3..203).collect::<Vec<_>>());
    let removed = log.append(removal(first.no)).await.unwrap();
    assert!(matches!(
        log.append(super::fixture::edit(first.no, "b")).await,
        Err(AppendError::PostRemoved)
    ));
    let ended = log.append(ending(NOW)).await.unwrap();
    assert_eq!((removed.seq, ended.seq), (203, 204));

    let events = healthy.events();
    assert_valid(&events);
    assert_eq!(events.len(), 204);
    tracker.close();
    tracker.wait().await;
    let mut heard = Vec::new();
    while let Ok(BusEvent::Message { payload, .. }) = ear.try_recv() {
        match BusMessage::decode(&payload).unwrap() {
            BusMessage::Event { event, .. } => heard.push(event),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(heard, events[1..], "each once, in order, without delay");
}
