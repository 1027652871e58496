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

    /// Keeps the chunks that `bytes`, now committed behind `extent`, have filled. Where the store keeps no tail, a
    /// chunk whose beginning is not among them is left to its first reader.
    pub(super) fn fill(&self, extent: &Extent, bytes: &Bytes) {
        let chunk = u64::from(extent.chunk_size.max(1));
        let length = usize::try_from(chunk).unwrap_or(usize::MAX);
        let known = extent.committed - extent.tail.len() as u64;
        let first = known.div_ceil(chunk);
        let Ok(mut skip) = usize::try_from(first * chunk - known) else {
            return;
        };
        for n in first.. {
            let Some(whole) = joined(&extent.tail, bytes, skip, length) else {
                return;
            };
            let cell = self.cell((extent.file, n), length);
            // Somebody may have read it already.
            let _ = cell.set(whole);
            skip += length;
        }
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

/// `length` bytes of the two in a row, after `skip`; `None` where they do not hold so many.
fn joined(first: &Bytes, second: &Bytes, skip: usize, length: usize) -> Option<Bytes> {
    let end = skip.checked_add(length)?;
    if end > first.len() + second.len() {
        return None;
    }
    if skip >= first.len() {
        return Some(second.slice(skip - first.len()..end - first.len()));
    }
    let mut whole = Vec::with_capacity(length);
    whole.extend_from_slice(&first[skip..first.len().min(end)]);
    whole.extend_from_slice(&second[..end.saturating_sub(first.len())]);
    Some(whole.into())
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::domain::upload::{Turn, UploadRecord};

    /// A store that nobody may ask.
    #[derive(Debug)]
    struct Silent;

    impl Silent {
        fn refusal<T>() -> Result<T, StorageError> {
            Err(StorageError::Unavailable("nobody is there".into()))
        }
    }

    #[async_trait]
    impl ByteStore for Silent {
        async fn write(&self, _: &Extent, _: Turn, _: &[Bytes]) -> Result<Bytes, StorageError> {
            Self::refusal()
        }
        async fn read(&self, _: &Extent, _: u64, _: usize) -> Result<Bytes, StorageError> {
            Self::refusal()
        }
        async fn finish(&self, _: &UploadRecord) -> Result<[u8; 32], StorageError> {
            Self::refusal()
        }
        async fn discard(&self, _: &Extent, _: Turn) -> Result<(), StorageError> {
            Self::refusal()
        }
        async fn remove(&self, _: &FileId) -> Result<(), StorageError> {
            Self::refusal()
        }
    }

    fn extent(committed: u64, tail: &'static [u8]) -> Extent {
        Extent {
            file: FileId([7; 16]),
            chunk_size: 4,
            committed,
            tail: Bytes::from_static(tail),
        }
    }

    #[tokio::test]
    async fn what_this_node_committed_is_read_from_no_store() {
        let reads = SharedReads::new(Arc::new(Silent), 1_000);
        reads.fill(&extent(6, b"ef"), &Bytes::from_static(b"ghijklm"));
        let grown = extent(13, b"m");
        assert_eq!(reads.read(&grown, 4).await.unwrap(), "efgh");
        assert_eq!(reads.read(&grown, 6).await.unwrap(), "gh");
        assert_eq!(reads.read(&grown, 8).await.unwrap(), "ijkl");
        assert!(reads.read(&grown, 0).await.is_err(), "it was never told");
        reads.forget(&grown.file);
        assert!(reads.read(&grown, 4).await.is_err(), "nobody follows it");
    }

    #[tokio::test]
    async fn a_chunk_whose_beginning_is_not_known_is_left_to_its_reader() {
        let reads = SharedReads::new(Arc::new(Silent), 1_000);
        reads.fill(&extent(6, b""), &Bytes::from_static(b"ghijklm"));
        let grown = extent(13, b"");
        assert!(reads.read(&grown, 4).await.is_err());
        assert_eq!(reads.read(&grown, 8).await.unwrap(), "ijkl");
    }

    #[test]
    fn two_pieces_are_joined_where_a_chunk_crosses_them() {
        let (first, second) = (Bytes::from_static(b"abc"), Bytes::from_static(b"defgh"));
        let joined = |skip, length| joined(&first, &second, skip, length);
        assert_eq!(joined(0, 4).unwrap(), "abcd");
        assert_eq!(joined(0, 2).unwrap(), "ab");
        assert_eq!(joined(3, 4).unwrap(), "defg");
        assert_eq!(joined(4, 4).unwrap(), "efgh");
        assert!(joined(5, 4).is_none());
    }
}
