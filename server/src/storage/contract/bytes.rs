//! The contract of [`ByteStore`], for stores that keep any length as for those that keep full chunks.

#![expect(
    clippy::expect_used,
    reason = "a suite of tests: a store that fails has failed the case"
)]

mod late;

use std::sync::Arc;

use app::wire::ids::FileId;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::samples::{ids, room, upload};
use super::{RACERS, cases, race};
use crate::domain::upload::{Turn, UploadRecord};
use crate::storage::{ByteStore, Extent, StorageError};

/// Small, so that a few bytes cross many chunks.
const CHUNK: u32 = 64;

/// Checks an adapter.
pub async fn run(adapter: &str, bytes: &Arc<dyn ByteStore>) {
    cases!(
        adapter,
        "bytes",
        bytes,
        [
            what_is_committed_is_read_whatever_the_pieces,
            a_write_of_nothing_changes_nothing,
            a_read_stays_below_what_is_committed,
            a_read_gives_at_most_what_was_asked_for,
            what_a_crashed_writer_left_is_replaced,
            what_an_older_turn_left_is_replaced,
            late::an_older_turn_cannot_damage_what_a_newer_wrote,
            the_end_is_hashed_and_told_again,
            an_empty_file_has_a_hash,
            what_lies_behind_the_end_is_cut,
            missing_bytes_are_no_end,
            missing_bytes_are_no_content,
            late::a_finished_file_takes_no_late_write,
            late::a_finished_file_takes_no_late_write_of_its_own_turn,
            late::what_a_lost_turn_left_is_discarded,
            late::what_a_lost_turn_committed_is_not_discarded,
            late::a_finished_file_keeps_all_of_it,
            late::a_turn_may_be_discarded_while_the_next_one_writes,
            a_removed_file_is_gone,
            a_reader_follows_a_writer,
            files_do_not_meet,
        ]
    );
}

/// A file as its writer knows it.
struct Writer<'a> {
    store: &'a Arc<dyn ByteStore>,
    extent: Extent,
    turn: Turn,
    content: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(store: &'a Arc<dyn ByteStore>) -> Self {
        let extent = Extent {
            file: ids().file(),
            chunk_size: CHUNK,
            committed: 0,
            tail: Bytes::new(),
        };
        Self {
            store,
            extent,
            turn: 1,
            content: Vec::new(),
        }
    }

    /// A file with this content, committed in one step.
    async fn with(store: &'a Arc<dyn ByteStore>, content: &[u8]) -> Self {
        let mut writer = Self::new(store);
        writer.append(&[content]).await;
        writer
    }

    /// Writes as a writer does that crashes before its commit.
    async fn write(&self, pieces: &[&[u8]]) -> Bytes {
        let pieces: Vec<_> = pieces.iter().map(|p| Bytes::copy_from_slice(p)).collect();
        let written = self.store.write(&self.extent, self.turn, &pieces).await;
        written.expect("a write")
    }

    /// Writes and commits.
    async fn append(&mut self, pieces: &[&[u8]]) {
        self.extent.tail = self.write(pieces).await;
        self.content.extend(pieces.concat());
        self.extent.committed = self.content.len() as u64;
    }

    async fn check(&self) {
        let read = read_all(self.store, &self.extent, usize::MAX).await;
        assert_eq!(read, self.content);
    }

    /// The record that the end is made from.
    fn record(&self) -> UploadRecord {
        UploadRecord {
            file: self.extent.file,
            chunk_size: CHUNK,
            size: Some(self.extent.committed),
            committed: self.extent.committed,
            tail: self.extent.tail.clone(),
            turn: self.turn,
            ..upload(&room())
        }
    }

    async fn finish(&self) -> [u8; 32] {
        let finished = self.store.finish(&self.record()).await;
        finished.expect("an end")
    }

    fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.content).into()
    }
}

/// Reads as a follower does.
async fn read_all(store: &Arc<dyn ByteStore>, extent: &Extent, most: usize) -> Vec<u8> {
    let mut content = Vec::new();
    while (content.len() as u64) < extent.committed {
        let at = content.len() as u64;
        let read = store.read(extent, at, most).await.expect("a read");
        assert!(!read.is_empty() && read.len() <= most, "at {at}");
        content.extend(read);
    }
    content
}

/// Bytes that differ everywhere from those with another seed.
fn noise(length: usize, seed: u8) -> Vec<u8> {
    (0..length)
        .map(|n| (n % 251) as u8 ^ (n / 251) as u8 ^ seed)
        .collect()
}

async fn what_is_committed_is_read_whatever_the_pieces(store: &Arc<dyn ByteStore>) {
    let chunk = CHUNK as usize;
    for sizes in [
        &[1][..],
        &[chunk],
        &[chunk - 1, 1, 1],
        &[chunk + 1, chunk - 1],
        &[3 * chunk, 5, 2 * chunk, chunk - 5],
        &[10, 10, 10, 10, 10, 10, 10, 10],
    ] {
        let mut writer = Writer::new(store);
        for (seed, size) in (0..).zip(sizes) {
            let piece = noise(*size, seed);
            let (first, rest) = piece.split_at(size / 3);
            writer.append(&[first, &[], rest]).await;
            assert!(writer.extent.tail.len() < chunk);
            writer.check().await;
        }
    }
}

async fn a_write_of_nothing_changes_nothing(store: &Arc<dyn ByteStore>) {
    let mut writer = Writer::new(store);
    writer.append(&[]).await;
    writer.append(&[&[]]).await;
    writer.append(&[&noise(100, 1)]).await;
    writer.append(&[]).await;
    writer.check().await;
}

async fn a_read_stays_below_what_is_committed(store: &Arc<dyn ByteStore>) {
    let writer = Writer::with(store, &noise(200, 1)).await;
    writer.write(&[&noise(200, 2)]).await;
    let end = store.read(&writer.extent, 200, 10).await.expect("a read");
    assert!(end.is_empty(), "at the end");
    let behind = store.read(&writer.extent, 300, 10).await.expect("a read");
    assert!(behind.is_empty(), "behind the end");
    let last = store.read(&writer.extent, 199, 10).await.expect("a read");
    assert_eq!(last, writer.content[199..]);
    let nothing = Writer::new(store);
    let read = store.read(&nothing.extent, 0, 10).await.expect("a read");
    assert!(read.is_empty(), "a file without bytes");
}

async fn a_read_gives_at_most_what_was_asked_for(store: &Arc<dyn ByteStore>) {
    let writer = Writer::with(store, &noise(333, 1)).await;
    for most in [1, 7, CHUNK as usize, 100, 333, 1_000_000] {
        let read = read_all(store, &writer.extent, most).await;
        assert_eq!(read, writer.content, "{most} at a time");
    }
    for at in [0, 1, 63, 64, 65, 128, 332] {
        let read = store.read(&writer.extent, at, 50).await.expect("a read");
        let at = usize::try_from(at).expect("small");
        assert_eq!(read, writer.content[at..at + read.len()], "from {at}");
    }
}

async fn what_a_crashed_writer_left_is_replaced(store: &Arc<dyn ByteStore>) {
    for (left, then) in [(500, 30), (30, 500), (64, 64), (1, 1)] {
        let mut writer = Writer::with(store, &noise(100, 1)).await;
        writer.write(&[&noise(left, 2)]).await;
        writer.append(&[&noise(then, 3)]).await;
        writer.check().await;
        writer.append(&[&noise(100, 4)]).await;
        writer.check().await;
        assert_eq!(writer.finish().await, writer.sha256());
    }
}

async fn what_an_older_turn_left_is_replaced(store: &Arc<dyn ByteStore>) {
    for (left, then) in [(500, 30), (30, 500), (64, 64)] {
        let mut writer = Writer::with(store, &noise(100, 1)).await;
        writer.write(&[&noise(left, 2)]).await;
        writer.turn += 1;
        writer.append(&[&noise(then, 3)]).await;
        writer.check().await;
        assert_eq!(writer.finish().await, writer.sha256());
    }
}

async fn the_end_is_hashed_and_told_again(store: &Arc<dyn ByteStore>) {
    let mut writer = Writer::new(store);
    for (seed, size) in (0..).zip([1, 63, 64, 65, 1_000]) {
        writer.append(&[&noise(size, seed)]).await;
    }
    for _ in 0..2 {
        assert_eq!(writer.finish().await, writer.sha256());
        writer.check().await;
    }
}

async fn an_empty_file_has_a_hash(store: &Arc<dyn ByteStore>) {
    let writer = Writer::new(store);
    for _ in 0..2 {
        assert_eq!(writer.finish().await, writer.sha256());
        writer.check().await;
    }
}

async fn what_lies_behind_the_end_is_cut(store: &Arc<dyn ByteStore>) {
    let writer = Writer::with(store, &noise(100, 1)).await;
    writer.write(&[&noise(500, 2)]).await;
    assert_eq!(writer.finish().await, writer.sha256());
    writer.check().await;
}

async fn missing_bytes_are_no_end(store: &Arc<dyn ByteStore>) {
    let writer = Writer::with(store, &noise(3 * CHUNK as usize, 1)).await;
    let more = u64::from(2 * CHUNK);
    let record = UploadRecord {
        committed: writer.extent.committed + more,
        size: Some(writer.extent.committed + more),
        ..writer.record()
    };
    is_broken(&store.finish(&record).await);
    let never_written = UploadRecord {
        file: ids().file(),
        ..writer.record()
    };
    is_broken(&store.finish(&never_written).await);
    writer.check().await;
}

/// A read of bytes that are not there is not told as something that will pass.
async fn missing_bytes_are_no_content(store: &Arc<dyn ByteStore>) {
    let writer = Writer::with(store, &noise(3 * CHUNK as usize, 1)).await;
    let held = writer.extent.committed;
    for (file, at) in [(writer.extent.file, held), (ids().file(), 0)] {
        let missing = Extent {
            file,
            committed: held + u64::from(2 * CHUNK),
            ..writer.extent.clone()
        };
        is_broken(&store.read(&missing, at, 10).await);
    }
    writer.check().await;
}

/// Broken, and nothing else: it is what callers stop an upload for.
fn is_broken<T: std::fmt::Debug>(result: &Result<T, StorageError>) {
    assert!(
        matches!(result, Err(StorageError::Broken(_))),
        "{result:?} where bytes are missing"
    );
}

async fn a_removed_file_is_gone(store: &Arc<dyn ByteStore>) {
    let writer = Writer::with(store, &noise(300, 1)).await;
    let kept = Writer::with(store, &noise(300, 2)).await;
    for _ in 0..2 {
        let removed = store.remove(&writer.extent.file).await;
        removed.expect("a removal");
        let read = store.read(&writer.extent, 0, 10).await;
        assert!(read.map_or(true, |read| read.is_empty()));
    }
    store.remove(&ids().file()).await.expect("nothing to do");
    kept.check().await;
}

async fn a_reader_follows_a_writer(store: &Arc<dyn ByteStore>) {
    let (tell, told) = tokio::sync::watch::channel(Writer::new(store).extent);
    let file = told.borrow().file;
    let follow = |store: Arc<dyn ByteStore>, mut told: tokio::sync::watch::Receiver<Extent>| async move {
        let mut content = Vec::new();
        while told.changed().await.is_ok() {
            let extent = told.borrow_and_update().clone();
            while (content.len() as u64) < extent.committed {
                let read = store.read(&extent, content.len() as u64, 100).await;
                content.extend(read.expect("a read"));
            }
        }
        content
    };
    let mut followers = tokio::task::JoinSet::new();
    for _ in 0..3 {
        followers.spawn(follow(store.clone(), told.clone()));
    }
    let mut writer = Writer::new(store);
    writer.extent.file = file;
    for seed in 0..20 {
        writer.append(&[&noise(50, seed)]).await;
        tell.send_replace(writer.extent.clone());
    }
    drop(tell);
    for followed in followers.join_all().await {
        assert_eq!(followed, writer.content);
    }
}

async fn files_do_not_meet(store: &Arc<dyn ByteStore>) {
    let written: Vec<(FileId, bool)> = race((1u8..).take(RACERS).map(|seed| {
        let store = store.clone();
        async move {
            let mut writer = Writer::new(&store);
            for step in 0..5 {
                writer.append(&[&noise(70, seed ^ (step << 5))]).await;
            }
            writer.check().await;
            let fits = writer.finish().await == writer.sha256();
            (writer.extent.file, fits)
        }
    }))
    .await;
    assert!(written.iter().all(|(_, fits)| *fits));
}
