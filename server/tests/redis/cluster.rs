//! A Redis Cluster of a test's own.

use std::time::{Duration, Instant};

use crate::process::RedisServer;
use crate::support::PATIENCE;

const SLOTS: usize = 16_384;

/// The flag that names the port by which servers of a cluster speak to each other.
const BUS: &str = "--cluster-port";

/// Three primaries without replicas.
#[derive(Debug)]
pub(crate) struct RedisCluster {
    pub(crate) servers: Vec<RedisServer>,
}

impl RedisCluster {
    pub(crate) fn start() -> Self {
        let mut servers: Vec<RedisServer> = Vec::new();
        for number in 0..3 {
            let server = RedisServer::clustered(
                BUS,
                &[
                    "--cluster-enabled",
                    "yes",
                    "--cluster-config-file",
                    "nodes.conf",
                    "--cluster-node-timeout",
                    "2000",
                ],
            );
            let (first, last) = (SLOTS * number / 3, SLOTS * (number + 1) / 3 - 1);
            let command = format!("CLUSTER ADDSLOTSRANGE {first} {last}");
            assert_eq!(server.ask(&command), "OK");
            let command = format!("CLUSTER SET-CONFIG-EPOCH {}", number + 1);
            assert_eq!(server.ask(&command), "OK");
            servers.push(server);
        }
        for server in &servers[1..] {
            let command = format!(
                "CLUSTER MEET 127.0.0.1 {} {}",
                server.port,
                server.flag(BUS)
            );
            assert_eq!(servers[0].ask(&command), "OK");
        }
        let cluster = Self { servers };
        cluster.settle();
        cluster
    }

    /// Waits until every server knows all others and serves.
    pub(crate) fn settle(&self) {
        let begun = Instant::now();
        let ready = |server: &RedisServer| {
            let info = server.ask("CLUSTER INFO");
            let has = |line| info.lines().any(|other| other.trim() == line);
            has("cluster_state:ok") && has("cluster_known_nodes:3") && has("cluster_slots_ok:16384")
        };
        while !self.servers.iter().all(ready) {
            assert!(begun.elapsed() < PATIENCE, "the cluster does not form");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn url(&self) -> String {
        let [first, others @ ..] = &self.servers[..] else {
            unreachable!("three servers");
        };
        let others = others
            .iter()
            .map(|server| format!("node=127.0.0.1:{}", server.port));
        let others: Vec<_> = others.collect();
        format!(
            "redis-cluster://127.0.0.1:{}?{}",
            first.port,
            others.join("&")
        )
    }

    /// Gives a slot without keys to another server than its owner.
    pub(crate) fn move_slot(&self, slot: &str, owner: usize) {
        let target = &self.servers[(owner + 1) % 3];
        let id = target.ask("CLUSTER MYID");
        let command = format!("CLUSTER SETSLOT {slot} NODE {id}");
        // The new owner first, so that no moment is without one.
        for offset in [1, 0, 2] {
            let server = &self.servers[(owner + offset) % 3];
            assert_eq!(server.ask(&command), "OK");
        }
    }
}
