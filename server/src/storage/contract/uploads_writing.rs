//! The contract of [`UploadStore`]: turns, what the first bytes told, commits.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use bytes::Bytes;

use super::samples::{NOON, ids, room, started, upload};
use super::uploads::{create, get, transition};
use super::{RACERS, race};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::{Commit, CommitOutcome, UploadStore};

/// A commit of ten bytes on a new upload.
pub(super) fn commit(upload: &UploadRecord) -> Commit {
    Commit {
        file: upload.file,
        turn: upload.turn,
        from: 0,
        to: 10,
        tail: Bytes::from_static(b"the tail\0\xff"),
        at: NOON + 5,
    }
}

pub(super) async fn commits(uploads: &Arc<dyn UploadStore>, commit: &Commit) -> CommitOutcome {
    uploads.commit(commit).await.expect("an answer")
}

pub(super) async fn a_turn_is_raised_while_it_is_open(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn of_racing_writers_each_gets_a_turn(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn what_the_first_bytes_told_is_noted_once(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn a_size_is_noted_where_there_was_none(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn a_commit_raises_what_is_committed(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn a_commit_that_is_not_right_is_lost(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn of_racing_commits_one_is_in_force(uploads: &Arc<dyn UploadStore>) {
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

pub(super) async fn a_taken_turn_loses_the_old_one_s_commits(uploads: &Arc<dyn UploadStore>) {
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
