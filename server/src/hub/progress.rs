//! How far the open files of a room are: shared state with a version, told at a bounded rate.

mod open_files;

use std::sync::Arc;
use std::time::Duration;

use app::wire::event::Event;
use app::wire::feed::{Alias, Progress, ServerMessage};
use app::wire::ids::Millis;
use tokio::time::Instant;

use super::frames::{Codec, Frame, Outgoing};
use super::settings::HubSettings;
use crate::domain::upload::UploadRecord;

use open_files::OpenFiles;

/// The open files of a room, and what was told of them.
#[derive(Debug)]
pub(super) struct Board {
    files: OpenFiles,
    version: u64,
    published_at: Option<Instant>,
    delta: Arc<Telling>,
    every: Duration,
}

/// One progress message, encoded once a codec.
#[derive(Debug, Default)]
pub(super) struct Telling {
    files: Vec<Progress>,
    frame: Frame,
}

impl Telling {
    fn of(files: Vec<Progress>) -> Arc<Self> {
        Arc::new(Self {
            files,
            frame: Frame::default(),
        })
    }

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
            files: OpenFiles::new(settings),
            version: 1,
            published_at: None,
            delta: Arc::default(),
            every: settings.progress_every,
        }
    }

    /// Takes what a writer tells; `committed` never goes down. Says whether a file is new here.
    pub(super) fn progress(&mut self, told: Progress, now: Instant) -> bool {
        self.files.progress(told, now)
    }

    /// The room is over: nothing of it is told any more.
    pub(super) fn close(&mut self) {
        self.files.close();
    }

    /// Takes what an event means for files.
    pub(super) fn event(&mut self, event: &Event, now: Instant) {
        self.files.event(event, now);
    }

    /// Takes the store's word: `records` are all open claimed uploads of the room, read after `asked`.
    pub(super) fn sync(
        &mut self,
        records: &[UploadRecord],
        asked: Instant,
        now: Instant,
        wall: Millis,
    ) {
        self.files.sync(records, asked, now, wall);
    }

    /// When the store must be asked whether a file is silent.
    pub(super) fn silence_due(&self) -> Option<Instant> {
        self.files.silence_due()
    }

    /// When what changed may be told.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let next = || self.published_at.map_or(now, |at| at + self.every);
        self.files.have_changed().then(next)
    }

    /// Makes what changed the next version, if it is due. Says whether members have something to pull.
    pub(super) fn publish(&mut self, now: Instant) -> bool {
        if self.due(now).is_none_or(|due| due > now) {
            return false;
        }
        self.delta = Telling::of(self.files.take_changed(now));
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
            Some(Telling::of(self.files.all(now)))
        };
        (
            self.version,
            telling.filter(|telling| !telling.files.is_empty()),
        )
    }
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
