//! Settings of uploads.

use std::time::Duration;

/// Limits and times of uploads that clients are not told; see [`app::wire::limits::Limits`] for those they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadSettings {
    /// Uploads one address (IPv6: /64) may have open at once.
    pub address_uploads: u32,
    /// Bodies this node receives at once; each holds at most four chunks in memory.
    pub bodies: usize,
    /// Bytes a browser sends in one request where it cannot stream.
    pub slice_bytes: u64,
    /// How long bytes wait for their chunk to be full before they are committed as they are.
    pub flush: Duration,
    /// Silence after which a body is over; the upload stays.
    pub body_idle: Duration,
    /// Time between two messages about the progress of one file to its room.
    pub progress_gap: Duration,
    /// How long a new body waits for an older one of the same upload to stop writing.
    pub hand_over: Duration,
}

impl Default for UploadSettings {
    fn default() -> Self {
        Self {
            address_uploads: 20,
            bodies: 512,
            slice_bytes: 8 * 1024 * 1024,
            flush: Duration::from_millis(200),
            body_idle: Duration::from_secs(30),
            progress_gap: Duration::from_millis(200),
            hand_over: Duration::from_secs(10),
        }
    }
}

/// Bytes of a full chunk: small ones bring the first paint sooner, large ones cost fewer writes.
pub(super) fn chunk_size(size: Option<u64>) -> u32 {
    const MIB: u64 = 1024 * 1024;
    match size {
        Some(size) if size > MIB => 255 * 1024,
        _ => 63 * 1024,
    }
}
