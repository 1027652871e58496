//! The adapters behind the ports: those of a node that is alone, or those that the nodes of a cluster share.

use std::sync::Arc;

use anyhow::Context;
use app::wire::hex;
use sha2::{Digest, Sha256};

use crate::bus::Bus;
use crate::bus::local::LocalBus;
use crate::bus::redis::{RedisBus, RedisConnection, RedisSettings};
use crate::clock::Clock;
use crate::config::{ClusterConfig, StorageConfig};
use crate::ids::IdSource;
use crate::presence::PresenceStore;
use crate::presence::local::LocalPresence;
use crate::presence::redis::RedisPresence;
use crate::storage::embedded::EmbeddedStore;
use crate::storage::mongo::MongoStore;
use crate::storage::{
    ByteStore, EventLog, LeaseStore, ParticipantStore, RoomStore, SessionStore, UploadStore,
};

/// Every port that has more than one adapter.
pub(super) struct Adapters {
    pub(super) events: Arc<dyn EventLog>,
    pub(super) rooms: Arc<dyn RoomStore>,
    pub(super) participants: Arc<dyn ParticipantStore>,
    pub(super) sessions: Arc<dyn SessionStore>,
    pub(super) uploads: Arc<dyn UploadStore>,
    pub(super) bytes: Arc<dyn ByteStore>,
    pub(super) leases: Arc<dyn LeaseStore>,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) presence: Arc<dyn PresenceStore>,
    backing: Backing,
}

/// What must be closed.
enum Backing {
    Alone(EmbeddedStore),
    Cluster(MongoStore),
}

/// Fills the ports of the store, which both stores give out by the same names.
macro_rules! adapters {
    ($store:ident, $bus:expr, $presence:expr, $backing:expr) => {
        Adapters {
            events: $store.events(),
            rooms: $store.rooms(),
            participants: $store.participants(),
            sessions: $store.sessions(),
            uploads: $store.uploads(),
            bytes: $store.bytes(),
            leases: $store.leases(),
            bus: $bus,
            presence: $presence,
            backing: $backing,
        }
    };
}

impl Adapters {
    /// Opens the data directory, or connects to the services of the cluster.
    pub(super) async fn open(
        config: &StorageConfig,
        ids: &dyn IdSource,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        match &config.cluster {
            None => Self::alone(config),
            Some(cluster) => Self::cluster(cluster, ids, clock).await,
        }
    }

    fn alone(config: &StorageConfig) -> anyhow::Result<Self> {
        let store = tokio::task::block_in_place(|| EmbeddedStore::open(&config.data))
            .context("the data directory cannot be used")?;
        let bus = Arc::new(LocalBus::new());
        let presence = Arc::new(LocalPresence::default());
        Ok(adapters!(store, bus, presence, Backing::Alone(store)))
    }

    async fn cluster(
        config: &ClusterConfig,
        ids: &dyn IdSource,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let store = MongoStore::connect(config.mongodb_url.reveal()).await?;
        let settings = RedisSettings {
            prefix: prefix(store.name()),
            sharded: config.sharded_pubsub,
            ..RedisSettings::new(config.redis_url.reveal())
        };
        let redis = RedisConnection::connect(&settings).await?;
        let bus = Arc::new(RedisBus::connect(redis.clone()).await?);
        let presence = Arc::new(RedisPresence::new(redis, ids, clock));
        let backing = Backing::Cluster(store.clone());
        Ok(adapters!(store, bus, presence, backing))
    }

    /// Lets go of the data directory, or of the connections.
    pub(super) async fn close(&self) -> anyhow::Result<()> {
        match &self.backing {
            Backing::Alone(store) => store
                .close()
                .await
                .context("the store could not be closed")?,
            Backing::Cluster(store) => store.close().await,
        }
        Ok(())
    }
}

/// Clusters that share a Redis are told apart by their databases, whose names MongoDB is free with.
fn prefix(database: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if database.len() <= 40 && database.bytes().all(plain) {
        return format!("streamboard:{database}");
    }
    let hash: [u8; 32] = Sha256::digest(database).into();
    format!("streamboard:{}", hex::encode(&hash[..16]))
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn every_database_has_a_prefix_of_its_own() {
        assert_eq!(prefix("board-2"), "streamboard:board-2");
        let (first, second) = (prefix("ä"), prefix("ö"));
        assert_ne!(first, second);
        assert_eq!(first.len(), second.len());
    }
}
