//! A store of leases that fails on command.

use std::time::Duration;

use app::wire::ids::Millis;
use async_trait::async_trait;

use super::wrapper;
use crate::storage::{LeaseStore, StorageError};

wrapper!(
    /// Wraps the store of what one node at a time may do.
    FaultyLeaseStore,
    LeaseStore
);

#[async_trait]
impl LeaseStore for FaultyLeaseStore {
    async fn hold(
        &self,
        name: &str,
        holder: &str,
        now: Millis,
        length: Duration,
    ) -> Result<bool, StorageError> {
        let call = || self.inner.hold(name, holder, now, length);
        self.faults.write("lease_store.hold", call).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StorageError> {
        let call = || self.inner.release(name, holder);
        self.faults.write("lease_store.release", call).await
    }
}
