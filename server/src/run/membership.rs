//! One set of limits for all nodes: a person must not be refused by one node what another allows.
//!
//! The limits are a lease that every node with the same ones holds together; a node with others finds it held.

use std::sync::Arc;
use std::time::Duration;

use app::wire::hex;
use sha2::{Digest, Sha256};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::LimitsConfig;
use crate::storage::LeaseStore;

/// Name of the lease.
const LEASE: &str = "limits";

/// How long a node that stopped still counts.
const LENGTH: Duration = Duration::from_secs(30);

/// How often a node says that it is there.
const BEAT: Duration = Duration::from_secs(10);

/// A node's part in the cluster.
pub(super) struct Membership {
    leases: Arc<dyn LeaseStore>,
    clock: Arc<dyn Clock>,
    limits: String,
}

impl Membership {
    /// Joins the nodes that are there.
    pub(super) async fn join(
        leases: Arc<dyn LeaseStore>,
        clock: Arc<dyn Clock>,
        limits: &LimitsConfig,
    ) -> anyhow::Result<Self> {
        // Every limit is in its debug form, the same for the same program.
        let limits = hex::encode(&Sha256::digest(format!("{limits:?}")));
        let membership = Self {
            leases,
            clock,
            limits,
        };
        anyhow::ensure!(
            membership.beat().await?,
            "other nodes of this cluster run with different limits: give all of them the same [limits]; to change \
             them stop every node first, one that stopped counts for another {} s",
            LENGTH.as_secs()
        );
        Ok(membership)
    }

    /// Says that this node is there, until `stop`.
    pub(super) async fn keep(self, stop: CancellationToken) {
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = beats.tick() => {}
            }
            match self.beat().await {
                Ok(true) => {}
                Ok(false) => tracing::error!("another node runs with different limits"),
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the other nodes do not hear of this one");
                }
            }
        }
    }

    async fn beat(&self) -> Result<bool, crate::storage::StorageError> {
        let now = self.clock.now();
        self.leases.hold(LEASE, &self.limits, now, LENGTH).await
    }
}
