//! Boxes of ISO 14496-12: MP4, QuickTime, M4A and AVIF.

use app::wire::file::{FileKind, Preview};

use super::image::short;
use super::{Found, Verdict, be32, may_start};

/// A box: its name, and where its content lies in the bytes it was read from, as far as they go.
struct IsoBox<'a> {
    name: [u8; 4],
    content: &'a [u8],
    /// Where the next one starts; beyond the bytes where the box is not all there.
    next: usize,
}

/// Reads the box at `at`; `None` where its header is not there or makes no sense.
fn read_box(bytes: &[u8], at: usize) -> Option<IsoBox<'_>> {
    let short_size = be32(bytes, at)?;
    let name = *bytes.get(at + 4..)?.first_chunk()?;
    let (header, size) = match short_size {
        // To the end of the file.
        0 => (8, usize::MAX - at),
        1 => {
            let size = u64::from(be32(bytes, at + 8)?) << 32 | u64::from(be32(bytes, at + 12)?);
            (16, usize::try_from(size).ok()?)
        }
        size => (8, usize::try_from(size).ok()?),
    };
    if size < header {
        return None;
    }
    let next = at.saturating_add(size);
    let content = &bytes[(at + header).min(bytes.len())..next.min(bytes.len())];
    Some(IsoBox {
        name,
        content,
        next,
    })
}

/// A picture, a video or a sound in boxes, by its brands.
pub(super) fn media(head: &[u8], all: bool) -> Verdict {
    if head.len() >= 4 && !may_start(&head[4..], b"ftyp") {
        return Verdict::No;
    }
    if head.len() < 16 {
        return short(all);
    }
    let Some(ftyp) = read_box(head, 0) else {
        return Verdict::No;
    };
    if ftyp.next > head.len() {
        return short(all);
    }
    let Some(major) = ftyp.content.first_chunk::<4>() else {
        return Verdict::No;
    };
    let compatible = ftyp.content.get(8..).unwrap_or_default();
    let is_avif = |brand: &[u8]| matches!(brand, b"avif" | b"avis");
    if is_avif(major) || (matches!(major, b"mif1" | b"msf1") && compatible.chunks(4).any(is_avif)) {
        return avif(&head[ftyp.next..], all);
    }
    let (kind, mime) = match major {
        b"M4A " | b"M4B " => (FileKind::Audio, "audio/mp4"),
        b"qt  " => (FileKind::Video, "video/quicktime"),
        b"isom" | b"iso2" | b"iso3" | b"iso4" | b"iso5" | b"iso6" | b"iso7" | b"iso8" | b"iso9"
        | b"mp41" | b"mp42" | b"avc1" | b"dash" | b"msdh" | b"M4V " | b"M4VH" | b"M4VP"
        | b"MSNV" | b"cmfc" | b"cmf2" | b"av01" => (FileKind::Video, "video/mp4"),
        _ => return Verdict::No,
    };
    match plays(head, ftyp.next) {
        None if !all => Verdict::More,
        plays => Verdict::Yes(Found {
            kind,
            mime,
            size: None,
            how: match plays {
                Some(true) => Preview::Plays,
                _ => Preview::Waits,
            },
        }),
    }
}

/// Whether the index comes before the samples, which is what it takes to play before the end; `None` where
/// neither was reached.
fn plays(head: &[u8], mut at: usize) -> Option<bool> {
    while at < head.len() {
        let found = read_box(head, at)?;
        match &found.name {
            b"moov" | b"moof" => return Some(true),
            b"mdat" => return Some(false),
            _ => at = found.next,
        }
    }
    None
}

/// AVIF: shown whole or not at all. Its size is the largest among its items.
fn avif(rest: &[u8], all: bool) -> Verdict {
    let mut at = 0;
    while let Some(found) = read_box(rest, at) {
        if &found.name == b"meta" {
            if found.next > rest.len() && !all {
                return Verdict::More;
            }
            // A full box: version and flags before its children.
            let children = found.content.get(4..).unwrap_or_default();
            return avif_of(largest(children));
        }
        at = found.next;
    }
    if all { avif_of(None) } else { Verdict::More }
}

fn avif_of(size: Option<(u32, u32)>) -> Verdict {
    Verdict::Yes(Found {
        kind: FileKind::Image,
        mime: "image/avif",
        size,
        how: Preview::Waits,
    })
}

/// The largest `ispe` in meta / iprp / ipco.
fn largest(meta: &[u8]) -> Option<(u32, u32)> {
    let properties = child(child(meta, b"iprp")?, b"ipco")?;
    let mut largest = None;
    let mut at = 0;
    while let Some(found) = read_box(properties, at) {
        if &found.name == b"ispe" {
            let size = be32(found.content, 4).zip(be32(found.content, 8));
            largest = largest.max_by_area(size);
        }
        at = found.next;
    }
    largest
}

fn child<'a>(parent: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at = 0;
    loop {
        let found = read_box(parent, at)?;
        if &found.name == name {
            return Some(found.content);
        }
        at = found.next;
    }
}

/// The larger of two sizes.
trait MaxByArea {
    fn max_by_area(self, other: Self) -> Self;
}

impl MaxByArea for Option<(u32, u32)> {
    fn max_by_area(self, other: Self) -> Self {
        let area = |size: &(u32, u32)| u64::from(size.0) * u64::from(size.1);
        self.into_iter().chain(other).max_by_key(area)
    }
}
