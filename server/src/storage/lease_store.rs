//! Port of what one node at a time may do.

use std::time::Duration;

use app::wire::ids::Millis;
use async_trait::async_trait;

use super::StorageError;

/// Leases by name. They save work, they do not guard it: a holder whose clock is behind, or that was held up, may
/// meet another one, so whatever is done under a lease must be safe to do twice at once.
#[async_trait]
pub trait LeaseStore: Send + Sync + std::fmt::Debug {
    /// Takes a lease, or extends it, until `now + length`; `false` while somebody else holds it. Of several who take
    /// a free lease at once, one gets it.
    async fn hold(
        &self,
        name: &str,
        holder: &str,
        now: Millis,
        length: Duration,
    ) -> Result<bool, StorageError>;

    /// Gives a lease back before its time; nothing happens where somebody else holds it.
    async fn release(&self, name: &str, holder: &str) -> Result<(), StorageError>;
}
