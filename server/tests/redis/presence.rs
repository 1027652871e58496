//! What presence leaves in Redis.

use std::sync::Arc;
use std::time::Duration;

use server::bus::redis::{RedisConnection, RedisSettings};
use server::clock::ManualClock;
use server::ids::SystemIds;
use server::presence::contract::new_room;
use server::presence::redis::RedisPresence;
use server::presence::{NodeMembers, PresenceStore};
use tokio::time::Instant;

use crate::process::RedisServer;

const LIMIT: Duration = Duration::from_secs(3);

async fn store(server: &RedisServer, clock: &Arc<ManualClock>) -> RedisPresence {
    let settings = RedisSettings::new(server.url());
    let connection = RedisConnection::connect(&settings).await.unwrap();
    RedisPresence::new(connection, &SystemIds, clock.clone())
}

fn members(count: u32) -> NodeMembers {
    NodeMembers {
        count,
        named: Vec::new(),
    }
}

#[tokio::test]
async fn what_lapsed_long_ago_and_garbage_are_deleted_by_readers() {
    let server = RedisServer::start();
    let clock = Arc::new(ManualClock::at(1_700_000_000_000));
    let (gone, alive) = (store(&server, &clock).await, store(&server, &clock).await);
    let room = new_room();
    let fields = || server.ask(&format!("HLEN streamboard:presence:{room}"));
    gone.put(&room, &members(5)).await.unwrap();
    clock.advance(40_000);
    alive.put(&room, &members(2)).await.unwrap();
    server.ask(&format!("HSET streamboard:presence:{room} garbage {{"));
    assert_eq!(alive.get(&room).await.unwrap().here, 2);
    assert_eq!(
        alive.counts(std::slice::from_ref(&room)).await.unwrap(),
        [2]
    );
    assert_eq!(fields(), "2", "who lapsed a moment ago may only be slow");
    clock.advance(21_000);
    alive.put(&room, &members(2)).await.unwrap();
    assert_eq!(alive.get(&room).await.unwrap().here, 2);
    assert_eq!(fields(), "1");
    let left: i64 = server
        .ask(&format!("PTTL streamboard:presence:{room}"))
        .parse()
        .unwrap();
    assert!((1..=60_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_store_that_fails_says_so_in_time() {
    let server = RedisServer::start();
    let clock = Arc::new(ManualClock::at(0));
    let store = store(&server, &clock).await;
    let room = new_room();
    server.ask(&format!("SET streamboard:presence:{room} text"));
    assert!(store.get(&room).await.is_err());
    assert!(store.put(&room, &members(1)).await.is_err());
    assert!(store.counts(&[new_room(), room.clone()]).await.is_err());
    server.freeze();
    let begun = Instant::now();
    assert!(store.get(&room).await.is_err());
    assert!(begun.elapsed() < LIMIT);
    server.thaw();
}
