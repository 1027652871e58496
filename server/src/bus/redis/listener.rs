//! The task that listens: subscribes for those who wait, hands on what comes, and replaces a line in doubt.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use fred::error::{Error, ErrorKind};
use fred::types::Message;
use futures::future::OptionFuture;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use super::followed::Followed;
use super::line::Lines;
use super::names::Names;
use super::retry::Retry;
use super::settings::RedisSettings;
use super::subscriber::{Commands, Subscriber};
use crate::bus::ear::Ear;
use crate::bus::{BusEvent, Topic};

/// Between two looks for topics whose linger is over.
const SWEEP: Duration = Duration::from_secs(1);

/// Messages taken before anything else is looked at.
const AT_ONCE: usize = 256;

/// What the bus and its listener share. The lock is short and never held across an await.
#[derive(Debug)]
pub(super) struct Shared {
    followed: Mutex<Followed>,
    /// Too many topics linger.
    pub(super) crowded: Notify,
}

impl Shared {
    pub(super) fn new(followed: Followed) -> Self {
        Self {
            followed: Mutex::new(followed),
            crowded: Notify::new(),
        }
    }

    pub(super) fn followed(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits for a topic's subscription; dropped without a word where there is no connection.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) topic: Topic,
    pub(super) done: oneshot::Sender<()>,
}

pub(super) struct Listener {
    pub(super) settings: RedisSettings,
    pub(super) names: Names,
    pub(super) lines: Lines,
    pub(super) shared: Arc<Shared>,
    pub(super) joins: mpsc::Receiver<Join>,
    pub(super) ear: Ear,
}

/// What is under way on the line, and what it was for.
type Work = Pin<Box<dyn Future<Output = (Purpose, Result<(), Error>)> + Send>>;

enum Purpose {
    Join {
        joins: Vec<Join>,
        channels: Vec<String>,
    },
    Part {
        channels: Vec<String>,
    },
    Probe,
}

impl Listener {
    /// A line for what is followed.
    pub(super) async fn open(&self) -> Result<Subscriber, Error> {
        open(&self.lines, &self.settings, &self.names, &self.shared).await
    }

    /// Listens. Never ends.
    pub(super) async fn listen(mut self, mut subscriber: Subscriber) {
        let mut retry = Retry::new(&self.settings);
        loop {
            let since = Instant::now();
            let reason = self.serve(&mut subscriber).await;
            drop(subscriber);
            tracing::warn!(
                error = &reason as &dyn std::error::Error,
                "the connection that listens to Redis is lost"
            );
            retry.lived(since.elapsed());
            let lost = Instant::now();
            subscriber = self.reopen(&mut retry).await;
            tracing::info!(
                bus.channels = subscriber.channels.len(),
                bus.silent_ms = lost.elapsed().as_millis(),
                "Redis is listened to again"
            );
            self.ear.gap();
        }
    }

    /// Tries until a line is open. After the first failure nobody waits for it any more.
    async fn reopen(&mut self, retry: &mut Retry) -> Subscriber {
        let mut refuse = false;
        loop {
            let pause = retry.pause();
            let attempt = async {
                sleep(pause).await;
                open(&self.lines, &self.settings, &self.names, &self.shared).await
            };
            tokio::pin!(attempt);
            let outcome = loop {
                tokio::select! {
                    outcome = &mut attempt => break outcome,
                    Some(refused) = self.joins.recv(), if refuse => drop(refused),
                }
            };
            match outcome {
                Ok(subscriber) => return subscriber,
                Err(error) => tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "Redis cannot be listened to yet"
                ),
            }
            refuse = true;
        }
    }

    /// Serves until the line is in doubt.
    async fn serve(&mut self, subscriber: &mut Subscriber) -> Error {
        let mut work: Option<Work> = None;
        let mut probe_at = Instant::now() + self.settings.probe_every;
        let mut sweeps = interval(SWEEP);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let idle = work.is_none();
            tokio::select! {
                message = subscriber.messages.recv() => match message {
                    Ok(message) => self.hear_all(message, subscriber),
                    Err(RecvError::Lagged(lost)) => self.lagged(lost),
                    Err(RecvError::Closed) => {
                        return Error::new(ErrorKind::Canceled, "the driver has closed its queue");
                    }
                },
                error = subscriber.line.ended() => return error,
                Some((purpose, outcome)) = OptionFuture::from(work.as_mut()) => {
                    work = None;
                    if let Err(error) = outcome {
                        return error;
                    }
                    // Not after other work: some of it asks the server nothing.
                    if matches!(purpose, Purpose::Probe) {
                        probe_at = Instant::now() + self.settings.probe_every;
                    }
                    self.done(purpose, subscriber);
                }
                Some(join) = self.joins.recv(), if idle => {
                    work = Some(self.join(join, subscriber));
                }
                () = self.shared.crowded.notified(), if idle => work = self.part(subscriber),
                _ = sweeps.tick(), if idle => work = self.part(subscriber),
                () = sleep_until(probe_at), if idle => {
                    work = Some(begin(subscriber, Purpose::Probe));
                }
            }
        }
    }

    /// Begins to subscribe for all who wait.
    fn join(&mut self, first: Join, subscriber: &Subscriber) -> Work {
        let mut joins = vec![first];
        while joins.len() < self.settings.subscriptions_at_once
            && let Ok(join) = self.joins.try_recv()
        {
            joins.push(join);
        }
        let channels = joins.iter().map(|join| self.names.channel(&join.topic));
        let channels: HashSet<_> = channels
            .filter(|channel| !subscriber.channels.contains(channel))
            .collect();
        let channels = channels.into_iter().collect();
        begin(subscriber, Purpose::Join { joins, channels })
    }

    /// Begins to give up the channels that nobody needs any more, if there are any.
    fn part(&self, subscriber: &Subscriber) -> Option<Work> {
        let mut channels = self.shared.followed().sweep(Instant::now());
        channels.retain(|channel| subscriber.channels.contains(channel));
        let parts = !channels.is_empty() && subscriber.commands.can_detach();
        parts.then(|| begin(subscriber, Purpose::Part { channels }))
    }

    fn done(&self, purpose: Purpose, subscriber: &mut Subscriber) {
        match purpose {
            Purpose::Join { joins, channels } => {
                subscriber.channels.extend(channels);
                let mut waiting: HashMap<Topic, Vec<oneshot::Sender<()>>> = HashMap::new();
                for Join { topic, done } in joins {
                    waiting.entry(topic).or_default().push(done);
                }
                let now = Instant::now();
                // Told under the lock: who hears it may leave at once.
                let mut followed = self.shared.followed();
                for (topic, waiting) in waiting {
                    let told = waiting.into_iter().filter_map(|done| done.send(()).ok());
                    followed.add(&topic, told.count() > 0, now);
                }
            }
            Purpose::Part { channels } => {
                for channel in &channels {
                    subscriber.channels.remove(channel);
                }
            }
            Purpose::Probe => {}
        }
    }

    fn hear_all(&mut self, first: Message, subscriber: &mut Subscriber) {
        self.hear(first);
        for _ in 1..AT_ONCE {
            match subscriber.messages.try_recv() {
                Ok(message) => self.hear(message),
                Err(TryRecvError::Lagged(lost)) => self.lagged(lost),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn hear(&mut self, message: Message) {
        let Ok(packed) = message.value.convert::<Bytes>() else {
            return;
        };
        let unpacked = self.names.unpack(&message.channel, packed);
        let Some((topic, mut payload)) = unpacked else {
            return;
        };
        if !self.shared.followed().hears(&topic) {
            return;
        }
        if payload.len() > self.settings.message_bytes {
            // Nothing we publish is so large. An empty message cannot be read either, and waits in less room.
            payload = Bytes::new();
        }
        self.ear.hear(BusEvent::Message { topic, payload });
    }

    fn lagged(&mut self, lost: u64) {
        tracing::debug!(bus.lost = lost, "messages came faster than they were taken");
        self.ear.gap();
    }
}

async fn open(
    lines: &Lines,
    settings: &RedisSettings,
    names: &Names,
    shared: &Shared,
) -> Result<Subscriber, Error> {
    let mut channels = shared.followed().restart();
    channels.push(names.nobodys_channel());
    Subscriber::open(lines, settings, channels).await
}

fn begin(subscriber: &Subscriber, purpose: Purpose) -> Work {
    let commands: Commands = subscriber.commands.clone();
    let now = subscriber.channels.len();
    Box::pin(async move {
        let outcome = match &purpose {
            Purpose::Join { channels, .. } if channels.is_empty() => Ok(()),
            Purpose::Join { channels, .. } => commands.attach(channels, now + channels.len()).await,
            Purpose::Part { channels } => commands.detach(channels, now - channels.len()).await,
            Purpose::Probe => commands.probe(now).await,
        };
        (purpose, outcome)
    })
}
