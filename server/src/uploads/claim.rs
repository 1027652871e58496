//! Claiming files for a post, between the post's command and its event.

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::event::{Event, EventBody};
use app::wire::file::FileNotice;
use app::wire::ids::{FileId, Nonce, RoomId};
use tracing::Instrument;

use super::{UploadError, Uploads, is_whole};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::log::AppendError;

impl Uploads {
    /// Claims `files` for the post that the command `nonce` of `session` makes, all or none, and returns what the
    /// post announces of them. The same command may claim again, also after its post was made.
    ///
    /// # Errors
    /// More files than a post may have or one named twice; a file that is not there, of another room or session
    /// (all three alike), over, or another post's; a store that failed. What was claimed by this call is given
    /// back then, by the sweeper where the store failed.
    pub async fn claim(
        &self,
        room: &RoomId,
        session: &SessionId,
        nonce: &Nonce,
        files: &[FileId],
    ) -> Result<Vec<FileNotice>, UploadError> {
        let most = self.limits.files_per_post;
        if files.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(UploadError::TooManyFiles { most });
        }
        if (1..files.len()).any(|index| files[..index].contains(&files[index])) {
            return Err(UploadError::Invalid("a post has each file once"));
        }
        let mut fresh = Vec::new();
        let mut notices = Vec::with_capacity(files.len());
        for file in files {
            match self.claim_one(room, session, nonce, file).await {
                Ok(record) => {
                    if record.post.is_none() {
                        fresh.push(*file);
                    }
                    notices.push(notice(record));
                }
                Err(error) => {
                    // A store that failed says nothing of the same command sent twice, which may be posted by now:
                    // the sweeper asks the log. Any other refusal is what the caller must hear; what cannot be
                    // given back now, the sweeper gives.
                    if !matches!(error, UploadError::Storage(_)) {
                        let _ = self.unclaim(nonce, &fresh).await;
                    }
                    return Err(error);
                }
            }
        }
        Ok(notices)
    }

    /// Claims one file; returns its record as it was before.
    async fn claim_one(
        &self,
        room: &RoomId,
        session: &SessionId,
        nonce: &Nonce,
        file: &FileId,
    ) -> Result<UploadRecord, UploadError> {
        let before = self.deps.store.get(file).await?;
        let before = before
            .filter(|record| record.room == *room && record.owner == *session)
            .ok_or(UploadError::NotFound)?;
        match before.post {
            // A repeated command: its post may be there, and its files may have come to any end since.
            Some(claim) if claim.nonce == *nonce => return Ok(before),
            Some(_) => return Err(UploadError::Claimed),
            None => {}
        }
        if self.deps.store.claim(file, room, session, nonce).await? {
            return Ok(before);
        }
        match self.deps.store.get(file).await? {
            Some(now) if !now.state.is_ended() => Err(UploadError::Claimed),
            _ => Err(UploadError::Gone),
        }
    }

    /// After the log refused the post that `nonce` claimed `files` for: gives them back where it will never take it,
    /// whoever sends it. No other refusal is final: the same command may have been sent twice, and the other one
    /// may be in the log, or wait for it here or on another node. The files stay claimed then, for the command to
    /// be sent again, until the sweeper asks the log.
    ///
    /// # Errors
    /// A store that failed; the sweeper gives back what is left.
    pub async fn give_back(
        &self,
        nonce: &Nonce,
        files: &[FileId],
        refusal: &AppendError,
    ) -> Result<(), UploadError> {
        match refusal {
            AppendError::RoomEnded => self.unclaim(nonce, files).await,
            _ => Ok(()),
        }
    }

    /// Gives back files whose post is not made and never will be. Changes nothing for files whose post is known to
    /// be made.
    ///
    /// # Errors
    /// A store that failed; the sweeper gives back what is left.
    pub(crate) async fn unclaim(&self, nonce: &Nonce, files: &[FileId]) -> Result<(), UploadError> {
        for file in files {
            self.deps.store.unclaim(file, nonce).await?;
            let after = self.deps.store.get(file).await?;
            if after.is_some_and(|record| {
                record.post.is_none() && record.state.is_ended() && !record.told
            }) {
                // It ended meanwhile, and now there is nobody to tell.
                self.deps.store.mark_told(file).await?;
            }
        }
        Ok(())
    }

    /// Notes that the post which `owner` claimed files for is in the log as `post`, and tells the log what became of
    /// the files before it was. Idempotent; the sweeper does it where a crash came between.
    ///
    /// # Errors
    /// A store or log that failed. The post stands all the same.
    pub async fn posted(
        self: &Arc<Self>,
        room: &RoomId,
        owner: &SessionId,
        post: &Event,
    ) -> Result<(), UploadError> {
        let nonce = &post.nonce;
        self.give_back_others(room, owner, post).await?;
        self.deps.store.posted(room, owner, nonce, post.no).await?;
        for record in self.deps.store.by_post(room, owner, nonce).await? {
            if record.state.is_ended() {
                if !record.told {
                    self.tell_ending(&record).await?;
                }
                continue;
            }
            self.announcer.announce(&record);
            if record.started.is_some() {
                self.tell_started(&record).await?;
            }
            if is_whole(&record) || record.state == UploadState::Finishing {
                self.finish_later(record.file);
            }
        }
        Ok(())
    }

    /// Gives back files that were claimed under the nonce of a post that does not show them: by another command,
    /// which came at the same time and is refused.
    async fn give_back_others(
        &self,
        room: &RoomId,
        owner: &SessionId,
        post: &Event,
    ) -> Result<(), UploadError> {
        // What a removal left, or a newer server wrote, does not tell its files: then all of them stay.
        let EventBody::Posted { files, .. } = &post.body else {
            return Ok(());
        };
        let claimed = self.deps.store.by_post(room, owner, &post.nonce).await?;
        let others: Vec<FileId> = claimed
            .iter()
            .map(|record| record.file)
            .filter(|file| files.iter().all(|shown| shown.file != *file))
            .collect();
        self.unclaim(&post.nonce, &others).await
    }

    /// Finishes a file without making anybody wait for it.
    fn finish_later(self: &Arc<Self>, file: FileId) {
        let uploads = Arc::clone(self);
        let span = tracing::info_span!("upload.finish", upload.file = %file);
        self.deps.tasks.spawn(
            async move {
                if let Err(error) = uploads.finish(&file).await {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "upload.finish_failed");
                }
            }
            .instrument(span),
        );
    }
}

fn notice(record: UploadRecord) -> FileNotice {
    FileNotice {
        file: record.file,
        name: record.name,
        size: record.size,
        hint: record.hint,
        placeholder: record.placeholder,
    }
}
