//! Files out: whole ones with ranges and validators, growing ones as they grow.
//!
//! A growing file is answered with its declared length and without any offer of ranges, since players that are
//! offered ranges jump to an end that is not there yet; its body follows the upload. What a file is, is told by its
//! first bytes: headers of a growing file wait for them.

mod body;
mod error;
mod headers;
mod range;
mod settings;
mod shared_reads;
mod watchers;

use std::sync::Arc;
use std::time::Duration;

use app::wire::hex;
use app::wire::ids::FileId;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::{ByteStore, UploadStore};
use range::{Part, Wanted};
use watchers::{Seen, is_over};

pub use body::FileBody;
pub use error::FileError;
pub use settings::FileSettings;
pub use watchers::Watchers;

/// What a request asks of a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// Whether only headers are wanted (`HEAD`).
    pub head: bool,
    /// The `Range` header.
    pub range: Option<&'a str>,
    /// The `If-Range` header.
    pub if_range: Option<&'a str>,
    /// The `If-None-Match` header.
    pub if_none_match: Option<&'a str>,
}

/// An answer.
pub struct Answer {
    /// 200, 206, 304 or 416.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; `None` where it has none.
    pub body: Option<FileBody>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// Reads files. Who knows a file's id may read it.
#[derive(Debug)]
pub struct Files {
    store: Arc<dyn UploadStore>,
    bytes: Arc<dyn ByteStore>,
    watchers: Arc<Watchers>,
    start_wait: Duration,
}

impl Files {
    /// Makes the service.
    #[must_use]
    pub fn new(
        store: Arc<dyn UploadStore>,
        bytes: Arc<dyn ByteStore>,
        watchers: Arc<Watchers>,
        settings: &FileSettings,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            bytes,
            watchers,
            start_wait: settings.start_wait,
        })
    }

    /// Answers a request for a file. The answer to a growing file that has no byte yet waits for its first ones;
    /// one that asks for headers only is answered at once.
    ///
    /// # Errors
    /// See [`FileError`]; nothing of the file was sent then. The body ends with an error where the upload stops.
    pub async fn answer(&self, file: FileId, asked: Asked<'_>) -> Result<Answer, FileError> {
        let record = self.store.get(&file).await?.ok_or(FileError::NotFound)?;
        if is_over(&record) {
            return Err(FileError::Gone);
        }
        if record.state == UploadState::Done {
            return Ok(self.whole(&record, asked));
        }
        if asked.head {
            return Ok(answer_growing(&record, asked, |_, _| None));
        }
        let mut seen = self.watchers.follow(file).await?;
        let record = self.started(&mut seen).await?;
        if record.state == UploadState::Done {
            return Ok(self.whole(&record, asked));
        }
        Ok(answer_growing(&record, asked, |at, end| {
            Some(body::growing(
                Arc::clone(&self.watchers),
                seen.clone(),
                at,
                end,
            ))
        }))
    }

    /// Waits until it is known what the file is.
    async fn started(
        &self,
        seen: &mut watch::Receiver<Seen>,
    ) -> Result<Arc<UploadRecord>, FileError> {
        let known = seen.wait_for(|seen| match seen {
            Seen::Nothing => false,
            Seen::Record(record) => record.started.is_some() || is_over(record),
            Seen::Missing => true,
        });
        let known = tokio::select! {
            () = self.watchers.stopping.cancelled() => return Err(FileError::Restart),
            known = timeout(self.start_wait, known) => match known {
                Err(_) => return Err(FileError::NotStarted),
                Ok(Err(_)) => return Err(FileError::Restart),
                Ok(Ok(known)) => known.clone(),
            },
        };
        match known {
            Seen::Record(record) if !is_over(&record) => Ok(record),
            _ => Err(FileError::Gone),
        }
    }

    /// A whole file: validators first, then the range.
    fn whole(&self, record: &UploadRecord, asked: Asked<'_>) -> Answer {
        let size = record.committed;
        let hash = record.sha256.unwrap_or_default();
        let etag = format!("\"{}\"", hex::encode(&hash));
        let mut headers = headers::of_content(record);
        headers::of_whole(&mut headers, &etag);
        if asked.if_none_match.is_some_and(|list| names(list, &etag)) {
            return Answer {
                status: StatusCode::NOT_MODIFIED,
                headers,
                body: None,
            };
        }
        let wanted = match asked.if_range {
            Some(held) if held.trim() != etag => Wanted::All,
            _ => Wanted::parse(asked.range),
        };
        let (status, first, end) = match wanted.of_whole(size) {
            Part::Whole => (StatusCode::OK, 0, size),
            Part::Range(first, last) => {
                headers.insert(header::CONTENT_RANGE, content_range(first, last, size));
                (StatusCode::PARTIAL_CONTENT, first, last + 1)
            }
            Part::Unsatisfiable => return unsatisfiable(headers, size),
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - first));
        let body = (!asked.head).then(|| body::whole(Arc::clone(&self.bytes), record, first, end));
        Answer {
            status,
            headers,
            body,
        }
    }
}

/// A growing file. It has no validator, so no `If-Range` can hold.
fn answer_growing(
    record: &UploadRecord,
    asked: Asked<'_>,
    body: impl FnOnce(u64, Option<u64>) -> Option<FileBody>,
) -> Answer {
    let mut headers = headers::of_content(record);
    headers::of_growing(&mut headers);
    let Some(size) = record.size else {
        return Answer {
            status: StatusCode::OK,
            headers,
            body: body(0, None),
        };
    };
    let wanted = match asked.if_range {
        Some(_) => Wanted::All,
        None => Wanted::parse(asked.range),
    };
    let (status, first, end) = match wanted.of_growing(size) {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::Range(first, last) => {
            headers.insert(header::CONTENT_RANGE, content_range(first, last, size));
            (StatusCode::PARTIAL_CONTENT, first, last + 1)
        }
        Part::Unsatisfiable => return unsatisfiable(headers, size),
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - first));
    Answer {
        status,
        headers,
        body: body(first, Some(end)),
    }
}

fn unsatisfiable(mut headers: HeaderMap, size: u64) -> Answer {
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_DISPOSITION);
    if let Ok(total) = HeaderValue::from_str(&format!("bytes */{size}")) {
        headers.insert(header::CONTENT_RANGE, total);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(0));
    Answer {
        status: StatusCode::RANGE_NOT_SATISFIABLE,
        headers,
        body: None,
    }
}

fn content_range(first: u64, last: u64, size: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("bytes {first}-{last}/{size}"))
        .unwrap_or(HeaderValue::from_static("bytes */*"))
}

/// Whether an `If-None-Match` names the tag; compared weakly. RFC 9110, section 13.1.2
fn names(list: &str, etag: &str) -> bool {
    list.trim() == "*"
        || list
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == etag)
}
