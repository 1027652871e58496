//! How much of each body was taken, as the log says it.

use super::fixture::{Node, nonce, picture};
use crate::telemetry::lines::Lines;
use crate::uploads::UploadError;

/// Where each body began and how many of its bytes were taken, in the order of their ends.
fn bodies(said: &str) -> Vec<(u64, u64)> {
    fn number(line: &str, field: &str) -> Option<u64> {
        line.split_whitespace()
            .find_map(|word| word.strip_prefix(field))
            .map(|digits| digits.parse().unwrap())
    }
    let body = |line: &str| {
        let offset = number(line, "upload.offset=")?;
        Some((offset, number(line, "upload.received_bytes=")?))
    };
    said.lines().filter_map(body).collect()
}

#[tokio::test(start_paused = true)]
async fn every_body_is_counted_however_it_ends_and_nothing_secret_is_said() {
    let lines = Lines::listen();
    let node = Node::new().await;
    let upload = node.open(Some(1_000)).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    let bytes = picture(1_000);
    // Refused before anything of it is read: no body.
    assert!(node.send(&upload, 7, &bytes).await.is_err());
    node.send(&upload, 0, &bytes[..400]).await.unwrap();
    let cut = node.begin(&upload, 400);
    cut.give(&bytes[400..700]).await;
    assert!(cut.cut().await.is_err());
    let old = node.begin(&upload, 700);
    old.give(&bytes[700..800]).await;
    node.until(&upload.file, |record| record.committed == 800)
        .await;
    let new = node.begin(&upload, 800);
    let feed = old.feed.clone();
    assert!(matches!(old.answer().await, Err(UploadError::TakenOver)));
    drop(feed);
    new.give(&bytes[800..999]).await;
    assert!(new.cut().await.is_err());
    // Longer than the file: nothing of it is taken.
    let long = node.begin(&upload, 999);
    long.give(&bytes[..2]).await;
    assert!(matches!(
        long.answer().await,
        Err(UploadError::TooLong { committed: 999 })
    ));
    node.send(&upload, 999, &bytes[999..]).await.unwrap();
    let said = lines.said();
    let counted = bodies(&said);
    let expected = [
        (0, 400),
        (400, 300),
        (700, 100),
        (800, 199),
        (999, 0),
        (999, 1),
    ];
    assert_eq!(counted, expected, "{said}");
    assert!(!said.contains(&upload.key.to_string()), "{said}");
    assert!(!said.contains("192.0.2.1"), "{said}");
}
