//! What this program cannot install by itself: each missing one is one sentence with the command that helps.

use anyhow::Context as _;

use crate::command::{capture, command, find, run};
use crate::project::Project;
use crate::say;
use crate::version::Version;

/// The oldest Node.js that the npm tools run on.
const NODE: Version = Version(20, 0, 0);
const WASM: &str = "wasm32-unknown-unknown";

/// Fails if rustup, Node.js or npm is missing or too old.
pub(crate) fn check(project: &Project) -> anyhow::Result<()> {
    anyhow::ensure!(
        find("rustup").is_some(),
        "rustup is missing; install it with `curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh`, \
         then open a new terminal"
    );
    let node = capture(command(project, "node --version")?.current_dir(project.root()));
    check_node(node.as_deref())?;
    anyhow::ensure!(
        find("npm").is_some(),
        "npm is missing; install it with Node.js from https://nodejs.org, or on Debian and Ubuntu with \
         `sudo apt-get install npm`"
    );
    Ok(())
}

fn check_node(printed: Option<&str>) -> anyhow::Result<()> {
    let remedy = "install it from https://nodejs.org, or with `nvm install 20`";
    let printed =
        printed.with_context(|| format!("Node.js {} or newer is missing; {remedy}", NODE.0))?;
    let version = Version::read(printed)
        .with_context(|| format!("`node --version` printed `{}`", printed.trim()))?;
    anyhow::ensure!(
        version >= NODE,
        "Node.js {version} is too old, {} or newer is needed; {remedy}",
        NODE.0
    );
    Ok(())
}

/// Adds the wasm target to the pinned toolchain.
pub(crate) fn ensure_wasm_target(project: &Project) -> anyhow::Result<()> {
    let installed = capture(&mut command(project, "rustup target list --installed")?)
        .context("rustup cannot list its targets; try `rustup show` to see what is wrong")?;
    if installed.lines().any(|line| line.trim() == WASM) {
        return Ok(());
    }
    say::step("Installing Rust's standard library for the browser (a few seconds)");
    run(&mut command(project, &format!("rustup target add {WASM}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_old_node_is_one_sentence_with_a_command() {
        let missing = check_node(None).unwrap_err().to_string();
        assert!(missing.starts_with("Node.js 20 or newer is missing; "));
        let old = check_node(Some("v18.19.0\n")).unwrap_err().to_string();
        assert!(old.starts_with("Node.js 18.19.0 is too old, 20 or newer is needed; "));
        for sentence in [missing, old] {
            assert!(sentence.contains("`nvm install 20`") && !sentence.contains('\n'));
        }
    }

    #[test]
    fn a_new_enough_node_is_accepted() {
        check_node(Some("v20.0.0")).unwrap();
        check_node(Some("v26.1.0")).unwrap();
    }
}
