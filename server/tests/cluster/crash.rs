//! A node is killed under load.

use std::time::Duration;

use tokio::time::Instant;

use crate::world::{Cluster, Needs, Posters, Verdict, follow_all, until};

const FEEDS: usize = 200;
const PEOPLE: usize = 25;
/// 25 people, each twice a second: 50 posts a second.
const EVERY: Duration = Duration::from_millis(500);
/// Every feed is back within this time.
const BACK_WITHIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how long it took is to be read")]
async fn a_killed_node_loses_nothing_and_doubles_nothing() {
    let mut cluster = Cluster::start(Needs {
        nodes: 2,
        alone: true,
        ..Needs::default()
    })
    .await;
    let (_, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    posters.until_more(100).await;

    cluster.nodes[1].kill().await;
    let killed = Instant::now();
    // Who was on it has to have noticed before it can be back.
    until("the feeds of the killed node are lost", async || {
        followers
            .iter()
            .skip(1)
            .step_by(2)
            .all(|one| !one.heard().closes.is_empty())
    })
    .await;
    until("every feed is back", async || {
        followers.iter().all(|one| one.heard().subscribed)
    })
    .await;
    let back = killed.elapsed();
    println!(
        "{FEEDS} feeds, half of them on a killed node: all back after {:.1} s",
        back.as_secs_f64()
    );
    assert!(back <= BACK_WITHIN, "{back:?}");
    posters.until_more(200).await;

    let acknowledged = posters.finish().await;
    let verdict = Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    assert!(verdict.events.len() > 300);
    for (at, follower) in followers.iter().enumerate() {
        assert_eq!(follower.heard().connections, 1 + at % 2, "follower {at}");
    }
    cluster.stop().await;
}
