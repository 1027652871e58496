//! A real server on a free port over a directory of its own, and clients to talk to it.

mod client;
mod feed;
mod files;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use reqwest::header::COOKIE;
use server::config::Config;
use server::lifecycle::Lifecycle;
use server::run;
use server::storage::embedded::EmbeddedStore;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

pub(crate) use client::{Answer, Client, nonce, send};
pub(crate) use feed::{Codec, connect, connect_with};
pub(crate) use files::picture;

/// Longest wait for anything; a test that takes it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    directory: tempfile::TempDir,
    flags: Vec<String>,
    life: Lifecycle,
    server: JoinHandle<anyhow::Result<()>>,
}

impl TestApp {
    /// A server with default settings.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with more flags.
    pub(crate) async fn with(flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let site = directory.path().join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        std::fs::write(site.join("robots.txt"), "User-agent: *\n").unwrap();
        std::fs::write(site.join("pkg/streamboard.css"), "body {}\n").unwrap();
        let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
        Self::serve(directory, flags).await
    }

    async fn serve(directory: tempfile::TempDir, flags: Vec<String>) -> Self {
        let path = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
        let own = [
            "streamboard".to_owned(),
            "--data".to_owned(),
            path("data"),
            "--site-root".to_owned(),
            path("site"),
            "--shutdown-seconds".to_owned(),
            "5".to_owned(),
        ];
        let config = Config::from_args(own.iter().chain(&flags)).unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let life = Lifecycle::new();
        let server = TaskTracker::new().spawn(run::run(config, socket, life.clone()));
        Self {
            address,
            directory,
            flags,
            life,
            server,
        }
    }

    /// The server's directory: `data` and `site`.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// An address of the server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A browser: its cookies are kept.
    pub(crate) fn client(&self) -> Client {
        Client::new(format!("http://{}", self.address))
    }

    /// A browser that came with this cookie.
    pub(crate) fn client_with(&self, cookie: &str) -> Client {
        let headers = [(COOKIE, cookie.parse().unwrap())].into_iter().collect();
        Client::with_headers(format!("http://{}", self.address), headers)
    }

    /// Begins the shutdown and lets what is under way go on.
    pub(crate) fn begin_shutdown(&self) {
        self.life.soft().cancel();
    }

    /// Stops the server as SIGTERM does; fails where it does not end cleanly.
    pub(crate) async fn stop(self) -> tempfile::TempDir {
        self.life.soft().cancel();
        let ended = tokio::time::timeout(PATIENCE, self.server).await;
        ended.expect("the server ends").unwrap().unwrap();
        self.directory
    }

    /// Stops the server and starts another on the same data, on another port.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(&[]).await
    }

    /// Stops the server, lets `work` at its store as a node that crashed might have left it, and starts another.
    pub(crate) async fn restart_after<F>(self, work: impl FnOnce(EmbeddedStore) -> F) -> Self
    where
        F: Future<Output = ()>,
    {
        let flags = self.flags.clone();
        let directory = self.stop().await;
        let store = EmbeddedStore::open(&directory.path().join("data")).unwrap();
        work(store.clone()).await;
        store.close().await.unwrap();
        Self::serve(directory, flags).await
    }

    /// A restart with more flags from then on.
    pub(crate) async fn restart_with(self, more: &[&str]) -> Self {
        let mut flags = self.flags.clone();
        flags.extend(more.iter().map(|&flag| flag.to_owned()));
        Self::serve(self.stop().await, flags).await
    }
}
