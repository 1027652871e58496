//! What the hub does by the clock for all rooms and connections: head checks, pings, the drain.

use std::sync::Arc;
use std::time::Duration;

use app::wire::feed::close;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::Hub;
use super::error::HubError;
use super::room::Room;

/// Longest wait of a drain for connections that were told to close.
const DRAIN_WAIT: Duration = Duration::from_secs(5);

impl Hub {
    /// Runs the sweeps until the node closes, then drains. To be spawned once.
    pub async fn run(self: Arc<Self>) {
        tokio::select! {
            biased;
            () = self.deps.closing.cancelled() => {}
            () = self.check_heads() => {}
            () = self.ping_connections() => {}
        }
        self.drain().await;
    }

    /// Compares the heads of all rooms with members to the store's, in batches. Never ends.
    async fn check_heads(&self) {
        let every = self.settings.head_check;
        let mut ticks = interval_at(Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            ticks.tick().await;
            let rooms = self.rooms_to_check();
            let mut failed = false;
            for batch in rooms.chunks(self.settings.head_batch.max(1)) {
                if let Err(error) = self.check_batch(batch).await {
                    failed = true;
                    if !failing {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "heads cannot be checked"
                        );
                    }
                    break;
                }
            }
            failing = failed;
        }
    }

    fn rooms_to_check(&self) -> Vec<Arc<Room>> {
        let mut rooms = self.all_rooms();
        rooms.retain(|room| room.members.empty_since().is_none() && !room.state().ended);
        rooms
    }

    async fn check_batch(&self, rooms: &[Arc<Room>]) -> Result<(), HubError> {
        let ids: Vec<_> = rooms.iter().map(|room| room.id.clone()).collect();
        let heads = timeout(self.settings.store_wait, self.deps.log.heads(&ids)).await??;
        for (id, head) in heads {
            if let Some(room) = self.room(&id) {
                room.saw_head(&head);
            }
        }
        Ok(())
    }

    /// Visits one shard of the connections a second. Never ends.
    async fn ping_connections(&self) {
        let mut ticks = interval_at(
            Instant::now() + Duration::from_secs(1),
            Duration::from_secs(1),
        );
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for second in 0_u64.. {
            ticks.tick().await;
            let unanswered = self.settings.pings_unanswered;
            self.registry.ping(second, unanswered, close::PING_TIMEOUT);
        }
    }

    /// Admits nobody any more and closes all connections with 1012, in shuffled batches, so that their clients do
    /// not all come to another node at once. Returns when they are gone, or after five seconds. May be called
    /// again; dropping it leaves the rest open.
    pub async fn drain(&self) {
        self.gate.close();
        let connections = self.registry.shuffled();
        if !connections.is_empty() {
            tracing::info!(
                hub.connections = connections.len(),
                "closing the feed's connections"
            );
        }
        for batch in connections.chunks(self.settings.drain_batch.max(1)) {
            batch.iter().for_each(|wake| wake.close(close::RESTART));
            sleep(self.settings.drain_pause).await;
        }
        let gone = async {
            while self.registry.len() > 0 {
                // Who was admitted before the gate closed may have come meanwhile.
                let late = self.registry.shuffled();
                late.iter().for_each(|wake| wake.close(close::RESTART));
                sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(DRAIN_WAIT, gone).await.is_err() {
            tracing::warn!(
                hub.connections = self.registry.len(),
                "connections did not close in time"
            );
        }
    }
}
