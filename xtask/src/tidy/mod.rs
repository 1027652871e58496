//! House rules that no compiler knows. Each check returns what it found; none stops the others.

mod headings;
mod imports;
mod lock;
mod metadata;
mod paths;
mod protocol;
mod rules;
mod sizes;
mod source;
mod words;

use std::path::Path;

use crate::say;
use source::Source;

/// A rule broken somewhere.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// File, and line where one is to blame.
    place: String,
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
        }
    }
}

/// Prints all findings; fails if there is one.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let sources = Source::load_all(root)?;
    anyhow::ensure!(!sources.is_empty(), "no Rust file below {}", root.display());
    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(headings::check(source));
        findings.extend(sizes::check(source));
        findings.extend(words::check(source));
        findings.extend(imports::check(source));
    }
    findings.extend(metadata::check(root));
    findings.extend(lock::check(root));
    findings.extend(protocol::check(root)?);
    for Finding { place, what } in &findings {
        say::line(&format!("    {place}: {what}"));
    }
    say::line(&format!("    {} files looked at", sources.len()));
    anyhow::ensure!(findings.is_empty(), "{} house rules broken", findings.len());
    Ok(())
}
