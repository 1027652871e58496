//! The contract of [`UploadStore`]: the lists that the sweeper works through.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::file::StopReason;
use app::wire::ids::{FileId, Millis};

use super::ALL;
use super::samples::{NOON, nonce, room, upload};
use super::uploads::create;
use crate::domain::upload::{Claim, UploadRecord, UploadState};
use crate::storage::{StorageError, UploadStore};

const STOPPED: UploadState = UploadState::Stopped(StopReason::Expired);
const STATES: [UploadState; 5] = [
    UploadState::Open,
    UploadState::Finishing,
    UploadState::Done,
    STOPPED,
    UploadState::Removed,
];

/// Stores an upload for each record and gives their files.
async fn store<const N: usize>(
    uploads: &Arc<dyn UploadStore>,
    records: [UploadRecord; N],
) -> [FileId; N] {
    for record in &records {
        create(uploads, record).await;
    }
    records.map(|record| record.file)
}

/// Those of a list that are `ours`, as places in it.
fn places(list: Result<Vec<UploadRecord>, StorageError>, ours: &[FileId]) -> Vec<usize> {
    let list = list.expect("a list");
    list.iter()
        .filter_map(|upload| ours.iter().position(|our| *our == upload.file))
        .collect()
}

fn claimed(no: Option<u32>) -> UploadRecord {
    let post = Some(Claim { nonce: nonce(), no });
    UploadRecord {
        post,
        ..upload(&room())
    }
}

pub(super) async fn unclaimed_ones_are_told_by_when_they_were_opened(
    uploads: &Arc<dyn UploadStore>,
) {
    let at = |opened_at: Millis| UploadRecord {
        opened_at: NOON + opened_at,
        last_write: NOON + 1_000,
        ..upload(&room())
    };
    let ours = store(uploads, [at(3), at(1), at(5), at(2)]).await;
    assert_eq!(
        places(uploads.unclaimed(NOON + 5, ALL).await, &ours),
        [1, 3, 0]
    );
    let claimed = UploadRecord {
        opened_at: NOON,
        ..claimed(None)
    };
    let ours = store(uploads, [claimed]).await;
    assert!(places(uploads.unclaimed(NOON + 5, ALL).await, &ours).is_empty());
    let ours = store(uploads, STATES.map(|state| UploadRecord { state, ..at(0) })).await;
    let mut listed = places(uploads.unclaimed(NOON + 5, ALL).await, &ours);
    listed.sort_unstable();
    assert_eq!(listed, [0, 1, 2], "a file that nobody posted must not stay");
}

pub(super) async fn idle_ones_are_told_by_their_last_byte(uploads: &Arc<dyn UploadStore>) {
    let at = |last_write: Millis| UploadRecord {
        last_write: NOON + last_write,
        ..upload(&room())
    };
    let posted = UploadRecord {
        last_write: NOON + 2,
        ..claimed(Some(1))
    };
    let ours = store(uploads, [at(3), at(1), at(5), posted]).await;
    assert_eq!(places(uploads.idle(NOON + 5, ALL).await, &ours), [1, 3, 0]);
    let ours = store(uploads, STATES.map(|state| UploadRecord { state, ..at(0) })).await;
    let mut listed = places(uploads.idle(NOON + 5, ALL).await, &ours);
    listed.sort_unstable();
    assert_eq!(listed, [0, 1], "open or finishing");
}

pub(super) async fn unposted_ones_are_told_in_any_state(uploads: &Arc<dyn UploadStore>) {
    let at = |last_write: Millis| UploadRecord {
        last_write: NOON + last_write,
        ..claimed(None)
    };
    let ours = store(uploads, [at(3), at(1), at(5)]).await;
    assert_eq!(places(uploads.unposted(NOON + 5, ALL).await, &ours), [1, 0]);
    let ours = store(uploads, [claimed(Some(1)), upload(&room())]).await;
    assert!(places(uploads.unposted(NOON + 5, ALL).await, &ours).is_empty());
    let ours = store(uploads, STATES.map(|state| UploadRecord { state, ..at(0) })).await;
    let listed = places(uploads.unposted(NOON + 5, ALL).await, &ours);
    assert_eq!(listed.len(), STATES.len());
}

pub(super) async fn untold_ones_are_claimed_and_ended(uploads: &Arc<dyn UploadStore>) {
    let in_states = |no| {
        STATES.map(|state| UploadRecord {
            state,
            ..claimed(no)
        })
    };
    for no in [None, Some(1)] {
        let ours = store(uploads, in_states(no)).await;
        let mut listed = places(uploads.untold(ALL).await, &ours);
        listed.sort_unstable();
        assert_eq!(listed, [2, 3, 4]);
    }
    let unclaimed = STATES.map(|state| UploadRecord {
        state,
        ..upload(&room())
    });
    let ours = store(uploads, unclaimed).await;
    assert!(places(uploads.untold(ALL).await, &ours).is_empty());
    let told = in_states(Some(1)).map(|upload| UploadRecord {
        told: true,
        ..upload
    });
    let ours = store(uploads, told).await;
    assert!(places(uploads.untold(ALL).await, &ours).is_empty());
}

pub(super) async fn spent_ones_are_told_and_without_bytes(uploads: &Arc<dyn UploadStore>) {
    let ours = store(uploads, [(); 3].map(|()| upload(&room()))).await;
    for (file, at) in ours.iter().zip([2, 1, 5]) {
        let from = [UploadState::Open];
        let ended = uploads.transition(file, &from, STOPPED, None, NOON + 100 + at);
        assert!(ended.await.expect("an answer").is_some());
    }
    assert!(places(uploads.spent(NOON + 101, ALL).await, &ours).is_empty());
    assert_eq!(places(uploads.spent(NOON + 105, ALL).await, &ours), [1, 0]);
    // A removal after the stop starts the time anew.
    let removed = uploads.transition(&ours[1], &[STOPPED], UploadState::Removed, None, NOON + 200);
    assert!(removed.await.expect("an answer").is_some());
    assert_eq!(places(uploads.spent(NOON + 200, ALL).await, &ours), [0, 2]);

    let told = |told| {
        STATES.map(|state| UploadRecord {
            state,
            told,
            ..claimed(Some(1))
        })
    };
    let ours = store(uploads, told(true)).await;
    let mut listed = places(uploads.spent(NOON + 1, ALL).await, &ours);
    listed.sort_unstable();
    assert_eq!(listed, [3, 4], "stopped or removed");
    let ours = store(uploads, told(false)).await;
    assert!(places(uploads.spent(NOON + 1, ALL).await, &ours).is_empty());
}

pub(super) async fn lists_end_at_their_limit(uploads: &Arc<dyn UploadStore>) {
    let ended = || UploadRecord {
        state: STOPPED,
        ..claimed(Some(1))
    };
    let told = || UploadRecord {
        told: true,
        ..ended()
    };
    store(uploads, [(); 3].map(|()| upload(&room()))).await;
    store(uploads, [(); 3].map(|()| claimed(None))).await;
    store(uploads, [(); 3].map(|()| ended())).await;
    store(uploads, [(); 3].map(|()| told())).await;
    let late = NOON * 2;
    for limit in [0, 2] {
        for (list, what) in [
            (uploads.unclaimed(late, limit).await, "unclaimed"),
            (uploads.idle(late, limit).await, "idle"),
            (uploads.untold(limit).await, "untold"),
            (uploads.unposted(late, limit).await, "unposted"),
            (uploads.spent(late, limit).await, "spent"),
        ] {
            assert_eq!(list.expect("a list").len(), limit as usize, "{what}");
        }
    }
}
