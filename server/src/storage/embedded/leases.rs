//! Leases of a node that is alone: all within the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::wire::ids::Millis;
use async_trait::async_trait;

use crate::storage::{LeaseStore, StorageError};

/// Who holds what until when; bounded by the few names the program has.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<HashMap<String, (String, Millis)>>);

impl Leases {
    fn held(&self) -> MutexGuard<'_, HashMap<String, (String, Millis)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LeaseStore for Leases {
    async fn hold(
        &self,
        name: &str,
        holder: &str,
        now: Millis,
        length: Duration,
    ) -> Result<bool, StorageError> {
        let length = Millis::try_from(length.as_millis()).unwrap_or(Millis::MAX);
        let mut held = self.held();
        if let Some((other, until)) = held.get(name)
            && other != holder
            && *until > now
        {
            return Ok(false);
        }
        let lease = (holder.to_owned(), now.saturating_add(length));
        held.insert(name.to_owned(), lease);
        Ok(true)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StorageError> {
        let mut held = self.held();
        if held.get(name).is_some_and(|(other, _)| other == holder) {
            held.remove(name);
        }
        Ok(())
    }
}
