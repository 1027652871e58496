//! What one node is told, another tells.

use app::wire::event::EventBody;

use crate::world::{Cluster, follow_all, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_on_one_node_is_heard_and_read_on_the_other() {
    let cluster = Cluster::of(2).await;
    let (anna, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, 2).await;
    let posted = anna.at(&cluster.nodes[0]).say(&room, "hello").await;
    for follower in &followers {
        until("the post is heard", async || follower.last() >= posted.seq).await;
        let heard = follower.heard();
        assert_eq!(heard.faults, Vec::<String>::new());
        let last = heard.events.last().unwrap();
        assert!(matches!(&last.body, EventBody::Posted { text, .. } if text == "hello"));
    }
    let page = anna.at(&cluster.nodes[1]).history(&room).await;
    assert_eq!(page.cursor.seq, posted.seq);
    assert_eq!(page.posts[0].text, "hello");
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_by_the_bus_is_heard_before_the_head_check_would_find_it() {
    let cluster = Cluster::of(2).await;
    let (anna, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, 2).await;
    let at_first = anna.at(&cluster.nodes[0]);
    let begun = tokio::time::Instant::now();
    // The head check would take three seconds for each of these.
    for number in 0..10 {
        let posted = at_first.say(&room, &number.to_string()).await;
        until("the post is heard", async || {
            followers.iter().all(|one| one.last() >= posted.seq)
        })
        .await;
    }
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_repeated_at_another_node_happened_once() {
    let cluster = Cluster::of(2).await;
    let (anna, room) = cluster.person_in_a_room().await;
    let nonce = crate::support::nonce();
    let first = anna
        .at(&cluster.nodes[0])
        .say_as(&room, "once", &nonce)
        .await;
    let again = anna
        .at(&cluster.nodes[1])
        .say_as(&room, "once", &nonce)
        .await;
    let (first, again): (app::wire::request::Appended, app::wire::request::Appended) =
        (first.json(), again.json());
    assert_eq!((first.no, first.seq), (again.no, again.seq));
    let page = anna.at(&cluster.nodes[1]).history(&room).await;
    assert_eq!(page.posts.len(), 1);
    let other = anna
        .at(&cluster.nodes[1])
        .say_as(&room, "twice", &nonce)
        .await;
    other.refused(app::wire::error::ErrorCode::NonceReused);
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_on_two_nodes_see_each_other() {
    let cluster = Cluster::of(2).await;
    let (_, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, 6).await;
    until("everybody is told of all six", async || {
        followers
            .iter()
            .all(|one| one.heard().people.last() == Some(&6))
    })
    .await;
    cluster.stop().await;
}
