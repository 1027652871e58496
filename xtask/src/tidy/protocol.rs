//! docs/PROTOCOL.md was read again whenever the types it describes changed: it carries their fingerprint.

use std::path::Path;

use super::Finding;
use super::source::Source;
use crate::fingerprint::Fingerprint;

const DOCUMENT: &str = "docs/PROTOCOL.md";
/// The types the document describes, below app/src/wire.
const TYPES: [&str; 6] = ["event", "feed", "file", "ids", "limits", "room"];
const MARK: &str = "<!-- wire types: ";

pub(crate) fn check(root: &Path) -> anyhow::Result<Option<Finding>> {
    let wanted = fingerprint(root)?;
    let document = std::fs::read_to_string(root.join(DOCUMENT)).unwrap_or_default();
    Ok((carried(&document) != Some(wanted.as_str())).then(|| remedy(&wanted)))
}

fn remedy(wanted: &str) -> Finding {
    Finding::new(
        DOCUMENT,
        format!(
            "the wire types changed (app/src/wire/{{{}}}.rs): read the document against them, mend it, and set \
             its line to `{MARK}{wanted} -->`",
            TYPES.join(",")
        ),
    )
}

/// The fingerprint in the document.
fn carried(document: &str) -> Option<&str> {
    let (_, rest) = document.split_once(MARK)?;
    rest.split_once(" -->").map(|(fingerprint, _)| fingerprint)
}

fn fingerprint(root: &Path) -> anyhow::Result<String> {
    let mut fingerprint = Fingerprint::new();
    for name in TYPES {
        let path = format!("app/src/wire/{name}.rs");
        let text = std::fs::read_to_string(root.join(&path))
            .map_err(|error| anyhow::anyhow!("{path} cannot be read: {error}"))?;
        add_code(&mut fingerprint, &Source::new(&path, &text));
    }
    Ok(fingerprint.text())
}

/// Code alone: a comment or a line broken elsewhere is no change of the protocol.
fn add_code(fingerprint: &mut Fingerprint, source: &Source) {
    let code: String = source
        .code_lines()
        .flat_map(|(_, line)| line.chars())
        .filter(|c| !c.is_whitespace())
        .collect();
    fingerprint.add(code.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let mut fingerprint = Fingerprint::new();
        add_code(&mut fingerprint, &Source::new("a.rs", text));
        fingerprint.text()
    }

    #[test]
    fn only_code_counts() {
        let text = "//! Types.\npub struct A {\n    /// One.\n    pub a: u32,\n}\n";
        assert_eq!(
            of(text),
            of("//! Other.\npub struct A {\n    pub a: u32, // two\n}\n")
        );
        assert_ne!(of(text), of(&text.replace("u32", "u64")));
    }

    #[test]
    fn the_fingerprint_is_read_from_the_document() {
        assert_eq!(carried("# P\n<!-- wire types: 12ab -->\n"), Some("12ab"));
        assert_eq!(carried("# P\n"), None);
        assert!(remedy("12ab").what.contains("<!-- wire types: 12ab -->"));
    }
}
