//! The ports in memory, as slow and as broken as a test wants them.

mod bus;
mod log;
mod presence;
mod records;

use app::wire::ids::Millis;
use tokio::time::Instant;

use crate::clock::Clock;

pub(super) use bus::FakeBus;
pub(super) use log::FakeStore;
pub(super) use presence::FakePresence;

/// Wall time that follows tokio's clock.
#[derive(Debug)]
pub(super) struct TokioClock(pub(super) Instant);

impl Clock for TokioClock {
    fn now(&self) -> Millis {
        Millis::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}
