//! tus 1.0.0: core and creation.

use app::wire::error::ErrorCode;
use reqwest::Method;

use super::{Sender, picture};
use crate::support::send;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_what_it_speaks() {
    let sender = Sender::new().await;
    let answer = send(sender.request(Method::OPTIONS, "/uploads")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("tus-resumable"), "1.0.0");
    assert_eq!(answer.header("tus-version"), "1.0.0");
    assert_eq!(answer.header("tus-extension"), "creation,termination");
    assert_eq!(
        answer.header("tus-max-size"),
        (100 * 1024 * 1024).to_string()
    );
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_created_sent_in_pieces_and_read() {
    let sender = Sender::new().await;
    let metadata = format!(
        "filename Y2F0LnBuZw==,room {}",
        base64(sender.room.as_str())
    );
    let created = sender
        .request(Method::POST, "/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", "1000")
        .header("upload-metadata", metadata);
    let created = send(created).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let opened: app::wire::request::UploadOpened = serde_json::from_str(&created.body).unwrap();
    assert_eq!(
        created.header("location"),
        format!("/uploads/{}", opened.key)
    );
    let head = send(sender.upload(Method::HEAD, &opened)).await;
    assert_eq!(head.header("upload-offset"), "0");
    assert_eq!(head.header("upload-length"), "1000");
    assert_eq!(head.header("tus-resumable"), "1.0.0");
    assert_eq!(head.header("cache-control"), "no-store");
    let bytes = picture(1_000);
    let first = send(sender.patch(&opened, "0").body(bytes[..400].to_vec())).await;
    assert_eq!(
        (first.status.as_u16(), first.header("upload-offset")),
        (204, "400")
    );
    sender.post(&opened.file).await;
    let rest = send(sender.patch(&opened, "400").body(bytes[400..].to_vec())).await;
    assert_eq!(
        (rest.status.as_u16(), rest.header("upload-offset")),
        (204, "1000")
    );
    let read = sender.file(&opened.file).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap(), bytes);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_makes_no_sense_is_refused() {
    let sender = Sender::new().await;
    let room = format!("room {}", base64(sender.room.as_str()));
    let create = |length: Option<&str>, metadata: &str| {
        let mut request = sender.request(Method::POST, "/uploads");
        if let Some(length) = length {
            request = request.header("upload-length", length);
        }
        send(request.header("upload-metadata", metadata))
    };
    create(None, &room).await.refused(ErrorCode::Invalid);
    create(Some("-1"), &room).await.refused(ErrorCode::Invalid);
    create(Some("0"), &room).await.refused(ErrorCode::Invalid);
    create(Some("5"), "").await.refused(ErrorCode::Invalid);
    create(Some("5"), "room !!")
        .await
        .refused(ErrorCode::Invalid);
    create(Some("999999999999"), &room)
        .await
        .refused(ErrorCode::TooLarge);
    let elsewhere = format!("room {}", base64("abcdefgh"));
    create(Some("5"), &elsewhere)
        .await
        .refused(ErrorCode::NotFound);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_offsets_versions_and_types_are_refused() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(1_000)).await;
    let bytes = picture(1_000);
    send(sender.patch(&upload, "0").body(bytes[..400].to_vec())).await;
    for wrong in ["0", "399", "401", "1000", "18446744073709551615"] {
        let answer = send(sender.patch(&upload, wrong).body("x")).await;
        answer.refused(ErrorCode::Conflict);
        assert_eq!(answer.header("upload-offset"), "400", "{wrong}");
    }
    for wrong in ["-1", "", "x", "1.5", "99999999999999999999"] {
        let answer = send(sender.patch(&upload, wrong).body("x")).await;
        answer.refused(ErrorCode::Invalid);
    }
    let missing = sender
        .upload(Method::PATCH, &upload)
        .header("content-type", "application/offset+octet-stream");
    send(missing.body("x")).await.refused(ErrorCode::Invalid);
    let other_type = sender
        .upload(Method::PATCH, &upload)
        .header("upload-offset", "400");
    assert_eq!(send(other_type.body("x")).await.status, 415);
    let other_version = sender
        .upload(Method::HEAD, &upload)
        .header("tus-resumable", "0.2.2");
    let answer = send(other_version).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("tus-version")),
        (412, "1.0.0")
    );
    let too_long = send(sender.patch(&upload, "400").body(bytes[399..].to_vec())).await;
    too_long.refused(ErrorCode::TooLarge);
    assert_eq!(too_long.header("upload-offset"), "400");
    assert_eq!(
        sender.offset(&upload).await,
        400,
        "none of it changed anything"
    );
    assert_eq!(send(sender.upload(Method::GET, &upload)).await.status, 405);
    let unknown = sender.request(Method::HEAD, "/uploads/00000000000000000000000000000000");
    assert_eq!(send(unknown).await.status, 404);
    let nonsense = sender.request(Method::PUT, "/uploads/nonsense").body("x");
    send(nonsense).await.refused(ErrorCode::NotFound);
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_cancelled_also_by_a_client_that_only_knows_post() {
    let sender = Sender::new().await;
    for method in [Method::DELETE, Method::POST] {
        let upload = sender.open("cat.png", Some(1_000)).await;
        send(sender.patch(&upload, "0").body(picture(400))).await;
        let mut request = sender.upload(method.clone(), &upload);
        if method == Method::POST {
            request = request.header("x-http-method-override", "DELETE");
        }
        assert_eq!(send(request).await.status, 204);
        send(sender.patch(&upload, "400").body("x"))
            .await
            .refused(ErrorCode::Gone);
        send(sender.file(&upload.file))
            .await
            .refused(ErrorCode::Gone);
    }
    sender.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_page_cancels_an_upload_by_a_request_that_says_it_reads() {
    let sender = Sender::new().await;
    let upload = sender.open("cat.png", Some(1_000)).await;
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        let request = sender
            .upload(method.clone(), &upload)
            .header("x-http-method-override", "DELETE")
            .header("origin", "https://evil.example");
        let answer = send(request).await;
        assert_ne!(answer.status, 204, "{method}");
    }
    assert_eq!(sender.offset(&upload).await, 0, "it is still open");
    sender.app.stop().await;
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            let six = bits >> (18 - 6 * digit) & 63;
            encoded.push(char::from(DIGITS[six as usize]));
        }
    }
    encoded
}
