//! Every module opens with a sentence that says what it is for.

use super::Finding;
use super::source::Source;

pub(crate) fn check(source: &Source) -> Option<Finding> {
    let first = source.text.lines().next().unwrap_or_default();
    let sentence = first.strip_prefix("//!").map(str::trim).unwrap_or_default();
    let placeholder = sentence.eq_ignore_ascii_case("to be written.");
    (sentence.len() < 5 || placeholder).then(|| {
        Finding::new(
            format!("{}:1", source.name),
            "the first line must be a `//!` sentence that says what the module is for",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_without_its_sentence_is_found() {
        for text in [
            "use std::io;\n",
            "",
            "//!\n//! Late.\n",
            "// No doc comment.\n",
            "//! To be written.\n",
        ] {
            assert!(check(&Source::new("a.rs", text)).is_some(), "{text:?}");
        }
        assert_eq!(
            check(&Source::new("a.rs", "//! Says what it is for.\n")),
            None
        );
    }
}
