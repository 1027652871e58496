//! A line that subscribes.

use std::collections::HashSet;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};
use fred::interfaces::{ClientLike, EventInterface, PubsubInterface};
use fred::types::Message;
use tokio::sync::broadcast;

use super::line::{self, Line, Lines};
use super::settings::RedisSettings;

/// A line and what it is subscribed to.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) line: Line,
    pub(super) messages: broadcast::Receiver<Message>,
    pub(super) commands: Commands,
    /// What the server has of us, whether it is still needed or not.
    pub(super) channels: HashSet<String>,
}

impl Subscriber {
    /// Connects and subscribes to `channels`, which is in force when it returns.
    pub(super) async fn open(
        lines: &Lines,
        settings: &RedisSettings,
        channels: Vec<String>,
    ) -> Result<Self, Error> {
        let attempt = async {
            let (line, messages) = lines.open(EventInterface::message_rx).await?;
            let commands = Commands {
                client: line.client.clone(),
                sharded: settings.sharded,
                at_once: settings.subscriptions_at_once.max(1),
            };
            commands.subscribe(&channels).await?;
            commands.verify(channels.len()).await?;
            Ok(Self {
                line,
                messages,
                commands,
                channels: channels.into_iter().collect(),
            })
        };
        lines.timely(attempt).await
    }
}

/// What a subscriber asks the server. One call at a time, so that the number of subscriptions is always known; each
/// is tried twice, and a line on which it fails is in doubt.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    client: Client,
    sharded: bool,
    at_once: usize,
}

impl Commands {
    /// Subscribes to more channels; with them there are `all`. In force when it returns.
    pub(super) async fn attach(self, channels: &[String], all: usize) -> Result<(), Error> {
        if self.try_attach(channels, all).await.is_ok() {
            return Ok(());
        }
        self.try_attach(channels, all).await
    }

    /// Subscribes to channels no longer; without them there are `all`.
    pub(super) async fn detach(self, channels: &[String], all: usize) -> Result<(), Error> {
        if self.try_detach(channels, all).await.is_ok() {
            return Ok(());
        }
        self.try_detach(channels, all).await
    }

    /// Looks whether the connections work and the server has all subscriptions.
    pub(super) async fn probe(self, all: usize) -> Result<(), Error> {
        if self.verify(all).await.is_ok() {
            return Ok(());
        }
        self.verify(all).await
    }

    /// Whether [`Commands::detach`] may be used. The driver does not wait for the answer to SUNSUBSCRIBE, and where
    /// the slot has moved Redis Cluster answers with an error, which the driver takes for the answer to the next
    /// command. There a partition stays subscribed as long as the line lives.
    pub(super) fn can_detach(&self) -> bool {
        !(self.sharded && self.client.is_clustered())
    }

    async fn try_attach(&self, channels: &[String], all: usize) -> Result<(), Error> {
        self.subscribe(channels).await?;
        if self.sharded {
            return Ok(());
        }
        self.verify(all).await
    }

    async fn try_detach(&self, channels: &[String], all: usize) -> Result<(), Error> {
        for channels in channels.chunks(self.at_once) {
            if self.sharded {
                self.client.sunsubscribe(channels.to_vec()).await?;
            } else {
                self.client.unsubscribe(channels.to_vec()).await?;
            }
        }
        self.verify(all).await
    }

    /// SSUBSCRIBE is answered when it is in force; after SUBSCRIBE returns it is merely on its way.
    async fn subscribe(&self, channels: &[String]) -> Result<(), Error> {
        if self.sharded {
            // One at a time: one that is redirected must not be mistaken for another.
            for channel in channels {
                self.client.ssubscribe(channel.as_str()).await?;
            }
            return Ok(());
        }
        for channels in channels.chunks(self.at_once) {
            self.client.subscribe(channels.to_vec()).await?;
        }
        Ok(())
    }

    /// Asks on the connection of the subscriptions how many there are. It answers after it has done all that was
    /// asked before: a SUBSCRIBE is in force then. A shard that gave a slot away has dropped its channels, which
    /// shows here and nowhere else.
    async fn verify(&self, all: usize) -> Result<(), Error> {
        let counted = line::count(&self.client).await?;
        let channels = if self.sharded {
            let old = || Error::new(ErrorKind::Protocol, "it is older than Redis 7.0.3");
            counted.shard_channels.ok_or_else(old)?
        } else {
            counted.channels
        };
        if channels != all {
            let text = format!("it has {channels} of {all} subscriptions, may this user subscribe");
            return Err(Error::new(ErrorKind::Protocol, text));
        }
        Ok(())
    }
}
