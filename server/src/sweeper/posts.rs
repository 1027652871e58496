//! Removed posts: files first, then the words.

use super::{SweepError, Sweeper, Swept};
use crate::domain::entry::Source;
use crate::storage::PostRef;

impl Sweeper {
    /// Removals that were appended and not carried through. The mark goes last, with the redaction, so that a
    /// crash anywhere before leaves the rest to the next round.
    pub(super) async fn removed_posts(&self, swept: &mut Swept) {
        let found = self.deps.events.pending_redactions(self.settings.batch);
        for post in swept.found("removed_posts", found.await) {
            swept.count("removed_posts", self.carry_through(&post).await);
        }
    }

    async fn carry_through(&self, post: &PostRef) -> Result<(), SweepError> {
        let PostRef { room, no } = post;
        // The first entry of a post is the one that made it, also as a tombstone; its nonce claimed the files.
        let entries = self.deps.events.posts(room, *no, *no).await?;
        if let Some(made) = entries.first()
            && let Source::Session(author) = &made.source
        {
            let nonce = &made.event.nonce;
            let uploads = &self.deps.uploads;
            uploads.remove_post_files(room, author, nonce).await?;
        }
        self.deps.events.redact(post).await?;
        Ok(())
    }
}
