//! What only this store promises: its lock, what a restart finds, what a removal leaves in its files.

mod contract;
mod restart;
mod scrub;

use app::api::backend::SessionId;
use tempfile::TempDir;

use super::{EmbeddedStore, OpenError};
use crate::domain::session::SessionRecord;
use crate::storage::StorageError;
use crate::testing::eventually;

fn store() -> (EmbeddedStore, TempDir) {
    let dir = TempDir::new().unwrap();
    (EmbeddedStore::open(dir.path()).unwrap(), dir)
}

fn session(n: u8) -> SessionRecord {
    SessionRecord {
        id: SessionId([n; 32]),
        created_at: 1,
    }
}

#[tokio::test]
async fn a_directory_belongs_to_one_store_until_it_is_closed() {
    let (store, dir) = store();
    let refused = EmbeddedStore::open(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    store.close().await.unwrap();
    EmbeddedStore::open(dir.path()).unwrap();
}

#[tokio::test]
async fn a_dropped_store_lets_its_directory_go() {
    let (store, dir) = store();
    store.sessions().create(&session(1)).await.unwrap();
    drop(store);
    // The blocking task that wrote may need a moment to let go.
    eventually("the directory is free", async || {
        EmbeddedStore::open(dir.path()).is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_refuses_calls() {
    let (store, _dir) = store();
    store.close().await.unwrap();
    store.close().await.unwrap();
    let write = store.sessions().create(&session(1)).await;
    assert!(matches!(write, Err(StorageError::Unavailable(_))));
    let read = store.sessions().get(&SessionId([1; 32])).await;
    assert!(matches!(read, Err(StorageError::Unavailable(_))));
    assert!(store.ping().await.is_err());
}

#[tokio::test]
async fn data_of_a_newer_version_is_refused_in_a_sentence() {
    let dir = TempDir::new().unwrap();
    let database = rusqlite::Connection::open(dir.path().join("streamboard.db")).unwrap();
    database.pragma_update(None, "user_version", 1_000).unwrap();
    drop(database);
    let refused = EmbeddedStore::open(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 1_000, .. }));
    assert!(refused.to_string().contains("start the newer version"));
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("streamboard.db"), [b'x'; 5_000]).unwrap();
    let refused = EmbeddedStore::open(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Database { .. }), "{refused}");
}

/// A paused clock jumps to the next time limit whenever the runtime has nothing to do; the work of the store must
/// count as something to do.
#[tokio::test(start_paused = true)]
async fn a_paused_clock_waits_for_the_store() {
    let (store, _dir) = store();
    let sessions = store.sessions();
    for n in 0..50 {
        sessions.create(&session(n)).await.unwrap();
        assert_eq!(
            sessions.get(&SessionId([n; 32])).await.unwrap(),
            Some(session(n))
        );
    }
    store.ping().await.unwrap();
}
