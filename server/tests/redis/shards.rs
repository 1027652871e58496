//! Faults that only a Redis Cluster knows.

use std::time::Duration;

use server::bus::contract::new_topic;
use server::bus::redis::RedisSettings;
use tokio::time::sleep;

use crate::cluster::RedisCluster;
use crate::story::Story;
use crate::support::{bus, sharded};

/// Within this time after a slot has moved its subscribers are where it is now.
const NOTICED: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_that_moves_takes_its_subscribers_along() {
    let cluster = RedisCluster::start();
    let settings = sharded(cluster.url());
    let (listener, publisher) = (bus(&settings).await, bus(&settings).await);
    let topic = new_topic();
    listener.subscribe(&topic).await.unwrap();
    // The partition is the channel in braces.
    let channels = |server: usize| cluster.servers[server].ask("PUBSUB SHARDCHANNELS *{*");
    let owner = (0..3).find(|server| !channels(*server).is_empty());
    let owner = owner.expect("somebody has the partition");
    let slot = cluster.servers[owner].ask(&format!("CLUSTER KEYSLOT {}", channels(owner)));
    let mut story = Story::begin(&publisher, &topic, listener.listen().unwrap());
    sleep(Duration::from_millis(200)).await;
    cluster.move_slot(&slot, owner);
    // Nor does it go unnoticed on a node where rooms open all the time.
    let others = async {
        loop {
            let _ = listener.subscribe(&new_topic()).await;
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = story.gap_within(NOTICED) => {}
        () = others => {}
    }
    assert!(!channels((owner + 1) % 3).is_empty());
    let outcome = story.end(&publisher, &topic).await;
    eprintln!("{outcome:?}");
    assert!(outcome.lost > 0, "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_that_was_killed_is_found_again() {
    let mut cluster = RedisCluster::start();
    for settings in [RedisSettings::new(cluster.url()), sharded(cluster.url())] {
        let (listener, publisher) = (bus(&settings).await, bus(&settings).await);
        let topic = new_topic();
        listener.subscribe(&topic).await.unwrap();
        let mut story = Story::begin(&publisher, &topic, listener.listen().unwrap());
        sleep(Duration::from_millis(200)).await;
        cluster.servers[1].kill();
        sleep(Duration::from_secs(3)).await;
        cluster.servers[1].start_again();
        cluster.settle();
        story.gap_within(NOTICED).await;
        let outcome = story.end(&publisher, &topic).await;
        eprintln!("{outcome:?}");
    }
}
