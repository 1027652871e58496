//! Subscriptions as Redis sees them, and what comes on them that is not of ours.

use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use server::bus::contract::new_topic;
use server::bus::redis::RedisSettings;
use server::bus::{BusError, BusEvent, Topic};
use tokio::time::{Instant, timeout};

use crate::process::RedisServer;
use crate::support::{bus, event, hear, publish, sharded, until};

/// The channel of a topic without sharding.
fn channel(topic: &Topic) -> String {
    match topic {
        Topic::Room(room) => format!("streamboard:room:{room}"),
        Topic::File(file) => format!("streamboard:file:{file}"),
    }
}

fn subscribers(server: &RedisServer, topic: &Topic) -> String {
    let answer = server.ask(&format!("PUBSUB NUMSUB {}", channel(topic)));
    answer.lines().last().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_left_goes_after_a_while_unless_somebody_comes_back() {
    let server = RedisServer::start();
    let settings = RedisSettings {
        linger: Duration::from_millis(500),
        ..RedisSettings::new(server.url())
    };
    let bus = bus(&settings).await;
    let mut ear = bus.listen().unwrap();
    let (left, back) = (new_topic(), new_topic());
    for topic in [&left, &back] {
        bus.subscribe(topic).await.unwrap();
        assert_eq!(subscribers(&server, topic), "1");
        bus.unsubscribe(topic).await.unwrap();
        assert_eq!(subscribers(&server, topic), "1", "it lingers");
    }
    bus.subscribe(&back).await.unwrap();
    until("the channel is given up", || {
        subscribers(&server, &left) == "0"
    })
    .await;
    assert_eq!(subscribers(&server, &back), "1");
    publish(&bus, &left, b"nobody hears").await;
    publish(&bus, &back, b"heard").await;
    let heard = BusEvent::Message {
        topic: back,
        payload: Bytes::from_static(b"heard"),
    };
    assert_eq!(event(&mut ear).await, heard);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_that_nobody_needs_goes_where_that_is_safe() {
    let server = RedisServer::start();
    let settings = RedisSettings {
        linger: Duration::from_millis(100),
        ..sharded(server.url())
    };
    let bus = bus(&settings).await;
    let topic = new_topic();
    bus.subscribe(&topic).await.unwrap();
    let partitions = || server.ask("PUBSUB SHARDCHANNELS *{*");
    assert!(!partitions().is_empty());
    bus.unsubscribe(&topic).await.unwrap();
    until("the partition is given up", || partitions().is_empty()).await;
    let mut ear = bus.listen().unwrap();
    bus.subscribe(&topic).await.unwrap();
    publish(&bus, &topic, b"heard").await;
    hear(&mut ear, &topic, b"heard").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_subscribe_at_once() {
    const TOPICS: usize = 3_000;
    let server = RedisServer::start();
    for settings in [RedisSettings::new(server.url()), sharded(server.url())] {
        let bus = bus(&settings).await;
        let topics: Vec<_> = (0..TOPICS).map(|_| new_topic()).collect();
        let begun = Instant::now();
        let all = join_all(topics.iter().map(|topic| bus.subscribe(topic))).await;
        eprintln!("{TOPICS} subscriptions took {:?}", begun.elapsed());
        assert!(all.iter().all(Result::is_ok));
        let mut ear = bus.listen().unwrap();
        for topic in &topics {
            publish(&bus, topic, b"each").await;
        }
        for topic in &topics {
            let message = BusEvent::Message {
                topic: topic.clone(),
                payload: Bytes::from_static(b"each"),
            };
            assert_eq!(event(&mut ear).await, message);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_up_waiting_does_not_follow() {
    let server = RedisServer::start();
    let settings = RedisSettings {
        linger: Duration::from_millis(100),
        ..RedisSettings::new(server.url())
    };
    let bus = bus(&settings).await;
    let topic = new_topic();
    server.freeze();
    let subscribed = timeout(Duration::from_millis(200), bus.subscribe(&topic)).await;
    assert!(subscribed.is_err(), "nobody confirms it");
    server.thaw();
    let probe = new_topic();
    bus.subscribe(&probe).await.unwrap();
    until("the channel is given up", || {
        subscribers(&server, &topic) == "0"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_messages_are_passed_on_and_strange_channels_are_not() {
    let server = RedisServer::start();
    let settings = RedisSettings::new(server.url());
    let bus = bus(&settings).await;
    let mut ear = bus.listen().unwrap();
    let topic = Topic::Room("AbCdEfGh".parse().unwrap());
    bus.subscribe(&topic).await.unwrap();
    let own = channel(&topic);
    let huge = vec![7; settings.message_bytes + 1];
    let strange: [&[u8]; 5] = [b"", b"\xff\xfe\0\r\n", b"OK", b"-ERR no", &huge];
    for payload in strange {
        server.send(&[b"PUBLISH", b"streamboard:nobody", payload]);
        let heard = server.send(&[b"PUBLISH", own.as_bytes(), payload]);
        assert_eq!(heard, "1");
        let said = if payload.len() > settings.message_bytes {
            Bytes::new()
        } else {
            Bytes::copy_from_slice(payload)
        };
        let message = BusEvent::Message {
            topic: topic.clone(),
            payload: said,
        };
        assert_eq!(event(&mut ear).await, message);
    }
    let refused = bus.publish(&topic, huge.into()).await;
    assert!(matches!(refused, Err(BusError::TooLarge { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_a_partition_is_nothing() {
    let server = RedisServer::start();
    let bus = bus(&sharded(server.url())).await;
    let mut ear = bus.listen().unwrap();
    let topic = new_topic();
    bus.subscribe(&topic).await.unwrap();
    let partition = server.ask("PUBSUB SHARDCHANNELS *{*");
    for payload in [&b""[..], b"\xff", b"\x04room", b"{\"json\":true}"] {
        let heard = server.send(&[b"SPUBLISH", partition.as_bytes(), payload]);
        assert_eq!(heard, "1");
    }
    publish(&bus, &topic, b"ours").await;
    let message = BusEvent::Message {
        topic,
        payload: Bytes::from_static(b"ours"),
    };
    assert_eq!(event(&mut ear).await, message);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_prefixes_share_a_server_unheard() {
    let server = RedisServer::start();
    let one = RedisSettings {
        prefix: "one".to_owned(),
        ..RedisSettings::new(server.url())
    };
    let two = RedisSettings {
        prefix: "two".to_owned(),
        ..RedisSettings::new(server.url())
    };
    let (listener, same, other) = (bus(&one).await, bus(&one).await, bus(&two).await);
    let mut ear = listener.listen().unwrap();
    let topic = new_topic();
    listener.subscribe(&topic).await.unwrap();
    publish(&other, &topic, b"other").await;
    publish(&same, &topic, b"same").await;
    let message = BusEvent::Message {
        topic,
        payload: Bytes::from_static(b"same"),
    };
    assert_eq!(event(&mut ear).await, message);
}
