//! Native tests: on the server every way in is inert and none panics.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::feed::FeedHandle;
use super::store::OutboxPost;
use super::uploads::Engine;
use super::{page, store};
use crate::wire::feed::Cursor;
use crate::wire::ids::{Epoch, FileId, Nonce, RoomId};

/// Runs a future that must not wait for anything.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn never() {
    panic!("called on the server");
}

#[test]
fn the_page_is_inert() {
    assert_eq!(page::now_ms(), 0);
    assert_eq!(page::random_nonce(), Nonce([0; 16]));
    assert_eq!(page::local_time(0), None);
    assert!(page::is_online() && !page::is_hidden() && !page::http2());
    assert!(!page::save_data() && !page::reduced_motion());
    assert!(!page::local_set("key", "value"));
    assert_eq!(page::local_get("key"), None);
    assert_eq!(page::cookies(), "");
    assert!(!page::scroll_into_view("id"));
    assert!(!at_once(page::copy_text("text")));
    page::local_remove("key");
    page::set_cookie("key=value");
    page::set_theme(Some("dark"));
    page::set_title("title");
    page::reload();
    drop(page::interval(1, never));
    drop(page::timeout(1, never));
    drop(page::after_load(never));
    drop(page::on_online(never).and(page::on_offline(never)));
    drop(page::on_visibility(|_| never()));
    drop(page::on_local_change("key", |_| never()));
    page::ask_before_leaving().keep();
}

#[test]
fn the_feed_is_inert() {
    let feed = FeedHandle::connect(|_| never());
    let room: RoomId = "abcdefgh".parse().unwrap();
    let cursor = Cursor {
        epoch: Epoch([1; 8]),
        seq: 1,
    };
    feed.subscribe(room.clone(), Some(cursor));
    feed.set_cursor(&room, cursor);
    feed.unsubscribe(&room);
    feed.clone().retry_now();
    feed.close();
}

#[test]
fn uploads_are_inert() {
    let engine = Engine::new(|_, _| never());
    let file = FileId([1; 16]);
    engine.restore();
    engine.pause(file);
    engine.resume(file);
    engine.cancel(file);
    assert!(!engine.is_busy());
}

#[test]
fn the_store_keeps_nothing_of_one_visitor_for_the_next() {
    let room: RoomId = "abcdefgh".parse().unwrap();
    let post = OutboxPost {
        room: room.clone(),
        nonce: Nonce([1; 16]),
        text: "hello".to_owned(),
        files: Vec::new(),
        at: 1,
    };
    store::on_degraded(never);
    at_once(store::put_post(&post));
    assert_eq!(at_once(store::posts(&room)), []);
    at_once(store::delete_post(&room, post.nonce));
    at_once(store::set("key", Some("value")));
    assert_eq!(at_once(store::get("key")), None);
}

#[test]
fn handles_may_stand_in_signals_and_cleanups() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<FeedHandle>();
    shared::<Engine>();
    shared::<super::files::LocalFile>();
    shared::<super::Guard>();
}
