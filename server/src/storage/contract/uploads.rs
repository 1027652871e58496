//! The contract of [`UploadStore`]: records, turns, commits. Claims, ends and lists are in the sibling modules.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::file::StopReason;
use app::wire::ids::{FileId, Nonce, RoomId};
use bytes::Bytes;

use super::samples::{NOON, ids, nonce, room, started, upload};
use super::{
    RACERS, cases, race, uploads_claims as claims, uploads_ending as ending,
    uploads_sweeping as sweeping,
};
use crate::domain::upload::{Claim, KeyHash, UploadRecord, UploadState};
use crate::storage::{Commit, CommitOutcome, UploadCounts, UploadStore};

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
            a_turn_is_raised_while_it_is_open,
            of_racing_writers_each_gets_a_turn,
            what_the_first_bytes_told_is_noted_once,
            a_size_is_noted_where_there_was_none,
            a_commit_raises_what_is_committed,
            a_commit_that_is_not_right_is_lost,
            of_racing_commits_one_is_in_force,
            a_taken_turn_loses_the_old_one_s_commits,
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

/// A commit of ten bytes on a new upload.
fn commit(upload: &UploadRecord) -> Commit {
    Commit {
        file: upload.file,
        turn: upload.turn,
        from: 0,
        to: 10,
        tail: Bytes::from_static(b"the tail\0\xff"),
        at: NOON + 5,
    }
}

async fn commits(uploads: &Arc<dyn UploadStore>, commit: &Commit) -> CommitOutcome {
    uploads.commit(commit).await.expect("an answer")
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

async fn a_turn_is_raised_while_it_is_open(uploads: &Arc<dyn UploadStore>) {
    let mut upload = upload(&room());
    create(uploads, &upload).await;
    for turn in [1, 2] {
        upload.turn = turn;
        let taken = uploads.take_turn(&upload.file).await.expect("an answer");
        assert_eq!(taken.as_ref(), Some(&upload));
        assert_eq!(get(uploads, &upload.file).await, upload);
    }
    let from = [UploadState::Open];
    transition(uploads, &upload.file, &from, UploadState::Finishing).await;
    let taken = uploads.take_turn(&upload.file).await.expect("an answer");
    assert_eq!(taken, None);
    assert_eq!(get(uploads, &upload.file).await.turn, 2);
    let unknown = uploads.take_turn(&ids().file()).await.expect("an answer");
    assert_eq!(unknown, None);
}

async fn of_racing_writers_each_gets_a_turn(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let mut turns = race((0..RACERS).map(|_| {
        let (uploads, file) = (uploads.clone(), upload.file);
        async move { uploads.take_turn(&file).await.expect("an answer") }
    }))
    .await
    .into_iter()
    .flatten()
    .map(|upload| upload.turn)
    .collect::<Vec<_>>();
    turns.sort_unstable();
    let all: Vec<_> = (1..).take(RACERS).collect();
    assert_eq!(turns, all);
}

async fn what_the_first_bytes_told_is_noted_once(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let mut noted = started();
    for (turn, mime, outcome) in [
        (1, "image/png", CommitOutcome::Lost),
        (0, "image/jpeg", CommitOutcome::Done),
        (0, "image/gif", CommitOutcome::Lost),
    ] {
        noted.mime = mime.to_owned();
        let told = uploads.set_started(&upload.file, turn, &noted).await;
        assert_eq!(told.expect("an answer"), outcome, "{mime}");
    }
    let expected = UploadRecord {
        started: Some(started()),
        ..upload
    };
    assert_eq!(get(uploads, &expected.file).await, expected);
    let late = super::samples::upload(&room());
    create(uploads, &late).await;
    let from = [UploadState::Open];
    transition(uploads, &late.file, &from, UploadState::Removed).await;
    let told = uploads.set_started(&late.file, 0, &noted).await;
    assert_eq!(told.expect("an answer"), CommitOutcome::Lost, "not open");
}

async fn a_size_is_noted_where_there_was_none(uploads: &Arc<dyn UploadStore>) {
    let upload = UploadRecord {
        size: None,
        ..upload(&room())
    };
    create(uploads, &upload).await;
    for (turn, size, outcome) in [
        (1, 5, CommitOutcome::Lost),
        (0, 7, CommitOutcome::Done),
        (0, 8, CommitOutcome::Lost),
    ] {
        let told = uploads.set_size(&upload.file, turn, size).await;
        assert_eq!(told.expect("an answer"), outcome, "{size}");
    }
    assert_eq!(get(uploads, &upload.file).await.size, Some(7));
    let declared = super::samples::upload(&room());
    create(uploads, &declared).await;
    let told = uploads.set_size(&declared.file, 0, 7).await;
    assert_eq!(told.expect("an answer"), CommitOutcome::Lost, "declared");
}

async fn a_commit_raises_what_is_committed(uploads: &Arc<dyn UploadStore>) {
    let mut upload = upload(&room());
    create(uploads, &upload).await;
    let first = commit(&upload);
    assert_eq!(commits(uploads, &first).await, CommitOutcome::Done);
    (upload.committed, upload.last_write) = (10, NOON + 5);
    upload.tail = first.tail.clone();
    assert_eq!(get(uploads, &upload.file).await, upload);
    let second = Commit {
        from: 10,
        to: 25,
        tail: Bytes::new(),
        at: NOON + 3,
        ..first
    };
    assert_eq!(commits(uploads, &second).await, CommitOutcome::Done);
    (upload.committed, upload.tail) = (25, Bytes::new());
    assert_eq!(
        get(uploads, &upload.file).await,
        upload,
        "a clock that went back does not make an upload idle"
    );
}

async fn a_commit_that_is_not_right_is_lost(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let right = commit(&upload);
    assert_eq!(commits(uploads, &right).await, CommitOutcome::Done);
    let before = get(uploads, &upload.file).await;
    let next = Commit {
        from: 10,
        to: 20,
        ..right.clone()
    };
    let wrong = [
        right.clone(),
        Commit {
            from: 9,
            ..next.clone()
        },
        Commit {
            from: 11,
            ..next.clone()
        },
        Commit {
            turn: 1,
            ..next.clone()
        },
        Commit {
            to: 9,
            ..next.clone()
        },
        Commit {
            file: ids().file(),
            ..next.clone()
        },
    ];
    for wrong in wrong {
        assert_eq!(
            commits(uploads, &wrong).await,
            CommitOutcome::Lost,
            "{wrong:?}"
        );
    }
    assert_eq!(get(uploads, &upload.file).await, before);
    let from = [UploadState::Open];
    transition(uploads, &upload.file, &from, UploadState::Finishing).await;
    assert_eq!(
        commits(uploads, &next).await,
        CommitOutcome::Lost,
        "not open"
    );
    assert_eq!(get(uploads, &upload.file).await.committed, 10);
}

async fn of_racing_commits_one_is_in_force(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let outcomes = race((1u8..).take(RACERS).map(|n| {
        let commit = Commit {
            to: n.into(),
            tail: vec![n].into(),
            ..commit(&upload)
        };
        let uploads = uploads.clone();
        async move { (n, commits(&uploads, &commit).await) }
    }))
    .await;
    let done: Vec<_> = outcomes
        .into_iter()
        .filter_map(|(n, outcome)| (outcome == CommitOutcome::Done).then_some(n))
        .collect();
    let [winner] = done[..] else {
        panic!("one commit is in force, not {done:?}");
    };
    let found = get(uploads, &upload.file).await;
    assert_eq!(found.committed, u64::from(winner));
    assert_eq!(found.tail, vec![winner], "all of it is the winner's");
}

async fn a_taken_turn_loses_the_old_one_s_commits(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let old = commit(&upload);
    let taken = uploads.take_turn(&upload.file).await.expect("an answer");
    let new = Commit {
        turn: taken.expect("the turn").turn,
        to: 4,
        ..old.clone()
    };
    assert_eq!(commits(uploads, &old).await, CommitOutcome::Lost);
    assert_eq!(commits(uploads, &new).await, CommitOutcome::Done);
    assert_eq!(commits(uploads, &old).await, CommitOutcome::Lost);
    assert_eq!(get(uploads, &upload.file).await.committed, 4);
}
