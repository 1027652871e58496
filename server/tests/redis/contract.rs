//! The contract suites of bus and presence on Redis and on a Redis Cluster.

use std::sync::Arc;
use std::time::Duration;

use server::bus::redis::{RedisConnection, RedisSettings};
use server::bus::{self, Bus};
use server::clock::ManualClock;
use server::ids::SystemIds;
use server::presence::redis::RedisPresence;
use server::presence::{self, PresenceStore};

use crate::cluster::RedisCluster;
use crate::process::RedisServer;
use crate::support::{bus, covered, sharded};

async fn buses(settings: &RedisSettings, nodes: usize) -> Vec<Arc<dyn Bus>> {
    let mut buses = Vec::new();
    for _ in 0..nodes {
        buses.push(bus(settings).await);
    }
    buses
}

async fn bus_suite(adapter: &str, settings: RedisSettings, nodes: &[usize]) {
    for &nodes in nodes {
        bus::contract::run(|| buses(&settings, nodes)).await;
        covered("bus", adapter, nodes);
    }
}

async fn presence_suite(adapter: &str, settings: RedisSettings, nodes: &[usize]) {
    for &nodes in nodes {
        let clock = Arc::new(ManualClock::at(1_700_000_000_000));
        let stores = || async {
            let mut stores: Vec<Arc<dyn PresenceStore>> = Vec::new();
            for _ in 0..nodes {
                let connection = RedisConnection::connect(&settings).await.unwrap();
                let store = RedisPresence::new(connection, &SystemIds, clock.clone());
                stores.push(Arc::new(store));
            }
            stores
        };
        let pass = |time: Duration| {
            clock.advance(i64::try_from(time.as_millis()).unwrap());
            async {}
        };
        presence::contract::run(stores, pass).await;
        covered("presence", adapter, nodes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bus_on_redis() {
    let server = RedisServer::start();
    bus_suite("redis", RedisSettings::new(server.url()), &[1, 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bus_on_redis_by_shards() {
    let server = RedisServer::start();
    bus_suite("redis, sharded", sharded(server.url()), &[1, 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bus_on_a_redis_cluster() {
    let cluster = RedisCluster::start();
    bus_suite("redis cluster", RedisSettings::new(cluster.url()), &[3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bus_on_a_redis_cluster_by_shards() {
    let cluster = RedisCluster::start();
    bus_suite("redis cluster, sharded", sharded(cluster.url()), &[1, 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn presence_on_redis() {
    let server = RedisServer::start();
    presence_suite("redis", RedisSettings::new(server.url()), &[1, 3]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn presence_on_a_redis_cluster() {
    let cluster = RedisCluster::start();
    presence_suite("redis cluster", RedisSettings::new(cluster.url()), &[1, 3]).await;
}
