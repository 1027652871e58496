//! Pictures: JPEG, PNG, GIF, WebP, BMP. All of them paint while they arrive.

use super::{Found, Verdict, be16, be32, le16, le32, may_start};

/// JPEG, with its size as it is shown, that is after turning. ITU T.81, annex B; Exif 2.3, section 4.6
pub(super) fn jpeg(head: &[u8], all: bool) -> Verdict {
    let mime = "image/jpeg";
    if !may_start(head, &[0xff, 0xd8, 0xff]) {
        return Verdict::No;
    }
    let mut turned = false;
    let mut at = 2;
    loop {
        let (Some(&mark), Some(&code)) = (head.get(at), head.get(at + 1)) else {
            return unfinished(head, all);
        };
        match (mark, code) {
            // Fill bytes may stand before a marker.
            (0xff, 0xff) => at += 1,
            // Start of frame, but for the three codes that mean something else.
            (0xff, 0xc0..=0xcf) if !matches!(code, 0xc4 | 0xc8 | 0xcc) => {
                let (Some(height), Some(width)) = (be16(head, at + 5), be16(head, at + 7)) else {
                    return unfinished(head, all);
                };
                let (width, height) = (u32::from(width), u32::from(height));
                let size = if turned {
                    (height, width)
                } else {
                    (width, height)
                };
                return Found::picture(mime, Some(size));
            }
            // Scan data or an end before any frame.
            (0xff, 0x00..=0xbf | 0xd0..=0xda) => return Verdict::No,
            (0xff, _) => {
                let Some(length) = be16(head, at + 2) else {
                    return unfinished(head, all);
                };
                if length < 2 {
                    return Verdict::No;
                }
                let end = at + 2 + usize::from(length);
                if code == 0xe1 {
                    let segment = &head[at + 4..end.min(head.len()).max(at + 4)];
                    turned |= exif_turns(segment).unwrap_or(false);
                }
                at = end;
            }
            _ => return Verdict::No,
        }
    }
}

/// A JPEG whose frame header lies beyond what was shown.
fn unfinished(head: &[u8], all: bool) -> Verdict {
    if !all {
        Verdict::More
    } else if head.len() < 3 {
        Verdict::No
    } else {
        Found::picture("image/jpeg", None)
    }
}

/// Whether an APP1 segment says that width and height change places: orientations 5 to 8.
fn exif_turns(segment: &[u8]) -> Option<bool> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let big = match tiff.first_chunk()? {
        b"II" => false,
        b"MM" => true,
        _ => return None,
    };
    let read16 = |at| if big { be16(tiff, at) } else { le16(tiff, at) };
    let read32 = |at| if big { be32(tiff, at) } else { le32(tiff, at) };
    let directory = usize::try_from(read32(4)?).ok()?;
    let entries = usize::from(read16(directory)?);
    (0..entries)
        .map_while(|index| {
            let entry = directory.checked_add(2 + index * 12)?;
            Some((read16(entry)?, read16(entry + 8)?))
        })
        .find(|(tag, _)| *tag == 0x0112)
        .map(|(_, orientation)| (5..=8).contains(&orientation))
}

/// PNG, animated or not. W3C PNG, section 5
pub(super) fn png(head: &[u8], all: bool) -> Verdict {
    const START: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    if !may_start(head, START) {
        return Verdict::No;
    }
    match be32(head, 16).zip(be32(head, 20)) {
        Some(size) => Found::picture("image/png", Some(size)),
        None => short(all),
    }
}

/// GIF. The block after the colour table is checked, since a text that begins with GIF89a is no picture.
pub(super) fn gif(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, b"GIF87a") && !may_start(head, b"GIF89a") {
        return Verdict::No;
    }
    let (Some(width), Some(height), Some(&flags)) = (le16(head, 6), le16(head, 8), head.get(10))
    else {
        return short(all);
    };
    let table = if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    };
    match head.get(13 + table) {
        Some(0x21 | 0x2c) => {
            Found::picture("image/gif", Some((u32::from(width), u32::from(height))))
        }
        Some(_) => Verdict::No,
        None => short(all),
    }
}

/// WebP, in its three forms. RFC 9649, section 2
pub(super) fn webp(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, b"RIFF") {
        return Verdict::No;
    }
    if head.len() >= 8 && !may_start(&head[8..], b"WEBP") {
        return Verdict::No;
    }
    if head.len() < 30 {
        return short(all);
    }
    let size = match &head[12..16] {
        b"VP8 " if head[23..26] == [0x9d, 0x01, 0x2a] => le16(head, 26)
            .zip(le16(head, 28))
            .map(|(width, height)| (u32::from(width & 0x3fff), u32::from(height & 0x3fff))),
        b"VP8L" if head[20] == 0x2f => {
            le32(head, 21).map(|bits| ((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => le32(head, 24)
            .zip(le32(head, 26))
            .map(|(width, height)| ((width & 0x00ff_ffff) + 1, (height >> 8) + 1)),
        _ => None,
    };
    match size {
        Some(size) => Found::picture("image/webp", Some(size)),
        None => Verdict::No,
    }
}

/// BMP; "BM" alone begins many a text, so the header behind it must be one.
pub(super) fn bmp(head: &[u8], all: bool) -> Verdict {
    if !may_start(head, b"BM") {
        return Verdict::No;
    }
    let (Some(reserved), Some(header)) = (le32(head, 6), le32(head, 14)) else {
        return short(all);
    };
    if reserved != 0 || !matches!(header, 12 | 40 | 52 | 56 | 64 | 108 | 124) {
        return Verdict::No;
    }
    let size = if header == 12 {
        le16(head, 18)
            .zip(le16(head, 20))
            .map(|(width, height)| (u32::from(width), u32::from(height)))
    } else {
        // A negative height stores the rows from the top.
        le32(head, 18)
            .zip(le32(head, 22))
            .map(|(width, height)| (width, height.cast_signed().unsigned_abs()))
    };
    match size {
        Some(size) => Found::picture("image/bmp", Some(size)),
        None => short(all),
    }
}

/// A header that is not all there.
pub(super) fn short(all: bool) -> Verdict {
    if all { Verdict::No } else { Verdict::More }
}
