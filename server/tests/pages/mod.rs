//! Pages and files as a browser asks for them.

mod no_script;

use reqwest::StatusCode;

use crate::support::{TestApp, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_a_policy_with_a_nonce_of_its_own() {
    let app = TestApp::start().await;
    let client = app.client();
    let first = send(client.get("/").header("accept", "text/html")).await;
    let second = send(client.get("/").header("accept", "text/html")).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let policy = first.header("content-security-policy");
    assert!(
        policy.contains("'nonce-") && policy.contains("'wasm-unsafe-eval'"),
        "{policy}"
    );
    assert!(!policy.contains("script-src 'unsafe-inline'"), "{policy}");
    assert_ne!(policy, second.header("content-security-policy"));
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    for script in first.body.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        let is_ours = tag.contains(nonce) || tag.contains("src=\"/");
        assert!(is_ours, "<script{tag}>");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_told_how_to_be_read() {
    let app = TestApp::start().await;
    let client = app.client();
    for path in [
        "/",
        "/robots.txt",
        "/pkg/streamboard.css",
        "/healthz",
        "/api/none",
        "/nowhere",
    ] {
        let answer = send(client.get(path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_ne!(answer.header("content-security-policy"), "", "{path}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_served_and_asked_for_again_by_date() {
    let app = TestApp::start().await;
    let client = app.client();
    let robots = send(client.get("/robots.txt")).await;
    assert_eq!(robots.body, "User-agent: *\n");
    let again = client
        .get("/robots.txt")
        .header("if-modified-since", robots.header("last-modified"));
    assert_eq!(send(again).await.status, StatusCode::NOT_MODIFIED);
    let css = send(client.get("/pkg/streamboard.css")).await;
    assert_eq!(css.header("content-type"), "text/css");
    let missing = send(client.get("/pkg/none.js")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.header("cache-control"), "");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_site_is_served() {
    let app = TestApp::start().await;
    let client = app.client();
    std::fs::write(app.directory().join("secret.txt"), "secret").unwrap();
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/pkg/..%2f..%2fsecret.txt",
    ] {
        let answer = send(client.get(path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            !answer.body.contains("secret\n") && answer.body != "secret",
            "{path}"
        );
    }
    app.stop().await;
}
