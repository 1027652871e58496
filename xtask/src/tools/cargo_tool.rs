//! Tools from crates.io, at exact versions.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::command::{capture, command, find, run};
use crate::project::Project;
use crate::say;
use crate::version::Version;

/// A tool and the version this project is built with.
#[derive(Debug)]
pub(crate) struct CargoTool {
    /// Its name on crates.io.
    pub(crate) package: &'static str,
    /// Its program.
    pub(crate) binary: &'static str,
    pub(crate) version: Version,
    /// Minutes its compilation takes on two cores.
    pub(crate) minutes: u32,
}

/// Quick to compile rather than quick to run: 9 minutes instead of 28 for cargo-leptos.
const QUICK_PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// Installs the tool unless this very version is on `PATH`.
pub(crate) fn ensure(project: &Project, tool: &CargoTool) -> anyhow::Result<()> {
    let CargoTool {
        package,
        binary,
        version,
        minutes,
    } = tool;
    let found = installed(project, tool)?;
    if found == Some(*version) {
        return Ok(());
    }
    let instead = found.map_or_else(String::new, |other| format!(", instead of {other}"));
    if find("cargo-binstall").is_some() {
        say::step(&format!("Fetching {package} {version}{instead}"));
        let fetched = run(&mut command(
            project,
            &format!("cargo binstall --no-confirm --force {package}@{version}"),
        )?);
        if fetched.is_ok() && installed(project, tool)? == Some(*version) {
            return Ok(());
        }
        say::line("    not to be had ready-made");
    }
    say::step(&format!(
        "Compiling {package} {version}{instead} (once; about {minutes} minutes on two cores)"
    ));
    let target = build_directory()?.join(package);
    let mut install = command(
        project,
        &format!("cargo install --locked --force {package}@{version}"),
    )?;
    run(install.envs(QUICK_PROFILE).env("CARGO_TARGET_DIR", &target))?;
    // Not needed again before the next version, which shares little with it.
    let _ = std::fs::remove_dir_all(&target);
    anyhow::ensure!(
        installed(project, tool)? == Some(*version),
        "{package} {version} was installed, but another `{binary}` comes first; put cargo's bin directory \
         (`~/.cargo/bin`) first on PATH"
    );
    Ok(())
}

/// The version on `PATH`.
fn installed(project: &Project, tool: &CargoTool) -> anyhow::Result<Option<Version>> {
    let printed = capture(&mut command(
        project,
        &format!("{} --version", tool.binary),
    )?);
    Ok(printed.as_deref().and_then(Version::read))
}

/// Survives a failed or interrupted installation, so that the next try goes on where it stopped.
fn build_directory() -> anyhow::Result<PathBuf> {
    Ok(build_cache()?.join("tools"))
}

/// What is kept between runs and lies outside the checkout.
pub(crate) fn build_cache() -> anyhow::Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let cache = cache
        .filter(|path| path.is_absolute())
        .or_else(home)
        .context(
            "there is no home directory; set XDG_CACHE_HOME to a directory for build caches",
        )?;
    Ok(cache.join(crate::project::NAME))
}
