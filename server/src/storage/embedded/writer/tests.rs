//! Writes share a transaction and nothing else.

use std::path::PathBuf;
use std::sync::mpsc;

use tempfile::TempDir;

use super::*;
use crate::storage::embedded::connection::{self, Role};

struct Bench {
    writer: Arc<Writer>,
    path: PathBuf,
    _dir: TempDir,
}

fn bench(setup: &str) -> Bench {
    let dir = TempDir::new().unwrap();
    let directory = Arc::new(Directory::lock(dir.path()).unwrap());
    let path = dir.path().join("numbers.db");
    let connection = connection::open(&path, Role::Writes).unwrap();
    connection
        .execute_batch("CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE, text TEXT)")
        .unwrap();
    connection.execute_batch(setup).unwrap();
    Bench {
        writer: Arc::new(Writer::new(connection, &directory)),
        path,
        _dir: dir,
    }
}

impl Bench {
    /// Holds the writer until the returned sender is dropped, so that what is sent meanwhile waits together.
    async fn hold(&self) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel();
        let (tell, started) = oneshot::channel();
        let writer = self.writer.clone();
        tokio::task::spawn_blocking(move || {
            let hold = writer.run(move |_| {
                let _ = tell.send(());
                let _ = held.recv();
                Ok(())
            });
            tokio::runtime::Handle::current().block_on(hold)
        });
        started.await.unwrap();
        release
    }

    fn numbers(&self) -> Vec<i64> {
        numbers(&self.path)
    }
}

fn numbers(path: &std::path::Path) -> Vec<i64> {
    let reader = connection::open(path, Role::Reads).unwrap();
    let mut statement = reader.prepare("SELECT n FROM numbers ORDER BY n").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

async fn insert(writer: &Writer, n: i64) -> Result<usize, CallError> {
    writer
        .run(move |connection| connection.execute("INSERT INTO numbers (n) VALUES (?1)", [n]))
        .await
}

#[tokio::test]
async fn writes_that_wait_are_committed_together() {
    let bench = bench("");
    let release = bench.hold().await;
    let path = bench.path.clone();
    let (first, seen, second, ()) = tokio::join!(
        insert(&bench.writer, 1),
        bench.writer.run(move |_| Ok(numbers(&path))),
        insert(&bench.writer, 2),
        async { drop(release) }
    );
    assert_eq!((first.unwrap(), second.unwrap()), (1, 1));
    assert!(
        seen.unwrap().is_empty(),
        "the first was not committed alone"
    );
    assert_eq!(bench.numbers(), [1, 2]);
}

#[tokio::test]
async fn a_write_that_fails_takes_nobody_with_it() {
    let bench = bench("");
    let release = bench.hold().await;
    let half = bench.writer.run(|connection| {
        connection.execute("INSERT INTO numbers (n) VALUES (10)", [])?;
        connection.execute("INSERT INTO numbers (n) VALUES (1)", [])
    });
    let (first, half, last, ()) = tokio::join!(
        insert(&bench.writer, 1),
        half,
        insert(&bench.writer, 2),
        async { drop(release) }
    );
    first.unwrap();
    assert!(matches!(half, Err(CallError::Sqlite(_))));
    last.unwrap();
    assert_eq!(bench.numbers(), [1, 2], "nothing of the failed one");
}

#[tokio::test]
async fn more_than_a_batch_is_written_in_order() {
    let bench = bench("");
    let release = bench.hold().await;
    let last = i64::try_from(3 * BATCH).unwrap();
    let writes = (1..=last).map(|n| insert(&bench.writer, n));
    let (written, ()) = tokio::join!(futures::future::join_all(writes), async { drop(release) });
    assert!(written.iter().all(Result::is_ok));
    assert_eq!(bench.numbers(), (1..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_full_database_refuses_and_goes_on() {
    let bench = bench("PRAGMA max_page_count = 20");
    insert(&bench.writer, 1).await.unwrap();
    let large = bench.writer.run(|connection| {
        let text = "x".repeat(1_000_000);
        connection.execute("INSERT INTO numbers (n, text) VALUES (2, ?1)", [text])
    });
    let refused = crate::storage::StorageError::from(large.await.unwrap_err());
    assert!(matches!(refused, crate::storage::StorageError::Full(_)));
    insert(&bench.writer, 3).await.unwrap();
    assert_eq!(bench.numbers(), [1, 3]);
}

#[tokio::test]
async fn a_panic_is_one_caller_s_and_the_next_is_served() {
    let bench = bench("");
    let panicked = bench.writer.run(|connection| {
        connection.execute("INSERT INTO numbers (n) VALUES (1)", [])?;
        if connection.changes() == 1 {
            panic!("a fault in a query");
        }
        Ok(())
    });
    assert!(matches!(panicked.await, Err(CallError::Abandoned)));
    insert(&bench.writer, 2).await.unwrap();
    bench.writer.scrub().await.unwrap();
    assert_eq!(bench.numbers(), [2]);
}

#[tokio::test]
async fn a_scrub_waits_its_turn() {
    let bench = bench("");
    let release = bench.hold().await;
    let (before, scrubbed, after, ()) = tokio::join!(
        insert(&bench.writer, 1),
        bench.writer.scrub(),
        insert(&bench.writer, 2),
        async { drop(release) }
    );
    before.unwrap();
    scrubbed.unwrap();
    after.unwrap();
    assert_eq!(bench.numbers(), [1, 2]);
}
