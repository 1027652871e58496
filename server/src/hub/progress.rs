//! How far the open files of a room are: shared state with a version, told at a bounded rate.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use app::wire::event::{Event, EventBody};
use app::wire::feed::{Alias, Progress, ServerMessage};
use app::wire::ids::{FileId, Millis, PostNo};
use tokio::time::Instant;

use super::frames::{Codec, Frame, Outgoing};
use super::settings::HubSettings;
use crate::domain::upload::{UploadRecord, UploadState};

/// Ended files that are remembered, so that progress which comes late does not open them again.
const ENDED_REMEMBERED: usize = 256;

/// The open files of a room.
#[derive(Debug)]
pub(super) struct Board {
    files: BTreeMap<FileId, Open>,
    ended: VecDeque<FileId>,
    over: bool,
    changed: BTreeSet<FileId>,
    version: u64,
    published_at: Option<Instant>,
    delta: Arc<Telling>,
    most: usize,
    every: Duration,
    silent_after: Duration,
    silence_again: Duration,
}

#[derive(Debug)]
struct Open {
    committed: u64,
    last_byte: Instant,
    no: Option<PostNo>,
    silence_told: Option<Instant>,
}

/// One progress message, encoded once a codec.
#[derive(Debug, Default)]
pub(super) struct Telling {
    files: Vec<Progress>,
    frame: Frame,
}

impl Telling {
    pub(super) fn encode(&self, codec: Codec, alias: Alias) -> Outgoing {
        self.frame.get(codec, || ServerMessage::Progress {
            alias,
            files: self.files.clone(),
        })
    }
}

impl Board {
    pub(super) fn new(settings: &HubSettings) -> Self {
        Self {
            files: BTreeMap::new(),
            ended: VecDeque::new(),
            over: false,
            changed: BTreeSet::new(),
            version: 1,
            published_at: None,
            delta: Arc::default(),
            most: settings.files_per_room,
            every: settings.progress_every,
            silent_after: settings.silent_after,
            silence_again: settings.silence_again,
        }
    }

    /// Takes what a writer tells; `committed` never goes down. Says whether a file is new here.
    pub(super) fn progress(&mut self, told: Progress, now: Instant) -> bool {
        let last_byte = before(now, told.idle_ms);
        if let Some(open) = self.files.get_mut(&told.file) {
            if told.committed > open.committed {
                open.moved(told.committed, last_byte);
                self.changed.insert(told.file);
            }
            return false;
        }
        let opened = self.open(told.file, told.committed, last_byte, None);
        if opened {
            self.changed.insert(told.file);
        }
        opened
    }

    /// The room is over: nothing of it is told any more.
    pub(super) fn close(&mut self) {
        self.over = true;
        self.files.clear();
        self.changed.clear();
    }

    /// Takes what an event means for files.
    pub(super) fn event(&mut self, event: &Event, now: Instant) {
        match &event.body {
            EventBody::Posted { files, .. } => {
                for notice in files {
                    match self.files.get_mut(&notice.file) {
                        Some(open) => open.no = Some(event.no),
                        None => {
                            self.open(notice.file, 0, now, Some(event.no));
                        }
                    }
                }
            }
            EventBody::FileReady { file, .. }
            | EventBody::FileStopped { file, .. }
            | EventBody::FileRemoved { file } => self.end(*file),
            EventBody::PostRemoved => {
                let of_post =
                    |(file, open): (&FileId, &Open)| (open.no == Some(event.no)).then_some(*file);
                let gone: Vec<_> = self.files.iter().filter_map(of_post).collect();
                gone.into_iter().for_each(|file| self.end(file));
            }
            EventBody::RoomEnded => self.close(),
            _ => {}
        }
    }

    /// Takes the store's word: `records` are all open claimed uploads of the room, read after `asked`.
    pub(super) fn sync(
        &mut self,
        records: &[UploadRecord],
        asked: Instant,
        now: Instant,
        wall: Millis,
    ) {
        let of_store: BTreeSet<FileId> = records.iter().map(|record| record.file).collect();
        // A file whose claim came after the read is not in it: it is younger than the question.
        self.files
            .retain(|file, open| of_store.contains(file) || open.last_byte >= asked);
        self.changed.retain(|file| self.files.contains_key(file));
        for record in records {
            let told = self.ended.contains(&record.file);
            if !told && matches!(record.state, UploadState::Open | UploadState::Finishing) {
                self.sync_file(record, now, wall);
            }
        }
        self.tell_silence(now);
    }

    fn sync_file(&mut self, record: &UploadRecord, now: Instant, wall: Millis) {
        let no = record.post.and_then(|claim| claim.no);
        let idle_ms = u64::try_from(wall.saturating_sub(record.last_write)).unwrap_or(0);
        let last_byte = before(now, idle_ms);
        if let Some(open) = self.files.get_mut(&record.file) {
            open.no = open.no.or(no);
            if record.committed > open.committed {
                open.moved(record.committed, last_byte);
                self.changed.insert(record.file);
            }
        } else if self.open(record.file, record.committed, last_byte, no) {
            self.changed.insert(record.file);
        }
    }

    fn tell_silence(&mut self, now: Instant) {
        for (file, open) in &mut self.files {
            if open
                .silence_due(self.silent_after, self.silence_again)
                .is_some_and(|due| due <= now)
            {
                open.silence_told = Some(now);
                self.changed.insert(*file);
            }
        }
    }

    /// When the store must be asked whether a file is silent.
    pub(super) fn silence_due(&self) -> Option<Instant> {
        self.files
            .values()
            .filter_map(|open| open.silence_due(self.silent_after, self.silence_again))
            .min()
    }

    /// When what changed may be told.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        (!self.changed.is_empty()).then(|| self.published_at.map_or(now, |at| at + self.every))
    }

    /// Makes what changed the next version, if it is due. Says whether members have something to pull.
    pub(super) fn publish(&mut self, now: Instant) -> bool {
        if self.due(now).is_none_or(|due| due > now) {
            return false;
        }
        let changed = std::mem::take(&mut self.changed);
        let files = changed.iter().filter_map(|file| self.entry(file, now));
        self.delta = Arc::new(Telling {
            files: files.collect(),
            frame: Frame::default(),
        });
        self.version += 1;
        self.published_at = Some(now);
        true
    }

    /// The current version, and what a reader of version `seen` (0: none) does not know.
    pub(super) fn news(&self, seen: u64, now: Instant) -> (u64, Option<Arc<Telling>>) {
        let telling = if seen == self.version {
            None
        } else if seen > 0 && seen + 1 == self.version {
            Some(Arc::clone(&self.delta))
        } else {
            let files = self.files.keys().filter_map(|file| self.entry(file, now));
            Some(Arc::new(Telling {
                files: files.collect(),
                frame: Frame::default(),
            }))
        };
        (
            self.version,
            telling.filter(|telling| !telling.files.is_empty()),
        )
    }

    fn entry(&self, file: &FileId, now: Instant) -> Option<Progress> {
        let open = self.files.get(file)?;
        let idle = now.saturating_duration_since(open.last_byte);
        Some(Progress {
            file: *file,
            committed: open.committed,
            idle_ms: u64::try_from(idle.as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn open(
        &mut self,
        file: FileId,
        committed: u64,
        last_byte: Instant,
        no: Option<PostNo>,
    ) -> bool {
        if self.over || self.files.len() >= self.most || self.ended.contains(&file) {
            return false;
        }
        self.files.insert(
            file,
            Open {
                committed,
                last_byte,
                no,
                silence_told: None,
            },
        );
        true
    }

    fn end(&mut self, file: FileId) {
        self.files.remove(&file);
        self.changed.remove(&file);
        if self.ended.len() >= ENDED_REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(file);
    }
}

impl Open {
    fn moved(&mut self, committed: u64, last_byte: Instant) {
        self.committed = committed;
        self.last_byte = self.last_byte.max(last_byte);
        self.silence_told = None;
    }

    fn silence_due(&self, after: Duration, again: Duration) -> Option<Instant> {
        match self.silence_told {
            Some(told) => told.checked_add(again),
            None => self.last_byte.checked_add(after),
        }
    }
}

/// The instant `idle_ms` before `now`, or as early as the machine can say.
fn before(now: Instant, idle_ms: u64) -> Instant {
    now.checked_sub(Duration::from_millis(idle_ms))
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::super::tests::events::{event, file, posted_files, upload};
    use super::{Board, HubSettings};
    use app::wire::event::EventBody;
    use app::wire::feed::Progress;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    fn told(board: &Board, seen: u64) -> Vec<(u8, u64, u64)> {
        let (_, telling) = board.news(seen, Instant::now());
        telling.map_or_else(Vec::new, |telling| {
            let entry = |entry: &Progress| (entry.file.0[0], entry.committed, entry.idle_ms);
            telling.files.iter().map(entry).collect()
        })
    }

    fn progress(n: u8, committed: u64) -> Progress {
        Progress {
            file: file(n),
            committed,
            idle_ms: 0,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn committed_never_falls_and_only_changes_are_told() {
        let mut board = Board::new(&HubSettings::default());
        let now = Instant::now();
        board.event(&posted_files(1, 1, &[1, 2]), now);
        board.progress(progress(1, 50), now);
        board.progress(progress(1, 40), now);
        assert!(board.publish(now));
        assert_eq!(told(&board, 1), [(1, 50, 0)]);
        assert_eq!(told(&board, 0), [(1, 50, 0), (2, 0, 0)]);
        assert_eq!(told(&board, 2), []);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_told_at_most_five_times_a_second() {
        let mut board = Board::new(&HubSettings::default());
        let mut tellings = 0;
        for step in 0..100 {
            board.progress(progress(1, step + 1), Instant::now());
            tellings += u32::from(board.publish(Instant::now()));
            advance(Duration::from_millis(10)).await;
        }
        assert_eq!(tellings, 5);
        advance(Duration::from_millis(200)).await;
        assert!(board.publish(Instant::now()), "the last one is told too");
        assert_eq!(told(&board, 6)[0].1, 100);
    }

    #[tokio::test(start_paused = true)]
    async fn late_progress_does_not_open_an_ended_file_again() {
        let mut board = Board::new(&HubSettings::default());
        let now = Instant::now();
        board.event(&posted_files(1, 1, &[1, 2]), now);
        let ready = EventBody::FileReady {
            file: file(1),
            size: 9,
        };
        board.event(&event(2, 1, ready), now);
        board.progress(progress(1, 8), now);
        assert_eq!(told(&board, 0), [(2, 0, 0)]);
        board.event(&event(3, 1, EventBody::PostRemoved), now);
        board.progress(progress(2, 8), now);
        board.sync(&[upload(2, 8, 0)], now, now, 0);
        assert_eq!(told(&board, 0), []);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_told_at_three_seconds_and_then_every_five_until_bytes_move() {
        let mut board = Board::new(&HubSettings::default());
        board.event(&posted_files(1, 1, &[1]), Instant::now());
        board.progress(progress(1, 10), Instant::now());
        board.publish(Instant::now());
        let mut at = Vec::new();
        for second in 1..=14_u64 {
            advance(Duration::from_secs(1)).await;
            let now = Instant::now();
            if board.silence_due().is_some_and(|due| due <= now) {
                board.sync(&[upload(1, 10, 0)], now, now, 0);
            }
            let seen = board.version;
            if board.publish(now) {
                at.push((second, told(&board, seen)[0].2));
            }
        }
        assert_eq!(at, [(3, 3_000), (8, 8_000), (13, 13_000)]);
        board.progress(progress(1, 11), Instant::now());
        assert!(board.publish(Instant::now()));
        assert_eq!(told(&board, 0), [(1, 11, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_stores_word_corrects_what_the_bus_lost() {
        let mut board = Board::new(&HubSettings::default());
        let start = Instant::now();
        board.progress(progress(1, 10), start);
        board.progress(progress(2, 10), start);
        advance(Duration::from_secs(5)).await;
        let now = Instant::now();
        board.progress(progress(4, 1), now);
        // 1 has moved, 2 has ended, 3 was never heard of, 4 came after the question.
        board.sync(
            &[upload(1, 30, 4_000), upload(3, 5, 1_000)],
            now,
            now,
            5_000,
        );
        assert_eq!(told(&board, 0), [(1, 30, 1_000), (3, 5, 4_000), (4, 1, 0)]);
    }
}
