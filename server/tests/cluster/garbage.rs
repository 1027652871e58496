//! What does not belong on the bus is no more than a reason to ask the store.

use app::wire::feed::Cursor;

use crate::world::{Cluster, Needs, Reply, Verdict, follow_all, until};

const PAYLOADS: [&[u8]; 5] = [
    b"",
    b"nonsense",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x00",
    b"{\"event\":{}}",
];

fn channels(reply: Reply) -> Vec<String> {
    let Reply::List(items) = reply else {
        panic!("{reply:?}");
    };
    let names = items.into_iter().map(|item| match item {
        Reply::Text(name) => name,
        other => panic!("{other:?}"),
    });
    names.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_every_channel_harms_nobody() {
    let cluster = Cluster::start(Needs {
        nodes: 2,
        own_redis: true,
        ..Needs::default()
    })
    .await;
    let (anna, room) = cluster.person_in_a_room().await;
    let followers = follow_all(&cluster, &room, 4).await;
    let channels = channels(cluster.redis.ask(&["PUBSUB", "CHANNELS"]).await.unwrap());
    assert!(!channels.is_empty(), "the nodes follow the room's channel");
    let client = anna.at(&cluster.nodes[0]);
    for payload in PAYLOADS {
        for channel in &channels {
            let words: [&[u8]; 3] = [b"PUBLISH", channel.as_bytes(), payload];
            let reply = cluster.redis.ask(&words).await.unwrap();
            assert!(
                matches!(reply, Reply::Number(heard) if heard > 0),
                "{reply:?}"
            );
        }
        client.say(&room, "still here").await;
    }
    let huge = vec![0xa5; 1024 * 1024];
    for channel in &channels {
        let words: [&[u8]; 3] = [b"PUBLISH", channel.as_bytes(), &huge];
        cluster.redis.ask(&words).await.unwrap();
    }
    let last = client.say(&room, "after all").await;
    until("the last post is heard", async || {
        followers.iter().all(|one| one.last() >= last.seq)
    })
    .await;
    Verdict::of(&cluster, &room, &[], &followers).await;
    for follower in &followers {
        assert_eq!(follower.heard().connections, 1, "nobody was thrown out");
    }
    let Cursor { seq, .. } = anna.at(&cluster.nodes[1]).history(&room).await.cursor;
    assert_eq!(seq, last.seq);
    cluster.stop().await;
}
