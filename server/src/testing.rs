//! Waiting for what comes about by itself, for suites and tests on the real clock.

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
