//! Settings of reading files.

use std::time::Duration;

/// Bounds and times of reading files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    /// Readers that may follow one growing file on this node.
    pub followers: usize,
    /// Growing files that may be followed on this node.
    pub followed: usize,
    /// How often the record of a followed file is read without any message about it.
    pub poll: Duration,
    /// How long a reader of a file without a byte waits for what it is.
    pub start_wait: Duration,
    /// Bytes of growing files kept in memory for their followers.
    pub shared_bytes: usize,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            followers: 200,
            followed: 10_000,
            poll: Duration::from_secs(2),
            start_wait: Duration::from_secs(60),
            shared_bytes: 64 * 1024 * 1024,
        }
    }
}
