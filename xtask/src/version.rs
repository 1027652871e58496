//! Versions as tools print them: `cargo-leptos 0.3.10`, `v20.20.2`, `wasm-opt version 132 (version_132)`.

/// A version of up to three numbers; missing ones count as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// Reads the first version in what a tool prints for `--version`.
    pub(crate) fn read(printed: &str) -> Option<Self> {
        printed.split_whitespace().find_map(Self::read_word)
    }

    fn read_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let numbers_end = word
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(word.len());
        let (numbers, suffix) = word.split_at(numbers_end);
        // `1.2.3-rc1` and `1.2.3+build` are versions, `3rd` is a word.
        if !(suffix.is_empty() || suffix.starts_with(['-', '+', ',', ')'])) {
            return None;
        }
        let mut parts = numbers.split('.').map(str::parse);
        let first = parts.next()?.ok()?;
        let mut next = || parts.next().map_or(Some(0), Result::ok);
        let (second, third) = (next()?, next()?);
        parts.next().is_none().then_some(Self(first, second, third))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_in_a_line_is_read() {
        for (printed, version) in [
            ("cargo-leptos 0.3.10\n", Version(0, 3, 10)),
            ("wasm-bindgen 0.2.128", Version(0, 2, 128)),
            ("v20.20.2", Version(20, 20, 2)),
            ("11.19.1", Version(11, 19, 1)),
            ("wasm-opt version 132 (version_132)", Version(132, 0, 0)),
            ("1.108.2 compiled with dart2js 3.9.4", Version(1, 108, 2)),
            ("tool 1.2.3-rc1", Version(1, 2, 3)),
        ] {
            assert_eq!(Version::read(printed), Some(version), "{printed}");
        }
    }

    #[test]
    fn what_is_no_version_is_not_read() {
        for printed in ["", "command not found", "the 3rd try", "1.2.3.4"] {
            assert_eq!(Version::read(printed), None, "{printed}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number_not_by_letter() {
        assert!(Version(20, 0, 0) > Version(9, 11, 2));
        assert!(Version(0, 3, 10) > Version(0, 3, 9));
    }
}
