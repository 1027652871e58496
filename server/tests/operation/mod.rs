//! What operators rely on: health, shutdown, TLS, start-up refusals, the two copies of the site's options.

use std::time::Duration;

use reqwest::{StatusCode, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Client, PATIENCE, TestApp, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_is_alive_and_ready() {
    let app = TestApp::start().await;
    let client = app.client();
    assert_eq!(send(client.get("/healthz")).await.status, StatusCode::OK);
    assert_eq!(send(client.get("/readyz")).await.status, StatusCode::OK);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_answers_what_is_under_way() {
    let app = TestApp::start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let body = "title=Late&visibility=listed";
    let head = format!(
        "POST /api/create_room HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        app.address,
        body.len(),
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..5]).await.unwrap();
    // The request is under way once a later one on another connection was answered.
    send(app.client().get("/healthz")).await;
    app.begin_shutdown();
    stream.write_all(&body.as_bytes()[5..]).await.unwrap();
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer));
    read.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_speaks_http2_and_keeps_its_certificate() {
    let app = TestApp::with(&["--tls", "self-signed"]).await;
    let client = Client::new(format!("https://{}", app.address));
    let response = client.get("/healthz").send().await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let opened = client.call("open_session", &[]).await;
    assert!(opened.header("set-cookie").ends_with("; Secure"));
    let certificate = app.directory().join("data/tls/self-signed.pem");
    let before = std::fs::read(&certificate).unwrap();
    let app = app.restart().await;
    assert_eq!(std::fs::read(&certificate).unwrap(), before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_without_tls_is_understood_for_proxies() {
    let app = TestApp::start().await;
    let proxy = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let response = proxy.get(app.url("/healthz")).send().await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_belongs_to_one_server() {
    let app = TestApp::start().await;
    let data = app.directory().join("data");
    let flags = ["streamboard", "--data", data.to_str().unwrap()];
    let config = server::config::Config::from_args(flags).unwrap();
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let second = server::run::run(config, socket, server::lifecycle::Lifecycle::new());
    let refusal = tokio::time::timeout(PATIENCE, second)
        .await
        .unwrap()
        .unwrap_err();
    assert!(format!("{refusal:#}").contains("data"), "{refusal:#}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_stops_at_once() {
    let app = TestApp::start().await;
    app.client().make_room().await;
    let begun = tokio::time::Instant::now();
    app.stop().await;
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn leptos_toml_says_what_cargo_toml_says() {
    let read = |text: &str| {
        let value: toml::Table = text.parse().unwrap();
        value["workspace"]["metadata"]["leptos"][0]
            .as_table()
            .unwrap()
            .clone()
    };
    let cargo = read(include_str!("../../../Cargo.toml"));
    let leptos = read(include_str!("../../../Leptos.toml"));
    assert!(leptos.contains_key("output-name"));
    for (key, value) in &leptos {
        assert_eq!(cargo.get(key), Some(value), "{key}");
    }
}
