//! Nodes, their services, and the people who use them.

mod cluster;
mod follower;
mod mongodb;
mod node;
mod oracle;
mod posters;
mod redis;

use std::process::Command;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use self::mongodb::{Database, MongoDb};
pub(crate) use cluster::{Cluster, Needs, Person};
pub(crate) use follower::{Follower, Lines, follow_all};
pub(crate) use node::{Front, Node, run_to_its_end};
pub(crate) use oracle::Verdict;
pub(crate) use posters::{Acknowledged, Posters};
pub(crate) use redis::{Redis, Reply};

/// Longest wait for anything that a healthy cluster does; a test that takes it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `holds`, asking again and again.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let late = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < late, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Seconds of a load, from the environment where a longer run is wanted.
pub(crate) fn load_seconds(usual: u64) -> Duration {
    let given = std::env::var("STREAMBOARD_TEST_LOAD_SECONDS").ok();
    let seconds = given.map_or(usual, |text| text.parse().expect("a number of seconds"));
    Duration::from_secs(seconds)
}

/// Sends a signal to a process of ours.
fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status()
        .unwrap();
    assert!(sent.success(), "{name} to {pid}");
}

/// A name nobody else has: tests of several processes share services.
fn unique_name() -> String {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    format!("streamboard-test-{}", app::wire::hex::encode(&bytes))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    probe.local_addr().unwrap().port()
}
