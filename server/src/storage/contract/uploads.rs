//! The contract of [`UploadStore`]: the records. Claims, writing, ends and lists are in the sibling modules.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::file::StopReason;
use app::wire::ids::{FileId, Nonce, RoomId};
use bytes::Bytes;

use super::samples::{NOON, ids, nonce, room, started, upload};
use super::uploads_writing::{commit, commits};
use super::{
    cases, uploads_claims as claims, uploads_ending as ending, uploads_sweeping as sweeping,
    uploads_writing as writing,
};
use crate::domain::upload::{Claim, KeyHash, UploadRecord, UploadState};
use crate::storage::{CommitOutcome, UploadCounts, UploadStore};

/// Checks an adapter.
pub async fn run(adapter: &str, uploads: &Arc<dyn UploadStore>) {
    cases!(
        adapter,
        "uploads",
        uploads,
        [
            an_upload_is_read_as_it_was_created,
            an_upload_created_again_stays_as_it_is,
            open_uploads_are_counted,
            claims::a_claim_needs_the_room_and_the_session,
            claims::a_claim_is_re_entered_by_its_nonce_alone,
            claims::what_ended_cannot_be_claimed_any_more,
            claims::of_racing_posts_one_claims,
            claims::a_claim_is_undone_until_it_is_posted,
            claims::a_post_s_number_is_noted_once_on_all_its_files,
            claims::only_claimed_uploads_that_go_on_are_in_the_room,
            writing::a_turn_is_raised_while_it_is_open,
            writing::of_racing_writers_each_gets_a_turn,
            writing::what_the_first_bytes_told_is_noted_once,
            writing::a_size_is_noted_where_there_was_none,
            writing::a_commit_raises_what_is_committed,
            writing::a_commit_that_is_not_right_is_lost,
            writing::of_racing_commits_one_is_in_force,
            writing::a_taken_turn_loses_the_old_one_s_commits,
            ending::a_change_of_state_needs_the_state_it_comes_from,
            ending::of_racing_ends_one_wins,
            ending::the_hash_comes_with_done,
            ending::the_tail_goes_with_the_bytes,
            ending::an_end_waits_to_be_told_where_it_was_claimed,
            ending::an_unclaimed_end_has_nobody_to_tell,
            ending::an_undone_claim_leaves_nobody_to_tell,
            ending::a_removal_is_told_anew,
            ending::a_removed_record_is_gone,
            sweeping::unclaimed_ones_are_told_by_when_they_were_opened,
            sweeping::idle_ones_are_told_by_their_last_byte,
            sweeping::unposted_ones_are_told_in_any_state,
            sweeping::untold_ones_are_claimed_and_ended,
            sweeping::spent_ones_are_told_and_without_bytes,
            sweeping::lists_end_at_their_limit,
        ]
    );
}

pub(super) async fn create(uploads: &Arc<dyn UploadStore>, upload: &UploadRecord) {
    uploads.create(upload).await.expect("an upload");
}

pub(super) async fn get(uploads: &Arc<dyn UploadStore>, file: &FileId) -> UploadRecord {
    let found = uploads.get(file).await.expect("a look");
    found.expect("the upload")
}

pub(super) async fn claim(
    uploads: &Arc<dyn UploadStore>,
    upload: &UploadRecord,
    nonce: &Nonce,
) -> bool {
    let UploadRecord {
        file, room, owner, ..
    } = upload;
    uploads
        .claim(file, room, owner, nonce)
        .await
        .expect("an answer")
}

pub(super) async fn transition(
    uploads: &Arc<dyn UploadStore>,
    file: &FileId,
    from: &[UploadState],
    to: UploadState,
) -> Option<UploadRecord> {
    uploads
        .transition(file, from, to, None, NOON)
        .await
        .expect("an answer")
}

/// A stored upload that a post with this nonce claimed.
pub(super) async fn claimed(
    uploads: &Arc<dyn UploadStore>,
    room: &RoomId,
    nonce: &Nonce,
) -> UploadRecord {
    let upload = upload(room);
    create(uploads, &upload).await;
    assert!(claim(uploads, &upload, nonce).await);
    get(uploads, &upload.file).await
}

async fn an_upload_is_read_as_it_was_created(uploads: &Arc<dyn UploadStore>) {
    let new = upload(&room());
    let full = UploadRecord {
        size: None,
        post: Some(Claim {
            nonce: nonce(),
            no: Some(7),
        }),
        turn: 3,
        state: UploadState::Stopped(StopReason::Cancelled),
        committed: 1 << 40,
        tail: Bytes::from_static(b"\0\xff"),
        started: Some(started()),
        sha256: Some([9; 32]),
        last_write: NOON + 1,
        told: true,
        ..upload(&room())
    };
    for upload in [new, full] {
        assert_eq!(uploads.get(&upload.file).await.expect("a look"), None);
        create(uploads, &upload).await;
        assert_eq!(get(uploads, &upload.file).await, upload);
        let by_key = uploads.by_key(&upload.key).await.expect("a look");
        assert_eq!(by_key, Some(upload));
    }
    let unknown = KeyHash(ids().session_token());
    assert_eq!(uploads.by_key(&unknown).await.expect("a look"), None);
}

async fn an_upload_created_again_stays_as_it_is(uploads: &Arc<dyn UploadStore>) {
    let room = room();
    let upload = upload(&room);
    create(uploads, &upload).await;
    assert_eq!(
        commits(uploads, &commit(&upload)).await,
        CommitOutcome::Done
    );
    create(uploads, &upload).await;
    assert_eq!(get(uploads, &upload.file).await.committed, 10);
}

async fn open_uploads_are_counted(uploads: &Arc<dyn UploadStore>) {
    let room = room();
    let mine = upload(&room);
    let (owner, address) = (mine.owner, mine.address);
    let mine_elsewhere = UploadRecord {
        owner,
        ..upload(&room)
    };
    let neighbour_s = UploadRecord {
        address,
        ..upload(&room)
    };
    let finishing = UploadRecord {
        owner,
        address,
        state: UploadState::Finishing,
        ..upload(&room)
    };
    for upload in [&mine, &mine_elsewhere, &neighbour_s, &finishing] {
        create(uploads, upload).await;
    }
    let counts = uploads.counts(&owner, &address).await.expect("counts");
    let two_each = UploadCounts {
        of_session: 2,
        of_address: 2,
    };
    assert_eq!(counts, two_each);
    let open = [UploadState::Open];
    transition(uploads, &mine.file, &open, UploadState::Removed).await;
    let counts = uploads.counts(&owner, &address).await.expect("counts");
    let one_each = UploadCounts {
        of_session: 1,
        of_address: 1,
    };
    assert_eq!(counts, one_each);
    let stranger = upload(&room);
    let nothing = uploads.counts(&stranger.owner, &stranger.address).await;
    assert_eq!(nothing.expect("counts"), UploadCounts::default());
}
