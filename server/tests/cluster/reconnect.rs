//! Two thousand feeds are lost at once and come back: the rings serve them, not the store.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use async_trait::async_trait;
use server::domain::entry::{Entry, Source};
use server::storage::{EventLog, Head, Inserted, PostRef, StorageError};

use crate::world::{Cluster, Follower, Lines, Needs, until};

const FEEDS: usize = 2_000;
const ROOMS: usize = 10;
const NODES: usize = 2;

/// Counts the reads of one room's log.
#[derive(Debug)]
struct Counted {
    log: Arc<dyn EventLog>,
    heads: Arc<AtomicU64>,
    ranges: Arc<AtomicU64>,
}

#[async_trait]
impl EventLog for Counted {
    async fn insert(&self, entries: &[Entry]) -> Result<Inserted, StorageError> {
        self.log.insert(entries).await
    }

    async fn head(&self, room: &RoomId) -> Result<Option<Head>, StorageError> {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.log.head(room).await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Head)>, StorageError> {
        self.log.heads(rooms).await
    }

    async fn range(
        &self,
        room: &RoomId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, StorageError> {
        self.ranges.fetch_add(1, Ordering::Relaxed);
        self.log.range(room, after, limit).await
    }

    async fn posts(
        &self,
        room: &RoomId,
        first: PostNo,
        last: PostNo,
    ) -> Result<Vec<Entry>, StorageError> {
        self.log.posts(room, first, last).await
    }

    async fn snapshot(&self, room: &RoomId) -> Result<Option<Entry>, StorageError> {
        self.log.snapshot(room).await
    }

    async fn by_nonce(
        &self,
        room: &RoomId,
        source: &Source,
        nonce: &Nonce,
    ) -> Result<Option<Entry>, StorageError> {
        self.log.by_nonce(room, source, nonce).await
    }

    async fn redact(&self, post: &PostRef) -> Result<(), StorageError> {
        self.log.redact(post).await
    }

    async fn pending_redactions(&self, limit: u32) -> Result<Vec<PostRef>, StorageError> {
        self.log.pending_redactions(limit).await
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how long it took is to be read")]
async fn two_thousand_feeds_come_back_from_the_rings() {
    let mut cluster = Cluster::start(Needs {
        alone: true,
        ..Needs::default()
    })
    .await;
    let (heads_read, ranges_read) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    for _ in 0..NODES {
        let (heads, ranges) = (heads_read.clone(), ranges_read.clone());
        let counted = move |log| Counted { log, heads, ranges };
        cluster
            .add_node_behind(move |log, bus| (Arc::new(counted(log)), bus))
            .await;
    }
    let read_so_far = || {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&heads_read), read(&ranges_read))
    };
    let anna = cluster.person().await;
    let client = anna.at(&cluster.nodes[0]);
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        let room = client.make_room().await;
        let cursor = client.history(&room).await.cursor;
        rooms.push((room, cursor));
    }
    let nodes: Vec<SocketAddr> = cluster.nodes.iter().map(|node| node.address).collect();
    let lines = Lines::new();
    let mut followers = Vec::new();
    for at in 0..FEEDS {
        let (room, cursor) = &rooms[at % ROOMS];
        // Every room has followers on every node.
        let first = at / ROOMS;
        followers.push(Follower::follow(
            &anna,
            room,
            *cursor,
            nodes.clone(),
            first,
            &lines,
        ));
    }
    let all_follow = async |times: usize| {
        until("every feed follows its room", async || {
            followers.iter().all(|one| {
                let heard = one.heard();
                heard.subscribed && heard.connections >= times
            })
        })
        .await;
    };
    all_follow(1).await;
    for (room, _) in &rooms {
        client.say(room, "before").await;
    }
    let before = read_so_far();

    let cut = tokio::time::Instant::now();
    lines.cut();
    let mut heads = Vec::new();
    for (room, _) in &rooms {
        client.say(room, "meanwhile").await;
        heads.push(client.say(room, "meanwhile, too").await.seq);
    }
    all_follow(2).await;
    let back = cut.elapsed();
    until("everybody has everything", async || {
        let mut ends = followers.iter().zip(heads.iter().cycle());
        ends.all(|(follower, head)| follower.last() >= *head)
    })
    .await;
    let (heads_read, ranges_read) = read_so_far();
    let (heads_read, ranges_read) = (heads_read - before.0, ranges_read - before.1);
    println!(
        "{FEEDS} feeds lost at once: all back after {:.1} s; the log's end was read {heads_read} times, events \
         {ranges_read} times",
        back.as_secs_f64()
    );
    let once_a_room_and_node = (ROOMS * NODES) as u64;
    assert!(
        ranges_read <= once_a_room_and_node,
        "{ranges_read} reads of events"
    );
    for follower in &followers {
        assert_eq!(follower.heard().faults, Vec::<String>::new());
    }
    drop(followers);
    cluster.stop().await;
}
