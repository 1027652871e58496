//! Two nodes are replaced one after the other, as a deploy does, under load.

use std::time::Duration;

use app::wire::feed::close;
use tokio::time::Instant;

use crate::world::{Cluster, Needs, Posters, Verdict, follow_all, until};

const FEEDS: usize = 60;
const PEOPLE: usize = 10;
const EVERY: Duration = Duration::from_millis(500);
/// Messages about people that a second may bring: what the hub tells in rooms of more than fifty, and one.
const PEOPLE_MESSAGES_A_SECOND: u64 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_loses_nothing_and_makes_no_storm() {
    let mut cluster = Cluster::start(Needs {
        nodes: 2,
        alone: true,
        ..Needs::default()
    })
    .await;
    let (_, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, FEEDS).await;
    until("everybody is counted", async || {
        followers
            .iter()
            .all(|one| one.heard().people.last() == Some(&(FEEDS as u32)))
    })
    .await;
    for follower in &followers {
        follower.heard().people.clear();
    }
    let posters = Posters::start(&cluster, &room, PEOPLE, EVERY).await;
    let begun = Instant::now();

    for at in 0..2 {
        posters.until_more(30).await;
        let took = cluster.nodes[at].stop().await;
        assert!(took <= Duration::from_secs(12), "{took:?}");
        until("every feed is at the other node", async || {
            followers.iter().all(|one| one.heard().subscribed)
        })
        .await;
        posters.until_more(30).await;
        cluster.nodes[at].start_again().await;
    }
    posters.until_more(30).await;

    let acknowledged = posters.finish().await;
    let seconds = begun.elapsed().as_secs() + 1;
    Verdict::of(&cluster, &room, &acknowledged, &followers).await;
    until("everybody is counted again", async || {
        followers
            .iter()
            .all(|one| one.heard().people.last() == Some(&(FEEDS as u32)))
    })
    .await;
    for follower in &followers {
        let heard = follower.heard();
        assert!(
            heard.closes.iter().all(|&code| code == close::RESTART),
            "{:?}",
            heard.closes
        );
        let told = heard.people.len() as u64;
        assert!(
            told <= seconds * PEOPLE_MESSAGES_A_SECOND,
            "{told} in {seconds} s"
        );
    }
    cluster.stop().await;
}
