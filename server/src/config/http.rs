//! Where the server listens and how browsers reach it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;

use super::ConfigError;
use super::error::{within, within_u32};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_MAX_CONNECTIONS: u32 = 20_000;
const DEFAULT_SHUTDOWN_SECONDS: u64 = 10;

/// `[http]` as given.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "HTTP [http]")]
pub(super) struct HttpSettings {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:3000].
    #[arg(long, env = "STREAMBOARD_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// How browsers reach this server, for example `https://board.example`; needed behind a proxy that changes Host.
    #[arg(long, env = "STREAMBOARD_PUBLIC_ORIGIN", value_name = "ORIGIN")]
    public_origin: Option<String>,
    /// Networks of proxies whose X-Forwarded-For is believed, separated by commas, for example 10.0.0.0/8.
    #[arg(
        long = "trusted-proxy",
        env = "STREAMBOARD_TRUSTED_PROXY",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    trusted_proxy: Option<Vec<String>>,
    /// Connections open at once; more wait in the system's queue [default: 20000].
    #[arg(long, env = "STREAMBOARD_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<u32>,
    /// Seconds that requests under way have to end after SIGTERM [default: 10].
    #[arg(long, env = "STREAMBOARD_SHUTDOWN_SECONDS", value_name = "SECONDS")]
    shutdown_seconds: Option<u64>,
}

/// Where the server listens and how browsers reach it.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How browsers reach this server, if that cannot be told from `Host`.
    pub public_origin: Option<PublicOrigin>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections open at once.
    pub max_connections: u32,
    /// How long requests under way have to end at shutdown.
    pub shutdown: Duration,
}

impl HttpConfig {
    pub(super) fn resolve(flags: HttpSettings, file: HttpSettings) -> Result<Self, ConfigError> {
        let public_origin = flags
            .public_origin
            .or(file.public_origin)
            .map(|text| text.parse())
            .transpose()?;
        let trusted_proxies = flags
            .trusted_proxy
            .or(file.trusted_proxy)
            .unwrap_or_default()
            .iter()
            .map(|text| network(text))
            .collect::<Result<_, _>>()?;
        let max_connections = flags
            .max_connections
            .or(file.max_connections)
            .unwrap_or(DEFAULT_MAX_CONNECTIONS);
        let shutdown_seconds = flags
            .shutdown_seconds
            .or(file.shutdown_seconds)
            .unwrap_or(DEFAULT_SHUTDOWN_SECONDS);
        Ok(Self {
            listen: flags.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            public_origin,
            trusted_proxies,
            max_connections: within_u32("--max-connections", max_connections, 1..=1_000_000)?,
            shutdown: Duration::from_secs(within("--shutdown-seconds", shutdown_seconds, 1..=600)?),
        })
    }
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, ConfigError> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| {
            ConfigError::Invalid(format!(
                "--trusted-proxy takes networks like 10.0.0.0/8 or addresses, {text:?} is neither"
            ))
        })
}

/// Scheme, host and port as browsers write them in `Origin`: lower case, no default port, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicOrigin(String);

impl PublicOrigin {
    /// As browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers reach it encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicOrigin {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || {
            ConfigError::Invalid(format!(
                "--public-origin is {text:?}, it must be a scheme and a host like https://board.example, \
                 without a path"
            ))
        };
        let uri: http::Uri = text.trim_end_matches('/').parse().map_err(|_| refuse())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refuse());
        };
        let default_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return Err(refuse()),
        };
        let has_more = uri.path().len() > 1 || uri.query().is_some();
        if has_more || authority.as_str().contains('@') {
            return Err(refuse());
        }
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        Ok(Self(format!("{scheme}://{authority}")))
    }
}
