//! What a store finds that is opened again.

use std::path::Path;
use std::time::Duration;

use app::wire::event::{Event, EventBody};
use app::wire::ids::{FileId, Nonce, RoomId, Seq};
use bytes::Bytes;
use tempfile::TempDir;

use super::{session, store};
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::embedded::EmbeddedStore;
use crate::storage::{Extent, Inserted, StorageError};

fn room() -> RoomId {
    "abcdefgh".parse().unwrap()
}

fn entry(seq: Seq) -> Entry {
    Entry {
        room: room(),
        source: Source::Server,
        command: CommandHash([1; 16]),
        event: Event {
            seq,
            no: 0,
            posts: 0,
            at: 1,
            nonce: Nonce(u128::from(seq).to_be_bytes()),
            body: EventBody::Tombstone,
        },
    }
}

fn extent(committed: u64) -> Extent {
    Extent {
        file: FileId([3; 16]),
        chunk_size: 64,
        committed,
        tail: Bytes::new(),
    }
}

async fn fill(store: &EmbeddedStore) {
    store.sessions().create(&session(1)).await.unwrap();
    for seq in 1..=20 {
        let inserted = store.events().insert(&[entry(seq)]).await.unwrap();
        assert_eq!(inserted, Inserted::All);
    }
    let bytes = [Bytes::from_static(b"half of a file")];
    store.bytes().write(&extent(0), 1, &bytes).await.unwrap();
}

async fn check(store: &EmbeddedStore) {
    let id = session(1).id;
    assert_eq!(store.sessions().get(&id).await.unwrap(), Some(session(1)));
    let expected: Vec<_> = (1..=20).map(entry).collect();
    assert_eq!(
        store.events().range(&room(), 0, 100).await.unwrap(),
        expected
    );
    let read = store.bytes().read(&extent(14), 0, 100).await.unwrap();
    assert_eq!(read, "half of a file");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for found in std::fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let target = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy(&found.path(), &target);
        } else {
            std::fs::copy(found.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_close() {
    let (store, dir) = store();
    fill(&store).await;
    store.close().await.unwrap();
    let wal = dir.path().join("streamboard.db-wal");
    assert!(!wal.exists(), "an orderly close leaves one file");
    check(&EmbeddedStore::open(dir.path()).unwrap()).await;
}

/// The files are copied while the store is open, which is what a killed process leaves: no checkpoint, no close.
#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let (store, dir) = store();
    fill(&store).await;
    let crashed = TempDir::new().unwrap();
    copy(dir.path(), crashed.path());
    check(&EmbeddedStore::open(crashed.path()).unwrap()).await;
}

#[tokio::test]
async fn a_body_of_a_newer_version_is_unknown_and_not_an_error() {
    let (store, dir) = store();
    fill(&store).await;
    store.close().await.unwrap();
    let database = rusqlite::Connection::open(dir.path().join("streamboard.db")).unwrap();
    let body = r#"{"celebrated": {"with": "cake"}}"#;
    let sql = "UPDATE events SET body = ?1, kind = 'celebrated' WHERE seq = 20";
    assert_eq!(database.execute(sql, [body]).unwrap(), 1);
    drop(database);
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let entries = store.events().range(&room(), 19, 1).await.unwrap();
    assert_eq!(entries[0].event.body, EventBody::Unknown);
    let head = store.events().head(&room()).await.unwrap().unwrap();
    assert_eq!((head.seq, head.ended), (20, false));
}

#[tokio::test]
async fn bytes_that_got_lost_are_broken_and_not_silence() {
    let (store, dir) = store();
    fill(&store).await;
    let path = dir.path().join("files/03").join("03".repeat(15));
    std::fs::write(path, b"half").unwrap();
    let bytes = store.bytes();
    let read = bytes.read(&extent(14), 0, 100).await;
    assert!(matches!(read, Err(StorageError::Broken(_))), "{read:?}");
    let more = [Bytes::from_static(b"more")];
    let written = bytes.write(&extent(14), 1, &more).await;
    assert!(matches!(written, Err(StorageError::Broken(_))));
}

/// Callers that go away, before their turn and after, leave a store that works.
#[tokio::test]
async fn dropped_calls_harm_nobody() {
    let (store, _dir) = store();
    for seq in 1..=200 {
        let events = store.events();
        let entries = [entry(seq)];
        let call = events.insert(&entries);
        let patience = Duration::from_micros(seq % 7 * 20);
        drop(tokio::time::timeout(patience, call).await);
        drop(tokio::time::timeout(patience, events.head(&room())).await);
    }
    store.sessions().create(&session(9)).await.unwrap();
    let entries = store.events().range(&room(), 0, 1_000).await.unwrap();
    assert!(entries.iter().all(|found| *found == entry(found.event.seq)));
    store.close().await.unwrap();
}
