//! What a removed post leaves in the files of the data directory.

use std::path::Path;

use app::wire::event::{Event, EventBody};
use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use app::wire::room::Author;

use super::store;
use crate::domain::entry::{CommandHash, Entry, Source};
use crate::storage::{Inserted, PostRef};

/// Sizes of posts: many on a page, one on a page, one over many pages.
const SIZES: [usize; 4] = [10, 700, 3_500, 20_000];

const POSTS: PostNo = 60;

fn room() -> RoomId {
    "abcdefgh".parse().unwrap()
}

/// What is said in a post and nowhere else, again and again.
fn secret(no: PostNo) -> String {
    format!("<secret of post {no:04}>")
}

fn text(no: PostNo) -> String {
    let size = SIZES[no as usize % SIZES.len()];
    let times = size / secret(no).len() + 1;
    secret(no).repeat(times)
}

fn entry(seq: Seq, no: PostNo, body: EventBody) -> Entry {
    Entry {
        room: room(),
        source: Source::Server,
        command: CommandHash([1; 16]),
        event: Event {
            seq,
            no,
            posts: no,
            at: 1,
            nonce: Nonce(u128::from(seq).to_be_bytes()),
            body,
        },
    }
}

fn posted(seq: Seq, no: PostNo) -> Entry {
    let author = Author {
        number: 1,
        name: None,
        op: false,
    };
    let body = EventBody::Posted {
        author,
        text: text(no),
        files: Vec::new(),
    };
    entry(seq, no, body)
}

/// How often post `no` can be read in any file under `dir`.
fn traces(dir: &Path, no: PostNo) -> usize {
    let mut traces = 0;
    for found in std::fs::read_dir(dir).unwrap() {
        let found = found.unwrap();
        if found.file_type().unwrap().is_dir() {
            traces += self::traces(&found.path(), no);
            continue;
        }
        let content = std::fs::read(found.path()).unwrap();
        let secret = secret(no).into_bytes();
        let windows = content.windows(secret.len());
        traces += windows.filter(|window| *window == secret).count();
    }
    traces
}

#[tokio::test]
async fn the_text_of_a_removed_post_is_in_no_file_any_more() {
    let (store, dir) = store();
    let events = store.events();
    let mut entries: Vec<_> = (1..=POSTS).map(|no| posted(no.into(), no)).collect();
    let edits = (1..=POSTS).map(|no| {
        let body = EventBody::Edited { text: text(no) };
        entry(Seq::from(POSTS + no), no, body)
    });
    entries.extend(edits);
    for entries in entries.chunks(7) {
        assert_eq!(events.insert(entries).await.unwrap(), Inserted::All);
    }
    let removed: Vec<PostNo> = (1..=POSTS).filter(|no| no % 3 != 0).collect();
    let mut seq = Seq::from(2 * POSTS);
    for no in &removed {
        assert!(
            traces(dir.path(), *no) > 0,
            "the search finds what is there"
        );
        seq += 1;
        let removal = entry(seq, *no, EventBody::PostRemoved);
        assert_eq!(events.insert(&[removal]).await.unwrap(), Inserted::All);
        let post = PostRef {
            room: room(),
            no: *no,
        };
        events.redact(&post).await.unwrap();
        assert_eq!(traces(dir.path(), *no), 0, "post {no}");
    }
    for no in (1..=POSTS).filter(|no| no % 3 == 0) {
        assert!(traces(dir.path(), no) > 0, "post {no} was not removed");
    }
    store.close().await.unwrap();
    for no in removed {
        assert_eq!(traces(dir.path(), no), 0, "post {no} after the close");
    }
}
