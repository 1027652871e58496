//! One read of a chunk for all its followers on this node.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::wire::ids::FileId;
use bytes::Bytes;
use tokio::sync::OnceCell;

use crate::storage::{ByteStore, Extent, StorageError};

/// Which full chunk of which file.
type Key = (FileId, u64);

/// Reads growing files. A full chunk below `committed` never changes, so the first follower's read serves the
/// others; the unfinished rest is read by each. Chunks stay, within the bound and oldest out first, for as long
/// as their file is followed.
#[derive(Debug)]
pub(super) struct SharedReads {
    bytes: Arc<dyn ByteStore>,
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    chunks: HashMap<Key, Arc<OnceCell<Bytes>>>,
    order: VecDeque<(Key, usize)>,
    size: usize,
}

impl SharedReads {
    pub(super) fn new(bytes: Arc<dyn ByteStore>, most: usize) -> Self {
        Self {
            bytes,
            most,
            held: Mutex::default(),
        }
    }

    /// Bytes from `at`, which must be below `extent.committed`, at most to the end of their chunk.
    pub(super) async fn read(&self, extent: &Extent, at: u64) -> Result<Bytes, StorageError> {
        let chunk = u64::from(extent.chunk_size.max(1));
        let start = at / chunk * chunk;
        let length = usize::try_from(chunk).unwrap_or(usize::MAX);
        if start + chunk > extent.committed {
            let rest = usize::try_from(extent.committed - at).unwrap_or(usize::MAX);
            return self.bytes.read(extent, at, rest).await;
        }
        let cell = self.cell((extent.file, at / chunk), length);
        let whole = cell
            .get_or_try_init(|| self.read_chunk(extent, start, length))
            .await?;
        let skip = usize::try_from(at - start).unwrap_or(usize::MAX);
        Ok(whole.slice(skip.min(whole.len())..))
    }

    /// A whole chunk, which a store may give in pieces.
    async fn read_chunk(
        &self,
        extent: &Extent,
        start: u64,
        length: usize,
    ) -> Result<Bytes, StorageError> {
        let first = self.bytes.read(extent, start, length).await?;
        if first.len() >= length || first.is_empty() {
            return Ok(first);
        }
        let mut whole = Vec::with_capacity(length);
        whole.extend_from_slice(&first);
        while whole.len() < length {
            let at = start + whole.len() as u64;
            let next = self.bytes.read(extent, at, length - whole.len()).await?;
            if next.is_empty() {
                break;
            }
            whole.extend_from_slice(&next);
        }
        Ok(whole.into())
    }

    /// Lets go of a file that nobody follows, or that nobody may read any more.
    pub(super) fn forget(&self, file: &FileId) {
        let mut held = self.held();
        let Held {
            chunks,
            order,
            size,
        } = &mut *held;
        order.retain(|(key, length)| {
            let keep = key.0 != *file;
            if !keep {
                chunks.remove(key);
                *size -= length;
            }
            keep
        });
    }

    fn cell(&self, key: Key, length: usize) -> Arc<OnceCell<Bytes>> {
        let mut held = self.held();
        if let Some(cell) = held.chunks.get(&key) {
            return Arc::clone(cell);
        }
        let cell = Arc::<OnceCell<Bytes>>::default();
        held.chunks.insert(key, Arc::clone(&cell));
        held.order.push_back((key, length));
        held.size += length;
        while held.size > self.most {
            let Some((oldest, length)) = held.order.pop_front() else {
                break;
            };
            held.chunks.remove(&oldest);
            held.size -= length;
        }
        cell
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
