//! Bytes as GridFS chunks: full ones as rows of `fs.chunks`, the unfinished tail in the upload's record.
//!
//! A row carries the turn of its writer. On a duplicate (file, n) a row of an older turn, or one that a writer left
//! who crashed before its commit, is replaced; a row of a newer turn stops the writer. Nobody reads a row before the
//! commit that counts it, so a row that is replaced was never seen. GridFS specification,
//! `source/gridfs/gridfs-spec.md`: unknown extra fields of a chunk are allowed.

use app::wire::ids::FileId;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Binary, Document, doc};
use serde::{Deserialize, Serialize};

use super::call::{Database, within};
use super::error::CallError;
use super::values::{binary, id, int};
use crate::domain::upload::{Turn, UploadRecord};
use crate::storage::{ByteStore, Extent, StorageError};

/// Bytes of one insert at the most; MongoDB takes messages of up to 48 MB.
const INSERT: usize = 8 * 1024 * 1024;

/// Attempts to replace a row, each of which another row may get in the way of.
const REPLACEMENTS: u32 = 3;

/// A full chunk, or the last one of a finished file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ChunkDocument {
    files_id: Binary,
    pub(super) n: i32,
    pub(super) data: Binary,
    turn: i64,
}

/// The bytes of every file.
#[derive(Debug, Clone)]
pub(super) struct Chunks {
    pub(super) chunks: Collection<ChunkDocument>,
    pub(super) files: Collection<Document>,
}

impl Chunks {
    pub(super) fn new(database: &Database) -> Self {
        Self {
            chunks: database.chunks.clone_with_type(),
            files: database.files.clone(),
        }
    }

    /// Stores chunks from number `first` on, in order, so that a crash leaves no hole.
    pub(super) async fn store(
        &self,
        file: &FileId,
        turn: Turn,
        first: u64,
        chunks: impl IntoIterator<Item = Bytes>,
    ) -> Result<(), CallError> {
        let rows = (first..).zip(chunks).map(|(n, data)| {
            Ok(ChunkDocument {
                files_id: binary(file.0),
                n: position(n)?,
                data: binary(data),
                turn: i64::from(turn),
            })
        });
        let rows = rows.collect::<Result<Vec<_>, CallError>>()?;
        let mut rest = &rows[..];
        while !rest.is_empty() {
            let batch = &rest[..fitting(rest)];
            let stored = match within(self.chunks.insert_many(batch).ordered(true)).await {
                Ok(_) => batch.len(),
                Err(error) => match error.stored_before_duplicate() {
                    Some(stored) if stored < batch.len() => {
                        self.replace(&batch[stored]).await?;
                        stored + 1
                    }
                    _ => return Err(error),
                },
            };
            rest = &rest[stored..];
        }
        Ok(())
    }

    /// Puts a row in the place of one of this turn or an older one. Such a row may be discarded meanwhile by the writer
    /// that left it, or come meanwhile; a newer one stays in the way.
    async fn replace(&self, row: &ChunkDocument) -> Result<(), CallError> {
        let older = doc! {
            "files_id": &row.files_id,
            "n": row.n,
            "turn": { "$lte": row.turn },
        };
        for _ in 0..REPLACEMENTS {
            let replace = self.chunks.replace_one(older.clone(), row).upsert(true);
            match within(replace).await {
                Err(error) if error.is_duplicate() => {}
                replaced => return replaced.map(drop),
            }
        }
        Err(CallError::TakenOver)
    }

    /// A finished file takes no bytes, of whatever turn. What was sent before its end and comes after it meets the
    /// rows that are there, or lies behind the end, until its writer discards it.
    async fn refuse_if_finished(&self, file: &FileId) -> Result<(), CallError> {
        let found = within(self.files.find_one(doc! { "_id": id(file.0) })).await?;
        match found {
            Some(_) => Err(CallError::TakenOver),
            None => Ok(()),
        }
    }

    /// Chunks `first..end` in order, fewer where some are missing.
    pub(super) async fn load(
        &self,
        file: &FileId,
        first: u64,
        end: u64,
    ) -> Result<Vec<ChunkDocument>, CallError> {
        let range = doc! { "$gte": position(first)?, "$lt": position(end)? };
        let find = self
            .chunks
            .find(doc! { "files_id": id(file.0), "n": range })
            .sort(doc! { "n": 1 });
        within(async { find.await?.try_collect().await }).await
    }
}

#[async_trait]
impl ByteStore for Chunks {
    async fn write(
        &self,
        extent: &Extent,
        turn: Turn,
        bytes: &[Bytes],
    ) -> Result<Bytes, StorageError> {
        let (first, mut chunks) = cut(extent, bytes)?;
        let tail = chunks.pop().unwrap_or_default();
        if chunks.is_empty() {
            return Ok(tail);
        }
        self.refuse_if_finished(&extent.file).await?;
        self.store(&extent.file, turn, first, chunks).await?;
        Ok(tail)
    }

    async fn read(&self, extent: &Extent, at: u64, most: usize) -> Result<Bytes, StorageError> {
        if at >= extent.committed {
            return Ok(Bytes::new());
        }
        let stored = full(extent)?;
        if at >= stored {
            return Ok(part(&extent.tail, at - stored, most));
        }
        let chunk = u64::from(extent.chunk_size);
        let n = at / chunk;
        let found = self.load(&extent.file, n, n + 1).await?;
        let whole = (found.into_iter().next())
            .filter(|row| row.data.bytes.len() as u64 == chunk)
            .ok_or(CallError::Chunk { n: chunk_no(n) })?;
        Ok(part(&whole.data.bytes.into(), at - n * chunk, most))
    }

    async fn finish(&self, upload: &UploadRecord) -> Result<[u8; 32], StorageError> {
        Ok(self.finish_file(upload).await?)
    }

    /// From the first row that holds nothing of `extent`; the one that its tail would be in is always written over.
    async fn discard(&self, extent: &Extent, turn: Turn) -> Result<(), StorageError> {
        let behind = (extent.committed).div_ceil(u64::from(extent.chunk_size.max(1)));
        let rows = doc! {
            "files_id": id(extent.file.0),
            "n": { "$gte": int(behind) },
            "turn": i64::from(turn),
        };
        within(self.chunks.delete_many(rows)).await?;
        Ok(())
    }

    /// The document first: a reader that finds it finds the chunks too.
    async fn remove(&self, file: &FileId) -> Result<(), StorageError> {
        within(self.files.delete_one(doc! { "_id": id(file.0) })).await?;
        within(self.chunks.delete_many(doc! { "files_id": id(file.0) })).await?;
        Ok(())
    }
}

/// Bytes in full chunks; what is committed behind them is the tail.
pub(super) fn full(extent: &Extent) -> Result<u64, CallError> {
    let expected = extent.committed;
    let tail = extent.tail.len() as u64;
    let stored = expected.checked_sub(tail);
    stored
        .filter(|stored| extent.chunk_size > 0 && stored % u64::from(extent.chunk_size) == 0)
        .ok_or(CallError::Short {
            found: tail,
            expected,
        })
}

/// Cuts what follows the full chunks: the number of the first one, the chunks, and last what fills none.
fn cut(extent: &Extent, bytes: &[Bytes]) -> Result<(u64, Vec<Bytes>), CallError> {
    let size = extent.chunk_size as usize;
    let first = full(extent)? / u64::from(extent.chunk_size);
    let mut chunks = Vec::new();
    let mut open = BytesMut::with_capacity(size);
    for piece in std::iter::once(&extent.tail).chain(bytes) {
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let (taken, left) = rest.split_at(rest.len().min(size - open.len()));
            open.extend_from_slice(taken);
            if open.len() == size {
                chunks.push(open.split().freeze());
                open.reserve(size);
            }
            rest = left;
        }
    }
    chunks.push(open.freeze());
    Ok((first, chunks))
}

/// How many of the rows fit into one insert; at least one.
fn fitting(rows: &[ChunkDocument]) -> usize {
    let mut size = 0;
    let fits = rows.iter().take_while(|row| {
        size += row.data.bytes.len();
        size <= INSERT
    });
    fits.count().max(1)
}

fn part(whole: &Bytes, skip: u64, most: usize) -> Bytes {
    let start = usize::try_from(skip).unwrap_or(usize::MAX).min(whole.len());
    let end = start.saturating_add(most).min(whole.len());
    whole.slice(start..end)
}

/// A chunk's number as GridFS has it.
fn position(n: u64) -> Result<i32, CallError> {
    i32::try_from(n).map_err(|_| CallError::Chunk { n: chunk_no(n) })
}

fn chunk_no(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
