//! A finished file is a plain GridFS file: clients that know nothing of us read it.

use std::process::Command;

use futures::{AsyncReadExt, TryStreamExt};
use mongodb::bson::{Document, doc};
use mongodb::gridfs::FilesCollectionDocument;

use crate::support::{picture, send};
use crate::world::{Cluster, until};

const SIZE: usize = 700_001;
const PYTHON: &str = "STREAMBOARD_TEST_PYTHON";

/// Uploads a file in pieces; its bytes, and the time before and after its last.
async fn uploaded(cluster: &Cluster) -> (Vec<u8>, i64, i64) {
    let (anna, room) = cluster.person_in_a_room().await;
    let client = anna.at(&cluster.nodes[0]);
    let bytes = picture(SIZE);
    let upload = client.open(&room, "cat.png", Some(SIZE as u64)).await;
    client.share(&room, &upload.file).await;
    let sent = send(client.patch(&upload, "0").body(bytes[..300_000].to_vec())).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    // Nothing looks like a finished file before it is one.
    let files = cluster.database.raw().collection::<Document>("fs.files");
    assert_eq!(files.count_documents(doc! {}).await.unwrap(), 0);
    let before = mongodb::bson::DateTime::now().timestamp_millis();
    let rest = client
        .patch(&upload, "300000")
        .body(bytes[300_000..].to_vec());
    assert_eq!(send(rest).await.status, 204);
    until("the file is finished", async || {
        files.count_documents(doc! {}).await.unwrap() == 1
    })
    .await;
    let after = mongodb::bson::DateTime::now().timestamp_millis();
    (bytes, before, after)
}

async fn only_file(cluster: &Cluster) -> FilesCollectionDocument {
    let bucket = cluster.database.raw().gridfs_bucket(None);
    let files = bucket.find(doc! {}).await.unwrap();
    let mut files: Vec<_> = files.try_collect().await.unwrap();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drivers_own_bucket_reads_a_finished_file() {
    let cluster = Cluster::of(1).await;
    let (bytes, before, after) = uploaded(&cluster).await;
    let file = only_file(&cluster).await;
    assert_eq!(file.length, SIZE as u64);
    // The clocks of two processes on one machine, to the millisecond.
    let finished = file.upload_date.timestamp_millis();
    assert!(
        (before - 1..=after + 1).contains(&finished),
        "the completion"
    );
    let bucket = cluster.database.raw().gridfs_bucket(None);
    let mut stream = bucket.open_download_stream(file.id).await.unwrap();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await.unwrap();
    assert!(read == bytes, "byte for byte");
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "what was left out must be seen")]
async fn pymongo_reads_a_finished_file() {
    let Ok(python) = std::env::var(PYTHON) else {
        println!("pymongo was not asked: {PYTHON} is not set, for there is no Python with pymongo");
        return;
    };
    let cluster = Cluster::of(1).await;
    let (bytes, ..) = uploaded(&cluster).await;
    let script = "import sys, pymongo, gridfs\n\
                  database = pymongo.MongoClient(sys.argv[1]).get_default_database()\n\
                  file = next(gridfs.GridFSBucket(database).find({}))\n\
                  assert file.length == int(sys.argv[2]), file.length\n\
                  sys.stdout.buffer.write(file.read())\n";
    let url = cluster.database.url().to_owned();
    let read = tokio::task::spawn_blocking(move || {
        Command::new(python)
            .args(["-c", script, &url, &SIZE.to_string()])
            .output()
            .unwrap()
    });
    let output = read.await.unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    assert!(output.stdout == bytes, "byte for byte");
    cluster.stop().await;
}

/// Key of every unique index of a collection.
async fn unique_keys(cluster: &Cluster, collection: &str) -> Vec<Vec<String>> {
    let collection = cluster.database.raw().collection::<Document>(collection);
    let indexes = collection.list_indexes().await.unwrap();
    let indexes: Vec<_> = indexes.try_collect().await.unwrap();
    let unique = indexes.into_iter().filter(|index| {
        let options = index.options.as_ref();
        options.is_some_and(|options| options.unique == Some(true))
    });
    unique
        .map(|index| index.keys.keys().cloned().collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_be_unique_is_so_in_the_database_itself() {
    let cluster = Cluster::of(1).await;
    uploaded(&cluster).await;
    let chunks = unique_keys(&cluster, "fs.chunks").await;
    assert!(
        chunks.contains(&vec!["files_id".to_owned(), "n".to_owned()]),
        "{chunks:?}"
    );
    let events = unique_keys(&cluster, "events").await;
    assert!(
        events.iter().any(|key| key.len() == 2),
        "{events:?}: (room, seq)"
    );
    assert!(
        events.iter().any(|key| key.len() == 3),
        "{events:?}: (room, source, nonce)"
    );
    cluster.stop().await;
}
