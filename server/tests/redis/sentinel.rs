//! A primary that is lost for good, with a sentinel that makes its replica the next one.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use server::bus::contract::new_topic;
use server::bus::redis::RedisSettings;
use tokio::time::sleep;

use crate::process::{self, RedisServer, free_port};
use crate::story::Story;
use crate::support::{bus, until};

/// The sentinel waits for a second, then elects and promotes.
const FAILED_OVER: Duration = Duration::from_secs(20);

/// Killed when dropped.
struct Sentinel {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Sentinel {
    fn over(primary: &RedisServer) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("sentinel.conf");
        let (port, watched) = (free_port(), primary.port);
        let text = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {watched} 1\n\
             sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 5000\n"
        );
        std::fs::write(&config, text).unwrap();
        let child = Command::new(process::program())
            .arg(&config)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            port,
            _directory: directory,
        }
    }

    fn url(&self) -> String {
        format!(
            "redis-sentinel://127.0.0.1:{}?sentinelServiceName=main",
            self.port
        )
    }

    fn ask(&self, command: &str) -> String {
        process::ask(self.port, command).unwrap_or_default()
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_over() {
    let mut primary = RedisServer::start();
    let replica = RedisServer::with(&["--replicaof", &format!("127.0.0.1 {}", primary.port)]);
    let sentinel = Sentinel::over(&primary);
    let known = || {
        sentinel
            .ask("SENTINEL REPLICAS main")
            .contains(&replica.port.to_string())
    };
    until("the sentinel knows the replica", known).await;
    let settings = RedisSettings::new(sentinel.url());
    let (listener, publisher) = (bus(&settings).await, bus(&settings).await);
    let topic = new_topic();
    listener.subscribe(&topic).await.unwrap();
    let mut story = Story::begin(&publisher, &topic, listener.listen().unwrap());
    sleep(Duration::from_millis(200)).await;
    primary.kill();
    story.gap_within(FAILED_OVER).await;
    let outcome = story.end(&publisher, &topic).await;
    eprintln!("{outcome:?}");
}
