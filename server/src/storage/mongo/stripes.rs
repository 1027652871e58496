//! Turns by room, within this node.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use app::wire::ids::RoomId;
use tokio::sync::{Mutex, MutexGuard};

/// Turns at once; two rooms may share one.
const STRIPES: usize = 64;

/// A fixed number of locks that rooms share by their hash. Held across calls of the store, whose time limits bound
/// the wait.
#[derive(Debug, Clone)]
pub(super) struct Stripes(Arc<[Mutex<()>; STRIPES]>);

impl Stripes {
    pub(super) fn new() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::new(()))))
    }

    /// Waits for the room's turn; it is over when the guard is dropped.
    pub(super) async fn of(&self, room: &RoomId) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or_default();
        self.0[stripe].lock().await
    }
}
