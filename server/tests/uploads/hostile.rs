//! Files that would be something else in a browser.

use reqwest::Method;

use super::{Sender, picture};
use crate::support::send;

#[tokio::test(flavor = "multi_thread")]
async fn active_types_are_only_ever_downloads() {
    let sender = Sender::new().await;
    let polyglot = [&picture(60)[..], b"<script>alert(1)</script>"].concat();
    for bytes in [
        &b"<!doctype html><script>alert(1)</script>"[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 and more",
        b"GIF89a=1;alert(document.domain)//",
        &polyglot,
    ] {
        let upload = sender.open("holiday.jpg", Some(bytes.len() as u64)).await;
        sender.post(&upload.file).await;
        let sent = send(sender.upload(Method::PUT, &upload).body(bytes.to_vec())).await;
        assert_eq!(sent.status, 204);
        let answer = send(sender.file(&upload.file)).await;
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment;")
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(
            answer.header("content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_only_a_caption() {
    let sender = Sender::new().await;
    let long = format!("{}.png", "x".repeat(300));
    for (given, shown) in [
        ("../../etc/passwd", "passwd"),
        ("a\u{202e}gnp.exe", "agnp.exe"),
        ("C:\\x\\\"y\".png", "\"y\".png"),
        (&long, &long[154..]),
    ] {
        let upload = sender.open(given, Some(100)).await;
        sender.post(&upload.file).await;
        send(sender.upload(Method::PUT, &upload).body(picture(100))).await;
        let post = sender.page().await.posts.pop().unwrap();
        assert_eq!(post.files[0].notice.name, shown);
        let disposition =
            send(sender.request(Method::HEAD, &format!("/files/{}", upload.file))).await;
        let disposition = disposition.header("content-disposition");
        assert!(
            disposition.starts_with("inline; filename=\""),
            "{disposition}"
        );
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
    }
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_no_http_do_not_harm() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(100)).await;
    let twice = format!(
        "PUT /uploads/{} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde",
        upload.key
    );
    let answer = sender.raw(twice.into_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let odd = format!(
        "PATCH /uploads/{} HTTP/1.1\r\nhost: x\r\ncontent-type: application/offset+octet-stream\r\nupload-offset: \u{e9}\r\ncontent-length: 1\r\n\r\na",
        upload.key
    );
    let answer = sender.raw(odd.into_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(sender.offset(&upload).await, 0);
    sender.app.stop().await;
}
