//! What a file is, by its first bytes: an allow-list of what a browser may show, everything else a download.
//!
//! Only signatures and headers are read, nothing is decoded, and no parser of somebody else's sees these bytes.
//! A name or a sender's word counts for nothing.

mod image;
mod iso;
mod sound;
mod webm;

use app::wire::file::{FileKind, Preview, Started};
use app::wire::limits::Limits;

/// How many first bytes are looked at.
pub const HEAD_BYTES: usize = 8 * 1024;

/// Media type of what is only ever offered as a download.
pub const UNKNOWN_MIME: &str = "application/octet-stream";

/// What one format says of some first bytes.
enum Verdict {
    /// They are not of this format.
    No,
    /// They may be, or are, but more of them would tell more.
    More,
    /// They are.
    Yes(Found),
}

/// What a format's header tells.
struct Found {
    kind: FileKind,
    mime: &'static str,
    size: Option<(u32, u32)>,
    how: Preview,
}

impl Found {
    fn picture(mime: &'static str, size: Option<(u32, u32)>) -> Verdict {
        Verdict::Yes(Self {
            kind: FileKind::Image,
            mime,
            size,
            how: Preview::Paints,
        })
    }

    fn sound(mime: &'static str) -> Verdict {
        Verdict::Yes(Self {
            kind: FileKind::Audio,
            mime,
            size: None,
            how: Preview::Plays,
        })
    }
}

/// A format: judges first bytes; `all` says that no more of them will be shown.
type Format = fn(head: &[u8], all: bool) -> Verdict;

const FORMATS: [Format; 12] = [
    image::jpeg,
    image::png,
    image::gif,
    image::webp,
    image::bmp,
    iso::media,
    webm::webm,
    sound::ogg,
    sound::mp3,
    sound::flac,
    sound::wav,
    sound::aac,
];

/// Tells what a file is from its first bytes. `None`: more are needed, which never happens with
/// [`HEAD_BYTES`] of them or where `last` says that no more will come.
#[must_use]
pub fn look(head: &[u8], last: bool, limits: &Limits) -> Option<Started> {
    let all = last || head.len() >= HEAD_BYTES;
    let head = &head[..head.len().min(HEAD_BYTES)];
    let mut more = false;
    for format in FORMATS {
        match format(head, all) {
            Verdict::No => {}
            Verdict::More => more = true,
            Verdict::Yes(found) => return Some(judge(head, &found, limits)),
        }
    }
    (all || !more).then(download)
}

/// What is known of a file nobody may look at inline.
fn download() -> Started {
    Started {
        kind: FileKind::Other,
        mime: UNKNOWN_MIME.to_owned(),
        width: None,
        height: None,
        how: Preview::Waits,
    }
}

fn judge(head: &[u8], found: &Found, limits: &Limits) -> Started {
    let too_big = found.kind == FileKind::Image
        && found.size.is_some_and(|(width, height)| {
            width == 0
                || height == 0
                || u64::from(width) * u64::from(height) > limits.image_pixels
                || width.max(height) > limits.image_side
        });
    if too_big || is_active(head) {
        return download();
    }
    Started {
        kind: found.kind,
        mime: found.mime.to_owned(),
        width: found.size.map(|(width, _)| width),
        height: found.size.map(|(_, height)| height),
        how: found.how,
    }
}

/// Whether a second format hides in the first bytes that a browser could be led to run. None of it would run
/// with the headers files are served with; a file that tries is not worth showing either.
fn is_active(head: &[u8]) -> bool {
    const MARKS: [&[u8]; 8] = [
        b"<script",
        b"<html",
        b"<!doctype",
        b"<svg ",
        b"<svg>",
        b"<body",
        b"<iframe",
        b"%pdf-",
    ];
    MARKS.iter().any(|mark| {
        head.windows(mark.len())
            .any(|window| window.eq_ignore_ascii_case(mark))
    })
}

/// Whether `head` starts with `signature`, as far as both go.
fn may_start(head: &[u8], signature: &[u8]) -> bool {
    let shared = head.len().min(signature.len());
    head[..shared] == signature[..shared]
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes(*pair))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*four))
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    be16(bytes, at).map(u16::swap_bytes)
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    be32(bytes, at).map(u32::swap_bytes)
}

#[cfg(test)]
mod tests;
