//! Rooms: making, listing, reading.

use app::wire::error::ErrorCode;
use app::wire::page::{Page, RoomPage};
use app::wire::request::{RoomList, UploadOpened};
use app::wire::room::{RoomSnapshot, Visibility};

use crate::support::{TestApp, nonce};

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_there_as_soon_as_it_is_made() {
    let app = TestApp::start().await;
    let client = app.client();
    let arguments = [("title", "  A \t room "), ("visibility", "secret")];
    let room: RoomSnapshot = client.call("create_room", &arguments).await.json();
    assert_eq!(room.title, "A room");
    assert_eq!(room.visibility, Visibility::Secret);
    assert_eq!(room.room.as_str().len(), 22);
    let page: RoomPage = client
        .call("load_room", &[("room", room.room.as_str())])
        .await
        .json();
    assert_eq!(page.page.room, room);
    assert_eq!(page.page.cursor.seq, 1);
    let me = page.me.author.unwrap();
    assert!(me.op);
    assert_eq!(me.number, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_and_visibilities_that_break_a_rule_are_refused() {
    let app = TestApp::start().await;
    let client = app.client();
    let make = |title: String, visibility: &'static str| {
        let client = client.clone();
        async move {
            let arguments = [("title", title.as_str()), ("visibility", visibility)];
            client.call("create_room", &arguments).await
        }
    };
    make(" \u{200b} ".into(), "listed")
        .await
        .refused(ErrorCode::Invalid);
    make("a\u{7}b".into(), "listed")
        .await
        .refused(ErrorCode::Invalid);
    make("x".repeat(101), "listed")
        .await
        .refused(ErrorCode::TooLarge);
    make("fine".into(), "public")
        .await
        .refused(ErrorCode::Invalid);
    let list: RoomList = client.call("list_rooms", &[]).await.json();
    assert!(list.rooms.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_shows_listed_rooms_and_no_others() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    client
        .call(
            "create_room",
            &[("title", "hidden"), ("visibility", "secret")],
        )
        .await;
    client.say(&room, "first words").await;
    let list: RoomList = client.call("list_rooms", &[]).await.json();
    assert_eq!(list.rooms.len(), 1);
    let card = &list.rooms[0];
    assert_eq!(card.snapshot.room, room);
    assert_eq!(card.posts, 1);
    assert_eq!(card.words.as_deref(), Some("first words"));
    assert_eq!(card.ends_at - card.last_activity, 72 * 3_600_000);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_without_words_or_a_picture_names_the_newest_file() {
    let app = TestApp::start().await;
    let client = app.client();
    let mut cards = Vec::new();
    for (name, hint) in [("minutes.pdf", "other"), ("cat.jpg", "image")] {
        let room = client.make_room().await;
        let upload = [
            ("room", room.as_str()),
            ("name", name),
            ("size", "10"),
            ("hint", hint),
        ];
        let opened: UploadOpened = client.call("open_upload", &upload).await.json();
        let (nonce, file) = (nonce().to_string(), opened.file.to_string());
        let post = [
            ("room", room.as_str()),
            ("nonce", &nonce),
            ("files[0]", &file),
        ];
        assert_eq!(client.call("create_post", &post).await.status, 200);
        cards.push(room);
    }
    let list: RoomList = client.call("list_rooms", &[]).await.json();
    let words = cards.iter().map(|room| {
        let card = list.rooms.iter().find(|card| card.snapshot.room == *room);
        let card = card.unwrap();
        (card.words.as_deref(), card.cover.is_some())
    });
    let shown: Vec<_> = words.collect();
    assert_eq!(shown, [(Some("minutes.pdf"), false), (None, true)]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_of_one_address_are_limited() {
    let app = TestApp::with(&["--room-burst", "1", "--room-every-ms", "3600000"]).await;
    let client = app.client();
    client.make_room().await;
    let arguments = [("title", "another"), ("visibility", "listed")];
    let refused = client.call("create_room", &arguments).await;
    let error = refused.error();
    assert_eq!(error.error, ErrorCode::TooMany);
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    assert_eq!(error.retry_after, Some(wait));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_room_is_not_found_whatever_is_asked() {
    let app = TestApp::start().await;
    let client = app.client();
    let nonce = nonce().to_string();
    let calls: [(&str, &[(&str, &str)]); 6] = [
        ("load_room", &[]),
        ("load_history", &[]),
        ("create_post", &[("nonce", &nonce), ("text", "hello")]),
        ("rename", &[("name", "Ada")]),
        ("remove_post", &[("no", "1")]),
        (
            "edit_post",
            &[("no", "1"), ("nonce", &nonce), ("text", "x")],
        ),
    ];
    client.call("open_session", &[]).await;
    for (function, more) in calls {
        let arguments = [&[("room", "unknown1")], more].concat();
        client
            .call(function, &arguments)
            .await
            .refused(ErrorCode::NotFound);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_history_meet() {
    let app = TestApp::with(&["--post-burst", "100"]).await;
    let client = app.client();
    let room = client.make_room().await;
    for n in 1..=7 {
        client.say(&room, &format!("post {n}")).await;
    }
    let page = |before: &'static str, limit: &'static str| {
        let (client, room) = (client.clone(), room.clone());
        async move {
            let mut arguments = vec![("room", room.as_str()), ("limit", limit)];
            if !before.is_empty() {
                arguments.push(("before", before));
            }
            client.call("load_history", &arguments).await
        }
    };
    let numbers = |page: &Page| page.posts.iter().map(|post| post.no).collect::<Vec<_>>();
    assert_eq!(numbers(&page("", "3").await.json()), [5, 6, 7]);
    assert_eq!(numbers(&page("5", "3").await.json()), [2, 3, 4]);
    let last: Page = page("2", "3").await.json();
    assert_eq!(numbers(&last), [1]);
    assert_eq!(last.posts_total, 7);
    assert_eq!(numbers(&page("1", "3").await.json()), [0; 0]);
    for (before, limit) in [("", "0"), ("", "201"), ("0", "3"), ("-1", "3"), ("x", "3")] {
        page(before, limit).await.refused(ErrorCode::Invalid);
    }
    app.stop().await;
}
