//! What every bus keeps, as a suite that each adapter runs.

#![expect(clippy::expect_used, reason = "a suite fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use app::wire::ids::FileId;
use bytes::Bytes;
use tokio::sync::mpsc;

use super::{Bus, BusEvent, Topic};
use crate::testing::eventually;

/// Messages after which every adapter has lost some to a listener that does not listen; its bound is below.
pub const FLOOD: usize = 20_000;

/// How long a message may take before a test calls it lost.
const WAIT: Duration = Duration::from_secs(20);

/// Runs the suite. `nodes` connects fresh nodes to one bus, at least one: the first listens, the last publishes.
///
/// # Panics
/// Where the bus breaks its promises.
pub async fn run<F>(nodes: impl Fn() -> F)
where
    F: Future<Output = Vec<Arc<dyn Bus>>>,
{
    a_subscription_is_in_force_when_it_returns(&nodes().await).await;
    order_holds_per_topic(&nodes().await).await;
    other_topics_are_silent(&nodes().await).await;
    every_node_hears(&nodes().await).await;
    there_is_one_ear(&nodes().await);
    a_slow_listener_is_told_of_its_gap(&nodes().await).await;
}

/// A topic that no other test has, so that suites can share one server.
#[must_use]
pub fn new_topic() -> Topic {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&std::process::id().to_be_bytes());
    bytes[8..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Topic::File(FileId(bytes))
}

async fn a_subscription_is_in_force_when_it_returns(nodes: &[Arc<dyn Bus>]) {
    let (listener, publisher) = ends(nodes);
    let mut ear = listener.listen().expect("nobody listens yet");
    for number in 0..200 {
        let topic = new_topic();
        listener.subscribe(&topic).await.expect("subscribes");
        listener.subscribe(&topic).await.expect("subscribes again");
        publisher
            .publish(&topic, numbered(number))
            .await
            .expect("publishes");
        assert_eq!(
            hear(&mut ear, &topic).await,
            number,
            "published right after subscribing"
        );
    }
}

async fn order_holds_per_topic(nodes: &[Arc<dyn Bus>]) {
    const EACH: u64 = 300;
    let (listener, publisher) = ends(nodes);
    let mut ear = listener.listen().expect("nobody listens yet");
    let topics = [new_topic(), new_topic(), new_topic()];
    for topic in &topics {
        listener.subscribe(topic).await.expect("subscribes");
    }
    let publish = async {
        for number in 0..EACH {
            for topic in &topics {
                publisher
                    .publish(topic, numbered(number))
                    .await
                    .expect("publishes");
            }
        }
    };
    let listen = async {
        let mut next = [0; 3];
        while next.iter().any(|next| *next < EACH) {
            let (topic, number) = message(&mut ear).await;
            let at = topics
                .iter()
                .position(|known| *known == topic)
                .expect("a followed topic");
            // A duplicate is allowed, a message out of order or missing is not.
            assert!(number <= next[at], "{number} came before {}", next[at]);
            next[at] = next[at].max(number + 1);
        }
    };
    tokio::join!(publish, listen);
}

async fn other_topics_are_silent(nodes: &[Arc<dyn Bus>]) {
    let (listener, publisher) = ends(nodes);
    let mut ear = listener.listen().expect("nobody listens yet");
    let (followed, left, other) = (new_topic(), new_topic(), new_topic());
    listener.subscribe(&left).await.expect("subscribes");
    listener.subscribe(&followed).await.expect("subscribes");
    publisher
        .publish(&left, numbered(1))
        .await
        .expect("publishes");
    assert_eq!(hear(&mut ear, &left).await, 1);
    listener.unsubscribe(&left).await.expect("unsubscribes");
    listener
        .unsubscribe(&other)
        .await
        .expect("leaves what it does not follow");
    // A few messages of a topic just left may still come; then none.
    let mut stragglers = 0;
    for number in 0..100 {
        for topic in [&other, &left, &followed] {
            publisher
                .publish(topic, numbered(number))
                .await
                .expect("publishes");
        }
        loop {
            let (topic, heard) = message(&mut ear).await;
            assert_ne!(topic, other, "never followed");
            if topic == followed && heard == number {
                break;
            }
            stragglers += u32::from(topic == left);
        }
    }
    assert!(stragglers <= 10, "{stragglers} messages of a topic left");
    listener
        .subscribe(&left)
        .await
        .expect("follows it once more");
    publisher
        .publish(&left, numbered(7))
        .await
        .expect("publishes");
    while message(&mut ear).await != (left.clone(), 7) {}
}

async fn every_node_hears(nodes: &[Arc<dyn Bus>]) {
    let topic = new_topic();
    let mut ears = Vec::new();
    for node in nodes {
        ears.push(node.listen().expect("nobody listens yet"));
        node.subscribe(&topic).await.expect("subscribes");
    }
    for (number, node) in (0_u64..).zip(nodes) {
        node.publish(&topic, numbered(number))
            .await
            .expect("publishes");
        for ear in &mut ears {
            while hear(ear, &topic).await != number {}
        }
    }
}

fn there_is_one_ear(nodes: &[Arc<dyn Bus>]) {
    for node in nodes {
        assert!(node.listen().is_some());
        assert!(node.listen().is_none());
    }
}

async fn a_slow_listener_is_told_of_its_gap(nodes: &[Arc<dyn Bus>]) {
    let (listener, publisher) = ends(nodes);
    let mut ear = listener.listen().expect("nobody listens yet");
    let topic = new_topic();
    listener.subscribe(&topic).await.expect("subscribes");
    for number in 0..FLOOD as u64 {
        // A bus that refuses while it is flooded loses messages too.
        let _ = publisher.publish(&topic, numbered(number)).await;
    }
    loop {
        match event(&mut ear).await {
            BusEvent::Gap => break,
            BusEvent::Message { payload, .. } => {
                assert_ne!(
                    payload,
                    numbered(FLOOD as u64 - 1),
                    "a queue without a bound"
                );
            }
        }
    }
    // What comes after the gap arrives again: another subscription is not needed.
    let last = FLOOD as u64 + 1;
    let publish = eventually("the bus takes messages again", async || {
        publisher.publish(&topic, numbered(last)).await.is_ok()
    });
    let listen = async {
        loop {
            if let BusEvent::Message { payload, .. } = event(&mut ear).await
                && payload == numbered(last)
            {
                break;
            }
        }
    };
    tokio::join!(publish, listen);
}

fn ends(nodes: &[Arc<dyn Bus>]) -> (&Arc<dyn Bus>, &Arc<dyn Bus>) {
    nodes.first().zip(nodes.last()).expect("at least one node")
}

fn numbered(number: u64) -> Bytes {
    Bytes::copy_from_slice(&number.to_be_bytes())
}

async fn event(ear: &mut mpsc::Receiver<BusEvent>) -> BusEvent {
    tokio::time::timeout(WAIT, ear.recv())
        .await
        .expect("nothing was heard in time")
        .expect("the bus is there")
}

/// The next message; a gap is a failure here, since nobody was slow.
async fn message(ear: &mut mpsc::Receiver<BusEvent>) -> (Topic, u64) {
    match event(ear).await {
        BusEvent::Message { topic, payload } => {
            let number = payload[..].try_into().expect("eight bytes");
            (topic, u64::from_be_bytes(number))
        }
        BusEvent::Gap => panic!("a gap without a cause"),
    }
}

/// The number of the next message on `topic`.
async fn hear(ear: &mut mpsc::Receiver<BusEvent>, topic: &Topic) -> u64 {
    loop {
        let (heard, number) = message(ear).await;
        if heard == *topic {
            return number;
        }
    }
}
