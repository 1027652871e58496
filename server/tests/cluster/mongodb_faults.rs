//! MongoDB crashes and comes back under posts and under an upload.

use std::time::Duration;

use app::wire::file::FileState;
use app::wire::request::UploadOpened;
use bytes::Bytes;
use reqwest::{Body, Method, StatusCode};
use tokio::time::{Instant, sleep};
use tokio_stream::StreamExt;

use crate::support::{Client, picture};
use crate::world::{Cluster, Needs, PATIENCE, Posters, Verdict, follow_all, until};

const FEEDS: usize = 20;
const PEOPLE: usize = 10;
const EVERY: Duration = Duration::from_millis(500);
/// How long MongoDB is away.
const AWAY: Duration = Duration::from_secs(5);

async fn cluster() -> Cluster {
    Cluster::start(Needs {
        nodes: 2,
        own_mongodb: true,
        alone: true,
        ..Needs::default()
    })
    .await
}

/// Kills MongoDB, and brings it back after a while.
async fn crash(cluster: &mut Cluster) {
    let mongodb = cluster.mongodb.as_mut().unwrap();
    mongodb.kill().await;
    sleep(AWAY).await;
    mongodb.start_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_survive_a_crash_of_mongodb() {
    let mut cluster = cluster().await;
    let (_, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    posters.until_more(40).await;
    crash(&mut cluster).await;
    posters.until_more(60).await;
    let acknowledged = posters.finish().await;
    Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    cluster.stop().await;
}

/// A body of `bytes` that takes some seconds.
fn slowly(bytes: &[u8]) -> Body {
    let pieces: Vec<_> = bytes
        .chunks(20_000)
        .map(|piece| std::io::Result::Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Body::wrap_stream(tokio_stream::iter(pieces).throttle(Duration::from_millis(50)))
}

/// How much is held; `None` while nobody can say.
async fn held(client: &Client, upload: &UploadOpened) -> Option<u64> {
    let answer = client.upload(Method::HEAD, upload).send().await.ok()?;
    let offset = answer.headers().get("upload-offset")?;
    offset.to_str().unwrap().parse().ok()
}

/// Sends as a browser does: asks where to go on, sends the rest, and again. How many requests it took.
async fn send_all(clients: &[Client], upload: &UploadOpened, bytes: &[u8]) -> usize {
    let late = Instant::now() + 2 * PATIENCE;
    let mut requests = 0;
    let mut known = 0;
    for client in clients.iter().cycle() {
        assert!(Instant::now() < late, "the upload does not end");
        let Some(offset) = held(client, upload).await else {
            sleep(Duration::from_millis(200)).await;
            continue;
        };
        assert!(offset >= known, "{known} bytes were held, now {offset}");
        known = offset;
        let rest = &bytes[usize::try_from(offset).unwrap()..];
        if rest.is_empty() {
            break;
        }
        requests += 1;
        let patch = client.patch(upload, &offset.to_string()).body(slowly(rest));
        if let Ok(answer) = patch.timeout(PATIENCE).send().await
            && answer.status() == StatusCode::NO_CONTENT
        {
            break;
        }
    }
    requests
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_a_crash_of_mongodb() {
    let mut cluster = cluster().await;
    let (anna, room) = cluster.person_in_a_room().await;
    let clients = [0, 1].map(|at| anna.at(&cluster.nodes[at]));
    let bytes = picture(3_000_000);
    let upload = clients[0]
        .open(&room, "cat.png", Some(bytes.len() as u64))
        .await;
    clients[0].share(&room, &upload.file).await;
    let crashing = async {
        clients[1].until_held(&upload, 500_000).await;
        crash(&mut cluster).await;
    };
    let (requests, ()) = tokio::join!(send_all(&clients, &upload, &bytes), crashing);
    assert!(requests > 0);
    until("the room is told", async || {
        let page = clients[1]
            .call("load_history", &[("room", room.as_str())])
            .await;
        page.status == 200 && {
            let page: app::wire::page::Page = page.json();
            matches!(page.posts[0].files[0].state, FileState::Ready { .. })
        }
    })
    .await;
    for client in &clients {
        let read = client.file(&upload.file).send().await.unwrap();
        assert!(read.bytes().await.unwrap() == bytes, "intact");
    }
    cluster.stop().await;
}
