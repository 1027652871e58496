//! What suites and tests share: waiting for what comes about by itself on the real clock, and lots that a seed decides.

use std::time::Duration;

use tokio::time::Instant;

/// Longer than anything takes that comes about at all, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until the answer is yes, and lets everybody else run in between. On a paused clock nothing would: time
/// passes there only while all wait.
///
/// # Panics
/// Where the answer stays no.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::task::yield_now().await;
    }
}

/// Lots that a seed decides: the same seed, the same plan.
#[derive(Debug, Clone)]
pub struct Lots(u64);

impl Lots {
    /// The lots of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of splitmix64.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below 1,000, to be held against thousandths.
    pub fn per_mille(&mut self) -> u16 {
        u16::try_from(self.draw() % 1_000).unwrap_or_default()
    }
}
