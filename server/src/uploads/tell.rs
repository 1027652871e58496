//! What the log is told of a file: its start and its end, each once.
//!
//! The nonce of these events is derived from the file, so that telling twice is harmless. A start always comes
//! before the end in the log: whoever tells an end tells the start first.

use app::wire::file::Started;

use super::{UploadError, Uploads};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::log::{AppendError, Command, Draft, Precondition};
use crate::storage::CommitOutcome;

/// Whether there was anybody to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The log has it.
    Yes,
    /// The post or its room is gone for good.
    Nobody,
}

impl Uploads {
    /// Before the first commit: notes what the first bytes told, and tells the log where the post is made already
    /// (else [`Uploads::posted`] does). An earlier body may have noted it; that holds.
    pub(super) async fn begin(
        &self,
        record: &mut UploadRecord,
        started: Started,
    ) -> Result<(), UploadError> {
        let store = &self.deps.store;
        if record.started.is_none()
            && store
                .set_started(&record.file, record.turn, &started)
                .await?
                == CommitOutcome::Lost
        {
            tracing::debug!("upload.start_known");
        }
        // Read after writing: a post made meanwhile either sees the start or is seen here.
        let now = self.record(&record.file).await?;
        if now.state != UploadState::Open || now.turn != record.turn {
            return Err(self.lost(record).await);
        }
        if now.started.is_none() {
            return Err(UploadError::TakenOver);
        }
        *record = now;
        self.announcer.announce(record);
        if self.append_started(record).await? == Told::Nobody {
            self.retire(&record.file).await?;
            return Err(UploadError::Gone);
        }
        Ok(())
    }

    /// Tells the log what a file's first bytes told, if its post is made. Removes the file where its post or room
    /// is gone.
    ///
    /// # Errors
    /// A log or store that failed.
    pub(super) async fn tell_started(&self, record: &UploadRecord) -> Result<(), UploadError> {
        if self.append_started(record).await? == Told::Nobody {
            self.remove_file(&record.file).await?;
        }
        Ok(())
    }

    /// Tells the log how an upload ended, if its post is made, and notes that it did.
    ///
    /// # Errors
    /// A log or store that failed; the sweeper tells it then.
    pub(crate) async fn tell_ending(&self, record: &UploadRecord) -> Result<(), UploadError> {
        let Some(no) = record.post.and_then(|claim| claim.no) else {
            return Ok(());
        };
        let file = record.file;
        let draft = match record.state {
            UploadState::Open | UploadState::Finishing => return Ok(()),
            UploadState::Done => Draft::FileReady {
                no,
                file,
                size: record.committed,
            },
            UploadState::Stopped(reason) => Draft::FileStopped { no, file, reason },
            UploadState::Removed => Draft::FileRemoved { no, file },
        };
        if self.append_started(record).await? == Told::Yes {
            self.append(record, draft).await?;
        }
        self.deps.store.mark_told(&file).await?;
        Ok(())
    }

    async fn append_started(&self, record: &UploadRecord) -> Result<Told, UploadError> {
        let Some((no, started)) = record
            .post
            .and_then(|claim| claim.no)
            .zip(record.started.clone())
        else {
            return Ok(Told::Yes);
        };
        let file = record.file;
        self.append(record, Draft::FileStarted { no, file, started })
            .await
    }

    async fn append(&self, record: &UploadRecord, draft: Draft) -> Result<Told, UploadError> {
        let command = Command::server(record.room.clone(), draft, Precondition::PostExists);
        match self.deps.log.append(command).await {
            Ok(_) => Ok(Told::Yes),
            Err(
                AppendError::NoSuchRoom
                | AppendError::RoomEnded
                | AppendError::NoSuchPost
                | AppendError::PostRemoved,
            ) => Ok(Told::Nobody),
            Err(AppendError::Storage(error)) => Err(error.into()),
            Err(error) => Err(UploadError::Log(error)),
        }
    }
}
