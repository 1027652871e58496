//! Byte ranges, of whole files and of growing ones. RFC 9110, section 14

/// Which part of a file a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it; also what a `Range` that makes no sense is taken for.
    All,
    /// From a byte to the end.
    From(u64),
    /// From a byte to another, both included.
    Closed(u64, u64),
    /// That many bytes before the end.
    Suffix(u64),
    /// Several parts.
    Several,
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// 200.
    Whole,
    /// 206, first and last byte included.
    Range(u64, u64),
    /// 416.
    Unsatisfiable,
}

impl Wanted {
    /// Reads a `Range` header. Never refuses: a server may ignore the header.
    pub(super) fn parse(header: Option<&str>) -> Self {
        header.and_then(parse).unwrap_or(Self::All)
    }

    /// What of a whole file of `size` bytes is answered. Several parts are answered by all of it.
    pub(super) fn of_whole(self, size: u64) -> Part {
        match self {
            Self::All | Self::Several => Part::Whole,
            Self::Suffix(0) => Part::Unsatisfiable,
            Self::Suffix(length) => between(size.saturating_sub(length), u64::MAX, size),
            Self::From(first) => between(first, u64::MAX, size),
            Self::Closed(first, last) => between(first, last, size),
        }
    }

    /// What of a growing file of declared `size` is answered. From the start, or from an end that is not there
    /// yet, all of it: a player that is offered ranges would jump to the end and wait.
    pub(super) fn of_growing(self, size: u64) -> Part {
        match self {
            Self::All | Self::Several | Self::Suffix(_) | Self::From(0) => Part::Whole,
            Self::From(first) => between(first, u64::MAX, size),
            Self::Closed(first, last) => between(first, last, size),
        }
    }
}

fn between(first: u64, last: u64, size: u64) -> Part {
    if first >= size {
        Part::Unsatisfiable
    } else {
        Part::Range(first, last.min(size - 1))
    }
}

fn parse(header: &str) -> Option<Wanted> {
    let (unit, set) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut parts = set
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let first = one(parts.next()?)?;
    let mut wanted = first;
    for part in parts {
        one(part)?;
        wanted = Wanted::Several;
    }
    Some(wanted)
}

fn one(part: &str) -> Option<Wanted> {
    let (first, last) = part.split_once('-')?;
    match (number(first.trim_end()), number(last.trim_start())) {
        (Number::Of(first), Number::None) => Some(Wanted::From(first)),
        (Number::Of(first), Number::Of(last)) if first <= last => Some(Wanted::Closed(first, last)),
        (Number::None, Number::Of(length)) => Some(Wanted::Suffix(length)),
        _ => None,
    }
}

enum Number {
    None,
    Wrong,
    Of(u64),
}

/// Reads digits; a number too large for any file is the largest one.
fn number(text: &str) -> Number {
    if text.is_empty() {
        Number::None
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Number::Of(text.parse().unwrap_or(u64::MAX))
    } else {
        Number::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Wanted {
        Wanted::parse(Some(header))
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(of("bytes=0-"), Wanted::From(0));
        assert_eq!(of("Bytes = 5-9"), Wanted::Closed(5, 9));
        assert_eq!(of("bytes=-7"), Wanted::Suffix(7));
        assert_eq!(of("bytes=0-1,5-"), Wanted::Several);
        assert_eq!(of("bytes=,1-2,"), Wanted::Closed(1, 2));
        assert_eq!(of("bytes=99999999999999999999999-"), Wanted::From(u64::MAX));
    }

    #[test]
    fn nonsense_is_ignored() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=+1-2",
            "bytes=1-2-3",
            "bytes=--1",
            "chunks=0-1",
            "bytes=0-1,x",
            "bytes=1",
            "bytes=,",
            "bytes=0x1-2",
        ] {
            assert_eq!(of(header), Wanted::All, "{header}");
        }
        assert_eq!(Wanted::parse(None), Wanted::All);
    }

    #[test]
    fn of_a_whole_file() {
        let part = |wanted: Wanted| wanted.of_whole(10);
        assert_eq!(part(Wanted::All), Part::Whole);
        assert_eq!(part(Wanted::Several), Part::Whole);
        assert_eq!(part(Wanted::From(0)), Part::Range(0, 9));
        assert_eq!(part(Wanted::Closed(2, 50)), Part::Range(2, 9));
        assert_eq!(part(Wanted::Suffix(3)), Part::Range(7, 9));
        assert_eq!(part(Wanted::Suffix(30)), Part::Range(0, 9));
        assert_eq!(part(Wanted::Suffix(0)), Part::Unsatisfiable);
        assert_eq!(part(Wanted::From(10)), Part::Unsatisfiable);
    }

    #[test]
    fn of_a_growing_file() {
        let part = |wanted: Wanted| wanted.of_growing(10);
        for wanted in [
            Wanted::All,
            Wanted::From(0),
            Wanted::Suffix(3),
            Wanted::Several,
        ] {
            assert_eq!(part(wanted), Part::Whole, "{wanted:?}");
        }
        assert_eq!(part(Wanted::Closed(0, 1)), Part::Range(0, 1));
        assert_eq!(part(Wanted::From(4)), Part::Range(4, 9));
        assert_eq!(part(Wanted::From(10)), Part::Unsatisfiable);
        assert_eq!(part(Wanted::Closed(10, 12)), Part::Unsatisfiable);
    }
}
