//! How often a client may speak.

use tokio::time::Instant;

/// Permits that come back at a steady rate, up to a burst.
#[derive(Debug)]
pub(super) struct Bucket {
    permits: f64,
    burst: f64,
    a_second: f64,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(a_second: u32, burst: u32, now: Instant) -> Self {
        Self {
            permits: f64::from(burst),
            burst: f64::from(burst),
            a_second: f64::from(a_second),
            filled: now,
        }
    }

    /// Takes a permit; `false` if there is none.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.filled).as_secs_f64();
        self.permits = (self.permits + since * self.a_second).min(self.burst);
        self.filled = now;
        let there = self.permits >= 1.0;
        if there {
            self.permits -= 1.0;
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_allowed_a_flood_is_not() {
        let mut bucket = Bucket::new(20, 100, Instant::now());
        let taken = (0..500).filter(|_| bucket.take(Instant::now())).count();
        assert_eq!(taken, 100);
        advance(Duration::from_millis(501)).await;
        let taken = (0..500).filter(|_| bucket.take(Instant::now())).count();
        assert_eq!(taken, 10);
    }
}
