//! The release build: made by cargo-leptos, and known by a stamp of what it was made from.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

use crate::command::{command, run};
use crate::fingerprint::{Fingerprint, files_below};
use crate::project::Project;
use crate::{say, tools};

/// Everything a release is made from, relative to the checkout.
const SOURCES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "Leptos.toml",
    "rust-toolchain.toml",
    ".cargo",
    "app",
    "frontend",
    "server/Cargo.toml",
    "server/src",
    "style",
    "public",
    "end2end/package-lock.json",
];

/// Whether a build of this run failed: another try takes a while and ends the same.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Builds a release unless the last one is of these very sources.
pub(crate) fn ensure(project: &Project) -> anyhow::Result<()> {
    if is_fresh(project)? {
        return Ok(());
    }
    anyhow::ensure!(
        !FAILED.load(Ordering::Relaxed),
        "these sources failed to build a moment ago"
    );
    let built = tools::for_building(project).and_then(|()| build(project));
    FAILED.store(built.is_err(), Ordering::Relaxed);
    built
}

fn build(project: &Project) -> anyhow::Result<()> {
    say::step("Building a release: the page for the browser first, then the server");
    let sources = source_stamp(project)?;
    // Taken away first: an interrupted build leaves no stamp.
    let _ = std::fs::remove_file(project.stamp());
    let mut build = command(project, "cargo leptos build --release --precompress")?;
    // Its own backtrace would push the compiler's error off the screen.
    run(build.env("RUST_BACKTRACE", "0"))?;
    let stamp = format!("{sources}\n{}\n", product_stamp(project)?);
    write(&project.stamp(), &stamp)
}

/// Whether a release stands there, made from the sources as they are now.
pub(crate) fn is_fresh(project: &Project) -> anyhow::Result<bool> {
    let Ok(stamp) = std::fs::read_to_string(project.stamp()) else {
        return Ok(false);
    };
    let Ok(product) = product_stamp(project) else {
        return Ok(false);
    };
    Ok(stamp == format!("{}\n{product}\n", source_stamp(project)?))
}

fn source_stamp(project: &Project) -> anyhow::Result<String> {
    let mut fingerprint = Fingerprint::new();
    for source in SOURCES {
        fingerprint.add_tree(project.root(), &project.root().join(source))?;
    }
    fingerprint.add(tools::CARGO_LEPTOS.version.to_string().as_bytes());
    fingerprint.add(tools::WASM_BINDGEN.version.to_string().as_bytes());
    Ok(fingerprint.text())
}

/// What was built, by size and time: another checkout may have built into the same directory.
fn product_stamp(project: &Project) -> anyhow::Result<String> {
    let mut fingerprint = Fingerprint::new();
    let site = files_below(&project.site())?;
    anyhow::ensure!(!site.is_empty(), "the site is not built");
    for file in site.iter().chain(&[project.server(), project.hash_file()]) {
        let data = file
            .metadata()
            .with_context(|| format!("{} is missing", file.display()))?;
        let modified = data.modified()?.duration_since(std::time::UNIX_EPOCH)?;
        fingerprint.add(file.to_string_lossy().as_bytes());
        fingerprint.add(&data.len().to_le_bytes());
        fingerprint.add(&modified.as_nanos().to_le_bytes());
    }
    Ok(fingerprint.text())
}

fn write(path: &Path, content: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, content).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::tests::Folder;

    fn built(name: &str) -> (Folder, Project) {
        let folder = Folder::new(name);
        let project = Project::at(&folder.0);
        folder.write("app/src/lib.rs", "//! App.");
        folder.write("Cargo.toml", "[workspace]");
        folder.write("target/site/pkg/streamboard.wasm", "wasm");
        folder.write("target/release/hash.txt", "js: x");
        write(&project.server(), "binary").unwrap();
        let stamp = format!(
            "{}\n{}\n",
            source_stamp(&project).unwrap(),
            product_stamp(&project).unwrap()
        );
        write(&project.stamp(), &stamp).unwrap();
        (folder, project)
    }

    #[test]
    fn a_build_is_fresh_until_a_source_changes() {
        let (folder, project) = built("fresh");
        assert!(is_fresh(&project).unwrap());
        folder.write("docs/notes.md", "no source");
        assert!(is_fresh(&project).unwrap());
        folder.write("app/src/lib.rs", "//! Another.");
        assert!(!is_fresh(&project).unwrap());
        folder.write("app/src/lib.rs", "//! App.");
        assert!(is_fresh(&project).unwrap());
        folder.write("app/src/new.rs", "//! New.");
        assert!(!is_fresh(&project).unwrap());
    }

    #[test]
    fn a_build_is_not_fresh_when_what_was_built_is_gone_or_replaced() {
        let (folder, project) = built("replaced");
        write(&project.server(), "binary of another checkout").unwrap();
        assert!(!is_fresh(&project).unwrap());

        let (gone, project) = built("gone");
        std::fs::remove_file(gone.0.join("target/release/hash.txt")).unwrap();
        assert!(!is_fresh(&project).unwrap());
        drop(folder);
    }

    #[test]
    fn nothing_is_fresh_without_a_stamp() {
        let (_folder, project) = built("unstamped");
        std::fs::remove_file(project.stamp()).unwrap();
        assert!(!is_fresh(&project).unwrap());
    }
}
