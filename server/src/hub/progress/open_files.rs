//! The open files of a room: how far each is, which are new, silent or over, and which have changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use app::wire::event::{Event, EventBody};
use app::wire::feed::Progress;
use app::wire::ids::{FileId, Millis, PostNo};
use tokio::time::Instant;

use crate::domain::upload::{UploadRecord, UploadState};
use crate::hub::HubSettings;

/// Ended files that are remembered, so that progress which comes late does not open them again.
const ENDED_REMEMBERED: usize = 256;

/// The open files of a room.
#[derive(Debug)]
pub(super) struct OpenFiles {
    files: BTreeMap<FileId, Open>,
    ended: VecDeque<FileId>,
    over: bool,
    changed: BTreeSet<FileId>,
    most: usize,
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

impl OpenFiles {
    pub(super) fn new(settings: &HubSettings) -> Self {
        Self {
            files: BTreeMap::new(),
            ended: VecDeque::new(),
            over: false,
            changed: BTreeSet::new(),
            most: settings.files_per_room,
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

    /// Whether any has changed since [`OpenFiles::take_changed`].
    pub(super) fn have_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// How far those are that changed since this was asked the last time.
    pub(super) fn take_changed(&mut self, now: Instant) -> Vec<Progress> {
        let changed = std::mem::take(&mut self.changed);
        let files = changed.iter().filter_map(|file| self.entry(file, now));
        files.collect()
    }

    /// How far all of them are.
    pub(super) fn all(&self, now: Instant) -> Vec<Progress> {
        let files = self.files.keys().filter_map(|file| self.entry(file, now));
        files.collect()
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
