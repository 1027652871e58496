//! One commit: bytes made durable, then visible, then known. The only place where `committed` rises.

use bytes::Bytes;

use super::{UploadError, Uploads};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::{Commit, CommitOutcome, Extent, StorageError};

impl Uploads {
    /// Makes bytes durable, then visible by the commit, then known.
    pub(super) async fn keep(
        &self,
        mut record: UploadRecord,
        bytes: Bytes,
    ) -> Result<UploadRecord, UploadError> {
        let to = record.committed + bytes.len() as u64;
        let extent = Extent::from(&record);
        let written = self
            .deps
            .bytes
            .write(&extent, record.turn, std::slice::from_ref(&bytes))
            .await;
        let tail = match written {
            Ok(tail) => tail,
            Err(error) => return Err(self.refused(&record, error).await),
        };
        let commit = Commit {
            file: record.file,
            turn: record.turn,
            from: record.committed,
            to,
            tail,
            at: self.deps.clock.now(),
        };
        match self.deps.store.commit(&commit).await {
            Ok(CommitOutcome::Done) => {}
            Ok(CommitOutcome::Lost) => return Err(self.lost(&record).await),
            Err(error) => self.settle(&commit, error).await?,
        }
        self.deps.watchers.fill(&extent, &bytes);
        record.committed = to;
        record.tail = commit.tail;
        record.last_write = commit.at;
        if record.post.is_none_or(|claim| claim.no.is_none()) {
            // Its post may have come meanwhile, and then its room wants to see it grow.
            record.post = self.record(&record.file).await?.post;
        }
        self.announcer.announce(&record);
        Ok(record)
    }

    /// After a commit that failed without saying whether it happened: the record tells.
    async fn settle(&self, commit: &Commit, error: StorageError) -> Result<(), UploadError> {
        let now = self.record(&commit.file).await?;
        if now.turn == commit.turn && now.committed == commit.to {
            Ok(())
        } else {
            Err(error.into())
        }
    }

    /// After bytes that were not taken: a newer writer may be the reason, whose turn the store of bytes saw first.
    async fn refused(&self, writer: &UploadRecord, error: StorageError) -> UploadError {
        match self.record(&writer.file).await {
            Ok(now) if now.turn != writer.turn || now.state != UploadState::Open => {
                self.lost(writer).await
            }
            Ok(_) | Err(_) => error.into(),
        }
    }

    /// Why a writer lost.
    pub(super) async fn lost(&self, writer: &UploadRecord) -> UploadError {
        match self.record(&writer.file).await {
            Err(error) => error,
            Ok(now) if now.turn != writer.turn && !is_gone(now.state) => UploadError::TakenOver,
            Ok(now) if now.state == UploadState::Open => UploadError::OffsetMismatch {
                committed: now.committed,
            },
            Ok(_) => UploadError::Gone,
        }
    }
}

/// Whether there is no file any more, nor will be.
fn is_gone(state: UploadState) -> bool {
    matches!(state, UploadState::Stopped(_) | UploadState::Removed)
}
