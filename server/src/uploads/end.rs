//! Endings: done, stopped, removed. Each is a compare-and-swap of the state; of two that race, one wins.

use app::api::backend::SessionId;
use app::wire::file::StopReason;
use app::wire::ids::{FileId, Nonce, RoomId, UploadKey};

use super::{UploadError, Uploads};
use crate::domain::upload::{UploadRecord, UploadState};

/// States in which an upload can be stopped.
const STOPPABLE: [UploadState; 2] = [UploadState::Open, UploadState::Finishing];

/// States in which a file can be taken away.
const REMOVABLE: [UploadState; 3] = [UploadState::Open, UploadState::Finishing, UploadState::Done];

impl Uploads {
    /// Cancels an upload: readers are told, its bytes go. Cancelling again is done already.
    ///
    /// # Errors
    /// [`UploadError::Complete`] where the end of the file was first, [`UploadError::Gone`] where it was stopped
    /// or removed otherwise, [`UploadError::NotFound`], or a store or log that failed; where the upload was
    /// stopped then, the sweeper does the rest.
    pub async fn cancel(&self, key: &UploadKey) -> Result<(), UploadError> {
        let file = self.by_key(key).await?.file;
        let stopped = UploadState::Stopped(StopReason::Cancelled);
        let state = self.stop(&file, StopReason::Cancelled).await?.state;
        match state {
            UploadState::Done => Err(UploadError::Complete),
            state if state == stopped => Ok(()),
            _ => Err(UploadError::Gone),
        }
    }

    /// Stops an upload that is not complete, and returns the record as it then is, whoever was first.
    ///
    /// # Errors
    /// [`UploadError::Gone`] where the record is not there; a store or log that failed.
    pub(crate) async fn stop(
        &self,
        file: &FileId,
        reason: StopReason,
    ) -> Result<UploadRecord, UploadError> {
        self.end(file, &STOPPABLE, UploadState::Stopped(reason))
            .await
    }

    /// Takes a file away, complete or not, without telling the log: its post is gone or going.
    ///
    /// # Errors
    /// A store that failed; once more finishes it.
    pub(crate) async fn remove_file(&self, file: &FileId) -> Result<(), UploadError> {
        self.retire(file).await?;
        self.drop_bytes(file).await
    }

    /// Makes a file one that nobody reads, without waiting for its writer; the sweeper removes its bytes.
    pub(super) async fn retire(&self, file: &FileId) -> Result<(), UploadError> {
        let removed = UploadState::Removed;
        let record = self.enter(file, &REMOVABLE, removed, None).await?;
        if let Some(record) = record.filter(|record| record.state == removed) {
            self.announcer.announce(&record);
        }
        self.deps.store.mark_told(file).await?;
        Ok(())
    }

    /// Takes away the files that the command `nonce` of `owner` claimed, for a post that is removed. To be called before the
    /// post's events are redacted: until then the sweeper can finish it. Idempotent.
    ///
    /// # Errors
    /// A store that failed.
    pub async fn remove_post_files(
        &self,
        room: &RoomId,
        owner: &SessionId,
        nonce: &Nonce,
    ) -> Result<(), UploadError> {
        for record in self.deps.store.by_post(room, owner, nonce).await? {
            self.remove_file(&record.file).await?;
        }
        Ok(())
    }

    /// Finishes a whole file and returns its record as it then is, whoever was first. Idempotent.
    ///
    /// # Errors
    /// A store or log that failed; the sweeper finishes it then.
    pub(crate) async fn finish(&self, file: &FileId) -> Result<UploadRecord, UploadError> {
        let finishing = UploadState::Finishing;
        let record = self.enter(file, &STOPPABLE, finishing, None).await?;
        let record = record.ok_or(UploadError::Gone)?;
        if record.state != finishing {
            return Ok(record);
        }
        self.announcer.announce(&record);
        let sha256 = self.deps.bytes.finish(&record).await?;
        let done = self
            .enter(file, &[finishing], UploadState::Done, Some(sha256))
            .await?;
        let done = done.ok_or(UploadError::Gone)?;
        if done.state != UploadState::Done {
            return Ok(done);
        }
        tracing::info!(upload.file = %file, upload.size_bytes = done.committed, "upload.done");
        self.announcer.announce(&done);
        self.tell_ending(&done).await?;
        Ok(done)
    }

    /// Ends an upload, tells everybody, and removes its bytes. Returns the record as it then is.
    async fn end(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
    ) -> Result<UploadRecord, UploadError> {
        let record = self.enter(file, from, to, None).await?;
        let record = record.ok_or(UploadError::Gone)?;
        if record.state != to {
            return Ok(record);
        }
        tracing::info!(upload.file = %file, upload.state = ?record.state, "upload.ended");
        self.announcer.announce(&record);
        self.tell_ending(&record).await?;
        self.drop_bytes(file).await?;
        Ok(record)
    }

    /// Changes the state, and returns the record as it then is, whoever changed it; `None` if it is not there. A record
    /// that is in the state already counts as won: it may have been this very call, whose first answer the driver
    /// lost and which it then made once more. Whatever follows a change may be done twice.
    async fn enter(
        &self,
        file: &FileId,
        from: &[UploadState],
        to: UploadState,
        sha256: Option<[u8; 32]>,
    ) -> Result<Option<UploadRecord>, UploadError> {
        let (store, now) = (&self.deps.store, self.deps.clock.now());
        match store.transition(file, from, to, sha256, now).await? {
            Some(record) => Ok(Some(record)),
            None => Ok(store.get(file).await?),
        }
    }

    /// Removes the bytes of an upload that ended, after its writer in this process, if any, has stopped. A writer
    /// elsewhere may still leave some behind, which is why they are removed again before the record goes.
    pub(crate) async fn drop_bytes(&self, file: &FileId) -> Result<(), UploadError> {
        let lane = self.lanes.enter(*file);
        lane.close();
        // A writer that does not stop in time leaves what the sweeper removes.
        let _exclusive = lane.bytes(self.settings.hand_over).await;
        self.deps.bytes.remove(file).await?;
        Ok(())
    }
}
