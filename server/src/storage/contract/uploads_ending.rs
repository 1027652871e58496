//! The contract of [`UploadStore`]: changes of state, and who is to be told of an end.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::file::StopReason;
use app::wire::ids::FileId;
use bytes::Bytes;

use super::samples::{NOON, ids, nonce, room, upload};
use super::uploads::{claim, claimed, create, get, transition};
use super::{ALL, RACERS, race};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::UploadStore;

const OPEN: &[UploadState] = &[UploadState::Open];
const CANCELLED: UploadState = UploadState::Stopped(StopReason::Cancelled);

/// Whether the end of a file waits to be told.
async fn is_untold(uploads: &Arc<dyn UploadStore>, file: FileId) -> bool {
    let untold = uploads.untold(ALL).await.expect("a list");
    untold.iter().any(|upload| upload.file == file)
}

pub(super) async fn a_change_of_state_needs_the_state_it_comes_from(
    uploads: &Arc<dyn UploadStore>,
) {
    let mut upload = upload(&room());
    create(uploads, &upload).await;
    let file = upload.file;
    let wrong = [UploadState::Finishing, UploadState::Done];
    let lost = transition(uploads, &file, &wrong, UploadState::Removed).await;
    assert_eq!(lost, None);
    let lost = transition(uploads, &file, &[], UploadState::Removed).await;
    assert_eq!(lost, None);
    assert_eq!(get(uploads, &file).await, upload);
    let either = [UploadState::Finishing, UploadState::Open];
    upload.state = UploadState::Finishing;
    let changed = transition(uploads, &file, &either, UploadState::Finishing).await;
    assert_eq!(changed.as_ref(), Some(&upload));
    assert_eq!(get(uploads, &file).await, upload);
    let expired = UploadState::Stopped(StopReason::Expired);
    let changed = transition(uploads, &file, &either, expired).await;
    assert_eq!(changed.map(|upload| upload.state), Some(expired));
    let other_reason = transition(uploads, &file, &[CANCELLED], UploadState::Removed).await;
    assert_eq!(other_reason, None, "stopped for another reason");
    let unknown = ids().file();
    let lost = transition(uploads, &unknown, OPEN, UploadState::Removed).await;
    assert_eq!(lost, None);
}

pub(super) async fn of_racing_ends_one_wins(uploads: &Arc<dyn UploadStore>) {
    let upload = claimed(uploads, &room(), &nonce()).await;
    let ends = [UploadState::Finishing, CANCELLED, UploadState::Removed];
    let outcomes = race(ends.into_iter().cycle().take(RACERS).map(|to| {
        let (uploads, file) = (uploads.clone(), upload.file);
        async move { transition(&uploads, &file, OPEN, to).await }
    }))
    .await;
    let winners: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(get(uploads, &upload.file).await, winners[0]);
}

pub(super) async fn the_hash_comes_with_done(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let file = upload.file;
    let (sha256, from) = (Some([9; 32]), [UploadState::Finishing]);
    transition(uploads, &file, OPEN, UploadState::Finishing).await;
    let done = uploads.transition(&file, &from, UploadState::Done, sha256, NOON);
    let done = done.await.expect("an answer").expect("the change");
    assert_eq!((done.state, done.sha256), (UploadState::Done, sha256));
    assert_eq!(get(uploads, &file).await, done);
}

pub(super) async fn the_tail_goes_with_the_bytes(uploads: &Arc<dyn UploadStore>) {
    for (to, kept) in [
        (UploadState::Finishing, true),
        (UploadState::Done, true),
        (CANCELLED, false),
        (UploadState::Removed, false),
    ] {
        let upload = UploadRecord {
            committed: 3,
            tail: Bytes::from_static(b"abc"),
            ..upload(&room())
        };
        create(uploads, &upload).await;
        let changed = transition(uploads, &upload.file, OPEN, to).await;
        let changed = changed.expect("the change");
        assert_eq!(changed.tail.is_empty(), !kept, "{to:?}");
        assert_eq!(changed.committed, 3);
        assert_eq!(get(uploads, &upload.file).await, changed);
    }
}

pub(super) async fn an_end_waits_to_be_told_where_it_was_claimed(uploads: &Arc<dyn UploadStore>) {
    for end in [UploadState::Done, CANCELLED, UploadState::Removed] {
        let file = claimed(uploads, &room(), &nonce()).await.file;
        transition(uploads, &file, OPEN, UploadState::Finishing).await;
        assert!(!is_untold(uploads, file).await, "nothing ended yet");
        let from = [UploadState::Finishing];
        let ended = transition(uploads, &file, &from, end).await;
        assert_eq!(ended.map(|upload| upload.told), Some(false), "{end:?}");
        assert!(is_untold(uploads, file).await);
        for _ in 0..2 {
            uploads.mark_told(&file).await.expect("a mark");
            assert!(get(uploads, &file).await.told);
            assert!(!is_untold(uploads, file).await);
        }
    }
}

pub(super) async fn an_unclaimed_end_has_nobody_to_tell(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let finishing = transition(uploads, &upload.file, OPEN, UploadState::Finishing).await;
    let told = finishing.map(|upload| upload.told);
    assert_eq!(told, Some(false), "it can still be claimed");
    let from = [UploadState::Finishing];
    let ended = transition(uploads, &upload.file, &from, CANCELLED).await;
    assert_eq!(ended.map(|upload| upload.told), Some(true));
    assert!(!is_untold(uploads, upload.file).await);
    assert!(!claim(uploads, &upload, &nonce()).await);
}

pub(super) async fn an_undone_claim_leaves_nobody_to_tell(uploads: &Arc<dyn UploadStore>) {
    let nonce = nonce();
    let open = claimed(uploads, &room(), &nonce).await.file;
    uploads.unclaim(&open, &nonce).await.expect("undone");
    assert!(!get(uploads, &open).await.told, "it did not end");
    let ended = claimed(uploads, &room(), &nonce).await.file;
    transition(uploads, &ended, OPEN, CANCELLED).await;
    assert!(is_untold(uploads, ended).await);
    uploads.unclaim(&ended, &nonce).await.expect("undone");
    let found = get(uploads, &ended).await;
    assert_eq!((found.post, found.told), (None, true));
    assert!(!is_untold(uploads, ended).await);
}

pub(super) async fn a_removal_is_told_anew(uploads: &Arc<dyn UploadStore>) {
    let file = claimed(uploads, &room(), &nonce()).await.file;
    transition(uploads, &file, OPEN, UploadState::Done).await;
    uploads.mark_told(&file).await.expect("a mark");
    let from = [UploadState::Done];
    let removed = transition(uploads, &file, &from, UploadState::Removed).await;
    assert_eq!(removed.map(|upload| upload.told), Some(false));
    assert!(is_untold(uploads, file).await);
}

pub(super) async fn a_removed_record_is_gone(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    for _ in 0..2 {
        uploads.remove(&upload.file).await.expect("a removal");
        assert_eq!(uploads.get(&upload.file).await.expect("a look"), None);
        assert_eq!(uploads.by_key(&upload.key).await.expect("a look"), None);
    }
    uploads.mark_told(&upload.file).await.expect("no matter");
}
