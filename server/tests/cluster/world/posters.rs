//! People who post at a steady rate and do not give up: a post that was not acknowledged goes again with its nonce.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::wire::ids::{Nonce, PostNo, RoomId, Seq};
use app::wire::request::Appended;
use reqwest::StatusCode;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::Cluster;
use crate::support::{Client, nonce};

/// Longest time a post may take to be acknowledged, over all its attempts.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(90);
const ATTEMPT_WITHIN: Duration = Duration::from_secs(10);
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A post whose author was told that it is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) nonce: Nonce,
    pub(crate) text: String,
    pub(crate) no: PostNo,
    pub(crate) seq: Seq,
}

/// They post until they are told to stop.
pub(crate) struct Posters {
    tasks: JoinSet<Vec<Acknowledged>>,
    stop: CancellationToken,
    count: Arc<AtomicUsize>,
}

struct Poster {
    name: usize,
    room: RoomId,
    /// Their browser at each node; the first is where they are.
    clients: Vec<Client>,
    count: Arc<AtomicUsize>,
}

impl Posters {
    /// `count` people, spread over the nodes, each of whom posts once in `every`; as fast as they can for zero.
    pub(crate) async fn start(
        cluster: &Cluster,
        room: &RoomId,
        people: usize,
        every: Duration,
    ) -> Self {
        let mut posters = Self {
            tasks: JoinSet::new(),
            stop: CancellationToken::new(),
            count: Arc::default(),
        };
        let mut all = Vec::new();
        for name in 0..people {
            let person = cluster.person().await;
            let mut clients: Vec<Client> =
                cluster.nodes.iter().map(|node| person.at(node)).collect();
            clients.rotate_left(name % cluster.nodes.len());
            all.push(Poster {
                name,
                room: room.clone(),
                clients,
                count: posters.count.clone(),
            });
        }
        // Everybody is a participant before the load: numbers are given one after the other.
        for poster in &all {
            poster.clients[0].say(room, "I am here").await;
        }
        for poster in all {
            posters.tasks.spawn(poster.run(every, posters.stop.clone()));
        }
        posters
    }

    /// How many posts were acknowledged so far.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits until `more` further posts were acknowledged.
    pub(crate) async fn until_more(&self, more: usize) {
        let wanted = self.count() + more;
        super::until("posts are acknowledged", async || self.count() >= wanted).await;
    }

    /// Stops; what is under way is acknowledged first.
    pub(crate) async fn finish(mut self) -> Vec<Acknowledged> {
        self.stop.cancel();
        let mut all = Vec::new();
        while let Some(posts) = self.tasks.join_next().await {
            all.extend(posts.unwrap());
        }
        all
    }
}

impl Poster {
    async fn run(mut self, every: Duration, stop: CancellationToken) -> Vec<Acknowledged> {
        let mut ticks = interval(every.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut posts = Vec::new();
        while !stop.is_cancelled() {
            if !every.is_zero() {
                ticks.tick().await;
            }
            let text = format!("post {} of {}", posts.len() + 1, self.name);
            posts.push(self.post(text).await);
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        posts
    }

    async fn post(&mut self, text: String) -> Acknowledged {
        let nonce = nonce();
        let late = Instant::now() + ACKNOWLEDGED_WITHIN;
        loop {
            if let Some(Appended { no, seq }) = self.attempt(&nonce, &text).await {
                return Acknowledged {
                    nonce,
                    text,
                    no,
                    seq,
                };
            }
            assert!(Instant::now() < late, "{text} was never acknowledged");
            self.clients.rotate_left(1);
            sleep(AGAIN_AFTER).await;
        }
    }

    /// `None` where trying again is right.
    async fn attempt(&self, nonce: &Nonce, text: &str) -> Option<Appended> {
        let nonce = nonce.to_string();
        let arguments = [
            ("room", self.room.as_str()),
            ("nonce", &nonce),
            ("text", text),
        ];
        let request = self.clients[0].post("/api/create_post").form(&arguments);
        let answer = request.timeout(ATTEMPT_WITHIN).send().await.ok()?;
        let status = answer.status();
        let body = answer.text().await.ok()?;
        match status {
            StatusCode::OK => Some(serde_json::from_str(&body).unwrap()),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => None,
            _ => panic!("{status} {body}"),
        }
    }
}
