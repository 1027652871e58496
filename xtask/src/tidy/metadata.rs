//! Leptos.toml, read by the server, agrees with the metadata in Cargo.toml, read by cargo-leptos.

use std::collections::BTreeMap;
use std::path::Path;

use super::Finding;

const SECTION: &str = "[[workspace.metadata.leptos]]";
/// Without it the server cannot name the page's files.
const REQUIRED: &str = "output-name";

pub(crate) fn check(root: &Path) -> Vec<Finding> {
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
    compare(&read("Cargo.toml"), &read("Leptos.toml"))
}

fn compare(cargo: &str, leptos: &str) -> Vec<Finding> {
    let (cargo, leptos) = (section(cargo), section(leptos));
    let mut findings = Vec::new();
    if !leptos.contains_key(REQUIRED) {
        findings.push(Finding::new(
            "Leptos.toml",
            format!("it must have {SECTION} with `{REQUIRED}`"),
        ));
    }
    for (key, value) in &leptos {
        match cargo.get(key) {
            Some(other) if other != value => findings.push(Finding::new(
                "Leptos.toml",
                format!("`{key}` is {value}, but {other} in Cargo.toml"),
            )),
            _ => {}
        }
    }
    findings
}

/// The keys of the section; each of its values stands on one line.
fn section(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .map(str::trim)
        .skip_while(|line| *line != SECTION)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "[workspace]\nx = 1\n[[workspace.metadata.leptos]]\noutput-name = \"a\"\nsite-root = \"s\"\n\
                         [profile.dev]\nsite-root = \"no\"\n";

    #[test]
    fn a_value_that_differs_is_found() {
        let same = format!("{SECTION}\noutput-name = \"a\"\n# note\nsite-root = \"s\"\n");
        assert!(compare(CARGO, &same).is_empty());
        let other = format!("{SECTION}\noutput-name = \"a\"\nsite-root = \"t\"\n");
        assert_eq!(compare(CARGO, &other).len(), 1);
    }

    #[test]
    fn a_missing_file_is_found() {
        assert_eq!(compare(CARGO, "").len(), 1);
    }
}
