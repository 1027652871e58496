//! Writes that happen twice on MongoDB: a driver that lost the answer and tried again.

use std::sync::Arc;

use server::domain::upload::UploadState;
use server::storage::faulty::{
    Faults, FaultyByteStore, FaultyLeaseStore, FaultyParticipantStore, FaultySessionStore,
};
use server::storage::{ByteStore, LeaseStore, ParticipantStore, SessionStore, contract};

use crate::database::Database;
use crate::node::{CHUNK, Node, noise};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_participants_leases_and_bytes_keep_their_contracts() {
    let database = Database::new().await;
    let (store, faults) = (&database.store, Faults::twice());
    let bytes: Arc<dyn ByteStore> = Arc::new(FaultyByteStore::new(store.bytes(), &faults));
    let leases: Arc<dyn LeaseStore> = Arc::new(FaultyLeaseStore::new(store.leases(), &faults));
    let people: Arc<dyn ParticipantStore> =
        Arc::new(FaultyParticipantStore::new(store.participants(), &faults));
    let sessions: Arc<dyn SessionStore> =
        Arc::new(FaultySessionStore::new(store.sessions(), &faults));
    contract::bytes::run("mongo, twice", &bytes).await;
    contract::leases::run("mongo, twice", &leases).await;
    contract::participants::run("mongo, twice", &people).await;
    contract::sessions::run("mongo, twice", &sessions).await;
    assert!(faults.fired() > 0);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bytes_keep_their_contract() {
    let database = Database::new().await;
    contract::bytes::run("mongo", &database.store.bytes()).await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posted_file_is_received_and_done() {
    let database = Database::new().await;
    let node = Node::new(&database, database.store.bytes(), &Faults::twice());
    node.make_room().await;
    for size in [Some((3 * CHUNK + 1_000) as u64), None] {
        let upload = node.post(size).await;
        let bytes = noise(3 * CHUNK + 1_000, 1);
        let before = node.log_length().await;
        let sender = node.begin(&upload, 0);
        for piece in bytes.chunks(50_000) {
            sender.give(piece).await;
        }
        let sent = sender.end().await.unwrap();
        assert_eq!(sent.committed, bytes.len() as u64);
        assert_eq!(sent.state, UploadState::Done);
        assert!(node.record(&upload).await.told);
        assert_eq!(node.log_length().await, before + 2, "started and ready");
        assert_eq!(database.download(&upload.file).await, bytes);
        let rows = database.rows(&upload.file).await;
        assert_eq!(rows, [(0, 2), (1, 2), (2, 2), (3, 2)], "one of each");
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_upload_is_told_and_gone() {
    let database = Database::new().await;
    let node = Node::new(&database, database.store.bytes(), &Faults::twice());
    node.make_room().await;
    let upload = node.post(Some(4 * CHUNK as u64)).await;
    let before = node.log_length().await;
    let sender = node.begin(&upload, 0);
    sender.give(&noise(2 * CHUNK, 1)).await;
    let sent = sender.end().await.unwrap();
    assert_eq!(
        (sent.committed, sent.state),
        (2 * CHUNK as u64, UploadState::Open)
    );
    node.uploads.cancel(&upload.key).await.unwrap();
    assert!(node.record(&upload).await.told);
    assert_eq!(node.log_length().await, before + 2, "started and stopped");
    assert_eq!(database.rows(&upload.file).await, []);
    database.drop().await;
}
