//! Sessions and origins: who may ask, and from where.

use app::wire::error::ErrorCode;
use app::wire::request::SessionOpened;
use reqwest::StatusCode;

use crate::support::{TestApp, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_opened_once() {
    let app = TestApp::start().await;
    let client = app.client();
    let first = client.call("open_session", &[]).await;
    assert!(first.json::<SessionOpened>().fresh);
    let cookie = first.header("set-cookie");
    let (pair, attributes) = cookie.split_once(';').unwrap();
    assert_eq!(pair.len(), "streamboard_session=".len() + 64);
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
        assert!(attributes.contains(attribute), "{cookie}");
    }
    assert!(
        !attributes.contains("Secure"),
        "over plain http it would never come back"
    );
    let second = client.call("open_session", &[]).await;
    assert!(!second.json::<SessionOpened>().fresh);
    assert_eq!(second.header("set-cookie"), "");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_https_the_cookie_never_travels_in_the_clear() {
    let app = TestApp::with(&["--public-origin", "https://board.example"]).await;
    let opened = app.client().call("open_session", &[]).await;
    assert!(opened.header("set-cookie").ends_with("; Secure"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cookie_is_no_session() {
    let app = TestApp::start().await;
    let client = app.client();
    for forged in ["0".repeat(64), "short".to_owned(), String::new()] {
        let request = client
            .post("/api/open_session")
            .header("cookie", format!("streamboard_session={forged}"));
        let answer = send(request).await;
        assert!(answer.json::<SessionOpened>().fresh, "{forged:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_survives_a_restart() {
    let app = TestApp::start().await;
    let opened = app.client().call("open_session", &[]).await;
    let cookie = opened
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let app = app.restart().await;
    let request = app
        .client()
        .post("/api/open_session")
        .header("cookie", cookie);
    assert!(!send(request).await.json::<SessionOpened>().fresh);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_one_address_are_limited() {
    let app = TestApp::with(&["--session-burst", "2", "--session-every-ms", "3600000"]).await;
    for _ in 0..2 {
        app.client()
            .call("open_session", &[])
            .await
            .json::<SessionOpened>();
    }
    let third = app.client().call("open_session", &[]).await;
    third.refused(ErrorCode::TooMany);
    let wait: u32 = third.header("retry-after").parse().unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_changes_nothing() {
    let app = TestApp::start().await;
    let client = app.client();
    let own = format!("http://{}", app.address);
    let foreign = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ];
    for (name, value) in foreign {
        let request = client.post("/api/open_session").header(name, value);
        send(request).await.refused(ErrorCode::ForeignOrigin);
    }
    let request = client.post("/api/open_session").header("origin", own);
    assert_eq!(send(request).await.status, StatusCode::OK);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_origin_is_the_only_one() {
    let app = TestApp::with(&["--public-origin", "https://board.example"]).await;
    let client = app.client();
    let host = format!("http://{}", app.address);
    let request = client.post("/api/open_session").header("origin", host);
    send(request).await.refused(ErrorCode::ForeignOrigin);
    let request = client
        .post("/api/open_session")
        .header("origin", "https://board.example");
    assert_eq!(send(request).await.status, StatusCode::OK);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_everybody_has_an_address_of_their_own() {
    let flags = [
        "--trusted-proxy",
        "127.0.0.1",
        "--session-burst",
        "1",
        "--session-every-ms",
        "3600000",
    ];
    let app = TestApp::with(&flags).await;
    let open = |forwarded: &'static str| {
        let request = app.client().post("/api/open_session");
        send(request.header("x-forwarded-for", forwarded))
    };
    assert_eq!(open("198.51.100.1").await.status, StatusCode::OK);
    assert_eq!(open("198.51.100.2").await.status, StatusCode::OK);
    open("203.0.113.7, 198.51.100.1")
        .await
        .refused(ErrorCode::TooMany);
    app.stop().await;
}
