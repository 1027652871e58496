//! The contract of every port of the store, on MongoDB and GridFS.

use server::storage::contract;

use crate::world::Database;

const NAME: &str = "mongodb";

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_event_log_keeps_its_contract() {
    let database = Database::shared().await;
    contract::event_log::run(NAME, &database.store().await.events()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_room_store_keeps_its_contract() {
    let database = Database::shared().await;
    contract::rooms::run(NAME, &database.store().await.rooms()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_participant_store_keeps_its_contract() {
    let database = Database::shared().await;
    contract::participants::run(NAME, &database.store().await.participants()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_session_store_keeps_its_contract() {
    let database = Database::shared().await;
    contract::sessions::run(NAME, &database.store().await.sessions()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_upload_store_keeps_its_contract() {
    let database = Database::shared().await;
    contract::uploads::run(NAME, &database.store().await.uploads()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_byte_store_keeps_its_contract() {
    let database = Database::shared().await;
    contract::bytes::run(NAME, &database.store().await.bytes()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_lease_store_keeps_its_contract() {
    let database = Database::shared().await;
    contract::leases::run(NAME, &database.store().await.leases()).await;
}
