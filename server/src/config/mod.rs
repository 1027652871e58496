//! Configuration: flags before environment before file before defaults, all of it judged before anything starts.
//!
//! Each concern has a file with two structs: settings as given (every field optional, read by clap and serde
//! alike) and the configuration they lead to (complete and valid). To add a setting: a field in both, a line in
//! the `resolve` between them, a line in docs/CONFIGURATION.md.

mod error;
mod http;
mod limits;
mod secret;
mod site;
mod storage;
mod telemetry;
mod tls;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde::Deserialize;

pub use error::ConfigError;
pub use http::{HttpConfig, PublicOrigin};
pub use limits::{LimitsConfig, Rate};
pub use secret::Secret;
pub use site::{SiteConfig, build};
pub use storage::{ClusterConfig, StorageConfig};
pub use telemetry::{LogFormat, TelemetryConfig};
pub use tls::TlsConfig;

use http::HttpSettings;
use limits::LimitsSettings;
use site::SiteSettings;
use storage::StorageSettings;
use telemetry::TelemetrySettings;
use tls::TlsSettings;

/// Everything the server is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses, origins, connections.
    pub http: HttpConfig,
    /// Encryption.
    pub tls: TlsConfig,
    /// Where data lives.
    pub storage: StorageConfig,
    /// What clients may do.
    pub limits: LimitsConfig,
    /// The browser's half.
    pub site: SiteConfig,
    /// What is logged.
    pub telemetry: TelemetryConfig,
}

/// A realtime imageboard chat: everybody in a room sees a file while it still arrives.
///
/// Every option but --new-epoch can also be set by the environment variable named with it, or in a TOML file (--config)
/// in the section named in brackets, without the section's own prefix (--tls-cert is cert in `[tls]`, --tls is mode,
/// --log is filter in `[log]`). Flags win over the environment, the environment over the file.
#[derive(Debug, Parser)]
#[command(name = "streamboard", version)]
struct Flags {
    /// TOML file with settings, by section: `[http]`, `[tls]`, `[storage]`, `[limits]`, `[site]`, `[log]`.
    #[arg(long, env = "STREAMBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Give every room a new epoch: once, at the first start after a restore from a backup.
    #[arg(long)]
    new_epoch: bool,
    #[command(flatten)]
    http: HttpSettings,
    #[command(flatten)]
    tls: TlsSettings,
    #[command(flatten)]
    storage: StorageSettings,
    #[command(flatten)]
    limits: LimitsSettings,
    #[command(flatten)]
    site: SiteSettings,
    #[command(flatten)]
    log: TelemetrySettings,
}

/// The file; a key it does not know is a mistake, not an extension.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    http: HttpSettings,
    tls: TlsSettings,
    storage: StorageSettings,
    limits: LimitsSettings,
    site: SiteSettings,
    log: TelemetrySettings,
}

impl Config {
    /// Reads the process's own arguments and environment.
    ///
    /// # Errors
    /// See [`Config::from_args`].
    pub fn load() -> Result<Self, ConfigError> {
        Self::from_args(std::env::args_os())
    }

    /// Reads `args` (the first is the program's name), then the environment, then the file they name.
    ///
    /// # Errors
    /// The first setting that cannot be read or does not fit, in a sentence for whoever starts the server. A
    /// request for help or the version is [`ConfigError::Flags`] too: clap prints it.
    pub fn from_args<I, T>(args: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let flags = Flags::try_parse_from(args)?;
        let file = match &flags.config {
            Some(path) => read_file(path)?,
            None => File::default(),
        };
        let tls = TlsConfig::resolve(flags.tls, file.tls)?;
        Ok(Self {
            http: HttpConfig::resolve(flags.http, file.http)?,
            storage: StorageConfig::resolve(flags.storage, file.storage, flags.new_epoch)?,
            limits: LimitsConfig::resolve(&flags.limits, &file.limits)?,
            site: SiteConfig::resolve(flags.site, file.site)?,
            telemetry: TelemetryConfig::resolve(flags.log, file.log)?,
            tls,
        })
    }

    /// Whether browsers reach this server by https, so that cookies must never travel in the clear.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        match &self.http.public_origin {
            Some(origin) => origin.is_https(),
            None => self.tls != TlsConfig::Off,
        }
    }
}

fn read_file(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| ConfigError::File {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests;
