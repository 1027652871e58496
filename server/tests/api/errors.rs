//! Errors: one shape, the right status, also where the framework answers by itself.

use std::convert::Infallible;

use app::wire::error::ErrorCode;
use http_body_util::BodyExt;
use reqwest::{RequestBuilder, StatusCode};
use tower::{ServiceExt, service_fn};
use tower_http::decompression::Decompression;

use crate::support::{Answer, Client, TestApp, nonce};

async fn refused_body(client: &Client, body: Vec<u8>) -> ErrorCode {
    let request = client
        .post("/api/create_post")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    crate::support::send(request).await.error().error
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_cannot_be_read_are_the_clients_mistake() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    client
        .call("create_post", &[])
        .await
        .refused(ErrorCode::Invalid);
    client
        .call(
            "create_post",
            &[("room", "../../etc"), ("nonce", &nonce().to_string())],
        )
        .await
        .refused(ErrorCode::Invalid);
    let bad_nonces =
        ["", "00", "zz".repeat(16).as_str(), "AB".repeat(16).as_str()].map(str::to_owned);
    for bad in bad_nonces {
        let arguments = [
            ("room", room.as_str()),
            ("nonce", bad.as_str()),
            ("text", "x"),
        ];
        client
            .call("create_post", &arguments)
            .await
            .refused(ErrorCode::Invalid);
    }
    assert!(client.history(&room).await.posts.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_a_form_is_refused() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    assert_eq!(
        refused_body(&client, vec![0xff, 0xfe, 0]).await,
        ErrorCode::Invalid
    );
    let escaped = format!("room={room}&nonce={}&text=%ff%fe", nonce());
    assert_eq!(
        refused_body(&client, escaped.into_bytes()).await,
        ErrorCode::Invalid
    );
    let raw = [
        format!("room={room}&nonce={}&text=", nonce()).as_bytes(),
        &[0xff],
    ]
    .concat();
    assert_eq!(refused_body(&client, raw).await, ErrorCode::Invalid);
    assert!(client.history(&room).await.posts.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_body_is_cut_off() {
    let app = TestApp::start().await;
    let huge = vec![b'a'; 3 * 1024 * 1024];
    assert_eq!(refused_body(&app.client(), huge).await, ErrorCode::TooLarge);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_endpoints_and_methods_answer_in_the_same_shape() {
    let app = TestApp::start().await;
    let client = app.client();
    client
        .call("no_such_function", &[])
        .await
        .refused(ErrorCode::NotFound);
    client
        .call("create_post/deeper", &[])
        .await
        .refused(ErrorCode::NotFound);
    let get = crate::support::send(client.get("/api/create_post")).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(get.body.contains("\"error\":\"invalid\""), "{}", get.body);
    assert_eq!(get.header("content-type"), "application/json");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id_of_ours() {
    let app = TestApp::start().await;
    let client = app.client();
    let forged = client.get("/healthz").header("x-request-id", "forged");
    let first = crate::support::send(forged).await;
    let second = crate::support::send(client.get("/robots.txt")).await;
    assert_eq!(first.header("x-request-id").len(), 16);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    app.stop().await;
}

/// What a client gets that takes `coding`: the headers as they came, the body as it reads it.
async fn decoded(request: RequestBuilder, coding: &str) -> Answer {
    let request = request.header("accept-encoding", coding);
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let mut came = Some(http::Response::<reqwest::Body>::from(response));
    let decoder = Decompression::new(service_fn(move |_: http::Request<()>| {
        let came = came.take().unwrap();
        async move { Ok::<_, Infallible>(came) }
    }));
    let decoded = decoder.oneshot(http::Request::new(())).await.unwrap();
    let body = decoded.into_body().collect().await.unwrap().to_bytes();
    Answer {
        status,
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_travels_compressed_is_the_same_error() {
    let app = TestApp::start().await;
    let client = app.client();
    let nonce = nonce().to_string();
    let nowhere = [("room", "nowhere0"), ("nonce", &*nonce), ("text", "x")];
    for coding in ["gzip", "br"] {
        // Told by a server function, by the framework, and by the layer that mends both.
        let told = client.post("/api/create_post").form(&nowhere);
        let unread = client.post("/api/create_post").form(&[("room", "x")]);
        let unknown = client.post("/api/no_such_function");
        for (request, code) in [
            (told, ErrorCode::NotFound),
            (unread, ErrorCode::Invalid),
            (unknown, ErrorCode::NotFound),
        ] {
            let answer = decoded(request, coding).await;
            answer.refused(code);
            assert_eq!(answer.header("content-encoding"), coding);
            assert!(answer.header("vary").contains("accept-encoding"));
            assert_eq!(answer.header("content-length"), "");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    app.stop().await;
}
