//! Parts that need the release build: its size, and the product in a real browser.

use std::process::Command;

use anyhow::Context as _;

use crate::command::{command, run};
use crate::fingerprint::files_below;
use crate::project::Project;
use crate::{artefacts, say, tools};

/// What a first visitor may have to load as WebAssembly, in bytes, compressed with brotli. A ratchet: it may only be
/// lowered, until it is the 300,000 of the design.
const WASM_BUDGET: u64 = 500_000;

pub(crate) fn build(project: &Project) -> anyhow::Result<()> {
    artefacts::ensure(project)
}

/// The browser's half stays within its budget.
pub(crate) fn wasm_size(project: &Project) -> anyhow::Result<()> {
    require_build(project)?;
    let compressed: Vec<_> = files_below(&project.site())?
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(".wasm.br"))
        .collect();
    anyhow::ensure!(!compressed.is_empty(), "the site holds no compressed wasm");
    let mut size = 0;
    for path in compressed {
        size += path.metadata().context("the site changed meanwhile")?.len();
    }
    say::line(&format!(
        "    {size} bytes of brotli, {WASM_BUDGET} allowed"
    ));
    anyhow::ensure!(
        size <= WASM_BUDGET,
        "the wasm is {size} bytes, {WASM_BUDGET} are allowed"
    );
    Ok(())
}

/// The Playwright suite against the release build.
pub(crate) fn end_to_end(project: &Project) -> anyhow::Result<()> {
    run(&mut playwright(project)?)
}

/// Playwright on the release build, with all it needs installed.
pub(super) fn playwright(project: &Project) -> anyhow::Result<Command> {
    require_build(project)?;
    tools::for_browser_tests(project)?;
    let chromium = tools::chromium(project)?;
    let mut playwright = command(project, "playwright test")?;
    playwright
        .current_dir(project.end2end())
        .envs(project.site_environment())
        .env("STREAMBOARD_BIN", project.server())
        .env("STREAMBOARD_CHROMIUM", chromium);
    Ok(playwright)
}

/// Builds unless a fresh build stands there. If that failed, an older build is not tested in its place.
fn require_build(project: &Project) -> anyhow::Result<()> {
    artefacts::ensure(project).context("there is no build of these sources")
}
