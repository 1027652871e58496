//! The writer of one body: reads while it writes, commits exactly what came.

use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::{Stream, StreamExt};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::lanes::Lane;
use super::{BodyHead, Sent, UploadError, Uploads, is_whole, sniff};
use crate::domain::upload::{UploadRecord, UploadState};
use crate::storage::CommitOutcome;

/// Chunks that may wait while as many are being written.
const WAITING_CHUNKS: usize = 2;

/// Silence after which the writer looks whether the turn is still its own: another node took it over, perhaps.
const LOOK: Duration = Duration::from_secs(2);

/// How a body came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// All of it came.
    Clean,
    /// It broke off, was silent for too long, or its request is gone.
    Broken,
    /// It has more bytes than the file.
    TooLong,
    /// It makes the file larger than files may be.
    TooLarge,
    /// A newer request has the turn, or the upload is over.
    Superseded,
    /// The process is to end.
    Stopping,
}

/// Writes one body.
pub(super) struct Writer<'a> {
    uploads: &'a Uploads,
    lane: &'a Lane,
    /// As of the last commit.
    record: UploadRecord,
    head: BodyHead,
    /// What came and is not being written.
    waiting: BytesMut,
    /// Offset behind the last byte that came.
    came: u64,
    end: Option<End>,
    /// When what waits is committed although its chunk is not full.
    flush_at: Option<Instant>,
    /// When silence is too long.
    idle_at: Instant,
    /// When to look for another writer.
    look_at: Instant,
}

type Writing<'a> = Option<BoxFuture<'a, Result<UploadRecord, UploadError>>>;

impl<'a> Writer<'a> {
    pub(super) fn new(
        uploads: &'a Uploads,
        lane: &'a Lane,
        record: UploadRecord,
        head: BodyHead,
    ) -> Self {
        Self {
            came: record.committed,
            uploads,
            lane,
            record,
            head,
            waiting: BytesMut::new(),
            end: None,
            flush_at: None,
            idle_at: Instant::now() + uploads.settings.body_idle,
            look_at: Instant::now() + LOOK,
        }
    }

    /// Runs to the end of the body, and says in the log how much of it was taken, whatever ended it. `dropped`:
    /// nobody waits for an answer any more, the body is over.
    pub(super) async fn run<S, E>(
        mut self,
        body: S,
        dropped: &CancellationToken,
    ) -> Result<Sent, UploadError>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        let began = self.record.committed;
        let answer = self.receive(body, dropped).await;
        tracing::info!(
            upload.file = %self.record.file,
            upload.offset = began,
            upload.received_bytes = self.record.committed - began,
            "upload.body"
        );
        answer
    }

    async fn receive<S, E>(
        &mut self,
        body: S,
        dropped: &CancellationToken,
    ) -> Result<Sent, UploadError>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        let _exclusive = self
            .lane
            .bytes(self.uploads.settings.hand_over)
            .await
            .ok_or(UploadError::Busy)?;
        let mut body = pin!(body.fuse());
        let mut writing: Writing<'a> = None;
        let mut looking: Writing<'a> = None;
        if self.missing() == Some(0) {
            self.end = Some(End::Clean);
        }
        loop {
            if writing.is_none() && self.end != Some(End::Superseded) {
                writing = self.next_write();
            }
            if writing.is_none() && self.end.is_some() {
                return self.conclude().await;
            }
            let listening = self.end.is_none();
            let room = self.waiting.len() < WAITING_CHUNKS * self.chunk();
            tokio::select! {
                biased;
                written = until(&mut writing) => {
                    writing = None;
                    self.record = written?;
                    self.idle_at = Instant::now() + self.uploads.settings.body_idle;
                    self.look_at = Instant::now() + LOOK;
                }
                looked = until(&mut looking), if listening => {
                    looking = None;
                    self.look_at = Instant::now() + LOOK;
                    if looked.is_ok_and(|now| is_over(&self.record, &now)) {
                        self.end = Some(End::Superseded);
                    }
                }
                () = self.lane.superseded(self.record.turn), if listening => {
                    self.end = Some(End::Superseded);
                }
                () = dropped.cancelled(), if listening => self.end = Some(End::Broken),
                () = self.uploads.deps.stopping.cancelled(), if listening => {
                    self.end = Some(End::Stopping);
                }
                frame = body.next(), if listening && room => self.take(frame, body.as_mut()).await,
                () = sleep_until(self.flush_at.unwrap_or(self.idle_at)),
                    if self.flush_at.is_some() && writing.is_none() => {}
                () = sleep_until(self.look_at), if listening && looking.is_none() => {
                    let (uploads, file) = (self.uploads, self.record.file);
                    looking = Some(Box::pin(async move { uploads.record(&file).await }));
                }
                () = sleep_until(self.idle_at), if listening && room => {
                    self.end = Some(End::Broken);
                }
            }
        }
    }

    /// Takes what the body gave.
    async fn take<S, E>(&mut self, frame: Option<Result<Bytes, E>>, body: Pin<&mut S>)
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        self.idle_at = Instant::now() + self.uploads.settings.body_idle;
        self.look_at = Instant::now() + LOOK;
        let frame = match frame {
            Some(Ok(frame)) if frame.is_empty() => return,
            Some(Ok(frame)) => frame,
            Some(Err(_)) => return self.end = Some(End::Broken),
            None => return self.end = Some(self.clean_or_broken()),
        };
        let length = frame.len() as u64;
        match self.missing() {
            Some(missing) if length > missing => return self.end = Some(End::TooLong),
            // The last byte of the file is only taken once the body is known to end with it: a body that goes on
            // must not make a file that looks complete.
            Some(missing) if length == missing => {
                self.end = Some(if goes_on(body, self.uploads.settings.flush).await {
                    End::TooLong
                } else {
                    End::Clean
                });
                if self.end == Some(End::TooLong) {
                    return;
                }
            }
            None if self.came + length > self.uploads.limits.file_bytes => {
                return self.end = Some(End::TooLarge);
            }
            _ => {}
        }
        self.came += length;
        self.waiting.extend_from_slice(&frame);
        self.flush_at
            .get_or_insert(Instant::now() + self.uploads.settings.flush);
    }

    /// Judges an end without an error, which some transports also give a body that was cut.
    fn clean_or_broken(&self) -> End {
        let declared = self.head.length.map(|length| self.head.offset + length);
        if declared.is_some_and(|end| self.came < end) {
            End::Broken
        } else {
            End::Clean
        }
    }

    /// How many bytes the file misses; `None` while its size is unknown.
    fn missing(&self) -> Option<u64> {
        self.record.size.map(|size| size.saturating_sub(self.came))
    }

    fn chunk(&self) -> usize {
        usize::try_from(self.record.chunk_size.max(1)).unwrap_or(usize::MAX)
    }

    /// Begins to write what is due: full chunks; everything at the end of the body, after a while, or as soon as
    /// the first bytes tell what the file is.
    fn next_write(&mut self) -> Writing<'a> {
        let chunk = self.chunk();
        let begun = usize::try_from(self.record.committed % chunk as u64).unwrap_or_default();
        let full = (begun + self.waiting.len()) / chunk * chunk;
        let now = Instant::now();
        let first = self.record.committed == 0;
        let started = match (first, &self.record.started) {
            (true, None) => {
                let all = self.end.is_some();
                sniff::look(&self.waiting, all, &self.uploads.limits)
            }
            (_, known) => known.clone(),
        };
        if self.waiting.is_empty() {
            return None;
        }
        let Some(started) = started else {
            // Nothing is shown before it is known what it is.
            self.flush_at = None;
            return None;
        };
        let due = first || self.end.is_some() || self.flush_at.is_some_and(|at| at <= now);
        let take = match full {
            0 if due => self.waiting.len(),
            0 => return None,
            full => full - begun,
        };
        let bytes = self.waiting.split_to(take).freeze();
        self.flush_at = (!self.waiting.is_empty()).then(|| now + self.uploads.settings.flush);
        let (uploads, mut record) = (self.uploads, self.record.clone());
        Some(Box::pin(async move {
            if first {
                uploads.begin(&mut record, started).await?;
            }
            uploads.keep(record, bytes).await
        }))
    }

    /// The answer, once everything that came is committed.
    async fn conclude(&mut self) -> Result<Sent, UploadError> {
        let committed = self.record.committed;
        match self.end {
            Some(End::Clean) if self.record.size.is_none() && self.head.last => {
                self.set_size().await?;
            }
            Some(End::Superseded) => {
                return Err(self.uploads.lost(&self.record).await);
            }
            _ => {}
        }
        if is_whole(&self.record) {
            return self.whole().await;
        }
        match self.end {
            Some(End::Clean) | None => Ok(Sent::of(&self.record)),
            Some(End::TooLong) => Err(UploadError::TooLong { committed }),
            Some(End::TooLarge) => Err(UploadError::TooLarge {
                most: self.uploads.limits.file_bytes,
            }),
            Some(End::Broken) => Err(UploadError::BodyBroken { committed }),
            Some(End::Superseded | End::Stopping) => Err(UploadError::Busy),
        }
    }

    /// The size of a file that was opened without one is known when its last body ends.
    async fn set_size(&mut self) -> Result<(), UploadError> {
        let record = &mut self.record;
        if record.committed == 0 {
            return Err(UploadError::Invalid("an empty file cannot be posted"));
        }
        let store = &self.uploads.deps.store;
        let outcome = store
            .set_size(&record.file, record.turn, record.committed)
            .await?;
        if outcome == CommitOutcome::Lost {
            // Lost against itself, where the driver lost the first answer and tried again.
            let now = self.uploads.record(&record.file).await?;
            if now.turn != record.turn || now.size != Some(record.committed) {
                return Err(self.uploads.lost(record).await);
            }
        }
        record.size = Some(record.committed);
        self.uploads.announcer.announce(record);
        Ok(())
    }

    /// All bytes are there: finishes the file if its post is made; else that does it, or the sweeper.
    async fn whole(&self) -> Result<Sent, UploadError> {
        let now = self.uploads.record(&self.record.file).await?;
        if now.state == UploadState::Open && now.post.is_none_or(|claim| claim.no.is_none()) {
            return Ok(Sent::of(&now));
        }
        let ended = self.uploads.finish(&now.file).await?;
        match ended.state {
            UploadState::Stopped(_) | UploadState::Removed => Err(UploadError::Gone),
            _ => Ok(Sent::of(&ended)),
        }
    }
}

/// Whether a writer as of `writer` may write no more.
fn is_over(writer: &UploadRecord, now: &UploadRecord) -> bool {
    now.turn != writer.turn || now.state != UploadState::Open
}

/// Whether a body that has all bytes of its file has still more; a body that only stays open has not.
async fn goes_on<S, E>(mut body: Pin<&mut S>, most: Duration) -> bool
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let next = async {
        loop {
            match body.next().await {
                Some(Ok(frame)) if frame.is_empty() => {}
                Some(Ok(_)) => return true,
                Some(Err(_)) | None => return false,
            }
        }
    };
    timeout(most, next).await.unwrap_or(false)
}

/// The end of the write in flight; never, where there is none.
async fn until(writing: &mut Writing<'_>) -> Result<UploadRecord, UploadError> {
    match writing {
        Some(writing) => writing.await,
        None => std::future::pending().await,
    }
}
