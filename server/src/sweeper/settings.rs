//! Settings of the sweeper.

use std::time::Duration;

/// When the sweeper acts, and on how much at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepSettings {
    /// Time between two rounds.
    pub interval: Duration,
    /// How long a node may be silent before another one sweeps; several intervals.
    pub lease: Duration,
    /// Records of one kind in a round.
    pub batch: u32,
    /// How long an upload waits for a post to claim it.
    pub unclaimed: Duration,
    /// How long a claim waits for its post; longer than any command takes.
    pub unposted: Duration,
    /// How long an upload may be silent.
    pub upload_idle: Duration,
    /// How long after its last byte a whole file is taken to be left by a crash.
    pub unfinished: Duration,
    /// How long the record of a stopped or removed upload is kept; longer than any late write takes.
    pub spent: Duration,
}

impl Default for SweepSettings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            lease: Duration::from_secs(30),
            batch: 100,
            unclaimed: Duration::from_secs(60),
            unposted: Duration::from_secs(60),
            upload_idle: Duration::from_secs(10 * 60),
            unfinished: Duration::from_secs(30),
            spent: Duration::from_secs(10 * 60),
        }
    }
}
