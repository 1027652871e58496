//! A room read, paged back and posted to by nothing but HTML.

use app::wire::ids::RoomId;
use reqwest::StatusCode;

use crate::support::{Answer, Client, TestApp, send};

async fn page(client: &Client, path: &str) -> Answer {
    send(client.get(path).header("accept", "text/html")).await
}

/// Value of a hidden field of the page's form.
fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    let field = html
        .split("<input")
        .find(|field| field.contains(&format!("name=\"{name}\"")));
    let field = field.unwrap_or_else(|| panic!("no field {name} in {html}"));
    let (_, value) = field.split_once("value=\"").unwrap();
    value.split('"').next().unwrap()
}

async fn submit(client: &Client, room: &RoomId, nonce: &str, text: &str) -> Answer {
    let form = [("room", room.as_str()), ("nonce", nonce), ("text", text)];
    let request = client
        .post("/api/create_post")
        .header("accept", "text/html");
    let back = format!("{}/r/{room}", client.base());
    send(request.header("referer", back).form(&form)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_a_room_posts_once() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let empty = page(&client, &format!("/r/{room}")).await;
    assert_eq!(empty.status, StatusCode::OK);
    assert_eq!(hidden(&empty.body, "room"), room.as_str());
    let nonce = hidden(&empty.body, "nonce").to_owned();
    for _ in 0..2 {
        let sent_on = submit(&client, &room, &nonce, "no <script> here").await;
        assert_eq!(sent_on.status, StatusCode::FOUND);
        assert_eq!(sent_on.header("location"), format!("/r/{room}#p1"));
    }
    let full = page(&client, &format!("/r/{room}")).await;
    assert!(
        full.body.contains("no &lt;script&gt; here"),
        "{}",
        full.body
    );
    assert_eq!(client.history(&room).await.posts_total, 1);
    assert_ne!(hidden(&full.body, "nonce"), nonce);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_posts_are_a_page_away() {
    let app = TestApp::with(&["--post-burst", "100"]).await;
    let client = app.client();
    let room = client.make_room().await;
    for n in 1..=60 {
        client.say(&room, &format!("text number {n}.")).await;
    }
    let newest = page(&client, &format!("/r/{room}")).await.body;
    assert!(newest.contains("text number 60.") && newest.contains("text number 11."));
    assert!(!newest.contains("text number 10."));
    assert!(newest.contains(&format!("/r/{room}?before=11")), "{newest}");
    let older = page(&client, &format!("/r/{room}?before=11")).await.body;
    assert!(older.contains("text number 10.") && older.contains("text number 1."));
    assert!(!older.contains("text number 11."));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_lists_rooms_and_makes_them() {
    let app = TestApp::start().await;
    let client = app.client();
    let form = [("title", "Made by a form"), ("visibility", "listed")];
    let request = client
        .post("/api/create_room")
        .header("accept", "text/html");
    let made = send(request.form(&form)).await;
    assert_eq!(made.status, StatusCode::FOUND);
    let home = page(&client, "/").await.body;
    assert!(home.contains("Made by a form"), "{home}");
    assert!(
        home.contains(&format!("href=\"{}\"", made.header("location"))),
        "{home}"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_so() {
    let app = TestApp::start().await;
    let client = app.client();
    for path in ["/r/unknown1", "/r/not-a-room-id", "/nowhere"] {
        let answer = page(&client, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("href=\"/\""), "{path} {}", answer.body);
    }
    app.stop().await;
}
