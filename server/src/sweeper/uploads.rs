//! Uploads: claims without posts, silence, endings cut short, records that served their time.

use app::wire::file::StopReason;
use app::wire::ids::Millis;

use super::{SweepError, Sweeper, Swept};
use crate::domain::entry::Source;
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::StorageError;
use crate::uploads::{UploadError, is_whole};

/// Batches of idle uploads that are looked through at the most for one of those that are wanted. Each record may
/// bring an unfinished chunk along, so this bounds the memory of a round.
const DEPTH: u32 = 8;

impl Sweeper {
    /// Claims whose command came to no answer: the log tells whether there is a post.
    pub(super) async fn unposted(&self, swept: &mut Swept) {
        let before = self.before(self.settings.unposted);
        let found = self.deps.store.unposted(before, self.settings.batch).await;
        for record in swept.found("unposted", found) {
            swept.count("unposted", self.settle_claim(&record).await);
        }
    }

    async fn settle_claim(&self, record: &UploadRecord) -> Result<(), SweepError> {
        let Some(claim) = record.post else {
            return Ok(());
        };
        let source = Source::Session(record.owner);
        let posted = self
            .deps
            .events
            .by_nonce(&record.room, &source, &claim.nonce)
            .await?;
        let uploads = &self.deps.uploads;
        match posted {
            Some(entry) => {
                uploads
                    .posted(&record.room, &record.owner, &entry.event)
                    .await?;
            }
            None => uploads.unclaim(&claim.nonce, &[record.file]).await?,
        }
        Ok(())
    }

    /// Uploads that no post claimed in time.
    pub(super) async fn unclaimed(&self, swept: &mut Swept) {
        let before = self.before(self.settings.unclaimed);
        let found = self.deps.store.unclaimed(before, self.settings.batch).await;
        for record in swept.found("unclaimed", found) {
            let result = self.give_up(&record).await;
            swept.count("unclaimed", result);
        }
    }

    async fn give_up(&self, record: &UploadRecord) -> Result<(), SweepError> {
        let uploads = &self.deps.uploads;
        if record.state == UploadState::Done {
            uploads.remove_file(&record.file).await?;
        } else {
            uploads.stop(&record.file, StopReason::Expired).await?;
        }
        Ok(())
    }

    /// Whole files of posts that nobody finished.
    pub(super) async fn unfinished(&self, swept: &mut Swept) {
        let before = self.before(self.settings.unfinished);
        let found = self.idle_uploads(before, is_left_whole).await;
        for record in swept.found("unfinished", found) {
            swept.count("unfinished", self.finish(&record).await);
        }
    }

    /// Finishes a whole file. One whose bytes turn out not to be there, however long one waits, is stopped.
    async fn finish(&self, record: &UploadRecord) -> Result<(), SweepError> {
        let uploads = &self.deps.uploads;
        match uploads.finish(&record.file).await {
            Err(UploadError::Storage(StorageError::Broken(source)))
                if record.last_write < self.before(self.settings.upload_idle) =>
            {
                tracing::error!(error = &*source as &dyn std::error::Error, upload.file = %record.file, "upload.broken");
                uploads.stop(&record.file, StopReason::Invalid).await?;
            }
            result => {
                result?;
            }
        }
        Ok(())
    }

    /// Uploads whose sender was silent for too long.
    pub(super) async fn expired(&self, swept: &mut Swept) {
        let before = self.before(self.settings.upload_idle);
        let is_partial = |record: &UploadRecord| !is_left_whole(record);
        let found = self.idle_uploads(before, is_partial).await;
        for record in swept.found("expired", found) {
            let stopped = self.deps.uploads.stop(&record.file, StopReason::Expired);
            swept.count("expired", stopped.await.map(drop).map_err(Into::into));
        }
    }

    /// A batch of the idle uploads that are `wanted`, the longest idle first. The others must not hide them: those
    /// that merely wait, and those that fail in every round. Looks through more of them as long as that finds too
    /// few.
    async fn idle_uploads(
        &self,
        before: Millis,
        wanted: impl Fn(&UploadRecord) -> bool,
    ) -> Result<Vec<UploadRecord>, StorageError> {
        let batch = self.settings.batch;
        let deepest = batch.saturating_mul(DEPTH);
        let mut limit = batch;
        loop {
            let mut found = self.deps.store.idle(before, limit).await?;
            let is_all = found.len() < limit as usize;
            found.retain(&wanted);
            if is_all || limit >= deepest || found.len() >= batch as usize {
                found.truncate(batch as usize);
                return Ok(found);
            }
            limit = limit.saturating_mul(2).min(deepest);
        }
    }

    /// Endings that the log may not have.
    pub(super) async fn untold(&self, swept: &mut Swept) {
        let found = self.deps.store.untold(self.settings.batch).await;
        for record in swept.found("untold", found) {
            if record.post.is_some_and(|claim| claim.no.is_some()) {
                swept.count("untold", self.tell(&record).await);
            }
        }
    }

    async fn tell(&self, record: &UploadRecord) -> Result<(), SweepError> {
        self.deps.uploads.tell_ending(record).await?;
        if record.state != UploadState::Done {
            self.deps.uploads.drop_bytes(&record.file).await?;
        }
        Ok(())
    }

    /// Records of uploads that came to nothing, once no late write can come. Their bytes are removed first, and
    /// once more than before: a writer that was slow to notice may have left some.
    pub(super) async fn spent(&self, swept: &mut Swept) {
        let before = self.before(self.settings.spent);
        let found = self.deps.store.spent(before, self.settings.batch).await;
        for record in swept.found("spent", found) {
            swept.count("spent", self.forget(&record).await);
        }
    }

    async fn forget(&self, record: &UploadRecord) -> Result<(), SweepError> {
        self.deps.bytes.remove(&record.file).await?;
        self.deps.store.remove(&record.file).await?;
        Ok(())
    }
}

/// Whether nothing but the end is missing: all bytes are there, and the post is.
fn is_left_whole(record: &UploadRecord) -> bool {
    let posted = record.post.is_some_and(|claim| claim.no.is_some());
    posted && (is_whole(record) || record.state == UploadState::Finishing)
}
