//! Who may open a feed, and what the others are told.

use app::wire::feed::{
    ClientMessage, RefusedReason, SUBPROTOCOL_JSON, SUBPROTOCOL_POSTCARD, ServerMessage, close,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Codec, TestApp, connect, connect_with, send};

const PROTOCOL: &str = "sec-websocket-protocol";

#[tokio::test(flavor = "multi_thread")]
async fn both_codecs_begin_with_a_welcome() {
    let app = TestApp::start().await;
    for codec in [Codec::Postcard, Codec::Json] {
        let mut feed = connect(&app, codec).await;
        let ServerMessage::Welcome { limits, ping_s, .. } = feed.next().await else {
            panic!("no welcome in {codec:?}");
        };
        assert_eq!(limits.files_per_post, 5);
        assert!(ping_s > 0);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_protocol_we_know_is_taken() {
    let app = TestApp::start().await;
    let offered = format!("other.v9, {SUBPROTOCOL_JSON}, {SUBPROTOCOL_POSTCARD}");
    let mut feed = connect_with(&app, &[(PROTOCOL, &offered)]).await.unwrap();
    assert!(matches!(feed.next().await, ServerMessage::Welcome { .. }));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_protocol_we_know_there_is_no_feed() {
    let app = TestApp::start().await;
    for headers in [&[][..], &[(PROTOCOL, "streamboard.v9.cbor")]] {
        let refusal = connect_with(&app, headers).await.err().unwrap();
        assert_eq!(refusal.status, 400);
        assert!(
            refusal.body.contains(SUBPROTOCOL_POSTCARD),
            "{}",
            refusal.body
        );
    }
    let plain = send(app.client().get("/feed")).await;
    assert!(plain.status.is_client_error());
    assert!(plain.error().message.contains("websocket"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_opens_no_feed() {
    let app = TestApp::start().await;
    let headers = [
        (PROTOCOL, SUBPROTOCOL_JSON),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(
        connect_with(&app, &headers).await.err().unwrap().status,
        403
    );
    let own = format!("http://{}", app.address);
    let headers = [(PROTOCOL, SUBPROTOCOL_JSON), ("origin", own.as_str())];
    assert!(connect_with(&app, &headers).await.is_ok());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_session_is_told_to_open_another() {
    let app = TestApp::start().await;
    let cookie = format!("streamboard_session={}", "0".repeat(64));
    let headers = [(PROTOCOL, SUBPROTOCOL_JSON), ("cookie", cookie.as_str())];
    let mut feed = connect_with(&app, &headers).await.unwrap();
    assert_eq!(feed.closed().await, close::SESSION);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_a_share_of_the_feeds() {
    let app = TestApp::with(&["--feeds-per-address", "1"]).await;
    let mut first = connect(&app, Codec::Json).await;
    assert!(matches!(first.next().await, ServerMessage::Welcome { .. }));
    let mut second = connect(&app, Codec::Json).await;
    assert_eq!(second.closed().await, close::OVERLOADED);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_ends_the_feed_and_nothing_else() {
    let app = TestApp::start().await;
    let garbage = [
        Message::binary(vec![0xff; 32]),
        Message::text("{}"),
        Message::text("x".repeat(64 * 1024 + 1)),
        Message::text("x".repeat(100_000)),
    ];
    let mut bystander = connect(&app, Codec::Json).await;
    for message in garbage {
        let mut feed = connect(&app, Codec::Json).await;
        feed.send_raw(message).await;
        assert_eq!(feed.closed().await, close::PROTOCOL);
    }
    let room = "unknown1".parse().unwrap();
    assert!(matches!(
        bystander.next().await,
        ServerMessage::Welcome { .. }
    ));
    bystander
        .send(&ClientMessage::Subscribe { room, since: None })
        .await;
    let ServerMessage::Refused { reason, .. } = bystander.next().await else {
        panic!("an unknown room was not refused");
    };
    assert_eq!(reason, RefusedReason::NoSuchRoom);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_tells_its_feeds_to_come_back() {
    let app = TestApp::start().await;
    let mut feed = connect(&app, Codec::Postcard).await;
    assert!(matches!(feed.next().await, ServerMessage::Welcome { .. }));
    app.begin_shutdown();
    assert_eq!(feed.closed().await, close::RESTART);
    app.stop().await;
}
