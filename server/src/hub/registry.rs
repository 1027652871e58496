//! All connections of this node, by the second in which they are pinged.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::members::ConnectionNo;
use super::wake::Wake;

type Shard = HashMap<ConnectionNo, Arc<Wake>>;

/// The connections of this node. Each belongs to one of as many shards as the ping interval has seconds; one sweep
/// visits one shard a second, so that there is no timer per connection and pings spread by themselves.
#[derive(Debug)]
pub(super) struct Registry {
    shards: Vec<Mutex<Shard>>,
    next: AtomicU64,
}

/// A connection's entry, given back when dropped.
#[derive(Debug)]
pub(super) struct Entered {
    registry: Arc<Registry>,
    pub(super) no: ConnectionNo,
    pub(super) wake: Arc<Wake>,
}

impl Registry {
    pub(super) fn new(ping_every: Duration) -> Arc<Self> {
        let shards = ping_every.as_secs().max(1);
        Arc::new(Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            next: AtomicU64::new(0),
        })
    }

    fn shard(&self, no: u64) -> MutexGuard<'_, Shard> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "less than the number of shards"
        )]
        let index = (no % self.shards.len() as u64) as usize;
        self.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(self: &Arc<Self>) -> Entered {
        let no = self.next.fetch_add(1, Ordering::Relaxed);
        let wake = Arc::new(Wake::default());
        self.shard(no).insert(no, Arc::clone(&wake));
        Entered {
            registry: Arc::clone(self),
            no,
            wake,
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        (0..self.shards.len() as u64)
            .map(|no| self.shard(no).len())
            .sum()
    }

    /// Pings the connections of one second, or closes those who left `unanswered` pings without an answer.
    pub(super) fn ping(&self, second: u64, unanswered: u8, code: u16) {
        for wake in self.shard(second).values() {
            if !wake.ping(unanswered) {
                wake.close(code);
            }
        }
    }

    /// All of them in an order nobody can foresee.
    pub(super) fn shuffled(&self) -> Vec<Arc<Wake>> {
        let mut all: Vec<_> = (0..self.shards.len() as u64)
            .flat_map(|no| {
                let shard = self.shard(no);
                let entries = shard.iter().map(|(no, wake)| (*no, Arc::clone(wake)));
                entries.collect::<Vec<_>>()
            })
            .collect();
        // A random hash of distinct numbers is a shuffle.
        let random = RandomState::new();
        all.sort_by_cached_key(|(no, _)| random.hash_one(no));
        all.into_iter().map(|(_, wake)| wake).collect()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.registry.shard(self.no).remove(&self.no);
    }
}
