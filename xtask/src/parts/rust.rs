//! Parts that look at the Rust code. Crate by crate: a workspace-wide run would unify the features `ssr` and
//! `hydrate`, which no built program ever has together.

use anyhow::Context as _;

use crate::command::{capture, command, run};
use crate::project::Project;
use crate::tools;

/// What must never be compiled for the browser.
const SERVER_ONLY: [&str; 6] = ["tokio", "axum", "hyper", "fred", "mongodb", "rusqlite"];
const WASM: &str = "--target wasm32-unknown-unknown";

pub(crate) fn format(project: &Project) -> anyhow::Result<()> {
    run(&mut command(project, "cargo fmt --all --check")?)
}

pub(crate) fn clippy(project: &Project, selection: &str) -> anyhow::Result<()> {
    run(command(project, &format!("cargo clippy {selection}"))?.args(["--", "-D", "warnings"]))
}

pub(crate) fn clippy_frontend(project: &Project) -> anyhow::Result<()> {
    tools::for_checking(project)?;
    clippy(project, &format!("-p frontend {WASM}"))
}

/// Doc comments without broken links, private items too: they are the reader's map.
pub(crate) fn docs(project: &Project) -> anyhow::Result<()> {
    for selection in ["-p app --features ssr", "-p server"] {
        let line = format!("cargo doc --no-deps --document-private-items {selection}");
        // A link to a private item is no mistake where private items are documented.
        let flags = "-D warnings -A rustdoc::private_intra_doc_links";
        run(command(project, &line)?.env("RUSTDOCFLAGS", flags))?;
    }
    Ok(())
}

pub(crate) fn test(project: &Project, selection: &str) -> anyhow::Result<()> {
    run(&mut command(project, &format!("cargo test {selection}"))?)
}

/// The browser's half depends on nothing of the server.
pub(crate) fn wasm_tree(project: &Project) -> anyhow::Result<()> {
    let line = format!("cargo tree -p frontend {WASM} -e normal --prefix none --format {{p}}");
    let tree =
        capture(&mut command(project, &line)?).with_context(|| format!("`{line}` failed"))?;
    anyhow::ensure!(tree.contains("frontend"), "`{line}` lists nothing");
    let found = server_only(&tree);
    anyhow::ensure!(
        found.is_empty(),
        "compiled for the browser: {}; see `cargo tree -p frontend {WASM} -e normal -i {}`",
        found.join(", "),
        found[0]
    );
    Ok(())
}

/// The crates of a tree that belong to the server alone.
fn server_only(tree: &str) -> Vec<&'static str> {
    let mut names = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let listed: std::collections::BTreeSet<&str> = names.by_ref().collect();
    SERVER_ONLY
        .into_iter()
        .filter(|name| listed.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_crate_in_the_tree_is_found_by_its_whole_name() {
        let tree = "frontend v0.1.0 (/x)\ntokio-util v0.7.0\naxum v0.8.9\naxum v0.8.9 (*)\n";
        assert_eq!(server_only(tree), ["axum"]);
        assert!(server_only("frontend v0.1.0\nhyperlocal v1.0.0\n").is_empty());
    }
}
