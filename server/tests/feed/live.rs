//! What a feed tells, live and after a cut.

use app::wire::event::EventBody;
use app::wire::feed::{Cursor, ServerMessage};
use app::wire::ids::Epoch;

use crate::support::{Codec, TestApp, connect};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_hears_of_a_post() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let mut feeds = [
        connect(&app, Codec::Postcard).await,
        connect(&app, Codec::Json).await,
    ];
    for feed in &mut feeds {
        let (_, head, _) = feed.subscribe(&room, None).await;
        assert_eq!(head.seq, 1);
    }
    let posted = client.say(&room, "hello").await;
    for feed in &mut feeds {
        let events = feed.events_until(posted.seq).await;
        assert_eq!(events.len(), 1);
        assert!(matches!(&events[0].body, EventBody::Posted { text, .. } if text == "hello"));
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_the_feed_from_its_cursor_leave_no_gap() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    client.say(&room, "one").await;
    let page = client.history(&room).await;
    client.say(&room, "two").await;
    let last = client.say(&room, "three").await;
    let mut feed = connect(&app, Codec::Json).await;
    let (_, _, resumed) = feed.subscribe(&room, Some(page.cursor)).await;
    assert!(resumed);
    let seqs: Vec<_> = feed
        .events_until(last.seq)
        .await
        .iter()
        .map(|event| event.seq)
        .collect();
    assert_eq!(seqs, [page.cursor.seq + 1, page.cursor.seq + 2]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_resumes_over_a_restart() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let mut feed = connect(&app, Codec::Postcard).await;
    let (_, cursor, _) = feed.subscribe(&room, None).await;
    client.say(&room, "before").await;
    let app = app.restart().await;
    let last = app.client().say(&room, "after").await;
    let mut feed = connect(&app, Codec::Postcard).await;
    let (_, _, resumed) = feed.subscribe(&room, Some(cursor)).await;
    assert!(resumed);
    let events = feed.events_until(last.seq).await;
    let seqs: Vec<_> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (cursor.seq + 1..=last.seq).collect::<Vec<_>>());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_log_starts_over() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let epoch = client.history(&room).await.cursor.epoch;
    let other = Cursor {
        epoch: Epoch([0; 8]),
        seq: 1,
    };
    let past = Cursor { epoch, seq: 99 };
    for cursor in [other, past] {
        let mut feed = connect(&app, Codec::Json).await;
        let (_, _, resumed) = feed.subscribe(&room, Some(cursor)).await;
        assert!(!resumed, "{cursor:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_epoch_throws_old_cursors_back() {
    let app = TestApp::start().await;
    let client = app.client();
    let room = client.make_room().await;
    let cursor = client.history(&room).await.cursor;
    let app = app.restart_with(&["--new-epoch"]).await;
    let mut feed = connect(&app, Codec::Json).await;
    assert!(matches!(feed.next().await, ServerMessage::Welcome { .. }));
    let (_, head, resumed) = feed.subscribe(&room, Some(cursor)).await;
    assert!(!resumed);
    assert_ne!(head.epoch, cursor.epoch);
    app.stop().await;
}
