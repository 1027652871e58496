//! Several nodes over one database and one Redis.

use std::sync::{Arc, LazyLock};

use app::wire::ids::RoomId;
use reqwest::header::COOKIE;
use server::bus::Bus;
use server::storage::EventLog;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use super::{Database, Front, MongoDb, Node, Redis};
use crate::support::Client;

/// Many posts, rooms, sessions and feeds come from one address here.
const GENEROUS: [&str; 12] = [
    "--post-burst=100000",
    "--post-every-ms=1",
    "--room-burst=100000",
    "--room-every-ms=1",
    "--session-burst=100000",
    "--session-every-ms=1",
    "--feeds-per-address=100000",
    "--open-uploads-per-address=10000",
    "--open-uploads=1000",
    "--shutdown-seconds=10",
    "--log=info,server::middleware=warn",
    "--log-format=text",
];

/// A test that loads the machine runs alone; the others run beside each other.
static MACHINE: LazyLock<Arc<RwLock<()>>> = LazyLock::new(Arc::default);

enum Turn {
    Shared { _guard: OwnedRwLockReadGuard<()> },
    Alone { _guard: OwnedRwLockWriteGuard<()> },
}

/// What a test needs.
#[derive(Clone, Copy, Default)]
pub(crate) struct Needs<'a> {
    pub(crate) nodes: usize,
    /// More flags of every node.
    pub(crate) flags: &'a [&'a str],
    /// A MongoDB server of its own.
    pub(crate) own_mongodb: bool,
    /// A Redis server of its own.
    pub(crate) own_redis: bool,
    /// Nothing else runs meanwhile.
    pub(crate) alone: bool,
}

/// Running nodes and their services.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    pub(crate) database: Database,
    pub(crate) redis: Redis,
    pub(crate) mongodb: Option<MongoDb>,
    folder: tempfile::TempDir,
    _turn: Turn,
}

/// Somebody with a session, known to every node.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) cookie: String,
}

impl Person {
    /// Their browser at a node.
    pub(crate) fn at(&self, node: &Node) -> Client {
        let headers = [(COOKIE, self.cookie.parse().unwrap())];
        Client::with_headers(node.base(), headers.into_iter().collect())
    }
}

impl Cluster {
    /// Nodes over the shared services.
    pub(crate) async fn of(nodes: usize) -> Self {
        Self::start(Needs {
            nodes,
            ..Needs::default()
        })
        .await
    }

    pub(crate) async fn start(needs: Needs<'_>) -> Self {
        let machine = MACHINE.clone();
        let turn = if needs.alone {
            Turn::Alone {
                _guard: machine.write_owned().await,
            }
        } else {
            Turn::Shared {
                _guard: machine.read_owned().await,
            }
        };
        let mongodb = if needs.own_mongodb {
            Some(MongoDb::start().await)
        } else {
            None
        };
        let database = match &mongodb {
            Some(server) => Database::of(server).await,
            None => Database::shared().await,
        };
        let redis = if needs.own_redis {
            Redis::own().await
        } else {
            Redis::any().await
        };
        let mut cluster = Self {
            nodes: Vec::new(),
            database,
            redis,
            mongodb,
            folder: tempfile::tempdir().unwrap(),
            _turn: turn,
        };
        for _ in 0..needs.nodes {
            cluster.add_node(needs.flags).await;
        }
        cluster
    }

    /// One more node.
    async fn add_node(&mut self, flags: &[&str]) {
        let flags = self.flags(flags);
        let log = format!("node-{}.log", self.nodes.len() + 1);
        let node = Node::start(&flags, self.folder.path().join(log)).await;
        self.nodes.push(node);
    }

    /// One more node, inside of this process, with something in front of its log and its bus.
    pub(crate) async fn add_node_behind(
        &mut self,
        front: impl FnOnce(Arc<dyn EventLog>, Arc<dyn Bus>) -> Front + Send + 'static,
    ) {
        let node = Node::inside(&self.flags(&[]), front).await;
        self.nodes.push(node);
    }

    /// What the next node is told.
    pub(crate) fn flags(&self, more: &[&str]) -> Vec<String> {
        let number = self.nodes.len() + 1;
        let directory = self.folder.path().join(format!("node-{number}"));
        let site = directory.join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        let own = [
            format!("--data={}", directory.join("data").display()),
            format!("--site-root={}", site.display()),
            format!("--mongodb-url={}", self.database.url()),
            format!("--redis-url={}", self.redis.url()),
        ];
        let generous = GENEROUS.iter().filter(|flag| {
            let name = flag.split('=').next().unwrap_or_default();
            !more.iter().any(|flag| flag.starts_with(name))
        });
        own.into_iter()
            .chain(generous.chain(more).map(|&flag| flag.to_owned()))
            .collect()
    }

    /// Somebody who comes to the first node.
    pub(crate) async fn person(&self) -> Person {
        let client = Client::new(self.nodes[0].base());
        Person {
            cookie: client.session().await,
        }
    }

    /// Somebody, and a room of theirs.
    pub(crate) async fn person_in_a_room(&self) -> (Person, RoomId) {
        let person = self.person().await;
        let room = person.at(&self.nodes[0]).make_room().await;
        (person, room)
    }

    /// Stops every node that runs; each must end cleanly.
    pub(crate) async fn stop(mut self) {
        for node in &mut self.nodes {
            if node.is_running() {
                node.stop().await;
            }
        }
    }
}
