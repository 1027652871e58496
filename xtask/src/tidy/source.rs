//! A Rust file as the checks see it.

use std::path::Path;

use anyhow::Context as _;

use crate::fingerprint::files_below;

/// Folders with Rust code of ours.
const FOLDERS: [&str; 5] = ["app", "frontend", "server", "xtask", "bench"];

#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the checkout, with `/`.
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    /// All Rust files of the checkout.
    pub(crate) fn load_all(root: &Path) -> anyhow::Result<Vec<Self>> {
        let mut sources = Vec::new();
        for folder in FOLDERS {
            for path in files_below(&root.join(folder))? {
                let name = path
                    .strip_prefix(root)?
                    .to_string_lossy()
                    .replace('\\', "/");
                if name.ends_with(".rs") && !name.contains("/target/") {
                    let text = std::fs::read_to_string(&path)
                        .with_context(|| format!("{name} is not UTF-8"))?;
                    sources.push(Self { name, text });
                }
            }
        }
        Ok(sources)
    }

    /// Whether the whole file is test code: integration tests, `tests.rs`, contract suites.
    pub(crate) fn is_test(&self) -> bool {
        let parts = || self.name.split('/');
        parts().any(|part| matches!(part, "tests" | "contract" | "testing"))
            || parts()
                .next_back()
                .is_some_and(|file| matches!(file, "tests.rs" | "contract.rs" | "testing.rs"))
            || self.name.ends_with("_tests.rs")
    }

    /// The file up to its inline test module, which by convention comes last.
    pub(crate) fn without_tests(&self) -> &str {
        let mut from = 0;
        while let Some(found) = self.text[from..].find("#[cfg(test)]\n") {
            let start = from + found;
            from = start + "#[cfg(test)]\n".len();
            let next = self.text[from..].lines().next().unwrap_or_default();
            if next.trim_start().starts_with("mod ")
                || next.trim_start().starts_with("pub(crate) mod ")
            {
                return &self.text[..start];
            }
        }
        &self.text
    }

    /// Lines of code with their numbers, comments blanked; strings stay, no rule minds them.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.without_tests()
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, without_comment(line)))
    }
}

/// The line up to `//`, unless that stands in a string (an address, mostly).
fn without_comment(line: &str) -> &str {
    line.match_indices("//")
        .map(|(at, _)| at)
        .find(|at| line[..*at].matches('"').count().is_multiple_of(2))
        .map_or(line, |at| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_addresses_stay() {
        assert_eq!(without_comment("let a = 1; // one"), "let a = 1; ");
        assert_eq!(
            without_comment("let a = \"http://x\"; // one"),
            "let a = \"http://x\"; "
        );
        assert_eq!(without_comment("//! Words."), "");
    }

    #[test]
    fn the_test_module_is_cut_but_a_test_only_item_is_not() {
        let source = Source::new(
            "a.rs",
            "//! A.\n#[cfg(test)]\nfn x() {}\n#[cfg(test)]\nmod tests {\n}\n",
        );
        assert_eq!(source.without_tests(), "//! A.\n#[cfg(test)]\nfn x() {}\n");
    }

    #[test]
    fn tests_are_known_by_their_place() {
        for (name, test) in [
            ("server/tests/main.rs", true),
            ("server/src/hub/tests.rs", true),
            ("server/src/bus/contract.rs", true),
            ("server/src/bus/local.rs", false),
        ] {
            assert_eq!(Source::new(name, "").is_test(), test, "{name}");
        }
    }
}
