//! What breaks between a node and Redis, and what a listener hears of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use server::bus::contract::new_topic;
use server::bus::redis::RedisSettings;
use server::bus::{Bus, BusEvent};
use tokio::time::{Instant, sleep};

use crate::process::RedisServer;
use crate::proxy::Proxy;
use crate::story::{Outcome, Story};
use crate::support::{PATIENCE, bus, event, hear, publish, sharded, until};

/// A connection that works no more is noticed within this time, and another subscribed.
const NOTICED: Duration = Duration::from_secs(10);

/// One node listens, another publishes while `fault` happens; ends when the listener was told of a gap.
async fn told_of_a_gap<F>(settings: &RedisSettings, fault: impl FnOnce() -> F) -> Outcome
where
    F: Future<Output = ()>,
{
    let (listener, publisher) = (bus(settings).await, bus(settings).await);
    let topic = new_topic();
    listener.subscribe(&topic).await.unwrap();
    let mut story = Story::begin(&publisher, &topic, listener.listen().unwrap());
    sleep(Duration::from_millis(200)).await;
    fault().await;
    story.gap_within(NOTICED).await;
    let outcome = story.end(&publisher, &topic).await;
    eprintln!("{outcome:?}");
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_is_found_again() {
    let mut server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let outcome = told_of_a_gap(&settings, || async {
        server.kill();
        sleep(Duration::from_millis(1_500)).await;
        server.start_again();
    })
    .await;
    assert!(outcome.refused > 0 && outcome.acknowledged > 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_was_cut_off_subscribes_again() {
    let server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let outcome = told_of_a_gap(&settings, || async {
        // Both nodes have a subscriber.
        assert_eq!(server.ask("CLIENT KILL TYPE pubsub"), "2");
    })
    .await;
    assert_eq!(outcome.refused, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_who_was_cut_off_comes_back() {
    let server = RedisServer::start();
    for settings in [RedisSettings::new(server.url()), sharded(server.url())] {
        told_of_a_gap(&settings, || async {
            server.ask("CLIENT KILL TYPE pubsub");
            server.ask("CLIENT KILL TYPE normal");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_is_told_of() {
    let server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let outcome = told_of_a_gap(&settings, || async {
        server.freeze();
        sleep(Duration::from_secs(15)).await;
        server.thaw();
    })
    .await;
    assert!(outcome.refused > 0 && outcome.acknowledged > 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_falters_loses_nothing() {
    let server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let (listener, publisher) = (bus(&settings).await, bus(&settings).await);
    let topic = new_topic();
    listener.subscribe(&topic).await.unwrap();
    let story = Story::begin(&publisher, &topic, listener.listen().unwrap());
    for _ in 0..3 {
        server.freeze();
        sleep(Duration::from_millis(700)).await;
        server.thaw();
        sleep(Duration::from_millis(300)).await;
    }
    let outcome = story.end(&publisher, &topic).await;
    assert_eq!(
        (outcome.refused, outcome.lost, outcome.gaps),
        (0, 0, 0),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_that_is_blocked_is_noticed() {
    let server = RedisServer::start();
    let proxy = Proxy::before(server.port).await;
    let settings = RedisSettings::new(proxy.url());
    told_of_a_gap(&settings, || async { proxy.block() }).await;
}

/// On one thread, so that what reads from the server gets ahead of who listens.
#[tokio::test]
async fn a_listener_that_lags_behind_the_driver_is_told() {
    const MESSAGES: usize = 2_000;
    let server = RedisServer::start();
    let settings = RedisSettings {
        messages_waiting: 2,
        ..RedisSettings::new(server.url())
    };
    let bus = bus(&settings).await;
    let mut ear = bus.listen().unwrap();
    let topic = new_topic();
    bus.subscribe(&topic).await.unwrap();
    let payload = || Bytes::from_static(b"many");
    let published = join_all((0..MESSAGES).map(|_| bus.publish(&topic, payload()))).await;
    assert!(published.iter().all(Result::is_ok));
    publish(&bus, &topic, b"last").await;
    let (mut heard, mut gaps) = (0, 0);
    loop {
        match event(&mut ear).await {
            BusEvent::Gap => gaps += 1,
            BusEvent::Message { payload, .. } if payload == b"last"[..] => break,
            BusEvent::Message { .. } => heard += 1,
        }
    }
    eprintln!("{heard} of {MESSAGES} heard, {gaps} gaps");
    assert!(heard < MESSAGES && gaps > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_connection_takes_is_refused_and_forgotten() {
    let server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let bus = bus(&settings).await;
    let mut ear = bus.listen().unwrap();
    let topic = new_topic();
    bus.subscribe(&topic).await.unwrap();
    server.freeze();
    for _ in 0..3 {
        let begun = Instant::now();
        let flood = (0..15_000).map(|_| bus.publish(&topic, vec![7; 500].into()));
        assert!(join_all(flood).await.iter().all(Result::is_err));
        assert!(begun.elapsed() < NOTICED, "{:?}", begun.elapsed());
    }
    server.thaw();
    for _ in 0..100 {
        publish(&bus, &topic, b"again").await;
    }
    hear(&mut ear, &topic, b"again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_topic_is_refused_without_a_server_and_taken_with_one() {
    let mut server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let listener = bus(&settings).await;
    let topic = new_topic();
    server.kill();
    // It is a matter of moments that the loss of the connection is known; a subscription that nobody confirms is
    // refused in any case.
    let begun = Instant::now();
    assert!(listener.subscribe(&topic).await.is_err());
    assert!(begun.elapsed() < Duration::from_millis(2_500));
    server.start_again();
    let mut ear = listener.listen().unwrap();
    let subscribe = async {
        while listener.subscribe(&topic).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    let subscribed = tokio::time::timeout(PATIENCE, subscribe).await;
    subscribed.expect("the bus is back in time");
    publish(&listener, &topic, b"here").await;
    hear(&mut ear, &topic, b"here").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribers_of_a_bus_that_is_gone_are_gone_too() {
    let server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let bus: Arc<dyn Bus> = bus(&settings).await;
    let connections = || server.ask("CLIENT LIST").trim().lines().count();
    // The one that asks is in the list too.
    assert_eq!(connections(), 3);
    drop(bus);
    until("the connections are closed", || connections() == 1).await;
}
