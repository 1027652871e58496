//! The leases in the collection `leases`.

use std::time::Duration;

use app::wire::ids::Millis;
use async_trait::async_trait;
use mongodb::bson::doc;

use super::call::{Database, within};
use super::values::int;
use crate::storage::{LeaseStore, StorageError};

#[async_trait]
impl LeaseStore for Database {
    async fn hold(
        &self,
        name: &str,
        holder: &str,
        now: Millis,
        length: Duration,
    ) -> Result<bool, StorageError> {
        let length = int(u64::try_from(length.as_millis()).unwrap_or(u64::MAX));
        let free = doc! {
            "_id": name,
            "$or": [{ "holder": holder }, { "until": { "$lte": now } }],
        };
        let update = doc! {
            "$set": { "holder": holder },
            "$max": { "until": now.saturating_add(length) },
        };
        // Where somebody else holds it, the filter finds nothing and the insert meets the id that is there.
        match within(self.leases.update_one(free, update).upsert(true)).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_duplicate() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StorageError> {
        let held = doc! { "_id": name, "holder": holder };
        within(self.leases.delete_one(held)).await?;
        Ok(())
    }
}
