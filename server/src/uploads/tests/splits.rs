//! Any way of cutting a file into bodies, frames and breaks gives the same file.

use app::wire::file::FileState;
use app::wire::request::UploadOpened;
use proptest::prelude::*;

use super::fixture::{Node, nonce, picture, read_all};
use crate::uploads::UploadError;

/// How a body ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Clean,
    Cut,
    Dropped,
}

/// One body: lengths of its frames, and how it ends.
type Body = (Vec<usize>, Ending);

fn bodies() -> impl Strategy<Value = Vec<Body>> {
    let frame = prop_oneof![1..40_usize, 1_000..9_000_usize, 60_000..70_000_usize];
    let ending = prop_oneof![
        Just(Ending::Clean),
        Just(Ending::Cut),
        Just(Ending::Dropped)
    ];
    let body = (proptest::collection::vec(frame, 0..6), ending);
    proptest::collection::vec(body, 1..6)
}

/// Where to go on. A dropped body may still be written; taking over settles it.
async fn settled(node: &Node, upload: &UploadOpened) -> usize {
    loop {
        let start = node.uploads.status(&upload.key).await.unwrap().committed;
        match node.send(upload, start, b"").await {
            Ok(_) => return usize::try_from(start).unwrap(),
            Err(UploadError::OffsetMismatch { .. } | UploadError::TakenOver) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

async fn send_in(bodies: Vec<Body>, size: usize, post_after: usize) {
    let node = Node::new().await;
    let bytes = picture(size);
    let upload = node.open(Some(size as u64)).await;
    let mut reader = None;
    for (index, (frames, ending)) in bodies.into_iter().enumerate() {
        if index == post_after {
            node.post(nonce(1), &[upload.file]).await.unwrap();
        }
        let start = settled(&node, &upload).await;
        if start > 0 && reader.is_none() {
            reader = Some(node.get(&upload.file).await.unwrap());
        }
        let sender = node.begin(&upload, start as u64);
        let mut at = start;
        for frame in frames {
            // The last byte is left to the last body, so that each of these can go on.
            let end = (at + frame).min(size - 1);
            sender.give(&bytes[at..end]).await;
            at = end;
        }
        match ending {
            Ending::Clean => assert_eq!(sender.end().await.unwrap().committed, at as u64),
            Ending::Cut => match sender.cut().await {
                Err(UploadError::BodyBroken { committed }) => assert_eq!(committed, at as u64),
                other => panic!("{other:?}"),
            },
            // What the writer had not taken from the body is nobody's; what it had is exact.
            Ending::Dropped => sender.sent.abort(),
        }
    }
    let start = settled(&node, &upload).await;
    node.post(nonce(1), &[upload.file]).await.unwrap();
    node.send(&upload, start as u64, &bytes[start..])
        .await
        .unwrap();
    let state = FileState::Ready { size: size as u64 };
    assert_eq!(node.seen(&upload.file).await.state, state);
    if let Some(reader) = reader {
        assert!(
            read_all(reader).await == (bytes.clone(), true),
            "a growing reader"
        );
    }
    assert!(
        node.read(&upload.file).await == (bytes, true),
        "a late reader"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn the_file_is_the_same_however_it_is_sent(
        bodies in bodies(),
        size in prop_oneof![1..100_usize, 100..400_000_usize, Just(63 * 1024), Just(2 * 63 * 1024)],
        post_after in 0..4_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(send_in(bodies, size, post_after));
    }
}
