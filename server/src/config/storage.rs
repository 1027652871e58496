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
}

/// Where data lives.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// Directory of the embedded stores, and of the certificate the server made.
    pub data: PathBuf,
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
        let refusal = match (mongodb, redis) {
            (None, None) => None,
            (Some(_), None) => Some(
                "--mongodb-url needs --redis-url: nodes that share a store but no bus would show each other's \
                 posts seconds late",
            ),
            (None, Some(_)) => Some(
                "--redis-url needs --mongodb-url: nodes that share a bus but no store would tell each other of \
                 rooms and posts that the others do not have",
            ),
            (Some(_), Some(_)) => Some(
                "--mongodb-url and --redis-url run a cluster, and the cluster's adapters are not part of this \
                 build: leave both out to run on this machine alone",
            ),
        };
        if let Some(refusal) = refusal {
            return Err(ConfigError::Invalid(refusal.to_owned()));
        }
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
        Ok(Self { data, new_epoch })
    }
}
