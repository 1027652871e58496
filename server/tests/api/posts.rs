//! Posting, editing, removing.

use app::wire::error::ErrorCode;
use app::wire::request::Appended;
use reqwest::StatusCode;

use crate::support::{TestApp, nonce, send};

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_numbered_in_order_and_keep_their_text() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let texts = [
        ">green\r\ntext",
        "<script>alert(1)</script>",
        "ünï ☃ 🦀",
        " \t indented",
    ];
    for (index, text) in texts.iter().enumerate() {
        let posted = client.say(&room, text).await;
        assert_eq!(posted.no as usize, index + 1);
    }
    let page = client.history(&room).await;
    let kept: Vec<_> = page.posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(kept, [">green\ntext", texts[1], texts[2], "\t indented"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_breaks_a_rule_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let refused = [
        ("", ErrorCode::Invalid),
        (" \n \u{a0}", ErrorCode::Invalid),
        ("a\0b", ErrorCode::Invalid),
        ("\u{1b}[2J", ErrorCode::Invalid),
        (&"x".repeat(4_001), ErrorCode::TooLarge),
        (&"x\n".repeat(101), ErrorCode::TooLarge),
    ];
    for (text, code) in refused {
        client.say_as(&room, text, &nonce()).await.refused(code);
    }
    client.say(&room, &"☃".repeat(4_000)).await;
    assert_eq!(client.history(&room).await.posts_total, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_nonce_returns_the_first_post() {
    let app = TestApp::with(&["--post-burst", "1", "--post-every-ms", "3600000"]).await;
    let client = app.client();
    let room = client.make_room().await;
    let nonce = nonce();
    let first: Appended = client.say_as(&room, "once", &nonce).await.json();
    for _ in 0..3 {
        // The budget is spent; a repetition is answered all the same.
        let again: Appended = client.say_as(&room, "once", &nonce).await.json();
        assert_eq!(again, first);
    }
    client
        .say_as(&room, "twice", &nonce)
        .await
        .refused(ErrorCode::NonceReused);
    client
        .say_as(&room, "more", &crate::support::nonce())
        .await
        .refused(ErrorCode::TooMany);
    assert_eq!(client.history(&room).await.posts_total, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_sent_many_times_at_once_is_one_post() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let nonce = nonce();
    let sent = (0..4).map(|_| client.say_as(&room, "once", &nonce));
    let answers = futures::future::join_all(sent).await;
    for answer in answers {
        assert_eq!(answer.json::<Appended>().no, 1);
    }
    assert_eq!(client.history(&room).await.posts_total, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_belongs_to_its_session() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.client(), app.client());
    let room = ada.make_room().await;
    let nonce = nonce();
    let first: Appended = ada.say_as(&room, "mine", &nonce).await.json();
    let second: Appended = eve.say_as(&room, "mine too", &nonce).await.json();
    assert_ne!(first.no, second.no);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_posts_survive_a_restart() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    client.say(&room, "one").await;
    client.say(&room, "two").await;
    let before = client.history(&room).await;
    let app = app.restart().await;
    assert_eq!(app.client().history(&room).await, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_author_edits_a_post() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.client(), app.client());
    let room = ada.make_room().await;
    ada.say(&room, "before").await;
    eve.say(&room, "hello").await;
    let edit = |text: &'static str, no: &'static str| {
        let nonce = nonce().to_string();
        let room = room.to_string();
        move |client: crate::support::Client| async move {
            let arguments = [
                ("room", &*room),
                ("no", no),
                ("nonce", &*nonce),
                ("text", text),
            ];
            client.call("edit_post", &arguments).await
        }
    };
    edit("hers", "1")(eve.clone())
        .await
        .refused(ErrorCode::Forbidden);
    edit("", "1")(ada.clone()).await.refused(ErrorCode::Invalid);
    edit("none", "9")(ada.clone())
        .await
        .refused(ErrorCode::NotFound);
    edit("stranger", "1")(app.client())
        .await
        .refused(ErrorCode::Forbidden);
    edit("after", "1")(ada.clone()).await.json::<Appended>();
    let post = &ada.history(&room).await.posts[0];
    assert_eq!((post.text.as_str(), post.edited), ("after", true));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_post_is_gone_for_good() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.client(), app.client());
    let room = ada.make_room().await;
    let nonce = nonce();
    eve.say_as(&room, "regretted", &nonce)
        .await
        .json::<Appended>();
    let arguments = [("room", room.as_str()), ("no", "1")];
    let first: Appended = eve.call("remove_post", &arguments).await.json();
    let again: Appended = eve.call("remove_post", &arguments).await.json();
    assert_eq!(first, again);
    ada.call("remove_post", &arguments)
        .await
        .refused(ErrorCode::Gone);
    let edit = [
        ("room", room.as_str()),
        ("no", "1"),
        ("nonce", &crate::support::nonce().to_string()),
        ("text", "back"),
    ];
    eve.call("edit_post", &edit).await.refused(ErrorCode::Gone);
    let post = &eve.history(&room).await.posts[0];
    assert!(post.removed);
    assert_eq!(post.text, "");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_room_removes_any_post_and_others_none() {
    let app = TestApp::start().await;
    let (owner, guest, other) = (app.client(), app.client(), app.client());
    let room = owner.make_room().await;
    guest.say(&room, "spam").await;
    other.say(&room, "hello").await;
    let arguments = [("room", room.as_str()), ("no", "1")];
    other
        .call("remove_post", &arguments)
        .await
        .refused(ErrorCode::Forbidden);
    app.client()
        .call("remove_post", &arguments)
        .await
        .refused(ErrorCode::Forbidden);
    owner
        .call("remove_post", &arguments)
        .await
        .json::<Appended>();
    assert!(owner.history(&room).await.posts[0].removed);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_racing_a_removal_never_brings_a_post_back() {
    let app = TestApp::with(&["--post-burst", "100"]).await;
    let client = app.client();
    let room = client.make_room().await;
    for round in 1..=5_u32 {
        client.say(&room, "text").await;
        let no = round.to_string();
        let edit_nonce = nonce().to_string();
        let edit = [
            ("room", room.as_str()),
            ("no", &*no),
            ("nonce", &*edit_nonce),
            ("text", "edited"),
        ];
        let remove = [("room", room.as_str()), ("no", &*no)];
        let (edited, removed) = tokio::join!(
            client.call("edit_post", &edit),
            client.call("remove_post", &remove)
        );
        removed.json::<Appended>();
        if !edited.status.is_success() {
            edited.refused(ErrorCode::Gone);
        }
        let page = client.history(&room).await;
        let post = page.posts.last().unwrap();
        assert!(post.removed && post.text.is_empty(), "{post:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_script_is_sent_on() {
    let app = TestApp::start().await;
    let client = app.client();
    let html = |request: reqwest::RequestBuilder| request.header("accept", "text/html,*/*");
    let form = [("title", "From a form"), ("visibility", "listed")];
    let made = send(html(client.post("/api/create_room")).form(&form)).await;
    assert_eq!(made.status, StatusCode::FOUND);
    let room = made
        .header("location")
        .strip_prefix("/r/")
        .unwrap()
        .to_owned();
    let nonce = nonce().to_string();
    let form = [("room", &*room), ("nonce", &*nonce), ("text", "hello")];
    let posted = send(html(client.post("/api/create_post")).form(&form)).await;
    assert_eq!(posted.status, StatusCode::FOUND);
    assert_eq!(posted.header("location"), format!("/r/{room}#p1"));
    let form = [("room", &*room), ("nonce", &*nonce), ("text", "")];
    let back = format!("http://{}/r/{room}", app.address);
    let request = html(client.post("/api/create_post"))
        .header("referer", &back)
        .form(&form);
    let refused = send(request).await;
    assert_eq!(refused.status, StatusCode::FOUND);
    assert!(
        refused.header("location").starts_with(&back),
        "{:?}",
        refused.headers
    );
    app.stop().await;
}
