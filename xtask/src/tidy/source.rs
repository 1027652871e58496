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
    /// Whether the module that declares it does so for tests alone.
    declared_for_tests: bool,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            declared_for_tests: false,
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
                    sources.push(Self::new(&name, &text));
                }
            }
        }
        mark_tests(&mut sources);
        Ok(sources)
    }

    /// Whether the whole file is test code: integration tests, contract suites, modules declared for tests.
    pub(crate) fn is_test(&self) -> bool {
        if self.declared_for_tests {
            return true;
        }
        let parts = || self.name.split('/');
        parts().any(|part| matches!(part, "tests" | "contract" | "testing"))
            || parts()
                .next_back()
                .is_some_and(|file| matches!(file, "tests.rs" | "contract.rs" | "testing.rs"))
            || self.name.ends_with("_tests.rs")
    }

    /// The file up to its inline test module, which by convention comes last.
    pub(crate) fn without_tests(&self) -> &str {
        const MARK: &str = "#[cfg(test)]\n";
        let inline = |at: usize| {
            let next = self.text[at + MARK.len()..]
                .lines()
                .next()
                .unwrap_or_default();
            next.contains("mod ") && next.ends_with('{')
        };
        let marks = self.text.match_indices(MARK).map(|(at, _)| at);
        marks
            .filter(|at| inline(*at))
            .map(|at| &self.text[..at])
            .next()
            .unwrap_or(&self.text)
    }

    /// Paths, without their ending, of the modules this file declares for tests alone.
    fn test_modules(&self) -> Vec<String> {
        let folder = match self
            .name
            .strip_suffix("/mod.rs")
            .or(self.name.strip_suffix("/lib.rs"))
        {
            Some(folder) => folder,
            None => self.name.trim_end_matches(".rs"),
        };
        let lines: Vec<&str> = self.text.lines().collect();
        lines
            .windows(2)
            .filter(|pair| is_test_condition(pair[0]))
            .filter_map(|pair| pair[1].split_once("mod ")?.1.strip_suffix(';'))
            .map(|module| format!("{folder}/{module}"))
            .collect()
    }

    /// Lines of code with their numbers, comments blanked; strings stay, no rule minds them.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.without_tests()
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, without_comment(line)))
    }
}

/// `#[cfg(test)]`, or with a feature beside it that only tests turn on.
pub(crate) fn is_test_condition(line: &str) -> bool {
    line.contains("cfg(test)") || line.contains("cfg(any(test,")
}

fn mark_tests(sources: &mut [Source]) {
    let modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in sources {
        let path = source.name.trim_end_matches(".rs");
        source.declared_for_tests = modules.iter().any(|module| {
            path.strip_prefix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
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
    fn modules_declared_for_tests_are_tests_with_all_below_them() {
        let mut sources = [
            Source::new(
                "app/src/model/mod.rs",
                "#[cfg(any(test, feature = \"testing\"))]\npub mod arbitrary;\npub mod room;\n",
            ),
            Source::new("app/src/model/arbitrary/wire.rs", ""),
            Source::new("app/src/model/room.rs", "#[cfg(test)]\nmod cases;\n"),
            Source::new("app/src/model/room/cases.rs", ""),
        ];
        mark_tests(&mut sources);
        let tests: Vec<bool> = sources.iter().map(Source::is_test).collect();
        assert_eq!(tests, [false, true, false, true]);
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
