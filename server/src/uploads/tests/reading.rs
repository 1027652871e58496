//! Growing files: what each request is answered, and how a body follows.

use std::time::Duration;

use futures::StreamExt;
use http::{StatusCode, header};

use super::fixture::{Node, nonce, picture, read_all, read_some, settings};
use crate::files::{Answer, Asked, FileError};

fn header_of(answer: &Answer, name: header::HeaderName) -> Option<&str> {
    answer
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap())
}

fn ranged(range: &str) -> Asked<'_> {
    Asked {
        range: Some(range),
        ..Asked::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_growing_file_is_followed_to_its_end() {
    let node = Node::new().await;
    let upload = node.open(Some(200_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let bytes = picture(200_000);
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..1_000]).await;
    let mut reader = node.get(&upload.file).await.unwrap();
    assert_eq!(reader.status, StatusCode::OK);
    assert_eq!(header_of(&reader, header::CONTENT_LENGTH), Some("200000"));
    assert_eq!(header_of(&reader, header::CONTENT_TYPE), Some("image/png"));
    assert_eq!(header_of(&reader, header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(header_of(&reader, header::ACCEPT_RANGES), None);
    assert_eq!(header_of(&reader, header::ETAG), None);
    let mut got = read_some(&mut reader, 1_000).await;
    sender.give(&bytes[1_000..150_000]).await;
    got.extend(read_some(&mut reader, 149_000).await);
    sender.give(&bytes[150_000..]).await;
    sender.end().await.unwrap();
    let (rest, clean) = read_all(reader).await;
    got.extend(rest);
    assert!(clean && got == bytes);
}

#[tokio::test(start_paused = true)]
async fn headers_of_a_growing_file_wait_for_its_first_bytes() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let early = node.get(&upload.file);
    let later = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        node.send(&upload, 0, &picture(1_000)).await.unwrap();
    };
    let (answer, ()) = tokio::join!(early, later);
    let answer = answer.unwrap();
    assert_eq!(header_of(&answer, header::CONTENT_TYPE), Some("image/png"));
    assert_eq!(read_all(answer).await, (picture(1_000), true));
}

#[tokio::test(start_paused = true)]
async fn a_reader_does_not_wait_for_ever_but_one_of_headers_not_at_all() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let head = Asked {
        head: true,
        ..Asked::default()
    };
    let answer = node.files.answer(upload.file, head).await.unwrap();
    assert_eq!(header_of(&answer, header::CONTENT_LENGTH), Some("1000"));
    assert_eq!(
        header_of(&answer, header::CONTENT_DISPOSITION),
        Some("attachment; filename=\"cat.png\"; filename*=UTF-8''cat.png")
    );
    assert!(answer.body.is_none());
    assert!(matches!(
        node.get(&upload.file).await,
        Err(FileError::NotStarted)
    ));
}

#[tokio::test(start_paused = true)]
async fn ranges_of_a_growing_file() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    node.send(&upload, 0, &bytes[..300]).await.unwrap();
    for whole in [
        "bytes=0-",
        "bytes=-5",
        "bytes=0-1,5-9",
        "nonsense",
        "bytes=9-1",
    ] {
        let answer = node.files.answer(upload.file, ranged(whole)).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{whole}");
        assert_eq!(header_of(&answer, header::CONTENT_LENGTH), Some("1000"));
        assert_eq!(header_of(&answer, header::CONTENT_RANGE), None);
    }
    let probe = node
        .files
        .answer(upload.file, ranged("bytes=0-1"))
        .await
        .unwrap();
    assert_eq!(probe.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        header_of(&probe, header::CONTENT_RANGE),
        Some("bytes 0-1/1000")
    );
    assert_eq!(header_of(&probe, header::CONTENT_LENGTH), Some("2"));
    assert_eq!(read_all(probe).await, (bytes[..2].to_vec(), true));
    let rest = node
        .files
        .answer(upload.file, ranged("bytes=250-"))
        .await
        .unwrap();
    assert_eq!(
        header_of(&rest, header::CONTENT_RANGE),
        Some("bytes 250-999/1000")
    );
    let beyond = node
        .files
        .answer(upload.file, ranged("bytes=1000-"))
        .await
        .unwrap();
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        header_of(&beyond, header::CONTENT_RANGE),
        Some("bytes */1000")
    );
    let closed = node
        .files
        .answer(upload.file, ranged("bytes=290-599"))
        .await
        .unwrap();
    node.send(&upload, 300, &bytes[300..]).await.unwrap();
    assert_eq!(read_all(rest).await, (bytes[250..].to_vec(), true));
    assert_eq!(read_all(closed).await, (bytes[290..600].to_vec(), true));
}

#[tokio::test(start_paused = true)]
async fn a_range_with_a_condition_that_cannot_hold_is_ignored() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(300)).await.unwrap();
    let asked = Asked {
        range: Some("bytes=5-"),
        if_range: Some("\"abc\""),
        ..Asked::default()
    };
    let answer = node.files.answer(upload.file, asked).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_file_of_unknown_length_has_none_and_ends_with_its_upload() {
    let node = Node::new().await;
    let upload = node.open(None).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let bytes = picture(100_000);
    let sender = node.begin(&upload, 0);
    sender.give(&bytes[..90_000]).await;
    let answer = node
        .files
        .answer(upload.file, ranged("bytes=5-"))
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(header_of(&answer, header::CONTENT_LENGTH), None);
    sender.give(&bytes[90_000..]).await;
    sender.end().await.unwrap();
    assert_eq!(read_all(answer).await, (bytes, true));
}

#[tokio::test(start_paused = true)]
async fn a_whole_file_has_validators_and_ranges() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let bytes = picture(1_000);
    node.send(&upload, 0, &bytes).await.unwrap();
    let answer = node.get(&upload.file).await.unwrap();
    let etag = header_of(&answer, header::ETAG).unwrap().to_owned();
    assert_eq!(etag.len(), 66);
    assert_eq!(header_of(&answer, header::ACCEPT_RANGES), Some("bytes"));
    assert_eq!(
        header_of(&answer, header::CACHE_CONTROL),
        Some("private, no-cache")
    );
    assert_eq!(
        header_of(&answer, header::X_CONTENT_TYPE_OPTIONS),
        Some("nosniff")
    );
    assert_eq!(
        header_of(&answer, header::CONTENT_SECURITY_POLICY),
        Some("sandbox; default-src 'none'")
    );
    assert_eq!(
        header_of(&answer, header::CONTENT_DISPOSITION),
        Some("inline; filename=\"cat.png\"; filename*=UTF-8''cat.png")
    );
    assert_eq!(read_all(answer).await, (bytes.clone(), true));
    for (if_none_match, status) in [
        (etag.clone(), StatusCode::NOT_MODIFIED),
        (format!("\"x\", W/{etag}"), StatusCode::NOT_MODIFIED),
        ("*".to_owned(), StatusCode::NOT_MODIFIED),
        ("\"x\"".to_owned(), StatusCode::OK),
    ] {
        let asked = Asked {
            if_none_match: Some(&if_none_match),
            ..Asked::default()
        };
        let answer = node.files.answer(upload.file, asked).await.unwrap();
        assert_eq!(answer.status, status, "{if_none_match}");
    }
    let part = |range, if_range| Asked {
        range: Some(range),
        if_range,
        ..Asked::default()
    };
    for (asked, status, range, expected) in [
        (
            part("bytes=10-19", None),
            206,
            Some("bytes 10-19/1000"),
            &bytes[10..20],
        ),
        (
            part("bytes=-5", None),
            206,
            Some("bytes 995-999/1000"),
            &bytes[995..],
        ),
        (
            part("bytes=0-", None),
            206,
            Some("bytes 0-999/1000"),
            &bytes[..],
        ),
        (part("bytes=1-1,3-3", None), 200, None, &bytes[..]),
        (part("bytes=5-4", None), 200, None, &bytes[..]),
        (part("bytes=1-1", Some("\"x\"")), 200, None, &bytes[..]),
        (
            part("bytes=1-1", Some(&etag)),
            206,
            Some("bytes 1-1/1000"),
            &bytes[1..2],
        ),
    ] {
        let answer = node.files.answer(upload.file, asked).await.unwrap();
        assert_eq!(answer.status, status, "{asked:?}");
        assert_eq!(
            header_of(&answer, header::CONTENT_RANGE),
            range,
            "{asked:?}"
        );
        assert_eq!(
            read_all(answer).await,
            (expected.to_vec(), true),
            "{asked:?}"
        );
    }
    let beyond = node
        .files
        .answer(upload.file, ranged("bytes=1000-"))
        .await
        .unwrap();
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test(start_paused = true)]
async fn a_text_named_like_a_picture_is_a_download() {
    let node = Node::new().await;
    let page = b"<html><script>alert(1)</script></html>";
    let upload = node.open(Some(page.len() as u64)).await;
    node.send(&upload, 0, page).await.unwrap();
    let answer = node.get(&upload.file).await.unwrap();
    assert_eq!(
        header_of(&answer, header::CONTENT_TYPE),
        Some("application/octet-stream")
    );
    assert!(
        header_of(&answer, header::CONTENT_DISPOSITION)
            .unwrap()
            .starts_with("attachment")
    );
}

#[tokio::test(start_paused = true)]
async fn a_follower_on_another_node_finds_out_without_any_message() {
    let node = Node::new().await;
    let other = node.restarted();
    let upload = node.open(Some(1_000)).await;
    let bytes = picture(1_000);
    node.send(&upload, 0, &bytes[..400]).await.unwrap();
    let mut reader = other.get(&upload.file).await.unwrap();
    assert_eq!(read_some(&mut reader, 400).await, bytes[..400]);
    let begun = tokio::time::Instant::now();
    node.send(&upload, 400, &bytes[400..700]).await.unwrap();
    assert_eq!(read_some(&mut reader, 300).await, bytes[400..700]);
    assert!(begun.elapsed() < Duration::from_secs(3));
    // A message makes it faster.
    node.send(&upload, 700, &bytes[700..]).await.unwrap();
    other.watchers.changed(&upload.file);
    let begun = tokio::time::Instant::now();
    assert_eq!(read_some(&mut reader, 300).await, bytes[700..]);
    assert!(begun.elapsed() < Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn followers_are_bounded_and_forgotten() {
    let (uploads, mut files, limits) = settings();
    files.followers = 2;
    files.followed = 1;
    let node = Node::with((uploads, files, limits)).await;
    let (first, second) = (node.open(Some(1_000)).await, node.open(Some(1_000)).await);
    for upload in [&first, &second] {
        node.send(upload, 0, &picture(400)).await.unwrap();
    }
    let readers = [
        node.get(&first.file).await.unwrap(),
        node.get(&first.file).await.unwrap(),
    ];
    for refused in [first.file, second.file] {
        assert!(matches!(
            node.get(&refused).await,
            Err(FileError::TooManyFollowers)
        ));
    }
    drop(readers);
    node.settle().await;
    assert_eq!(node.watchers.followed(), 0);
    assert!(node.get(&second.file).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_restart_breaks_bodies_that_follow() {
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.send(&upload, 0, &picture(400)).await.unwrap();
    let mut reader = node.get(&upload.file).await.unwrap();
    read_some(&mut reader, 400).await;
    node.stopping.cancel();
    let next = reader.body.as_mut().unwrap().next().await;
    assert!(matches!(next, Some(Err(FileError::Restart))));
    node.settle().await;
}
