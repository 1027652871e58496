//! The contract of [`UploadStore`]: which post an upload belongs to.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

use std::sync::Arc;

use app::wire::file::StopReason;

use super::samples::{files, ids, nonce, room, session, upload};
use super::uploads::{claim, claimed, create, get, transition};
use super::{RACERS, race};
use crate::domain::upload::{Claim, UploadRecord, UploadState};
use crate::storage::UploadStore;

pub(super) async fn a_claim_needs_the_room_and_the_session(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let elsewhere = UploadRecord {
        room: room(),
        ..upload.clone()
    };
    let somebody_else_s = UploadRecord {
        owner: session(),
        ..upload.clone()
    };
    let unknown = UploadRecord {
        file: ids().file(),
        ..upload.clone()
    };
    for wrong in [elsewhere, somebody_else_s, unknown] {
        assert!(!claim(uploads, &wrong, &nonce()).await);
    }
    assert_eq!(get(uploads, &upload.file).await, upload);
    let nonce = nonce();
    assert!(claim(uploads, &upload, &nonce).await);
    let post = Some(Claim { nonce, no: None });
    assert_eq!(get(uploads, &upload.file).await.post, post);
}

pub(super) async fn a_claim_is_re_entered_by_its_nonce_alone(uploads: &Arc<dyn UploadStore>) {
    let (room, nonce, other) = (room(), nonce(), super::samples::nonce());
    let upload = claimed(uploads, &room, &nonce).await;
    assert!(claim(uploads, &upload, &nonce).await);
    assert!(!claim(uploads, &upload, &other).await);
    uploads
        .posted(&room, &upload.owner, &nonce, 4)
        .await
        .expect("a number");
    transition(
        uploads,
        &upload.file,
        &[UploadState::Open],
        UploadState::Done,
    )
    .await;
    assert!(claim(uploads, &upload, &nonce).await, "after the end too");
    assert!(!claim(uploads, &upload, &other).await);
    let kept = Some(Claim { nonce, no: Some(4) });
    assert_eq!(get(uploads, &upload.file).await.post, kept);
}

pub(super) async fn what_ended_cannot_be_claimed_any_more(uploads: &Arc<dyn UploadStore>) {
    for (state, claimable) in [
        (UploadState::Open, true),
        (UploadState::Finishing, true),
        (UploadState::Done, false),
        (UploadState::Stopped(StopReason::Invalid), false),
        (UploadState::Removed, false),
    ] {
        let upload = UploadRecord {
            state,
            ..upload(&room())
        };
        create(uploads, &upload).await;
        assert_eq!(
            claim(uploads, &upload, &nonce()).await,
            claimable,
            "{state:?}"
        );
    }
}

pub(super) async fn of_racing_posts_one_claims(uploads: &Arc<dyn UploadStore>) {
    let upload = upload(&room());
    create(uploads, &upload).await;
    let claims = race((0..RACERS).map(|_| {
        let (uploads, upload, nonce) = (uploads.clone(), upload.clone(), nonce());
        async move { claim(&uploads, &upload, &nonce).await.then_some(nonce) }
    }))
    .await;
    let winners: Vec<_> = claims.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    let post = get(uploads, &upload.file).await.post;
    assert_eq!(post.map(|post| post.nonce), winners.first().copied());
}

pub(super) async fn a_claim_is_undone_until_it_is_posted(uploads: &Arc<dyn UploadStore>) {
    let (room, nonce) = (room(), nonce());
    let upload = claimed(uploads, &room, &nonce).await;
    let another = super::samples::nonce();
    uploads
        .unclaim(&upload.file, &another)
        .await
        .expect("undone");
    assert_eq!(get(uploads, &upload.file).await, upload, "another's claim");
    for _ in 0..2 {
        uploads.unclaim(&upload.file, &nonce).await.expect("undone");
        assert_eq!(get(uploads, &upload.file).await.post, None);
    }
    assert!(claim(uploads, &upload, &another).await, "free again");
    uploads
        .posted(&room, &upload.owner, &another, 1)
        .await
        .expect("a number");
    uploads
        .unclaim(&upload.file, &another)
        .await
        .expect("undone");
    let kept = Some(Claim {
        nonce: another,
        no: Some(1),
    });
    assert_eq!(get(uploads, &upload.file).await.post, kept);
}

pub(super) async fn a_post_s_number_is_noted_once_on_all_its_files(uploads: &Arc<dyn UploadStore>) {
    let (room, nonce) = (room(), nonce());
    let first = claimed(uploads, &room, &nonce).await;
    let second = UploadRecord {
        owner: first.owner,
        ..upload(&room)
    };
    create(uploads, &second).await;
    assert!(claim(uploads, &second, &nonce).await);
    let other = claimed(uploads, &room, &super::samples::nonce()).await;
    let elsewhere = claimed(uploads, &super::samples::room(), &nonce).await;
    let foreign = UploadRecord {
        owner: session(),
        ..upload(&room)
    };
    create(uploads, &foreign).await;
    assert!(claim(uploads, &foreign, &nonce).await);
    for no in [3, 4] {
        uploads
            .posted(&room, &first.owner, &nonce, no)
            .await
            .expect("a number");
    }
    let mut expected = vec![first.file, second.file];
    let found = uploads
        .by_post(&room, &first.owner, &nonce)
        .await
        .expect("uploads");
    let mut found_files = files(&found);
    expected.sort();
    found_files.sort();
    assert_eq!(found_files, expected);
    let under_the_same_nonce = Some(Claim { nonce, no: None });
    assert_eq!(
        get(uploads, &foreign.file).await.post,
        under_the_same_nonce,
        "of another session"
    );
    for upload in found {
        assert_eq!(upload.post, Some(Claim { nonce, no: Some(3) }));
    }
    for upload in [other, elsewhere] {
        assert_eq!(get(uploads, &upload.file).await, upload);
    }
    let none = uploads
        .by_post(&room, &first.owner, &super::samples::nonce())
        .await;
    assert_eq!(none.expect("uploads"), []);
}

pub(super) async fn only_claimed_uploads_that_go_on_are_in_the_room(
    uploads: &Arc<dyn UploadStore>,
) {
    let (room, nonce) = (room(), nonce());
    let open = claimed(uploads, &room, &nonce).await;
    let finishing = claimed(uploads, &room, &nonce).await;
    let done = claimed(uploads, &room, &nonce).await;
    let from = [UploadState::Open];
    transition(uploads, &finishing.file, &from, UploadState::Finishing).await;
    transition(uploads, &done.file, &from, UploadState::Done).await;
    create(uploads, &upload(&room)).await;
    claimed(uploads, &super::samples::room(), &nonce).await;
    let found = uploads.open_in_room(&room).await.expect("uploads");
    let mut found = files(&found);
    let mut expected = [open.file, finishing.file];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}
