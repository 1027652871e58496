//! One connection to Redis, from its beginning to its first doubt.
//!
//! The driver could connect again by itself. It is not asked to: it says nothing when its subscriptions are back,
//! sends old commands once more, waits without a limit where a socket takes nothing, and after it refused one
//! command for want of room it flushes no other. A line that is in doubt is dropped and another is opened.

use std::future::Future;
use std::time::Duration;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};
use fred::interfaces::{ClientInterface, ClientLike};
use fred::types::Builder;
use fred::types::RespVersion;
use fred::types::config::{Config, Options, TcpConfig, UnresponsiveConfig};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::error::ConnectError;
use super::settings::RedisSettings;

/// Commands the driver queues; beyond it refuses. More than [`RedisSettings::commands_at_once`], since those that
/// ran out of time are in its queue still.
const DRIVER_QUEUE: usize = 10_000;

/// Attempts at a command: the first, and those after Redis Cluster sent it elsewhere.
const ATTEMPTS: u32 = 3;

/// What may stand before `://`.
const SCHEMES: &[&str] = &[
    "redis",
    "rediss",
    "redis-cluster",
    "rediss-cluster",
    "redis-sentinel",
    "rediss-sentinel",
];

/// How lines are opened.
#[derive(Clone)]
pub(super) struct Lines {
    builder: Builder,
    open_wait: Duration,
    /// Where Redis is, without name and password.
    at: String,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl Lines {
    /// `messages` is how many messages of subscriptions wait for their reader.
    pub(super) fn new(settings: &RedisSettings, messages: usize) -> Result<Self, ConnectError> {
        let config = config(settings)?;
        let at = config.server.hosts();
        let at: Vec<_> = at.iter().map(ToString::to_string).collect();
        let mut builder = Builder::from_config(config);
        builder.with_performance_config(|performance| {
            performance.default_command_timeout = settings.command_wait;
            performance.broadcast_channel_capacity = messages;
        });
        builder.with_connection_config(|connection| {
            connection.connection_timeout = settings.connect_wait;
            connection.internal_command_timeout = settings.connect_wait;
            connection.max_command_buffer_len = DRIVER_QUEUE;
            connection.max_command_attempts = ATTEMPTS;
            connection.unresponsive = UnresponsiveConfig {
                max_timeout: Some(2 * settings.command_wait),
                interval: Duration::from_secs(1),
            };
            connection.tcp = TcpConfig {
                nodelay: Some(true),
                ..TcpConfig::default()
            };
        });
        Ok(Self {
            builder,
            open_wait: settings.open_wait,
            at: at.join(", "),
        })
    }

    /// Connects. `listen` is shown the client before it does.
    pub(super) async fn open<T>(
        &self,
        listen: impl FnOnce(&Client) -> T,
    ) -> Result<(Line, T), Error> {
        let client = self.builder.build()?;
        let listener = listen(&client);
        let mut connected = Box::pin({
            let client = client.clone();
            async move { client.wait_for_connect().await }
        });
        // Listens from here on, so that the outcome of an attempt that begins later is not missed.
        let _ = futures::poll!(&mut connected);
        let task = AbortOnDropHandle::new(client.connect());
        connected.await?;
        Ok((Line { client, task }, listener))
    }

    /// Gives up an attempt that takes longer than [`RedisSettings::open_wait`].
    pub(super) async fn timely<T>(
        &self,
        attempt: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let late = |_| Error::new(ErrorKind::Timeout, "no connection in time");
        timeout(self.open_wait, attempt).await.map_err(late)?
    }

    /// What `error` means at the start.
    pub(super) fn unusable(&self, error: &Error) -> ConnectError {
        ConnectError::unusable(&self.at, error)
    }
}

fn config(settings: &RedisSettings) -> Result<Config, ConnectError> {
    let refuse = |what: &str| Err(ConnectError::Settings(what.to_owned()));
    let scheme = settings.url.split_once("://").map(|(scheme, _)| scheme);
    if !scheme.is_some_and(|scheme| SCHEMES.contains(&scheme)) {
        return refuse(
            "the URL of Redis must begin with redis://, redis-cluster:// or redis-sentinel://, or the same with \
             rediss for TLS",
        );
    }
    let prefix = &settings.prefix;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte);
    if !(1..=64).contains(&prefix.len()) || !prefix.bytes().all(plain) {
        return refuse(
            "the prefix of names in Redis must be 1 to 64 of letters, digits, . _ - and :",
        );
    }
    if settings.partitions == 0 {
        return refuse("sharded pub/sub needs one partition at least");
    }
    // What the driver says may quote the URL.
    let mut config = match Config::from_url(&settings.url) {
        Ok(config) => config,
        Err(error) if *error.kind() == ErrorKind::Tls => {
            return refuse(
                "the certificates that TLS to Redis needs cannot be loaded from the system",
            );
        }
        Err(_) => {
            return refuse(
                "the URL of Redis is not like redis://[name:password@]host[:port][/database]",
            );
        }
    };
    // Lets a subscriber be asked how it is.
    config.version = RespVersion::RESP3;
    Ok(config)
}

/// A connected client. Dropping it cuts its connections, whatever they wait for.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) client: Client,
    task: AbortOnDropHandle<Result<(), Error>>,
}

/// Subscriptions a server has of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) channels: usize,
    /// `None` where the server does not say.
    pub(super) shard_channels: Option<usize>,
}

impl Line {
    /// Waits until the driver gives up. Dropping it loses nothing.
    pub(super) async fn ended(&mut self) -> Error {
        match (&mut self.task).await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => Error::new(ErrorKind::Canceled, "the connection was closed"),
            Err(_) => Error::new(ErrorKind::Unknown, "the driver's task is gone"),
        }
    }
}

/// Asks every server the client is connected to what it has of us. An answer means that the connection works, and
/// that what was sent on it before is done.
pub(super) async fn count(client: &Client) -> Result<Counted, Error> {
    let servers: Vec<_> = if client.is_clustered() {
        client.active_connections().into_iter().map(Some).collect()
    } else {
        vec![None]
    };
    let counts = servers.into_iter().map(|cluster_node| async {
        let options = Options {
            cluster_node,
            ..Options::default()
        };
        let info: String = client.with_options(&options).client_info().await?;
        read(&info).ok_or_else(|| Error::new(ErrorKind::Protocol, "CLIENT INFO is not understood"))
    });
    let counts = futures::future::try_join_all(counts).await?;
    let add = |sum: Option<usize>, more: Option<usize>| Some(sum? + more?);
    Ok(Counted {
        channels: counts.iter().map(|count| count.channels).sum(),
        shard_channels: counts
            .iter()
            .map(|count| count.shard_channels)
            .fold(Some(0), add),
    })
}

fn read(info: &str) -> Option<Counted> {
    let field = |name: &str| {
        let mut fields = info.split_ascii_whitespace();
        fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    };
    Some(Counted {
        channels: field("sub")?.parse().ok()?,
        shard_channels: field("ssub").and_then(|count| count.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_read_from_what_a_server_says() {
        let info = "id=6 addr=127.0.0.1:46896 name= db=0 sub=12 psub=0 ssub=3 multi=-1 resp=3\n";
        let counted = Counted {
            channels: 12,
            shard_channels: Some(3),
        };
        assert_eq!(read(info), Some(counted));
        let old = Counted {
            channels: 12,
            shard_channels: None,
        };
        assert_eq!(read("id=6 sub=12 psub=0"), Some(old));
        assert_eq!(read("PONG"), None);
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_without_showing_them() {
        let url = |url: &str| RedisSettings::new(url);
        let prefix = |prefix: &str| RedisSettings {
            prefix: prefix.to_owned(),
            ..url("redis://localhost")
        };
        for settings in [
            url(""),
            url("hunter2"),
            url("http://:hunter2@localhost"),
            url("redis://:hunter2@"),
            url("redis://:hunter2@localhost:port"),
            url("redis://:hunter2@localhost/a/b"),
            url("redis+unix:///hunter2"),
            prefix(""),
            prefix("a{b}"),
        ] {
            let error = Lines::new(&settings, 16).unwrap_err();
            assert!(matches!(error, ConnectError::Settings(_)), "{error}");
            let shown = format!("{error} {error:?} {settings:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
