//! Opening an upload, and claiming it for a post.

use app::wire::file::StopReason;

use super::fixture::{ADA, BOB, Node, nonce, room, settings, wanted};
use crate::domain::upload::UploadState;
use crate::log::AppendError;
use crate::uploads::UploadError;

#[tokio::test(start_paused = true)]
async fn an_upload_is_stored_with_a_clean_name_and_a_hashed_key() {
    let node = Node::new().await;
    let mut asked = wanted(Some(2_000_000));
    asked.name = "../../etc/\u{202e}cat.png".into();
    let opened = node.try_open(ADA, asked).await.unwrap();
    let record = node.record(&opened.file).await;
    assert_eq!(record.name, "cat.png");
    assert_ne!(record.key.0[..16], opened.key.0);
    assert_eq!(record.chunk_size, 255 * 1024);
    let small = node.open(Some(1024 * 1024)).await;
    assert_eq!(node.record(&small.file).await.chunk_size, 63 * 1024);
    let unknown = node.open(None).await;
    assert_eq!(node.record(&unknown.file).await.chunk_size, 63 * 1024);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_become_a_file_is_refused_before_its_first_byte() {
    let node = Node::new().await;
    let open = |size| node.try_open(ADA, wanted(size));
    assert!(matches!(open(Some(0)).await, Err(UploadError::Invalid(_))));
    let most = node.uploads.limits().file_bytes;
    assert!(open(Some(most)).await.is_ok());
    assert!(matches!(
        open(Some(most + 1)).await,
        Err(UploadError::TooLarge { .. })
    ));
    let mut elsewhere = wanted(Some(1));
    elsewhere.room = "notarm00".parse().unwrap();
    assert!(matches!(
        node.try_open(ADA, elsewhere).await,
        Err(UploadError::NoSuchRoom)
    ));
    node.rooms.end(&room()).await.unwrap();
    assert!(matches!(open(Some(1)).await, Err(UploadError::RoomEnded)));
}

#[tokio::test(start_paused = true)]
async fn quotas_hold_for_a_session_and_for_an_address_also_at_once() {
    let (uploads, files, limits) = settings();
    let node = Node::with((uploads, files, limits)).await;
    let of = |session| (0..30).map(move |_| session);
    let opens = of(ADA).map(|session| node.try_open(session, wanted(Some(9))));
    let opened = futures::future::join_all(opens).await;
    let opened = opened.into_iter().flatten().count();
    assert!(opened <= limits.open_uploads as usize, "{opened}");
    while node.try_open(ADA, wanted(Some(9))).await.is_ok() {}
    while node.try_open(BOB, wanted(Some(9))).await.is_ok() {}
    let third = app::api::backend::SessionId([3; 32]);
    let refused = node.try_open(third, wanted(Some(9))).await;
    assert!(matches!(refused, Err(UploadError::TooManyOpen)));
    let other = "192.0.2.2".parse().unwrap();
    let opened = node.uploads.open(third, other, wanted(Some(9))).await;
    assert!(opened.is_ok(), "another address has a quota of its own");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_upload_makes_room_for_another() {
    let node = Node::new().await;
    let first = node.open(Some(9)).await;
    while node.try_open(ADA, wanted(Some(9))).await.is_ok() {}
    node.uploads.cancel(&first.key).await.unwrap();
    assert!(node.try_open(ADA, wanted(Some(9))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn claiming_is_all_or_nothing() {
    let node = Node::new().await;
    let (ours, theirs) = (node.open(Some(9)).await, {
        node.try_open(BOB, wanted(Some(9))).await.unwrap()
    });
    let claim = |number, files| {
        let node = &node;
        async move {
            let nonce = nonce(number);
            node.uploads.claim(&room(), &ADA, &nonce, files).await
        }
    };
    let both = [ours.file, theirs.file];
    assert!(matches!(
        claim(1, &both[..]).await,
        Err(UploadError::NotFound)
    ));
    assert_eq!(node.record(&ours.file).await.post, None, "given back");
    let twice = [ours.file, ours.file];
    assert!(matches!(
        claim(1, &twice[..]).await,
        Err(UploadError::Invalid(_))
    ));
    let many = [ours.file; 6];
    assert!(matches!(
        claim(1, &many[..]).await,
        Err(UploadError::TooManyFiles { most: 5 })
    ));
    let notices = claim(1, &both[..1]).await.unwrap();
    assert_eq!((notices[0].file, notices[0].size), (ours.file, Some(9)));
    assert!(claim(1, &both[..1]).await.is_ok(), "the same command again");
    assert!(matches!(
        claim(2, &both[..1]).await,
        Err(UploadError::Claimed)
    ));
    let elsewhere = "otherrm0".parse().unwrap();
    let same = nonce(1);
    let foreign = node.uploads.claim(&elsewhere, &ADA, &same, &both[..1]);
    assert!(matches!(foreign.await, Err(UploadError::NotFound)));
}

#[tokio::test(start_paused = true)]
async fn files_of_a_refused_post_can_be_posted_again() {
    let node = Node::new().await;
    let upload = node.open(Some(9)).await;
    let files = [upload.file];
    node.uploads
        .claim(&room(), &ADA, &nonce(1), &files)
        .await
        .unwrap();
    node.uploads.unclaim(&nonce(1), &files).await.unwrap();
    let no = node.post(nonce(2), &files).await.unwrap();
    node.uploads.unclaim(&nonce(2), &files).await.unwrap();
    let claim = node.record(&upload.file).await.post.unwrap();
    assert_eq!(claim.no, Some(no), "a post that was made keeps its files");
}

#[tokio::test(start_paused = true)]
async fn one_call_of_a_command_does_not_take_the_files_of_the_other() {
    let node = Node::new().await;
    let upload = node.open(Some(9)).await;
    let (nonce, files) = (nonce(1), [upload.file]);
    // Twice the same command: both hold the claim, one waits for the log or is in it, the other is refused.
    let claim = async || {
        let claimed = node.uploads.claim(&room(), &ADA, &nonce, &files).await;
        claimed.unwrap();
    };
    claim().await;
    claim().await;
    for refusal in [
        AppendError::Overloaded,
        AppendError::NonceReused,
        AppendError::NoSuchRoom,
    ] {
        let given = node.uploads.give_back(&nonce, &files, &refusal);
        given.await.unwrap();
    }
    let no = node.post(nonce, &files).await.unwrap();
    let claim = node.record(&upload.file).await.post.unwrap();
    assert_eq!((claim.nonce, claim.no), (nonce, Some(no)));
}

#[tokio::test(start_paused = true)]
async fn a_post_keeps_the_files_it_shows_and_no_others_that_its_nonce_claimed() {
    let node = Node::new().await;
    let (shown, other) = (node.open(Some(9)).await, node.open(Some(9)).await);
    let late = node.open(Some(9)).await;
    // Two commands under one nonce that name different files: the log takes the first that comes.
    let claim = async |file| {
        let files = [file];
        let claimed = node.uploads.claim(&room(), &ADA, &nonce(1), &files).await;
        claimed.unwrap();
    };
    claim(other.file).await;
    let no = node.post(nonce(1), &[shown.file]).await.unwrap();
    let claim_of = async |file| node.record(&file).await.post;
    assert_eq!(claim_of(shown.file).await.unwrap().no, Some(no));
    assert_eq!(claim_of(other.file).await, None);
    claim(late.file).await;
    node.clock.advance(61_000);
    node.sweeper.sweep_once().await;
    assert_eq!(claim_of(shown.file).await.unwrap().no, Some(no));
    assert_eq!(claim_of(late.file).await, None);
    assert!(node.told().await.is_empty(), "no post shows them");
}

#[tokio::test(start_paused = true)]
async fn a_room_that_is_over_gives_files_back_at_once_and_the_log_the_others_later() {
    let node = Node::new().await;
    let (first, second) = (node.open(Some(9)).await, node.open(Some(9)).await);
    for (upload, number, refusal, kept) in [
        (&first, 1, AppendError::RoomEnded, false),
        (&second, 2, AppendError::Overloaded, true),
    ] {
        let (nonce, files) = (nonce(number), [upload.file]);
        let claimed = node.uploads.claim(&room(), &ADA, &nonce, &files).await;
        claimed.unwrap();
        let given = node.uploads.give_back(&nonce, &files, &refusal);
        given.await.unwrap();
        assert_eq!(node.record(&upload.file).await.post.is_some(), kept);
    }
    node.clock.advance(61_000);
    node.sweeper.sweep_once().await;
    assert_eq!(node.record(&second.file).await.post, None);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_upload_cannot_be_claimed() {
    let node = Node::new().await;
    let upload = node.open(Some(9)).await;
    node.uploads.cancel(&upload.key).await.unwrap();
    let refused = node.post(nonce(1), &[upload.file]).await;
    assert!(matches!(refused, Err(UploadError::Gone)));
    let stopped = UploadState::Stopped(StopReason::Cancelled);
    assert_eq!(node.record(&upload.file).await.state, stopped);
}
