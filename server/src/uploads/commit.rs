//! One commit: bytes made durable, then visible, then known. The only place where `committed` rises.

use bytes::Bytes;

use super::{UploadError, Uploads};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::{Commit, CommitOutcome, Extent, StorageError};

/// What became of a commit in the end.
enum Settled {
    /// It is in force.
    Kept,
    /// It never will be.
    Lost,
}

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
        let outcome = self.deps.store.commit(&commit).await;
        if let Settled::Lost = self.settle(&commit, outcome).await? {
            return Err(self.give_way(&record).await);
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

    /// Whether a commit is in force. Where its call failed, it may have happened; and a driver that lost the answer
    /// and tried again was refused by its own first attempt. The record tells: nobody else has this turn.
    async fn settle(
        &self,
        commit: &Commit,
        outcome: Result<CommitOutcome, StorageError>,
    ) -> Result<Settled, UploadError> {
        if matches!(outcome, Ok(CommitOutcome::Done)) {
            return Ok(Settled::Kept);
        }
        match self.deps.store.get(&commit.file).await? {
            Some(now) if now.turn == commit.turn && now.committed == commit.to => Ok(Settled::Kept),
            // A call that failed may still come to pass.
            Some(now) if now.turn == commit.turn && now.state == UploadState::Open => {
                outcome?;
                Ok(Settled::Lost)
            }
            _ => Ok(Settled::Lost),
        }
    }

    /// After bytes that were not taken: a newer writer may be the reason, whose turn the store of bytes saw first.
    async fn refused(&self, writer: &UploadRecord, error: StorageError) -> UploadError {
        match self.record(&writer.file).await {
            Ok(now) if now.turn != writer.turn || now.state != UploadState::Open => {
                self.give_way(writer).await
            }
            Err(UploadError::Gone) => self.give_way(writer).await,
            Ok(_) | Err(_) => error.into(),
        }
    }

    /// Why a writer lost whose bytes may lie in the store. They go: its turn is over, and those that came after the
    /// end of the file, or after its removal, would stay there for good.
    async fn give_way(&self, writer: &UploadRecord) -> UploadError {
        if let Err(error) = self.clear(writer).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, upload.file = %writer.file, "upload.not_cleared");
        }
        self.lost(writer).await
    }

    /// Removes what a writer wrote that lost its commit.
    async fn clear(&self, writer: &UploadRecord) -> Result<(), StorageError> {
        let bytes = &self.deps.bytes;
        let now = self.deps.store.get(&writer.file).await?;
        match now {
            // Its turn is not over: what it wrote lies where its own next bytes come.
            Some(now) if now.state == UploadState::Open && now.turn == writer.turn => Ok(()),
            Some(now) if !now.state.is_gone() => {
                bytes.discard(&Extent::from(&now), writer.turn).await
            }
            _ => bytes.remove(&writer.file).await,
        }
    }

    /// Why a writer lost.
    pub(super) async fn lost(&self, writer: &UploadRecord) -> UploadError {
        match self.record(&writer.file).await {
            Err(error) => error,
            Ok(now) if now.state.is_gone() => UploadError::Gone,
            Ok(now) if now.turn != writer.turn => UploadError::TakenOver,
            Ok(now) => UploadError::OffsetMismatch {
                committed: now.committed,
            },
        }
    }
}
