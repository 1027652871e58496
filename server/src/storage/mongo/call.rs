//! The database's handle: its collections, and the time limit of every call.

use std::time::Duration;

use mongodb::Collection;
use mongodb::bson::{Document, doc};
use tokio::time::timeout;

use super::error::CallError;
use super::event_documents::EventDocument;
use super::participant_store::ParticipantDocument;
use super::room_store::RoomDocument;
use super::stripes::Stripes;
use super::upload_documents::UploadDocument;

/// How long any call may take, retries of the driver and the wait for a connection included.
const CALL: Duration = Duration::from_secs(10);

/// How long the connections' end may take.
const CLOSE: Duration = Duration::from_secs(3);

/// The database and its collections; a clone shares the pool.
#[derive(Debug, Clone)]
pub(super) struct Database {
    inner: mongodb::Database,
    pub(super) events: Collection<EventDocument>,
    pub(super) rooms: Collection<RoomDocument>,
    pub(super) participants: Collection<ParticipantDocument>,
    pub(super) sessions: Collection<Document>,
    pub(super) uploads: Collection<UploadDocument>,
    pub(super) leases: Collection<Document>,
    pub(super) chunks: Collection<Document>,
    pub(super) files: Collection<Document>,
    /// Who may join a room.
    pub(super) joins: Stripes,
}

impl Database {
    pub(super) fn new(inner: mongodb::Database) -> Self {
        Self {
            events: inner.collection("events"),
            rooms: inner.collection("rooms"),
            participants: inner.collection("participants"),
            sessions: inner.collection("sessions"),
            uploads: inner.collection("uploads"),
            leases: inner.collection("leases"),
            chunks: inner.collection("fs.chunks"),
            files: inner.collection("fs.files"),
            joins: Stripes::new(),
            inner,
        }
    }

    pub(super) fn name(&self) -> &str {
        self.inner.name()
    }

    /// The driver's own handle, for what is done to the database as a whole.
    pub(super) fn driver(&self) -> &mongodb::Database {
        &self.inner
    }

    pub(super) async fn ping(&self) -> Result<(), CallError> {
        within(self.inner.run_command(doc! { "ping": 1 }))
            .await
            .map(drop)
    }

    pub(super) async fn close(&self) {
        let closed = self.inner.client().clone().shutdown().immediate(true);
        if timeout(CLOSE, closed).await.is_err() {
            tracing::warn!("connections to MongoDB did not end in time");
        }
    }
}

/// A call within its time limit. What a call that is late or dropped asked for may have happened or not.
pub(super) async fn within<T>(
    call: impl IntoFuture<Output = mongodb::error::Result<T>>,
) -> Result<T, CallError> {
    match timeout(CALL, call.into_future()).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(CallError::Late(CALL)),
    }
}
