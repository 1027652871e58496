//! The bus of a cluster, by pub/sub of Redis.
//!
//! A node has one connection that subscribes ([`listener`]) and one for commands ([`RedisConnection`]), on which it
//! publishes; what one node publishes on one topic therefore arrives in its order. Neither is repaired: a connection
//! in doubt is dropped and another is opened ([`mod@line`]), for ever, with everything followed subscribed again and a
//! [`BusEvent::Gap`] told once that is in force. In doubt is a connection that ends, does not answer its probe, or
//! has not the subscriptions it should have.

mod connection;
mod error;
mod followed;
mod line;
mod listener;
mod names;
mod retry;
mod settings;
mod subscriber;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use fred::interfaces::PubsubInterface;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

pub use connection::RedisConnection;
pub use error::ConnectError;
pub(crate) use error::RedisError;
pub use settings::RedisSettings;

use self::followed::Followed;
use self::line::Lines;
use self::listener::{Join, Listener, Shared};
use super::ear::Ear;
use super::{Bus, BusError, BusEvent, Topic};

/// A node's end of the bus; closed when dropped.
#[derive(Debug)]
pub struct RedisBus {
    connection: RedisConnection,
    shared: Arc<Shared>,
    joins: mpsc::Sender<Join>,
    /// Until somebody listens.
    receiver: Mutex<Option<mpsc::Receiver<BusEvent>>>,
    /// Ends with us.
    _listener: AbortOnDropHandle<()>,
}

impl RedisBus {
    /// Connects the subscriber; `connection` publishes, and its settings are the bus's.
    ///
    /// # Errors
    /// [`ConnectError`], at the latest after [`RedisSettings::open_wait`].
    pub async fn connect(connection: RedisConnection) -> Result<Self, ConnectError> {
        let settings = connection.settings().clone();
        let names = connection.names().clone();
        let lines = Lines::new(&settings, settings.messages_waiting.max(1))?;
        let shared = Arc::new(Shared::new(Followed::new(&settings, names.clone())));
        let (joins, waiting) = mpsc::channel(settings.subscriptions_waiting.max(1));
        let (ear, receiver) = Ear::new();
        let listener = Listener {
            settings,
            names,
            lines,
            shared: Arc::clone(&shared),
            joins: waiting,
            ear,
        };
        let opened = listener.open().await;
        let subscriber = opened.map_err(|error| listener.lines.unusable(&error))?;
        Ok(Self {
            connection,
            shared,
            joins,
            receiver: Mutex::new(Some(receiver)),
            _listener: connection::hold(listener.listen(subscriber)),
        })
    }
}

#[async_trait]
impl Bus for RedisBus {
    async fn publish(&self, topic: &Topic, payload: Bytes) -> Result<(), BusError> {
        let settings = self.connection.settings();
        if payload.len() > settings.message_bytes {
            return Err(BusError::TooLarge {
                bytes: payload.len(),
                most: settings.message_bytes,
            });
        }
        let names = self.connection.names();
        let (channel, packed) = (names.channel(topic), names.pack(topic, payload));
        let sharded = settings.sharded;
        let publish = self.connection.run(|client| async move {
            if sharded {
                client.spublish(channel, packed).await
            } else {
                client.publish(channel, packed).await
            }
        });
        publish.await.map_err(unavailable)
    }

    async fn subscribe(&self, topic: &Topic) -> Result<(), BusError> {
        if self.shared.followed().follow_again(topic) {
            return Ok(());
        }
        let (done, outcome) = oneshot::channel();
        let join = Join {
            topic: topic.clone(),
            done,
        };
        self.joins.try_send(join).map_err(|_| disconnected())?;
        // Whom the answer does not reach does not follow: the topic is left at once.
        match timeout(self.connection.settings().command_wait, outcome).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(disconnected()),
            Err(late) => Err(unavailable(late)),
        }
    }

    async fn unsubscribe(&self, topic: &Topic) -> Result<(), BusError> {
        let crowded = self.shared.followed().leave(topic, Instant::now());
        if crowded {
            self.shared.crowded.notify_one();
        }
        Ok(())
    }

    fn listen(&self) -> Option<mpsc::Receiver<BusEvent>> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.take()
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> BusError {
    BusError::Unavailable(Box::new(error))
}

fn disconnected() -> BusError {
    unavailable(RedisError::Disconnected)
}
