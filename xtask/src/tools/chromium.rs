//! The browser of the browser tests.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::can_use_apt;
use crate::command::{capture, command, find, program, run};
use crate::project::Project;
use crate::say;

/// Names a Chromium goes by, in the order of preference.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// Seconds Playwright's download waits for its server before it gives up.
const DOWNLOAD_PATIENCE: &str = "15000";

/// Finds a Chromium, or installs one: `STREAMBOARD_CHROMIUM`, `PATH`, Playwright's own, then Debian's package
/// where that is possible, else Playwright's download. The npm tools must be there.
pub(crate) fn ensure(project: &Project) -> anyhow::Result<PathBuf> {
    if let Some(given) = std::env::var_os("STREAMBOARD_CHROMIUM") {
        let given = PathBuf::from(given);
        anyhow::ensure!(
            runs(project, &given)?,
            "STREAMBOARD_CHROMIUM names {}, which does not run; name a Chromium or unset it",
            given.display()
        );
        return Ok(given);
    }
    if let Some(found) = installed(project)? {
        return Ok(found);
    }
    if can_use_apt() {
        say::step("Installing Debian's Chromium (about a minute)");
        let _ = run(&mut command(project, "apt-get update")?);
        let mut install = command(
            project,
            "apt-get install -y --no-install-recommends chromium fonts-dejavu-core",
        )?;
        run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    } else {
        say::step("Fetching Playwright's Chromium");
        run(command(project, "playwright install chromium")?
            .current_dir(project.end2end())
            .env("PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT", DOWNLOAD_PATIENCE))
        .context("install a Chromium, on Debian with `sudo apt-get install chromium`")?;
    }
    installed(project)?.context(
        "the installed Chromium does not run; on Debian and Ubuntu \
         `cd end2end && sudo npx playwright install-deps chromium` brings the libraries it needs",
    )
}

fn installed(project: &Project) -> anyhow::Result<Option<PathBuf>> {
    for found in NAMES.iter().filter_map(|name| find(name)) {
        if runs(project, &found)? {
            return Ok(Some(found));
        }
    }
    let own = capture(
        command(project, "node --print")?
            .current_dir(project.end2end())
            .arg("require('@playwright/test').chromium.executablePath()"),
    );
    match own.map(|path| PathBuf::from(path.trim())) {
        Some(path) if path.is_file() && runs(project, &path)? => Ok(Some(path)),
        _ => Ok(None),
    }
}

/// Whether it starts at all: a wrapper without its package, or missing libraries, do not.
fn runs(project: &Project, chromium: &Path) -> anyhow::Result<bool> {
    let printed = capture(program(project, chromium)?.arg("--version"));
    Ok(printed.is_some_and(|text| text.contains("Chrom")))
}
