//! An insert of chunks that arrives after its writer lost its turn.

use server::domain::upload::UploadState;
use server::storage::Extent;
use server::storage::faulty::Faults;
use server::testing::eventually;
use server::uploads::UploadError;

use crate::database::{Database, row};
use crate::late_bytes::LateBytes;
use crate::node::{CHUNK, MINUTE, Node, noise};

fn is_taken_over<T>(answer: &Result<T, UploadError>) -> bool {
    matches!(answer, Err(UploadError::TakenOver))
}

/// The first node, whose insert of two chunks is held behind `before` committed bytes, and the second.
struct Story {
    database: Database,
    late: std::sync::Arc<LateBytes>,
    new: Node,
    old: Node,
}

impl Story {
    async fn new() -> Self {
        let database = Database::new().await;
        let late = LateBytes::new(&database);
        let old = Node::new(&database, late.clone(), &Faults::none());
        let new = Node::healthy(&database);
        new.make_room().await;
        Self {
            database,
            late,
            new,
            old,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_further_commits_of_the_next_writer_it_changes_nothing() {
    let story = Story::new().await;
    let (old, new) = (&story.old, &story.new);
    let upload = new.post(None).await;
    let (bytes, others) = (noise(3 * CHUNK, 1), noise(4 * CHUNK + 1_000, 2));
    let slow = old.begin(&upload, 0);
    slow.give(&bytes[..CHUNK]).await;
    eventually("the first chunk is committed", async || {
        new.record(&upload).await.committed == CHUNK as u64
    })
    .await;
    story.late.hold();
    slow.give(&bytes[CHUNK..]).await;
    story.late.is_held().await;

    let next = new.begin(&upload, CHUNK as u64);
    next.give(&others[CHUNK..3 * CHUNK]).await;
    eventually("the next writer commits", async || {
        new.record(&upload).await.committed >= 3 * CHUNK as u64
    })
    .await;
    story.late.release();
    let lost = slow.end().await;
    assert!(is_taken_over(&lost), "{lost:?}");
    next.give(&others[3 * CHUNK..]).await;
    assert_eq!(next.end().await.unwrap().state, UploadState::Done);

    let expected = [&bytes[..CHUNK], &others[CHUNK..]].concat();
    assert_eq!(story.database.download(&upload.file).await, expected);
    let rows = story.database.rows(&upload.file).await;
    assert_eq!(rows, [(0, 1), (1, 2), (2, 2), (3, 2), (4, 2)]);
    story.database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_next_writer_has_bytes_it_is_written_over() {
    let story = Story::new().await;
    let (old, new) = (&story.old, &story.new);
    let upload = new.post(None).await;
    story.late.hold();
    let slow = old.begin(&upload, 0);
    slow.give(&noise(2 * CHUNK, 1)).await;
    story.late.is_held().await;
    let next = new.begin(&upload, 0);
    eventually("the next writer has the turn", async || {
        new.record(&upload).await.turn == 2
    })
    .await;
    story.late.release();
    let lost = slow.end().await;
    assert!(is_taken_over(&lost), "{lost:?}");
    let bytes = noise(CHUNK + 1_000, 2);
    next.give(&bytes).await;
    assert_eq!(next.end().await.unwrap().size, Some(bytes.len() as u64));
    assert_eq!(story.database.download(&upload.file).await, bytes);
    let rows = story.database.rows(&upload.file).await;
    assert_eq!(rows, [(0, 2), (1, 2)]);
    story.database.drop().await;
}

/// A file of unknown length that the next writer ended sooner: nothing stands where the late rows come to lie.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_end_of_a_finished_file_its_writer_takes_it_away() {
    let story = Story::new().await;
    let (old, new) = (&story.old, &story.new);
    let upload = new.post(None).await;
    let bytes = noise(3 * CHUNK, 1);
    let slow = old.begin(&upload, 0);
    slow.give(&bytes[..CHUNK]).await;
    eventually("the first chunk is committed", async || {
        new.record(&upload).await.committed == CHUNK as u64
    })
    .await;
    story.late.hold();
    slow.give(&bytes[CHUNK..]).await;
    story.late.is_held().await;
    let ended = new.begin(&upload, CHUNK as u64).end().await.unwrap();
    assert_eq!(
        (ended.size, ended.state),
        (Some(CHUNK as u64), UploadState::Done)
    );
    story.late.release();
    let lost = slow.end().await;
    assert!(is_taken_over(&lost), "{lost:?}");
    assert_eq!(story.database.rows(&upload.file).await, [(0, 1)]);
    assert_eq!(story.database.download(&upload.file).await, bytes[..CHUNK]);
    story.database.drop().await;
}

/// The rows that a writer leaves which is killed in that very moment: the adapter's readers do not mind them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_behind_the_end_that_stay_are_never_read() {
    let story = Story::new().await;
    let new = &story.new;
    let upload = new.post(None).await;
    let bytes = noise(CHUNK, 1);
    let sender = new.begin(&upload, 0);
    sender.give(&bytes).await;
    assert_eq!(sender.end().await.unwrap().state, UploadState::Done);
    let stray = noise(CHUNK, 2);
    for n in [1, 2] {
        let late = row(&upload.file, n, 0, &stray);
        story.database.chunks().insert_one(late).await.unwrap();
    }
    let record = new.record(&upload).await;
    let (store, extent) = (story.database.store.bytes(), Extent::from(&record));
    assert_eq!(store.read(&extent, 0, 2 * CHUNK).await.unwrap(), bytes);
    assert!(
        store
            .read(&extent, CHUNK as u64, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(Some(store.finish(&record).await.unwrap()), record.sha256);
    assert_eq!(story.database.rows(&upload.file).await.len(), 3);
    store.discard(&extent, 0).await.unwrap();
    assert_eq!(story.database.rows(&upload.file).await.len(), 1);
    assert_eq!(story.database.download(&upload.file).await, bytes);
    story.database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_removal_its_writer_takes_it_away_also_where_the_record_is_gone() {
    for is_forgotten in [false, true] {
        let story = Story::new().await;
        let (old, new) = (&story.old, &story.new);
        let upload = new.post(None).await;
        story.late.hold();
        let slow = old.begin(&upload, 0);
        slow.give(&noise(2 * CHUNK, 1)).await;
        story.late.is_held().await;
        new.uploads.cancel(&upload.key).await.unwrap();
        if is_forgotten {
            new.clock.advance(11 * MINUTE);
            assert_eq!(new.sweeper.sweep_once().await.failed, 0);
            assert_eq!(new.records.get(&upload.file).await.unwrap(), None);
        }
        story.late.release();
        let lost = slow.end().await;
        assert!(matches!(lost, Err(UploadError::Gone)), "{lost:?}");
        assert_eq!(story.database.rows(&upload.file).await, []);
        story.database.drop().await;
    }
}

/// Its writer was killed meanwhile: the sweeper takes it away before it forgets the upload.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_removal_the_sweeper_takes_it_away_where_its_writer_is_gone() {
    let story = Story::new().await;
    let new = &story.new;
    let upload = new.post(None).await;
    new.uploads.cancel(&upload.key).await.unwrap();
    let late = row(&upload.file, 0, 1, &noise(CHUNK, 1));
    story.database.chunks().insert_one(late).await.unwrap();
    new.clock.advance(9 * MINUTE);
    new.sweeper.sweep_once().await;
    assert!(new.records.get(&upload.file).await.unwrap().is_some());
    new.clock.advance(2 * MINUTE);
    assert_eq!(new.sweeper.sweep_once().await.failed, 0);
    assert_eq!(new.records.get(&upload.file).await.unwrap(), None);
    assert_eq!(story.database.rows(&upload.file).await, []);
    story.database.drop().await;
}
