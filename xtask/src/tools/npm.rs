//! Tools from npm: sass and wasm-opt for building, Playwright for the browser tests, all pinned by
//! end2end/package-lock.json.

use crate::command::{command, run};
use crate::fingerprint::Fingerprint;
use crate::project::Project;
use crate::say;

/// Installs the npm tools unless they are there as the lock file pins them.
pub(crate) fn ensure(project: &Project) -> anyhow::Result<()> {
    let folder = project.end2end();
    let mut fingerprint = Fingerprint::new();
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fingerprint.add_tree(&folder, &folder.join(name))?;
    }
    let wanted = fingerprint.text();
    // Inside node_modules, so that it goes when they go.
    let stamp = folder.join("node_modules").join(".streamboard-stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    say::step("Installing the npm tools: sass, wasm-opt, Playwright");
    run(command(project, "npm ci --no-audit --no-fund")?
        .current_dir(&folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    Ok(std::fs::write(stamp, wanted)?)
}
