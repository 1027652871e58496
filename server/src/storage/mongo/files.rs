//! The end of a file: its last chunk, the proof that all of it is there, and its document, last.
//!
//! A file that has a document reads with any GridFS client. GridFS specification, `source/gridfs/gridfs-spec.md`

use mongodb::bson::{Binary, DateTime, Document, doc};
use sha2::{Digest, Sha256};

use super::call::within;
use super::chunks::{Chunks, full};
use super::error::CallError;
use super::values::{array, id, int};
use crate::domain::upload::UploadRecord;
use crate::storage::Extent;

/// Bytes hashed by one read.
const READ: u64 = 4 * 1024 * 1024;

impl Chunks {
    /// Makes a file final. What a crash in between leaves is done again by the next call.
    pub(super) async fn finish_file(&self, upload: &UploadRecord) -> Result<[u8; 32], CallError> {
        let known = doc! { "_id": id(upload.file.0) };
        if let Some(found) = within(self.files.find_one(known)).await? {
            return told(&found, upload);
        }
        let extent = Extent::from(upload);
        let chunk = u64::from(upload.chunk_size);
        let stored = full(&extent)? / chunk;
        self.count(&extent, stored).await?;
        let mut end = stored;
        if !extent.tail.is_empty() {
            let last = [extent.tail.clone()];
            self.store(&upload.file, upload.turn, stored, last).await?;
            end += 1;
        }
        let behind = doc! { "files_id": id(upload.file.0), "n": { "$gte": int(end) } };
        within(self.chunks.delete_many(behind)).await?;
        let sha256 = self.hash(&extent, end).await?;
        match within(self.files.insert_one(document(upload, sha256))).await {
            Ok(_) => Ok(sha256),
            Err(error) if error.is_duplicate() => Ok(sha256),
            Err(error) => Err(error),
        }
    }

    /// Fails where a full chunk is missing, before anything is written.
    async fn count(&self, extent: &Extent, stored: u64) -> Result<(), CallError> {
        let full = doc! { "files_id": id(extent.file.0), "n": { "$lt": int(stored) } };
        let found = within(self.chunks.count_documents(full)).await?;
        if found == stored {
            return Ok(());
        }
        Err(CallError::Short {
            found: found.saturating_mul(u64::from(extent.chunk_size)),
            expected: extent.committed,
        })
    }

    /// Reads all of it, a few chunks at once, and checks each one's place and length.
    async fn hash(&self, extent: &Extent, end: u64) -> Result<[u8; 32], CallError> {
        let chunk = u64::from(extent.chunk_size);
        let step = (READ / chunk).max(1);
        let mut hash = Sha256::new();
        let mut next = 0;
        while next < end {
            let stop = (next + step).min(end);
            for row in self.load(&extent.file, next, stop).await? {
                let length = chunk.min(extent.committed - next * chunk);
                if i64::from(row.n) != int(next) || row.data.bytes.len() as u64 != length {
                    return Err(CallError::Chunk { n: int(next) });
                }
                hash.update(&row.data.bytes);
                next += 1;
            }
            if next != stop {
                return Err(CallError::Chunk { n: int(next) });
            }
        }
        Ok(hash.finalize().into())
    }
}

/// The document that makes it a file; `uploadDate` is the completion.
fn document(upload: &UploadRecord, sha256: [u8; 32]) -> Document {
    doc! {
        "_id": id(upload.file.0),
        "length": int(upload.committed),
        "chunkSize": i32::try_from(upload.chunk_size).unwrap_or(i32::MAX),
        "uploadDate": DateTime::now(),
        "filename": &upload.name,
        "metadata": { "sha256": id(sha256) },
    }
}

/// What an earlier end found.
fn told(found: &Document, upload: &UploadRecord) -> Result<[u8; 32], CallError> {
    let length = found.get_i64("length").unwrap_or_default();
    if length != int(upload.committed) {
        return Err(CallError::Short {
            found: u64::try_from(length).unwrap_or_default(),
            expected: upload.committed,
        });
    }
    let hash = found
        .get_document("metadata")
        .and_then(|metadata| metadata.get_binary_generic("sha256"))
        .map_err(|error| CallError::unreadable("file's hash", error))?;
    let hash = Binary {
        subtype: mongodb::bson::spec::BinarySubtype::Generic,
        bytes: hash.clone(),
    };
    array(&hash, "file's hash")
}
