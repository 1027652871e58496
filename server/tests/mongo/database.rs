//! A database of one test.

use futures::{AsyncReadExt, TryStreamExt};
use mongodb::bson::{Binary, Bson, Document, doc, spec::BinarySubtype};
use server::ids::{IdSource, SystemIds};
use server::storage::mongo::MongoStore;

use app::wire::ids::FileId;

/// Names the MongoDB that the tests share.
const URL: &str = "STREAMBOARD_TEST_MONGODB_URL";

/// The store under test, and the same database as any other client sees it.
pub(crate) struct Database {
    pub(crate) store: MongoStore,
    pub(crate) other: mongodb::Database,
}

impl Database {
    pub(crate) async fn new() -> Self {
        let url = std::env::var(URL).unwrap_or_else(|_| panic!("{URL} names no MongoDB"));
        let ids: &dyn IdSource = &SystemIds;
        let name = format!("streamboard_test_{}", ids.file());
        // Its path, before what may follow it.
        let (base, options) = url.split_once('?').unwrap_or((&url, ""));
        let (scheme, rest) = base.split_once("://").expect("a URL");
        let hosts = rest.split('/').next().unwrap_or(rest);
        let url = format!("{scheme}://{hosts}/{name}?{options}");
        let client = mongodb::Client::with_uri_str(&url).await.unwrap();
        Self {
            store: MongoStore::connect(&url).await.unwrap(),
            other: client.database(&name),
        }
    }

    /// Takes the database away; one of a test that failed stays to be looked at.
    pub(crate) async fn drop(self) {
        self.other.drop().await.unwrap();
    }

    pub(crate) fn chunks(&self) -> mongodb::Collection<Document> {
        self.other.collection("fs.chunks")
    }

    /// The numbers and turns of a file's rows.
    pub(crate) async fn rows(&self, file: &FileId) -> Vec<(i32, i64)> {
        let chunks = self.chunks();
        let find = chunks.find(doc! { "files_id": id(file) });
        let found = find.sort(doc! { "n": 1 }).await.unwrap();
        let rows: Vec<Document> = found.try_collect().await.unwrap();
        rows.iter()
            .map(|row| (row.get_i32("n").unwrap(), row.get_i64("turn").unwrap()))
            .collect()
    }

    /// A finished file as the driver's own GridFS reads it.
    pub(crate) async fn download(&self, file: &FileId) -> Vec<u8> {
        let bucket = self.other.gridfs_bucket(None);
        let mut content = Vec::new();
        let mut stream = bucket.open_download_stream(id(file)).await.unwrap();
        stream.read_to_end(&mut content).await.unwrap();
        content
    }
}

pub(crate) fn id(file: &FileId) -> Bson {
    Bson::Binary(binary(file.0.to_vec()))
}

/// A row as the adapter writes it.
pub(crate) fn row(file: &FileId, n: u64, turn: u32, data: &[u8]) -> Document {
    doc! {
        "files_id": id(file),
        "n": i32::try_from(n).unwrap(),
        "data": binary(data.to_vec()),
        "turn": i64::from(turn),
    }
}

fn binary(bytes: Vec<u8>) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes,
    }
}
