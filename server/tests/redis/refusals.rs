//! Settings with which there is no Redis: one sentence within ten seconds, and no password in it.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use server::bus::redis::{RedisBus, RedisConnection, RedisSettings};
use tokio::net::TcpSocket;

use crate::process::RedisServer;
use crate::support::sharded;

const LIMIT: Duration = Duration::from_secs(10);

/// What whoever starts the server is told.
async fn refusal(settings: RedisSettings) -> String {
    let begun = Instant::now();
    let connected = async {
        let connection = RedisConnection::connect(&settings).await?;
        RedisBus::connect(connection).await
    };
    let error = connected.await.expect_err("there is no Redis");
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    let told = error.to_string();
    eprintln!("{told}");
    let shown = format!("{told}{error:?}{settings:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!told.contains('\n'), "{told}");
    told
}

async fn url(url: &str) -> String {
    refusal(RedisSettings::new(url)).await
}

#[tokio::test]
async fn urls_that_are_none() {
    for bad in [
        "",
        "hunter2",
        "http://x:hunter2@127.0.0.1",
        "redis://:hunter2@",
        "redis://:hunter2@127.0.0.1:port",
    ] {
        let told = url(bad).await;
        assert!(told.starts_with("the URL of Redis"), "{told}");
    }
}

#[tokio::test]
async fn addresses_where_nobody_is() {
    // Taken, but nobody listens there.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = taken.local_addr().unwrap().port();
    let told = url(&format!("redis://:hunter2@127.0.0.1:{port}")).await;
    assert!(
        told.contains(&format!("127.0.0.1:{port} cannot be reached")),
        "{told}"
    );
    let told = url(&format!("redis-cluster://:hunter2@127.0.0.1:{port}")).await;
    assert!(told.contains("cannot be reached"), "{told}");
    let told = url("redis://:hunter2@name.invalid").await;
    assert!(told.contains("name.invalid"), "{told}");
}

#[tokio::test]
async fn addresses_where_nobody_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["redis", "rediss", "redis-cluster"] {
        let told = url(&format!("{scheme}://:hunter2@{address}")).await;
        assert!(told.contains("does not answer"), "{told}");
    }
}

#[tokio::test]
async fn servers_that_refuse() {
    let server = RedisServer::with(&["--requirepass", "secret"]);
    let address = format!("127.0.0.1:{}", server.port);
    let told = url(&format!("redis://:hunter2@{address}")).await;
    assert!(told.contains("refuses the name or password"), "{told}");
    let told = url(&format!("redis://{address}")).await;
    assert!(told.contains("refuses the name or password"), "{told}");
    let told = url(&format!("redis-cluster://:secret@{address}")).await;
    assert!(told.contains("cluster support disabled"), "{told}");
    // A server without TLS waits for the rest of what it takes for a command.
    let told = url(&format!("rediss://:hunter2@{address}")).await;
    assert!(told.contains("does not answer"), "{told}");
}

#[tokio::test]
async fn rights_that_are_missing() {
    let server = RedisServer::start();
    let user = |name: &str, rights: &str| {
        let command = format!("ACL SETUSER {name} on >hunter2 ~* {rights}");
        assert_eq!(server.ask(&command), "OK");
        format!("redis://{name}:hunter2@127.0.0.1:{}", server.port)
    };
    let mute = user("mute", "&* +@all -client|info");
    let told = url(&mute).await;
    assert!(told.contains("NOPERM"), "{told}");
    let deaf = user("deaf", "resetchannels +@all");
    let told = url(&deaf).await;
    // The driver does not wait for the refusal; it comes first or the count does.
    let either = told.contains("may this user subscribe") || told.contains("NOPERM");
    assert!(either, "{told}");
    let told = refusal(sharded(deaf)).await;
    assert!(told.contains("NOPERM"), "{told}");
    let bound = user("bound", "resetchannels &streamboard:* +@all");
    let connection = RedisConnection::connect(&RedisSettings::new(bound)).await;
    let bus = RedisBus::connect(connection.unwrap()).await.unwrap();
    let shown = format!("{bus:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
