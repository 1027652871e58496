//! How an arriving file is shown: what the log says of it and how far its bytes are, put into one honest state.

use super::format;
use super::rate::SpeedMeter;
use crate::wire::feed::Progress;
use crate::wire::file::{Attachment, FileState, StopReason};
use crate::wire::ids::Millis;

/// Silence after which a file waits for its sender, in milliseconds.
pub const IDLE_MS: u64 = 3_000;

/// How far an open file is, as last told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes the server holds for good.
    pub committed: u64,
    idle_ms: u64,
    told_at: Millis,
    meter: SpeedMeter,
}

impl Transfer {
    /// Takes in what the server told at `now`, by the reader's clock.
    pub fn note(&mut self, progress: &Progress, now: Millis) {
        self.committed = progress.committed;
        self.idle_ms = progress.idle_ms;
        self.told_at = now;
        self.meter.note(now, progress.committed);
    }

    /// Whether the sender is silent. A silence goes on between two reports; without a clock the report stands.
    #[must_use]
    pub fn is_idle(&self, now: Option<Millis>) -> bool {
        let since = now.map_or(0, |now| now.saturating_sub(self.told_at).max(0));
        self.idle_ms.saturating_add(since.unsigned_abs()) >= IDLE_MS
    }

    /// Bytes a second, once known.
    #[must_use]
    pub fn bytes_per_second(&self) -> Option<u64> {
        self.meter.bytes_per_second()
    }

    /// Seconds until `size` bytes are there.
    #[must_use]
    pub fn seconds_left(&self, size: u64) -> Option<u64> {
        self.meter.seconds_left(size)
    }
}

/// The state of an upload card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// Announced, no byte yet.
    Queued,
    /// Bytes come in.
    Sending,
    /// The sender is silent.
    Paused,
    /// All bytes are there, the file is being closed.
    Processing,
    /// The file is complete.
    Ready,
    /// It will never be complete.
    Stopped(StopReason),
    /// It was taken away.
    Removed,
}

impl CardState {
    /// The state of `attachment` at `now`; `None` for the clock while the page is not alive yet.
    #[must_use]
    pub fn of(attachment: &Attachment, transfer: &Transfer, now: Option<Millis>) -> Self {
        match &attachment.state {
            FileState::Ready { .. } => Self::Ready,
            FileState::Stopped { reason } => Self::Stopped(*reason),
            FileState::Removed => Self::Removed,
            FileState::Waiting | FileState::Arriving => {
                if attachment
                    .notice
                    .size
                    .is_some_and(|size| size > 0 && transfer.committed >= size)
                {
                    Self::Processing
                } else if transfer.committed == 0 {
                    Self::Queued
                } else if transfer.is_idle(now) {
                    Self::Paused
                } else {
                    Self::Sending
                }
            }
        }
    }

    /// The state's name in the style sheet.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Processing => "processing",
            Self::Ready => "settled",
            Self::Stopped(_) | Self::Removed => "failed",
        }
    }

    /// Whether bytes are moving.
    #[must_use]
    pub fn moves(self) -> bool {
        self == Self::Sending
    }

    /// What the card says below the name, one part a span. The first says the state.
    #[must_use]
    pub fn words(self, attachment: &Attachment, transfer: &Transfer) -> Vec<String> {
        let size = attachment.notice.size;
        let percent = format::percent(transfer.committed, size);
        match self {
            Self::Queued => {
                let mut words = vec!["waiting for the first byte".to_owned()];
                words.extend(size.map(format::bytes));
                words
            }
            Self::Sending => {
                let mut words = vec![format::bytes_of(transfer.committed, size)];
                words.extend(
                    transfer
                        .bytes_per_second()
                        .filter(|speed| *speed > 0)
                        .map(format::rate),
                );
                words.extend(
                    size.and_then(|size| transfer.seconds_left(size))
                        .map(format::seconds_left),
                );
                words
            }
            Self::Paused => {
                let mut words = vec!["waiting for the sender".to_owned()];
                words.extend(percent.map(|percent| format!("at {percent} %")));
                words.push(format::bytes_of(transfer.committed, size));
                words
            }
            Self::Processing => vec!["processing".to_owned(), "all bytes are here".to_owned()],
            Self::Ready => size.map(format::bytes).into_iter().collect(),
            Self::Stopped(_) | Self::Removed => vec![self.ending().to_owned()],
        }
    }

    /// Why there is no file, for what takes its place.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Stopped(StopReason::Cancelled) => "Cancelled by sender",
            Self::Stopped(StopReason::Expired) => "The sender did not come back",
            Self::Stopped(StopReason::Invalid) => "The server lost a part of it",
            Self::Removed => "Removed",
            _ => "",
        }
    }

    /// What a ring shows in its middle.
    #[must_use]
    pub fn ring_text(self, percent: Option<u32>) -> String {
        match self {
            Self::Queued => "–".to_owned(),
            Self::Processing | Self::Ready => String::new(),
            Self::Stopped(_) | Self::Removed => "!".to_owned(),
            Self::Sending | Self::Paused => percent
                .map(|percent| percent.to_string())
                .unwrap_or_default(),
        }
    }
}

/// The share of bytes that arrived, 0 to 1, as the value of `--p`.
#[must_use]
pub fn share(state: CardState, transfer: &Transfer, size: Option<u64>) -> String {
    match state {
        CardState::Processing | CardState::Ready => "1".to_owned(),
        _ => share_of(transfer.committed, size),
    }
}

/// The share of `size` that `committed` is; three digits move the edge by less than a row.
#[must_use]
pub fn share_of(committed: u64, size: Option<u64>) -> String {
    match size {
        Some(size) if size > 0 => {
            let thousandths = u128::from(committed.min(size)) * 1_000 / u128::from(size);
            format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
        }
        _ => "0".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::file::{FileKind, FileNotice, Placeholder};
    use crate::wire::ids::FileId;

    fn attachment(size: Option<u64>, state: FileState) -> Attachment {
        Attachment {
            notice: FileNotice {
                file: FileId([1; 16]),
                name: "a.jpg".to_owned(),
                size,
                hint: FileKind::Image,
                placeholder: Placeholder::default(),
            },
            started: None,
            state,
        }
    }

    fn at(committed: u64, idle_ms: u64, now: Millis) -> Transfer {
        let mut transfer = Transfer::default();
        let file = FileId([1; 16]);
        transfer.note(
            &Progress {
                file,
                committed,
                idle_ms,
            },
            now,
        );
        transfer
    }

    #[test]
    fn a_file_waits_for_its_sender_after_three_seconds() {
        let file = attachment(Some(100), FileState::Arriving);
        let state = |transfer: &Transfer, now| CardState::of(&file, transfer, now);
        assert_eq!(state(&at(60, 2_999, 0), None), CardState::Sending);
        assert_eq!(state(&at(60, 3_000, 0), None), CardState::Paused);
        assert_eq!(state(&at(60, 0, 10_000), Some(12_999)), CardState::Sending);
        assert_eq!(state(&at(60, 0, 10_000), Some(13_000)), CardState::Paused);
        // A clock set back does not make anybody silent.
        assert_eq!(state(&at(60, 0, 10_000), Some(0)), CardState::Sending);
        let words = CardState::Paused.words(&file, &at(60, 4_000, 0));
        assert_eq!(words[..2], ["waiting for the sender", "at 60 %"]);
    }

    #[test]
    fn every_state_of_the_log_has_its_card() {
        let none = Transfer::default();
        let of = |state: FileState, transfer: &Transfer| {
            CardState::of(&attachment(Some(100), state), transfer, None)
        };
        assert_eq!(of(FileState::Waiting, &none), CardState::Queued);
        assert_eq!(
            of(FileState::Arriving, &at(100, 0, 0)),
            CardState::Processing
        );
        assert_eq!(of(FileState::Ready { size: 100 }, &none), CardState::Ready);
        assert_eq!(of(FileState::Removed, &none), CardState::Removed);
        let stopped = FileState::Stopped {
            reason: StopReason::Expired,
        };
        assert_eq!(of(stopped, &none), CardState::Stopped(StopReason::Expired));
    }

    #[test]
    fn the_sender_is_blamed_for_nothing_that_the_server_did() {
        let ending = |reason| CardState::Stopped(reason).ending();
        assert!(ending(StopReason::Expired).contains("sender"));
        assert!(ending(StopReason::Invalid).contains("server"));
    }

    #[test]
    fn an_unknown_size_has_no_share() {
        let file = attachment(None, FileState::Arriving);
        let transfer = at(5_000, 0, 0);
        let state = CardState::of(&file, &transfer, None);
        assert_eq!(state, CardState::Sending);
        assert_eq!(share(state, &transfer, None), "0");
        assert_eq!(state.words(&file, &transfer), ["5 KB"]);
    }

    #[test]
    fn the_share_never_passes_one() {
        assert_eq!(
            share(CardState::Sending, &at(333, 0, 0), Some(1_000)),
            "0.333"
        );
        assert_eq!(
            share(CardState::Sending, &at(2_000, 0, 0), Some(1_000)),
            "1.000"
        );
        assert_eq!(share(CardState::Ready, &at(0, 0, 0), None), "1");
    }
}
