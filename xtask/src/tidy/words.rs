//! Words that must not stand in the code.

use super::Finding;
use super::source::Source;

// Written apart, so that this file does not find itself.
const WORDS: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "do it, or take it out"),
    (concat!("FIX", "ME"), "fix it, or take it out"),
    (concat!("#[al", "low"), "use #[expect(.., reason = \"..\")]"),
    (
        concat!("#![al", "low"),
        "use #![expect(.., reason = \"..\")]",
    ),
    (
        concat!("#[igno", "re"),
        "assert what happens today, with a note",
    ),
];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        for (word, remedy) in WORDS.iter().filter(|(word, _)| line.contains(word)) {
            findings.push(Finding::new(
                format!("{}:{}", source.name, index + 1),
                format!("`{word}`: {remedy}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_with_its_line() {
        for (word, _) in WORDS {
            let text = format!("//! A.\n\n{word}\n");
            let found = check(&Source::new("a.rs", &text));
            assert_eq!(found.len(), 1, "{word}");
            assert_eq!(found[0].place, "a.rs:3");
        }
    }
}
