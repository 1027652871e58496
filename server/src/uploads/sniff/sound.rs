//! Sounds outside ISO boxes and WebM: Ogg, MP3, FLAC, WAV, AAC. All of them play as they come.

use app::wire::file::{FileKind, Preview};

use super::image::short;
use super::{Found, Verdict, le32, may_start};

/// Ogg, a video where its first stream is Theora. RFC 3533, RFC 5334
pub(super) fn ogg(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, b"OggS\0") {
        return Verdict::No;
    }
    let Some(&segments) = head.get(26) else {
        return short(all);
    };
    let payload = head.get(27 + usize::from(segments)..).unwrap_or_default();
    if payload.len() < 8 {
        return short(all);
    }
    match payload {
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..]
        | [1, b'v', b'o', b'r', b'b', b'i', b's', ..]
        | [0x7f, b'F', b'L', b'A', b'C', ..]
        | [b'S', b'p', b'e', b'e', b'x', ..] => Found::sound("audio/ogg"),
        [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..]
        | [b'f', b'i', b's', b'h', b'e', b'a', b'd', 0, ..] => Verdict::Yes(Found {
            kind: FileKind::Video,
            mime: "video/ogg",
            size: None,
            how: Preview::Plays,
        }),
        _ => Verdict::No,
    }
}

/// MP3: a tag, or two frames in a row, since the mark of one is two bytes that stand anywhere.
pub(super) fn mp3(head: &[u8], all: bool) -> Verdict {
    if may_start(head, b"ID3") {
        let Some(tag) = head.get(..10) else {
            return short(all);
        };
        let sound = tag[3] < 0xff && tag[4] < 0xff && tag[6..10].iter().all(|byte| *byte < 0x80);
        return if sound {
            Found::sound("audio/mpeg")
        } else {
            Verdict::No
        };
    }
    two_frames(head, all, "audio/mpeg", mp3_frame)
}

/// Length of the MP3 frame whose first four bytes these are. ISO 11172-3, section 2.4.1
fn mp3_frame(header: [u8; 6]) -> Option<usize> {
    const V1: [u32; 15] = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const V2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const RATES: [u32; 3] = [44_100, 48_000, 32_000];
    let [mark, flags, kind, ..] = header;
    let layer_three = (flags >> 1) & 3 == 1;
    if mark != 0xff || flags & 0xe0 != 0xe0 || !layer_three {
        return None;
    }
    let (bitrates, factor, divisor) = match (flags >> 3) & 3 {
        3 => (V1, 144, 1),
        2 => (V2, 72, 2),
        0 => (V2, 72, 4),
        _ => return None,
    };
    let bitrate = *bitrates.get(usize::from(kind >> 4))?;
    let rate = RATES.get(usize::from((kind >> 2) & 3))? / divisor;
    let padding = u32::from((kind >> 1) & 1);
    let length = factor * bitrate * 1_000 / rate + padding;
    (bitrate > 0).then_some(usize::try_from(length).ok()?)
}

/// AAC in ADTS frames. ISO 13818-7, section 6.2
pub(super) fn aac(head: &[u8], all: bool) -> Verdict {
    two_frames(head, all, "audio/aac", |header| {
        let [mark, flags, _, three, four, five] = header;
        if mark != 0xff || flags & 0xf6 != 0xf0 {
            return None;
        }
        let length = usize::from(three & 3) << 11 | usize::from(four) << 3 | usize::from(five >> 5);
        (length >= 7).then_some(length)
    })
}

/// Judges by the frame at the start and the one right behind it.
fn two_frames(
    head: &[u8],
    all: bool,
    mime: &'static str,
    length: impl Fn([u8; 6]) -> Option<usize>,
) -> Verdict {
    if !may_start(head, &[0xff]) || head.get(1).is_some_and(|byte| byte & 0xe0 != 0xe0) {
        return Verdict::No;
    }
    let Some(first) = head.first_chunk() else {
        return short(all);
    };
    let Some(first) = length(*first) else {
        return Verdict::No;
    };
    match head.get(first..).and_then(<[u8]>::first_chunk) {
        None => short(all),
        Some(second) if length(*second).is_some() => Found::sound(mime),
        Some(_) => Verdict::No,
    }
}

/// FLAC: its first block is always the stream's description. RFC 9639, section 8
pub(super) fn flac(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, b"fLaC") {
        return Verdict::No;
    }
    match head.get(4..8) {
        None => short(all),
        Some([0x00 | 0x80, 0, 0, 34]) => Found::sound("audio/flac"),
        Some(_) => Verdict::No,
    }
}

/// WAV.
pub(super) fn wav(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, b"RIFF") || (head.len() >= 8 && !may_start(&head[8..], b"WAVE")) {
        return Verdict::No;
    }
    match le32(head, 16) {
        None => short(all),
        Some(_) => Found::sound("audio/wav"),
    }
}
