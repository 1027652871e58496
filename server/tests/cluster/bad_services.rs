//! Services that are not there or not what they should be: one sentence, an exit code, within ten seconds, and no
//! password in it.

use std::time::Duration;

use tokio::net::TcpListener;

use crate::world::{Cluster, Database, Redis, run_to_its_end};

const WITHIN: Duration = Duration::from_secs(10);
const PASSWORD: &str = "hunter2";

/// What the program says where it does not start.
async fn refusal(mongodb: &str, redis: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let flags = [
        format!("--data={}", directory.path().display()),
        format!("--mongodb-url={mongodb}"),
        format!("--redis-url={redis}"),
        "--log=off".to_owned(),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let (status, said, took) = run_to_its_end(&flags).await;
    assert!(!status.success(), "{mongodb} {redis}: {said}");
    assert!(took < WITHIN, "{mongodb} {redis}: {took:?}");
    assert!(!said.contains(PASSWORD), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_that_is_not_there_is_told_in_a_sentence() {
    let redis = Redis::own().await;
    let said = refusal("mongodb://user:hunter2@127.0.0.1:1/board", redis.url()).await;
    assert!(said.contains("MongoDB"), "{said}");
    let said = refusal(
        "mongodb://user:hunter2@no-such-host.invalid/board",
        redis.url(),
    )
    .await;
    assert!(said.contains("MongoDB"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_that_never_answers_is_told_in_a_sentence() {
    let redis = Redis::own().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "mongodb://user:hunter2@{}/board",
        silent.local_addr().unwrap()
    );
    let said = refusal(&url, redis.url()).await;
    assert!(said.contains("MongoDB"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_not_there_is_told_in_a_sentence() {
    let database = Database::shared().await;
    let said = refusal(database.url(), "redis://user:hunter2@127.0.0.1:1").await;
    assert!(said.contains("Redis"), "{said}");
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://user:hunter2@{}", silent.local_addr().unwrap());
    let said = refusal(database.url(), &url).await;
    assert!(said.contains("Redis"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_that_make_no_sense_are_told_in_a_sentence() {
    let (database, redis) = (Database::shared().await, Redis::own().await);
    for url in [
        "nonsense",
        "mongodb://",
        "http://user:hunter2@h/x",
        "mongodb://user:hunter2@h:port/x",
    ] {
        let said = refusal(url, redis.url()).await;
        assert!(
            said.contains("mongodb") || said.contains("MongoDB"),
            "{url}: {said}"
        );
    }
    for url in [
        "nonsense",
        "http://user:hunter2@h",
        "redis://user:hunter2@h:port",
    ] {
        let said = refusal(database.url(), url).await;
        assert!(
            said.contains("redis") || said.contains("Redis"),
            "{url}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_the_two_without_the_other_is_refused() {
    for (flag, other) in [
        (
            "--mongodb-url=mongodb://user:hunter2@127.0.0.1:1/board",
            "--redis-url",
        ),
        (
            "--redis-url=redis://user:hunter2@127.0.0.1:1",
            "--mongodb-url",
        ),
    ] {
        let (status, said, took) = run_to_its_end(&[flag]).await;
        assert!(!status.success() && took < WITHIN);
        assert!(said.contains(other) && !said.contains(PASSWORD), "{said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_other_limits_is_refused() {
    let cluster = Cluster::of(1).await;
    let flags = cluster.flags(&["--text-chars=123"]);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let (status, said, took) = run_to_its_end(&flags).await;
    assert!(!status.success() && took < WITHIN, "{took:?}: {said}");
    assert!(said.contains("different limits"), "{said}");
    cluster.stop().await;
}
