//! Taking one body: whose turn it is, where it starts, how it ended.

use std::sync::Arc;

use app::wire::ids::UploadKey;
use bytes::Bytes;
use futures::Stream;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::writer::Writer;
use super::{UploadError, Uploads};
use crate::domain::upload::{UploadRecord, UploadState};

/// What a request says of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyHead {
    /// Where in the file it starts.
    pub offset: u64,
    /// Its length in bytes, if declared.
    pub length: Option<u64>,
    /// Whether the file ends where it ends cleanly; counts only while the file's size is unknown.
    pub last: bool,
}

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Bytes held for good.
    pub committed: u64,
    /// The file's size, if known.
    pub size: Option<u64>,
    /// Open, finishing or done. A whole file stays open until its post is made.
    pub state: UploadState,
}

impl Sent {
    pub(super) fn of(record: &UploadRecord) -> Self {
        Self {
            committed: record.committed,
            size: record.size,
            state: record.state,
        }
    }
}

impl Uploads {
    /// Receives a body. Takes the turn of the upload at once: whoever sent before, here or on another node, is
    /// answered [`UploadError::TakenOver`]. However it ends (cleanly, broken, silent for too long, this call
    /// dropped), all bytes that came are committed, unless somebody took over. A body is read no faster than its
    /// bytes are stored; at most four chunks of it are in memory.
    ///
    /// # Errors
    /// [`UploadError::OffsetMismatch`] with the right offset, [`UploadError::TooLong`] and
    /// [`UploadError::TooLarge`] for a body that does not fit (what came before the excess is held),
    /// [`UploadError::BodyBroken`], [`UploadError::TakenOver`], [`UploadError::Gone`] for an upload that ended,
    /// [`UploadError::Busy`], or a store or log that failed (what was committed is held).
    pub async fn send<S, E>(
        self: &Arc<Self>,
        key: &UploadKey,
        head: BodyHead,
        body: S,
    ) -> Result<Sent, UploadError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Send + 'static,
    {
        let permit = Arc::clone(&self.bodies)
            .try_acquire_owned()
            .map_err(|_| UploadError::Busy)?;
        let known = self.by_key(key).await?;
        if known.state != UploadState::Open {
            return at_end(&known, head);
        }
        self.check_length(&known, head)?;
        let Some(record) = self.deps.store.take_turn(&known.file).await? else {
            return at_end(&self.record(&known.file).await?, head);
        };
        let lane = self.lanes.enter(record.file);
        lane.supersede(record.turn);
        if record.committed != head.offset {
            return Err(UploadError::OffsetMismatch {
                committed: record.committed,
            });
        }
        let dropped = CancellationToken::new();
        let _guard = dropped.clone().drop_guard();
        let span = tracing::info_span!("upload.body", upload.file = %record.file, upload.turn = record.turn);
        let uploads = Arc::clone(self);
        let writer = async move {
            let _permit = permit;
            Writer::new(&uploads, &lane, record, head)
                .run(body, &dropped)
                .await
        };
        // In a task, so that a dropped request never stops a write half-way.
        match self.deps.tasks.spawn(writer.instrument(span)).await {
            Ok(sent) => sent,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "upload.writer_died"
                );
                Err(UploadError::Busy)
            }
        }
    }

    fn check_length(&self, record: &UploadRecord, head: BodyHead) -> Result<(), UploadError> {
        if head.offset != record.committed {
            // Refused for that, once the turn is taken.
            return Ok(());
        }
        let most = self.limits.file_bytes;
        let end = head.offset.saturating_add(head.length.unwrap_or(0));
        match record.size {
            Some(size) if end > size => Err(UploadError::TooLong {
                committed: record.committed,
            }),
            None if end > most => Err(UploadError::TooLarge { most }),
            _ => Ok(()),
        }
    }
}

/// The answer to a body for an upload that is not open: a sender whose last answer was lost learns that all of it
/// is there.
fn at_end(record: &UploadRecord, head: BodyHead) -> Result<Sent, UploadError> {
    match record.state {
        UploadState::Stopped(_) | UploadState::Removed => Err(UploadError::Gone),
        _ if head.offset == record.committed => Ok(Sent::of(record)),
        _ => Err(UploadError::OffsetMismatch {
            committed: record.committed,
        }),
    }
}
