//! Two nodes append to one room as fast as they can.

use std::time::Duration;

use crate::world::{Cluster, Needs, Posters, Verdict, load_seconds};

const PEOPLE: usize = 32;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the throughput is to be read")]
async fn two_nodes_racing_for_one_log_leave_no_gap_and_double_nothing() {
    let cluster = Cluster::start(Needs {
        nodes: 2,
        alone: true,
        ..Needs::default()
    })
    .await;
    let (_, room) = cluster.person_in_a_room().await;
    let posters = Posters::start(&cluster, &room, PEOPLE, Duration::ZERO).await;
    let begun = tokio::time::Instant::now();
    // A load of this length, not a wait for anything.
    tokio::time::sleep(load_seconds(5)).await;
    let acknowledged = posters.finish().await;
    let took = begun.elapsed();
    let verdict = Verdict::of(&cluster, &room, &acknowledged, &[]).await;
    let posts = acknowledged.len();
    let stored = verdict.events.last().unwrap().posts as usize;
    assert_eq!(stored, PEOPLE + posts, "a post nobody was told of");
    println!(
        "two nodes, one room, {PEOPLE} people: {posts} posts in {:.1} s, {:.0} a second",
        took.as_secs_f64(),
        posts as f64 / took.as_secs_f64(),
    );
    cluster.stop().await;
}
