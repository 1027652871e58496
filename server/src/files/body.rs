//! Bytes out: of a whole file, and of one that grows.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use super::FileError;
use super::watchers::{Seen, Watchers, is_over};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::{ByteStore, Extent, StorageError};

/// Bytes of one read of a whole file.
const READ_BYTES: u64 = 256 * 1024;

/// A body: it ends cleanly after its last byte and with an error everywhere else.
pub type FileBody = BoxStream<'static, Result<Bytes, FileError>>;

/// Bytes `at..end` of a whole file.
pub(super) fn whole(
    bytes: Arc<dyn ByteStore>,
    record: &UploadRecord,
    at: u64,
    end: u64,
) -> FileBody {
    let extent = Extent::from(record);
    stream::try_unfold((bytes, extent, at), move |(bytes, extent, at)| async move {
        if at >= end {
            return Ok(None);
        }
        let most = usize::try_from((end - at).min(READ_BYTES)).unwrap_or(usize::MAX);
        let read = bytes.read(&extent, at, most).await?;
        if read.is_empty() {
            // Removed since the record was read.
            return Err(FileError::Gone);
        }
        let next = at + read.len() as u64;
        Ok(Some((read, (bytes, extent, next))))
    })
    .boxed()
}

/// A follower of a growing file: where it is, and what it waits for.
struct Following {
    watchers: Arc<Watchers>,
    seen: watch::Receiver<Seen>,
    at: u64,
    /// Where it ends; the file's size, where that is not known yet.
    end: Option<u64>,
}

/// Bytes from `at` to `end` of a file that grows, as they come. Ends with an error when the upload is stopped or
/// the file removed: what was read then is no file, and must not look like one.
pub(super) fn growing(
    watchers: Arc<Watchers>,
    seen: watch::Receiver<Seen>,
    at: u64,
    end: Option<u64>,
) -> FileBody {
    let following = Following {
        watchers,
        seen,
        at,
        end,
    };
    stream::try_unfold(following, |mut following| async move {
        let next = following.next().await?;
        Ok(next.map(|bytes| (bytes, following)))
    })
    .boxed()
}

impl Following {
    async fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        loop {
            let seen = self.seen.borrow_and_update().clone();
            let record = match &seen {
                Seen::Record(record) if !is_over(record) => record,
                Seen::Nothing => {
                    self.wait().await?;
                    continue;
                }
                _ => return Err(FileError::Gone),
            };
            if record.state == UploadState::Done && self.end.is_none() {
                self.end = Some(record.committed);
            }
            if self.end.is_some_and(|end| self.at >= end) {
                return Ok(None);
            }
            if self.at >= record.committed {
                self.wait().await?;
                continue;
            }
            return match self
                .watchers
                .reads
                .read(&Extent::from(&**record), self.at)
                .await
            {
                Ok(bytes) if bytes.is_empty() => Err(FileError::Gone),
                Ok(bytes) => Ok(Some(self.advance(bytes))),
                Err(error) => self.failed(error),
            };
        }
    }

    /// Takes what was read, not beyond the end.
    fn advance(&mut self, mut bytes: Bytes) -> Bytes {
        if let Some(end) = self.end {
            let left = usize::try_from(end - self.at).unwrap_or(usize::MAX);
            bytes.truncate(left);
        }
        self.at += bytes.len() as u64;
        bytes
    }

    /// A read fails where the bytes are removed under it; that is no failure of the store.
    fn failed(&self, error: StorageError) -> Result<Option<Bytes>, FileError> {
        let gone = match &*self.seen.borrow() {
            Seen::Record(record) => is_over(record),
            Seen::Missing => true,
            Seen::Nothing => false,
        };
        Err(if gone { FileError::Gone } else { error.into() })
    }

    async fn wait(&mut self) -> Result<(), FileError> {
        tokio::select! {
            () = self.watchers.stopping.cancelled() => Err(FileError::Restart),
            changed = self.seen.changed() => changed.map_err(|_| FileError::Restart),
        }
    }
}
