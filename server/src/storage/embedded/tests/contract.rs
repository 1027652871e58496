//! The contract of every port, on several threads.

use super::store;
use crate::storage::contract;

const NAME: &str = "embedded";

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_event_log_keeps_its_contract() {
    let (store, _dir) = store();
    contract::event_log::run(NAME, &store.events()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_room_store_keeps_its_contract() {
    let (store, _dir) = store();
    contract::rooms::run(NAME, &store.rooms()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_participant_store_keeps_its_contract() {
    let (store, _dir) = store();
    contract::participants::run(NAME, &store.participants()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_session_store_keeps_its_contract() {
    let (store, _dir) = store();
    contract::sessions::run(NAME, &store.sessions()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_upload_store_keeps_its_contract() {
    let (store, _dir) = store();
    contract::uploads::run(NAME, &store.uploads()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_byte_store_keeps_its_contract() {
    let (store, _dir) = store();
    contract::bytes::run(NAME, &store.bytes()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn the_lease_store_keeps_its_contract() {
    let (store, _dir) = store();
    contract::leases::run(NAME, &store.leases()).await;
}
