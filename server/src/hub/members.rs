//! The connections that follow a room on this node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::wake::Wake;

/// A connection, numbered on its node.
pub(super) type ConnectionNo = u64;

/// Whom to wake for a room. Its lock is its own: waking ten thousand takes a while, and the woken need only the
/// lock of the room's state.
#[derive(Debug)]
pub(super) struct Members(Mutex<List>);

#[derive(Debug)]
struct List {
    by_no: HashMap<ConnectionNo, (Arc<Wake>, usize)>,
    empty_since: Option<Instant>,
}

impl Members {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(List {
            by_no: HashMap::new(),
            empty_since: Some(now),
        }))
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the connection is woken in `slot`.
    pub(super) fn add(&self, no: ConnectionNo, wake: Arc<Wake>, slot: usize) {
        let mut list = self.list();
        list.by_no.insert(no, (wake, slot));
        list.empty_since = None;
    }

    /// The connection is woken no more. Says whether nobody is left.
    pub(super) fn remove(&self, no: ConnectionNo, now: Instant) -> bool {
        let mut list = self.list();
        list.by_no.remove(&no);
        if list.by_no.is_empty() && list.empty_since.is_none() {
            list.empty_since = Some(now);
        }
        list.empty_since.is_some()
    }

    /// Since when nobody is here.
    pub(super) fn empty_since(&self) -> Option<Instant> {
        self.list().empty_since
    }

    /// There is news for one.
    pub(super) fn wake(&self, no: ConnectionNo) {
        if let Some((wake, slot)) = self.list().by_no.get(&no) {
            wake.slot(*slot);
        }
    }

    /// There is news for all.
    pub(super) fn wake_all(&self) {
        for (wake, slot) in self.list().by_no.values() {
            wake.slot(*slot);
        }
    }
}
