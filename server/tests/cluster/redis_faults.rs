//! Redis goes, is deaf, or cuts its subscribers off: posting goes on, and nobody misses anything.

use std::time::Duration;

use crate::world::{Cluster, Needs, Posters, Verdict, follow_all, until};

const FEEDS: usize = 40;
const PEOPLE: usize = 10;
/// Ten people, each twice a second.
const EVERY: Duration = Duration::from_millis(500);
/// How long Redis is away.
const AWAY: Duration = Duration::from_secs(15);
/// The longest a post may take to be heard while there is no bus: the head check, and some time for the machine.
const WITHOUT_BUS: Duration = Duration::from_secs(10);

async fn cluster() -> Cluster {
    Cluster::start(Needs {
        nodes: 2,
        own_redis: true,
        alone: true,
        ..Needs::default()
    })
    .await
}

/// Waits until everybody has heard what is posted now.
async fn heard_within(followers: &[crate::world::Follower], seq: u64, within: Duration) {
    let begun = tokio::time::Instant::now();
    until("the post is heard", async || {
        followers.iter().all(|one| one.last() >= seq)
    })
    .await;
    assert!(begun.elapsed() <= within, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_killed_and_comes_back_empty() {
    let mut cluster = cluster().await;
    let (anna, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    posters.until_more(40).await;
    cluster.redis.kill().await;
    posters.until_more(40).await;
    let posted = anna.at(&cluster.nodes[0]).say(&room, "without a bus").await;
    heard_within(&followers, posted.seq, WITHOUT_BUS).await;
    cluster.redis.start_again().await;
    posters.until_more(40).await;
    let acknowledged = posters.finish().await;
    Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    until("people are counted again", async || {
        followers
            .iter()
            .all(|one| one.heard().people.last() == Some(&(FEEDS as u32)))
    })
    .await;
    for follower in &followers {
        assert_eq!(follower.heard().connections, 1, "nobody's feed was closed");
    }
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_cut_off_again_and_again() {
    let cluster = cluster().await;
    let (_, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    for _ in 0..5 {
        posters.until_more(20).await;
        let words = ["CLIENT", "KILL", "TYPE", "pubsub"];
        cluster.redis.ask(&words).await.unwrap();
    }
    posters.until_more(20).await;
    let acknowledged = posters.finish().await;
    Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_its_connections_and_answers_nothing_for_a_while() {
    let mut cluster = cluster().await;
    let (anna, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    posters.until_more(40).await;
    cluster.redis.freeze();
    let frozen = tokio::time::Instant::now();
    posters.until_more(40).await;
    let posted = anna
        .at(&cluster.nodes[0])
        .say(&room, "into the silence")
        .await;
    heard_within(&followers, posted.seq, WITHOUT_BUS).await;
    tokio::time::sleep_until(frozen + AWAY).await;
    cluster.redis.thaw();
    posters.until_more(40).await;
    let acknowledged = posters.finish().await;
    Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    for follower in &followers {
        assert_eq!(follower.heard().connections, 1, "nobody's feed was closed");
    }
    cluster.stop().await;
}
