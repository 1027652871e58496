//! Where data lives.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, Secret};

const DEFAULT_DATA: &str = "data";

/// `[storage]` as given.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Storage [storage]")]
pub(super) struct StorageSettings {
    /// Directory of everything the server keeps; made where it is missing [default: data].
    #[arg(long, env = "STREAMBOARD_DATA", value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// MongoDB of a cluster; needs --redis-url.
    #[arg(
        long,
        env = "STREAMBOARD_MONGODB_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    mongodb_url: Option<Secret>,
    /// Redis of a cluster; needs --mongodb-url.
    #[arg(
        long,
        env = "STREAMBOARD_REDIS_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    redis_url: Option<Secret>,
    /// Spread the bus over the shards of a Redis Cluster (Redis 7 or newer); the same on every node.
    #[arg(long, env = "STREAMBOARD_REDIS_SHARDED_PUBSUB")]
    redis_sharded_pubsub: bool,
}

/// What nodes share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterConfig {
    /// The store; its path names the database, and by it the cluster.
    pub mongodb_url: Secret,
    /// Bus and presence.
    pub redis_url: Secret,
    /// Whether the bus uses sharded pub/sub.
    pub sharded_pubsub: bool,
}

/// Where data lives.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// Directory of the embedded stores, and of the certificate the server made.
    pub data: PathBuf,
    /// The services that nodes share; `None`: this machine is alone, and keeps everything in `data`.
    pub cluster: Option<ClusterConfig>,
    /// Whether every room gets a new epoch at this start. A flag only: kept in a file or an environment it would
    /// throw every reader back at every start.
    pub new_epoch: bool,
}

impl StorageConfig {
    pub(super) fn resolve(
        flags: StorageSettings,
        file: StorageSettings,
        new_epoch: bool,
    ) -> Result<Self, ConfigError> {
        let mongodb = flags.mongodb_url.or(file.mongodb_url);
        let redis = flags.redis_url.or(file.redis_url);
        let sharded = flags.redis_sharded_pubsub || file.redis_sharded_pubsub;
        let cluster = match (mongodb, redis) {
            (None, None) if sharded => {
                return Err(ConfigError::Invalid(
                    "--redis-sharded-pubsub needs --mongodb-url and --redis-url".to_owned(),
                ));
            }
            (None, None) => None,
            (Some(mongodb_url), Some(redis_url)) => Some(ClusterConfig {
                mongodb_url,
                redis_url,
                sharded_pubsub: sharded,
            }),
            (Some(_), None) => {
                return Err(ConfigError::Invalid(
                    "--mongodb-url needs --redis-url: nodes that share a store but no bus would show each \
                     other's posts seconds late"
                        .to_owned(),
                ));
            }
            (None, Some(_)) => {
                return Err(ConfigError::Invalid(
                    "--redis-url needs --mongodb-url: nodes that share a bus but no store would tell each \
                     other of rooms and posts that the others do not have"
                        .to_owned(),
                ));
            }
        };
        let data = flags
            .data
            .or(file.data)
            .unwrap_or_else(|| PathBuf::from(DEFAULT_DATA));
        if data.exists() && !data.is_dir() {
            return Err(ConfigError::Invalid(format!(
                "--data is {}, which is not a directory",
                data.display()
            )));
        }
        Ok(Self {
            data,
            cluster,
            new_epoch,
        })
    }
}
