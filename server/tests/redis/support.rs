//! What the tests share.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use server::bus::redis::{RedisBus, RedisConnection, RedisSettings};
use server::bus::{Bus, BusEvent, Topic};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longest wait for anything; a test that takes it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Settings for sharded pub/sub.
pub(crate) fn sharded(url: String) -> RedisSettings {
    RedisSettings {
        sharded: true,
        ..RedisSettings::new(url)
    }
}

pub(crate) async fn bus(settings: &RedisSettings) -> Arc<dyn Bus> {
    let connection = RedisConnection::connect(settings).await.unwrap();
    Arc::new(RedisBus::connect(connection).await.unwrap())
}

pub(crate) async fn event(ear: &mut mpsc::Receiver<BusEvent>) -> BusEvent {
    timeout(PATIENCE, ear.recv())
        .await
        .expect("something is heard in time")
        .expect("the bus is there")
}

/// Publishes until the bus takes it.
pub(crate) async fn publish(bus: &Arc<dyn Bus>, topic: &Topic, payload: &'static [u8]) {
    let publish = async {
        while let Err(error) = bus.publish(topic, Bytes::from_static(payload)).await {
            eprintln!("not published: {error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, publish)
        .await
        .expect("the bus is back in time");
}

/// Takes events until this message; others and gaps may come before it.
pub(crate) async fn hear(ear: &mut mpsc::Receiver<BusEvent>, topic: &Topic, payload: &[u8]) {
    loop {
        if let BusEvent::Message {
            topic: heard,
            payload: said,
        } = event(ear).await
            && heard == *topic
            && said == payload
        {
            return;
        }
    }
}

/// Waits for what has no other sign, asking every now and then.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = timeout(PATIENCE, wait).await;
    assert!(waited.is_ok(), "{what} in time");
}

/// Tells which adapter a contract has covered.
#[expect(clippy::print_stdout, reason = "a run shows what it covered")]
pub(crate) fn covered(contract: &str, adapter: &str, nodes: usize) {
    println!("contract {contract} on {adapter}: {nodes} nodes");
}
