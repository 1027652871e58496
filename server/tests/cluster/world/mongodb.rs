//! MongoDB: a database of one's own on the shared one, or a server of one's own to crash.

use std::process::Stdio;
use std::time::Duration;

use server::storage::mongo::MongoStore;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{PATIENCE, unique_name};

const URL: &str = "STREAMBOARD_TEST_MONGODB_URL";
const XTASK: &str = "STREAMBOARD_TEST_XTASK";
/// Longest wait for the database to go; where it does not, its server is about to go anyway.
const DROP_WITHIN: Duration = Duration::from_secs(10);

/// A server that ends with its owner, however that ends: it runs as long as its input is open.
pub(crate) struct MongoDb {
    url: String,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Never killed: it takes its data away when its input ends.
    _process: Child,
}

impl MongoDb {
    pub(crate) async fn start() -> Self {
        let xtask = std::env::var(XTASK)
            .unwrap_or_else(|_| panic!("{XTASK} is not set: run `cargo xtask test cluster`"));
        let mut process = Command::new(xtask)
            .arg("mongodb")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Not in reach of what ends the tests.
            .process_group(0)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut mongodb = Self {
            url: String::new(),
            input,
            output,
            _process: process,
        };
        mongodb.url = mongodb.says().await;
        mongodb
    }

    /// Ends it as a crash would.
    pub(crate) async fn kill(&mut self) {
        self.input.write_all(b"kill\n").await.unwrap();
        assert_eq!(self.says().await, "killed");
    }

    /// Brings it back, on its port and with its data.
    pub(crate) async fn start_again(&mut self) {
        self.input.write_all(b"start\n").await.unwrap();
        assert_eq!(self.says().await, self.url);
    }

    async fn says(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line()).await;
        let line = line.expect("MongoDB answers in time").unwrap();
        line.expect("MongoDB runs; it said above why not")
    }
}

/// A database of one test.
pub(crate) struct Database {
    url: String,
    name: String,
    pub(crate) client: mongodb::Client,
}

impl Database {
    /// One on the MongoDB that all tests share.
    pub(crate) async fn shared() -> Self {
        let url = std::env::var(URL)
            .unwrap_or_else(|_| panic!("{URL} is not set: run `cargo xtask test cluster`"));
        Self::on(&url).await
    }

    /// One on a server of one's own.
    pub(crate) async fn of(server: &MongoDb) -> Self {
        Self::on(&server.url).await
    }

    async fn on(server: &str) -> Self {
        let name = unique_name();
        let url = with_database(server, &name);
        let client = mongodb::Client::with_uri_str(&url).await.unwrap();
        Self { url, name, client }
    }

    /// What a node is told.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A look past the nodes, with the adapter's eyes.
    pub(crate) async fn store(&self) -> MongoStore {
        MongoStore::connect(&self.url).await.unwrap()
    }

    /// A look past the adapter.
    pub(crate) fn raw(&self) -> mongodb::Database {
        self.client.database(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (url, name) = (self.url.clone(), self.name.clone());
        // A runtime of its own: the test's may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let drops = async {
                let client = mongodb::Client::with_uri_str(&url).await?;
                client.database(&name).drop().await
            };
            let dropped =
                runtime.block_on(async { tokio::time::timeout(DROP_WITHIN, drops).await });
            runtime.shutdown_background();
            drop(dropped);
            std::io::Result::Ok(())
        });
        let _ = dropping.join();
    }
}

/// `server` with `name` as the path. What the former path said of where its user is kept is said by a parameter.
fn with_database(server: &str, name: &str) -> String {
    let (scheme, rest) = server.split_once("://").expect("a URL");
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = before.split_once('/').unwrap_or((before, ""));
    let mut query = query.to_owned();
    if authority.contains('@') && !query.contains("authSource=") {
        let kept = if path.is_empty() { "admin" } else { path };
        let joint = if query.is_empty() { "" } else { "&" };
        query = format!("{query}{joint}authSource={kept}");
    }
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{scheme}://{authority}/{name}{mark}{query}")
}

#[test]
fn a_database_is_put_into_any_url() {
    let put = |url| with_database(url, "db");
    assert_eq!(put("mongodb://h:1/"), "mongodb://h:1/db");
    assert_eq!(put("mongodb://h:1"), "mongodb://h:1/db");
    assert_eq!(put("mongodb://a,b/x?w=1"), "mongodb://a,b/db?w=1");
    assert_eq!(
        put("mongodb://u:p@h"),
        "mongodb://u:p@h/db?authSource=admin"
    );
    assert_eq!(
        put("mongodb+srv://u:p@h/x?w=1"),
        "mongodb+srv://u:p@h/db?w=1&authSource=x"
    );
}
