//! Rooms that are over, and rooms that a crash left half-made.

use std::sync::Arc;

use app::api::backend::SessionId;
use app::wire::error::ErrorCode;
use app::wire::ids::{Epoch, RoomId};
use app::wire::request::{Appended, RoomList};
use app::wire::room::Visibility;
use server::bus::local::LocalBus;
use server::clock::SystemClock;
use server::domain::room::RoomRecord;
use server::log::{Command, Draft, Precondition, RoomLog};
use server::storage::embedded::EmbeddedStore;
use tokio_util::task::TaskTracker;

use crate::support::{Client, TestApp, nonce};

async fn end(store: EmbeddedStore, room: RoomId) {
    let tracker = TaskTracker::new();
    let (bus, clock) = (Arc::new(LocalBus::new()), Arc::new(SystemClock));
    let log = RoomLog::new(store.events(), store.rooms(), bus, clock, tracker.clone());
    let ended = Command::server(room, Draft::RoomEnded, Precondition::RoomOpen);
    log.append(ended).await.unwrap();
    tracker.close();
    tracker.wait().await;
}

async fn is_refused_everywhere(client: &Client, room: &RoomId, code: ErrorCode) {
    client.say_as(room, "late", &nonce()).await.refused(code);
    let (room, nonce) = (room.as_str(), nonce().to_string());
    client
        .call("rename", &[("room", room), ("name", "Ada")])
        .await
        .refused(code);
    client
        .call("remove_post", &[("room", room), ("no", "1")])
        .await
        .refused(code);
    let edit = [
        ("room", room),
        ("no", "1"),
        ("nonce", &nonce),
        ("text", "x"),
    ];
    client.call("edit_post", &edit).await.refused(code);
    let upload = [("room", room), ("name", "a.png"), ("size", "10")];
    client.call("open_upload", &upload).await.refused(code);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_over_can_be_read_and_nothing_else() {
    let app = TestApp::start().await;
    let cookie = app.client().session().await;
    let client = app.client_with(&cookie);
    let room = client.make_room().await;
    let first = nonce();
    client.say_as(&room, "in time", &first).await;
    client.say(&room, "a mistake").await;
    let removal = [("room", room.as_str()), ("no", "2")];
    let removed: Appended = client.call("remove_post", &removal).await.json();
    let app = app.restart_after(|store| end(store, room.clone())).await;
    let client = app.client_with(&cookie);
    is_refused_everywhere(&client, &room, ErrorCode::Gone).await;
    let page = client.history(&room).await;
    assert!(page.ended);
    assert_eq!(page.posts.len(), 2);
    // What was done in time and whose answer was lost is answered all the same.
    assert_eq!(client.say_as(&room, "in time", &first).await.status, 200);
    let again: Appended = client.call("remove_post", &removal).await.json();
    assert_eq!(again, removed);
    assert_eq!(client.history(&room).await.cursor, page.cursor);
    let list: RoomList = client.call("list_rooms", &[]).await.json();
    assert!(list.rooms.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_whose_making_a_crash_cut_short_is_no_room() {
    let app = TestApp::start().await;
    let half: RoomId = "halfmade".parse().unwrap();
    let record = RoomRecord {
        id: half.clone(),
        epoch: Epoch([1; 8]),
        visibility: Visibility::Listed,
        owner: SessionId([1; 32]),
        created_at: 1,
        last_activity: i64::MAX / 2,
        ended: false,
    };
    let leave = async |store: EmbeddedStore| {
        assert!(store.rooms().create(&record).await.unwrap());
    };
    let app = app.restart_after(leave).await;
    let client = app.client();
    client
        .call("load_room", &[("room", half.as_str())])
        .await
        .refused(ErrorCode::NotFound);
    client
        .say_as(&half, "hello", &nonce())
        .await
        .refused(ErrorCode::NotFound);
    let list: RoomList = client.call("list_rooms", &[]).await.json();
    assert!(list.rooms.is_empty());
    app.stop().await;
}
