//! The node's connection for commands, shared by bus and presence: what is published on it arrives in its order.

use std::future::Future;
use std::sync::Arc;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::error::{ConnectError, RedisError};
use super::line::{self, Line, Lines};
use super::names::Names;
use super::retry::Retry;
use super::settings::RedisSettings;

/// The driver makes nine queues of this size; nobody subscribes here.
const MESSAGES: usize = 16;

/// A connection that is replaced whenever it is in doubt. Clones are the same; it is closed with the last.
#[derive(Debug, Clone)]
pub struct RedisConnection {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: RedisSettings,
    names: Names,
    client: watch::Receiver<Option<Client>>,
    turns: Semaphore,
    doubt: Arc<Notify>,
    /// Ends with us.
    _keeper: AbortOnDropHandle<()>,
}

impl RedisConnection {
    /// Connects, and keeps connected from then on.
    ///
    /// # Errors
    /// [`ConnectError`], at the latest after [`RedisSettings::open_wait`].
    pub async fn connect(settings: &RedisSettings) -> Result<Self, ConnectError> {
        let lines = Lines::new(settings, MESSAGES)?;
        let opened = open(&lines).await;
        let line = opened.map_err(|error| lines.unusable(&error))?;
        let (sender, client) = watch::channel(Some(line.client.clone()));
        let doubt = Arc::new(Notify::new());
        let keeper = Keeper {
            settings: settings.clone(),
            lines,
            client: sender,
            doubt: Arc::clone(&doubt),
        };
        let shared = Shared {
            settings: settings.clone(),
            names: Names::new(settings),
            client,
            turns: Semaphore::new(settings.commands_at_once.max(1)),
            doubt,
            _keeper: hold(keeper.keep(line)),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    pub(super) fn settings(&self) -> &RedisSettings {
        &self.shared.settings
    }

    pub(crate) fn names(&self) -> &Names {
        &self.shared.names
    }

    /// Runs a command within [`RedisSettings::reconnect_wait`] and [`RedisSettings::command_wait`] together.
    /// Dropping it may or may not withdraw the command; so does running out of time.
    pub(crate) async fn run<T, F>(&self, command: impl FnOnce(Client) -> F) -> Result<T, RedisError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (_turn, client) = match self.shared.at_once() {
            Some(ready) => ready,
            None => self.shared.wait().await.ok_or(RedisError::Disconnected)?,
        };
        let outcome = command(client).await;
        if outcome
            .as_ref()
            .is_err_and(|error| *error.kind() == ErrorKind::Backpressure)
        {
            // A driver that refused a command for want of room does not flush later ones.
            self.shared.doubt.notify_one();
        }
        Ok(outcome?)
    }
}

impl Shared {
    /// A turn and the client, if nobody waits for a turn and there is a connection.
    fn at_once(&self) -> Option<(SemaphorePermit<'_>, Client)> {
        let turn = self.turns.try_acquire().ok()?;
        let client = self.client.borrow().clone()?;
        Some((turn, client))
    }

    /// A turn and the client, within [`RedisSettings::reconnect_wait`].
    async fn wait(&self) -> Option<(SemaphorePermit<'_>, Client)> {
        let mut client = self.client.clone();
        let ready = async {
            let turn = self.turns.acquire().await.ok()?;
            let client = client.wait_for(Option::is_some).await.ok()?.clone()?;
            Some((turn, client))
        };
        timeout(self.settings.reconnect_wait, ready).await.ok()?
    }
}

/// Runs a task for as long as its handle is held.
#[expect(
    clippy::disallowed_methods,
    reason = "a task that only listens and connects has nothing to finish at the shutdown"
)]
pub(super) fn hold(task: impl Future<Output = ()> + Send + 'static) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(task))
}

async fn open(lines: &Lines) -> Result<Line, Error> {
    let attempt = async {
        let (line, ()) = lines.open(|_| ()).await?;
        // What keeps it in service must be allowed.
        line::count(&line.client).await?;
        Ok(line)
    };
    lines.timely(attempt).await
}

struct Keeper {
    settings: RedisSettings,
    lines: Lines,
    client: watch::Sender<Option<Client>>,
    doubt: Arc<Notify>,
}

impl Keeper {
    /// Replaces the line whenever it is in doubt. Never ends.
    async fn keep(self, mut line: Line) {
        let mut retry = Retry::new(&self.settings);
        loop {
            let since = Instant::now();
            let reason = self.doubt(&mut line).await;
            self.client.send_replace(None);
            drop(line);
            tracing::warn!(
                error = &reason as &dyn std::error::Error,
                "the connection for commands to Redis is lost"
            );
            retry.lived(since.elapsed());
            line = loop {
                sleep(retry.pause()).await;
                match open(&self.lines).await {
                    Ok(line) => break line,
                    Err(error) => tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "Redis takes no commands yet"
                    ),
                }
            };
            tracing::info!("Redis takes commands again");
            self.client.send_replace(Some(line.client.clone()));
        }
    }

    /// Waits until the line is in doubt.
    async fn doubt(&self, line: &mut Line) -> Error {
        let client = line.client.clone();
        let probe = async {
            loop {
                sleep(self.settings.probe_every).await;
                if line::count(&client).await.is_err()
                    && let Err(error) = line::count(&client).await
                {
                    return error;
                }
            }
        };
        tokio::select! {
            error = line.ended() => error,
            error = probe => error,
            () = self.doubt.notified() => {
                Error::new(ErrorKind::Backpressure, "the driver's queue is full")
            }
        }
    }
}
