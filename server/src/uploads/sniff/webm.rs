//! WebM: a subset of Matroska that browsers play as it comes.

use app::wire::file::{FileKind, Preview};

use super::image::short;
use super::{Found, Verdict, may_start};

/// WebM, a video or a sound by the codecs it names. Matroska itself is not played by browsers. RFC 9559
pub(super) fn webm(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, &[0x1a, 0x45, 0xdf, 0xa3]) {
        return Verdict::No;
    }
    // The EBML header, with the document's type in it, is a few dozen bytes long.
    let header = &head[..head.len().min(256)];
    if !has(header, b"\x42\x82\x84webm") {
        return if header.len() < 256 {
            short(all)
        } else {
            Verdict::No
        };
    }
    let video = has(head, b"V_");
    let cluster = has(head, &[0x1f, 0x43, 0xb6, 0x75]);
    if !video && !cluster && !all {
        return Verdict::More;
    }
    let (kind, mime) = if !video && has(head, b"A_") {
        (FileKind::Audio, "audio/webm")
    } else {
        (FileKind::Video, "video/webm")
    };
    Verdict::Yes(Found {
        kind,
        mime,
        size: None,
        how: Preview::Plays,
    })
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
