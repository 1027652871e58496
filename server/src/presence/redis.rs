//! Presence of a cluster: one Redis hash a room, one field a node.
//!
//! A field carries its own expiry, by the wall clock of the node that wrote it: fields of a hash do not expire in
//! every Redis. Readers skip what lapsed. The key expires too, so that rooms nobody comes to any more are forgotten.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use app::wire::ids::{Millis, RoomId};
use app::wire::room::{Author, PeopleHere};
use async_trait::async_trait;
use bytes::Bytes;
use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::{HashesInterface, KeysInterface};
use serde::{Deserialize, Serialize};

use super::{LAPSE, NodeMembers, PresenceError, PresenceStore, SHOWN_NAMES, people_here};
use crate::bus::redis::RedisConnection;
use crate::clock::Clock;
use crate::ids::IdSource;

const LAPSE_MS: Millis = LAPSE.as_millis() as Millis;

/// How long Redis keeps a room that no node refreshes.
const KEY_MS: i64 = 2 * LAPSE_MS;

/// Rooms asked for at once.
const ROOMS_AT_ONCE: usize = 100;

/// Presence in Redis.
#[derive(Debug)]
pub struct RedisPresence {
    connection: RedisConnection,
    /// This node, as long as it runs.
    node: String,
    clock: Arc<dyn Clock>,
}

/// A field's value. Grows by optional parts only, since nodes of two versions run together during a deploy.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// When it lapses.
    until: Millis,
    count: u32,
    named: Vec<Author>,
}

/// What of a value is needed to count.
#[derive(Debug, Deserialize)]
struct Counted {
    until: Millis,
    count: u32,
}

impl RedisPresence {
    /// Presence of a node that is new to the store.
    #[must_use]
    pub fn new(connection: RedisConnection, ids: &dyn IdSource, clock: Arc<dyn Clock>) -> Self {
        Self {
            connection,
            node: ids.nonce().to_string(),
            clock,
        }
    }

    async fn run<T, F>(&self, command: impl FnOnce(Client) -> F) -> Result<T, PresenceError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let outcome = self.connection.run(command).await;
        outcome.map_err(|error| PresenceError(Box::new(error)))
    }

    fn key(&self, room: &RoomId) -> String {
        self.connection.names().presence_key(room)
    }
}

#[async_trait]
impl PresenceStore for RedisPresence {
    async fn put(&self, room: &RoomId, members: &NodeMembers) -> Result<(), PresenceError> {
        let (key, node) = (self.key(room), self.node.clone());
        if members.count == 0 {
            return self
                .run(|client| async move { client.hdel(key, node).await })
                .await;
        }
        let entry = Entry {
            until: self.clock.now().saturating_add(LAPSE_MS),
            count: members.count,
            named: members.named.iter().take(SHOWN_NAMES).cloned().collect(),
        };
        let value =
            serde_json::to_string(&entry).map_err(|error| PresenceError(Box::new(error)))?;
        let put = |client: Client| async move {
            let both = client.pipeline();
            let () = both.hset(key.as_str(), (node, value)).await?;
            let () = both.pexpire(key, KEY_MS, None).await?;
            both.all().await
        };
        self.run(put).await
    }

    async fn get(&self, room: &RoomId) -> Result<PeopleHere, PresenceError> {
        let key = self.key(room);
        let fields: HashMap<String, Bytes> = self
            .run(|client| {
                let key = key.clone();
                async move { client.hgetall(key).await }
            })
            .await?;
        let now = self.clock.now();
        let (mut members, mut gone) = (Vec::new(), Vec::new());
        for (node, value) in fields {
            let until = match serde_json::from_slice::<Entry>(&value) {
                Ok(entry) if entry.until > now => {
                    members.push(NodeMembers {
                        count: entry.count,
                        named: entry.named,
                    });
                    continue;
                }
                Ok(entry) => entry.until,
                Err(_) => Millis::MIN,
            };
            // Not at once: a node that was only slow writes just now, and would be deleted with what it writes.
            if until.saturating_add(LAPSE_MS) <= now {
                gone.push(node);
            }
        }
        if !gone.is_empty() {
            // What cannot be deleted now is by the next reader.
            let _: Result<(), _> = self
                .run(|client| async move { client.hdel(key, gone).await })
                .await;
        }
        Ok(people_here(&members))
    }

    async fn counts(&self, rooms: &[RoomId]) -> Result<Vec<u32>, PresenceError> {
        let now = self.clock.now();
        let mut counts = Vec::with_capacity(rooms.len());
        for rooms in rooms.chunks(ROOMS_AT_ONCE) {
            let keys: Vec<_> = rooms.iter().map(|room| self.key(room)).collect();
            let values = |client: Client| async move {
                let all = client.pipeline();
                for key in keys {
                    let () = all.hvals(key).await?;
                }
                all.all().await
            };
            let values: Vec<Vec<Bytes>> = self.run(values).await?;
            counts.extend(values.iter().map(|values| count(values, now)));
        }
        Ok(counts)
    }
}

fn count(values: &[Bytes], now: Millis) -> u32 {
    let entries = values
        .iter()
        .filter_map(|value| serde_json::from_slice::<Counted>(value).ok());
    entries
        .filter(|entry| entry.until > now)
        .fold(0, |sum, entry| sum.saturating_add(entry.count))
}
