//! Names of participants.

use app::wire::error::ErrorCode;
use app::wire::ids::RoomId;
use app::wire::room::Author;

use crate::support::{Answer, Client, TestApp};

async fn rename(client: &Client, room: &RoomId, name: &str) -> Answer {
    client
        .call("rename", &[("room", room.as_str()), ("name", name)])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_shown_with_what_is_posted_from_then_on() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    client.say(&room, "nameless").await;
    let author: Author = rename(&client, &room, " Ada ").await.json();
    assert_eq!(author.name.as_deref(), Some("Ada"));
    client.say(&room, "named").await;
    let page = client.history(&room).await;
    assert_eq!(page.posts[0].author.label(), "Anonymous 1");
    assert_eq!(page.posts[1].author.label(), "Ada");
    let nameless: Author = rename(&client, &room, "").await.json();
    assert_eq!(nameless.name, None);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cannot_have_one_name() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.client(), app.client());
    let room = ada.make_room().await;
    let (first, second) = tokio::join!(rename(&ada, &room, "Ada"), rename(&eve, &room, "ＡＤＡ"));
    let won = [&first, &second]
        .into_iter()
        .filter(|answer| answer.status.is_success())
        .count();
    assert_eq!(won, 1, "{first:?} {second:?}");
    let lost = if first.status.is_success() {
        second
    } else {
        first
    };
    lost.refused(ErrorCode::NameTaken);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_break_a_rule_are_refused() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    rename(&client, &room, &"x".repeat(51))
        .await
        .refused(ErrorCode::TooLarge);
    rename(&client, &room, "a\u{1b}[31m")
        .await
        .refused(ErrorCode::Invalid);
    rename(&client, &room, "Anonymous 2")
        .await
        .refused(ErrorCode::NameTaken);
    app.stop().await;
}
