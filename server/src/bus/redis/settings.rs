//! Every bound and interval of the Redis adapters, in one place.

use std::time::Duration;

/// Where Redis is and how it is used. `Debug` shows no URL, since it may carry a password.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://`, `redis-cluster://` or `redis-sentinel://`; by TLS the same with `rediss`.
    pub url: String,
    /// Before the names of all channels and keys, so that one Redis may serve several clusters of ours. Letters,
    /// digits, `.`, `_`, `-` and `:`. A database number does not do it: channels know no databases.
    pub prefix: String,
    /// Whether messages travel by sharded pub/sub (Redis 7.0.3 or newer). On a Redis Cluster a message then stays on
    /// the shard of its partition; without it every message is copied to every node of Redis.
    pub sharded: bool,
    /// Partitions of sharded pub/sub, the same on all our nodes. A node receives all messages of the partitions
    /// it follows a topic in.
    pub partitions: u16,
    /// Bytes of a message; a larger one is not published.
    pub message_bytes: usize,
    /// Longest wait for one connection to be made, and again for it to be set up.
    pub connect_wait: Duration,
    /// Longest wait for connecting altogether.
    pub open_wait: Duration,
    /// Longest wait for the answer to a command.
    pub command_wait: Duration,
    /// How long a command waits for a connection that was lost to come back, or for its turn.
    pub reconnect_wait: Duration,
    /// Commands under way at once; more wait for their turn.
    pub commands_at_once: usize,
    /// Before the first attempt to connect again; doubled with every failure.
    pub retry_first: Duration,
    /// Between later attempts. They never end.
    pub retry_most: Duration,
    /// Between two looks whether a connection still works and has all its subscriptions. A connection that does
    /// not is replaced: at the latest after this and two times [`RedisSettings::command_wait`].
    pub probe_every: Duration,
    /// Messages between the driver and us; what comes beyond is lost and told as a gap.
    pub messages_waiting: usize,
    /// Subscriptions that wait for the one under way.
    pub subscriptions_waiting: usize,
    /// Subscriptions made by one command.
    pub subscriptions_at_once: usize,
    /// How long a topic that was left stays subscribed, so that a reload costs Redis nothing.
    pub linger: Duration,
    /// Topics that stay subscribed after they were left; more make the oldest go at once.
    pub lingering: usize,
}

impl RedisSettings {
    /// The settings of a server that was told only where Redis is.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: "streamboard".to_owned(),
            sharded: false,
            partitions: 128,
            message_bytes: 256 * 1024,
            connect_wait: Duration::from_secs(3),
            open_wait: Duration::from_secs(8),
            command_wait: Duration::from_secs(2),
            reconnect_wait: Duration::from_millis(250),
            commands_at_once: 8_000,
            retry_first: Duration::from_millis(50),
            retry_most: Duration::from_secs(1),
            probe_every: Duration::from_secs(3),
            messages_waiting: 4_096,
            subscriptions_waiting: 10_000,
            subscriptions_at_once: 1_000,
            linger: Duration::from_secs(30),
            lingering: 10_000,
        }
    }
}

impl std::fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisSettings")
            .field("prefix", &self.prefix)
            .field("sharded", &self.sharded)
            .finish_non_exhaustive()
    }
}
