//! The server behind the server functions: [`Service`] implements the app's `Backend`, a file a concern.
//!
//! Commands run as tasks of their own: a client that hangs up, or whose answer took too long, does not leave half a
//! command behind. Each call of a store has a time limit.

mod catalog;
mod history;
mod posts;
mod rates;
mod rooms;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use app::api::backend::{Backend, Caller, NewSession, SessionId};
use app::wire::error::{ApiError, ErrorCode};
use app::wire::ids::{Nonce, PostNo, RoomId};
use app::wire::page::{Page, RoomPage};
use app::wire::request::{
    Appended, CreatePost, CreateRoom, HistoryQuery, OpenUpload, RoomList, SessionOpened,
    UploadOpened,
};
use app::wire::room::{Author, RoomSnapshot};
use async_trait::async_trait;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::clock::Clock;
use crate::config::LimitsConfig;
use crate::domain::room::RoomRecord;
use crate::error::ServiceError;
use crate::ids::IdSource;
use crate::log::RoomLog;
use crate::presence::PresenceStore;
use crate::storage::{
    EventLog, ParticipantStore, RoomStore, SessionStore, StorageError, UploadStore,
};
use crate::uploads::Uploads;
use catalog::Catalog;
use rates::Rates;

/// How long one call of a store may take.
const STORE_WAIT: Duration = Duration::from_secs(5);

/// How long a store may take to show that it is there.
const PING_WAIT: Duration = Duration::from_secs(2);

/// What the service works with.
#[derive(Debug, Clone)]
pub struct ServiceDeps {
    /// Records of rooms.
    pub rooms: Arc<dyn RoomStore>,
    /// Logs, to read.
    pub events: Arc<dyn EventLog>,
    /// Logs, to append to.
    pub log: Arc<RoomLog>,
    /// Sessions in rooms.
    pub participants: Arc<dyn ParticipantStore>,
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Records of uploads, to read how far they are.
    pub upload_records: Arc<dyn UploadStore>,
    /// Uploads.
    pub uploads: Arc<Uploads>,
    /// Who is in a room.
    pub presence: Arc<dyn PresenceStore>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub ids: Arc<dyn IdSource>,
    /// Where commands run.
    pub tracker: TaskTracker,
}

/// What the service is told at its start.
#[derive(Debug, Clone)]
pub struct ServiceSettings {
    /// What clients may do.
    pub limits: LimitsConfig,
    /// Build of the server, told to clients.
    pub build: String,
    /// Whether cookies must never travel in the clear.
    pub secure: bool,
}

/// The server behind the server functions; clones are the same.
#[derive(Debug, Clone)]
pub struct Service(Arc<Core>);

/// What every command needs; the commands are its methods, a file a concern.
#[derive(Debug)]
struct Core {
    deps: ServiceDeps,
    settings: ServiceSettings,
    rates: Rates,
    catalog: Catalog,
}

impl Service {
    /// A service over its parts.
    #[must_use]
    pub fn new(deps: ServiceDeps, settings: ServiceSettings) -> Self {
        let rates = Rates::new(&settings.limits);
        Self(Arc::new(Core {
            deps,
            settings,
            rates,
            catalog: Catalog::default(),
        }))
    }

    /// Whether the store answers a read within two seconds.
    pub async fn store_answers(&self) -> bool {
        let read = self.0.deps.rooms.listed(1);
        matches!(tokio::time::timeout(PING_WAIT, read).await, Ok(Ok(_)))
    }

    /// Runs a command to its end, whether or not somebody waits for it.
    async fn command<T, F>(&self, work: impl FnOnce(Arc<Core>) -> F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ServiceError>> + Send + 'static,
    {
        let work = work(self.0.clone());
        let task = async move { work.await.map_err(ServiceError::answer) };
        let task = self.0.deps.tracker.spawn(task.in_current_span());
        task.await.unwrap_or_else(|error| {
            if error.is_panic() {
                tracing::error!("a command panicked");
                return Err(ApiError::new(ErrorCode::Internal, "the server failed"));
            }
            Err(ServiceError::Dropped.answer())
        })
    }
}

impl Core {
    /// The record of a room that exists and has not ended, as far as its hint tells; the log judges for good.
    async fn open_room(&self, room: &RoomId) -> Result<RoomRecord, ServiceError> {
        let record = timely(self.deps.rooms.get(room)).await?;
        let record = record.ok_or_else(no_such_room)?;
        if record.ended {
            return Err(ServiceError::refused(ErrorCode::Gone, "the room is over"));
        }
        Ok(record)
    }
}

fn no_such_room() -> ServiceError {
    ServiceError::refused(ErrorCode::NotFound, "there is no such room")
}

/// Waits for the store, but not for ever. A write that was too slow may still happen.
async fn timely<T>(call: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
    match tokio::time::timeout(STORE_WAIT, call).await {
        Ok(result) => result,
        Err(elapsed) => Err(StorageError::Unavailable(Box::new(elapsed))),
    }
}

#[async_trait]
impl Backend for Service {
    async fn open_session(&self, caller: &Caller) -> Result<NewSession, ApiError> {
        let caller = *caller;
        self.command(|core| async move { core.open_session(&caller).await })
            .await
    }

    fn session_opened(&self, fresh: bool) -> SessionOpened {
        SessionOpened {
            fresh,
            limits: self.0.settings.limits.wire,
            build: self.0.settings.build.clone(),
        }
    }

    async fn rename(
        &self,
        session: SessionId,
        room: RoomId,
        name: String,
    ) -> Result<Author, ApiError> {
        self.command(|core| async move { core.rename(session, room, &name).await })
            .await
    }

    async fn create_room(
        &self,
        caller: &Caller,
        session: SessionId,
        room: CreateRoom,
    ) -> Result<RoomSnapshot, ApiError> {
        let caller = *caller;
        self.command(|core| async move { core.create_room(&caller, session, &room).await })
            .await
    }

    async fn list_rooms(&self) -> Result<RoomList, ApiError> {
        self.0.list_rooms().await.map_err(ServiceError::answer)
    }

    async fn room_page(
        &self,
        caller: &Caller,
        room: RoomId,
        query: HistoryQuery,
    ) -> Result<RoomPage, ApiError> {
        let page = self.0.room_page(caller, &room, query).await;
        page.map_err(ServiceError::answer)
    }

    async fn load_history(&self, room: RoomId, query: HistoryQuery) -> Result<Page, ApiError> {
        let page = self.0.page(&room, query).await;
        page.map_err(ServiceError::answer)
    }

    async fn create_post(
        &self,
        caller: &Caller,
        session: SessionId,
        post: CreatePost,
    ) -> Result<Appended, ApiError> {
        let caller = *caller;
        self.command(|core| async move { core.create_post(&caller, session, post).await })
            .await
    }

    async fn remove_post(
        &self,
        session: SessionId,
        room: RoomId,
        no: PostNo,
    ) -> Result<Appended, ApiError> {
        self.command(|core| async move { core.remove_post(session, room, no).await })
            .await
    }

    async fn edit_post(
        &self,
        session: SessionId,
        room: RoomId,
        no: PostNo,
        nonce: Nonce,
        text: String,
    ) -> Result<Appended, ApiError> {
        self.command(|core| async move { core.edit_post(session, room, no, nonce, &text).await })
            .await
    }

    async fn open_upload(
        &self,
        caller: &Caller,
        session: SessionId,
        upload: OpenUpload,
    ) -> Result<UploadOpened, ApiError> {
        let address = caller.address;
        self.command(
            |core| async move { Ok(core.deps.uploads.open(session, address, upload).await?) },
        )
        .await
    }
}

#[cfg(test)]
mod tests;
