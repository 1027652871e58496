//! A bus that loses, doubles and reorders, without a word: the store makes good for it.

use std::sync::Arc;
use std::time::Duration;

use server::bus::faulty::{Fates, Faults, FaultyBus};

use crate::world::{Cluster, Needs, Posters, Verdict, follow_all, load_seconds};

const FEEDS: usize = 20;
const PEOPLE: usize = 20;
const EVERY: Duration = Duration::from_millis(200);
/// One per cent each.
const FAULTS: Faults = Faults {
    drop: 10,
    duplicate: 10,
    hold: 10,
    refuse: 10,
};

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how much was spoiled is to be read")]
async fn what_the_bus_spoils_the_store_makes_good() {
    let mut cluster = Cluster::start(Needs {
        alone: true,
        ..Needs::default()
    })
    .await;
    let (told, buses) = std::sync::mpsc::channel();
    for seed in 1..=2 {
        let told = told.clone();
        cluster
            .add_node_behind(move |log, bus| {
                let bus = Arc::new(FaultyBus::new(bus, FAULTS, seed));
                told.send(bus.clone()).unwrap();
                (log, bus)
            })
            .await;
    }
    let (_, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    tokio::time::sleep(load_seconds(10)).await;
    let acknowledged = posters.finish().await;
    Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    let fates: Vec<_> = buses.try_iter().map(|bus| bus.fates()).collect();
    println!(
        "{} posts, the bus of each node: {fates:?}",
        acknowledged.len()
    );
    // Drawn by lot: of a thousand messages, each fault meets some.
    let spoiled = |one: &Fates| one.dropped + one.duplicated + one.held + one.refused;
    assert!(fates.iter().all(|one| spoiled(one) > 0), "{fates:?}");
    cluster.stop().await;
}
