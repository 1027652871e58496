//! Files: what a sender says of one, what the server found out, and how far it is.

use serde::{Deserialize, Serialize};

use super::ids::FileId;

/// What a file is, by its first bytes; never by the client's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Shown by `<img>`.
    Image,
    /// Shown by `<video>`.
    Video,
    /// Shown by `<audio>`.
    Audio,
    /// Offered as a download.
    Other,
}

/// How a file previews while it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// Its rows or passes paint as they come.
    Paints,
    /// It plays before its end is there.
    Plays,
    /// Nothing can be seen before the last byte.
    Waits,
}

/// What the server read in a file's first bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// What it is.
    pub kind: FileKind,
    /// The media type it is served as; `application/octet-stream` for what is only offered as a download.
    pub mime: String,
    /// Width in pixels, where the first bytes tell.
    pub width: Option<u32>,
    /// Height in pixels, where the first bytes tell.
    pub height: Option<u32>,
    /// How it previews.
    pub how: Preview,
}

/// A stand-in made by the sender's browser before the first byte; only a hint for the layout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placeholder {
    /// A thumbhash of at most 32 bytes, in hex. <https://evanw.github.io/thumbhash/>
    pub thumbhash: Option<String>,
    /// Width in pixels as the sender's browser shows it.
    pub width: Option<u32>,
    /// Height in pixels as the sender's browser shows it.
    pub height: Option<u32>,
    /// Length of sound or video in milliseconds.
    pub duration_ms: Option<u64>,
}

/// A file as announced by its post, before any byte of it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNotice {
    /// The file.
    pub file: FileId,
    /// Its name, cleaned for display.
    pub name: String,
    /// Its declared size in bytes; `None` if unknown until the end.
    pub size: Option<u64>,
    /// The kind the sender hinted at; shown as an icon until [`Started`] tells.
    pub hint: FileKind,
    /// The stand-in.
    pub placeholder: Placeholder,
}

/// Where a file stands according to the log. Bytes so far are not in the log, see [`super::feed::Progress`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Announced; no byte has come.
    Waiting,
    /// Its first bytes are here.
    Arriving,
    /// All of it is here.
    Ready {
        /// Its size in bytes.
        size: u64,
    },
    /// It will never be complete.
    Stopped {
        /// Why.
        reason: StopReason,
    },
    /// It was taken away.
    Removed,
}

/// Why an upload ended before its file was complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The sender cancelled it.
    Cancelled,
    /// The sender was silent for too long.
    Expired,
    /// Bytes that were held turned out not to be there.
    Invalid,
}

/// A file of a post, folded from the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What its post announced.
    pub notice: FileNotice,
    /// What its first bytes told.
    pub started: Option<Started>,
    /// Where it stands.
    pub state: FileState,
}

impl Attachment {
    /// Whether more bytes may come.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, FileState::Waiting | FileState::Arriving)
    }

    /// What it is as far as known.
    #[must_use]
    pub fn kind(&self) -> FileKind {
        self.started
            .as_ref()
            .map_or(self.notice.hint, |started| started.kind)
    }

    /// Size in pixels to reserve: the sender's browser first, since it applies the orientation.
    #[must_use]
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        let placeholder = &self.notice.placeholder;
        placeholder.width.zip(placeholder.height).or_else(|| {
            self.started
                .as_ref()
                .and_then(|started| started.width.zip(started.height))
        })
    }
}
