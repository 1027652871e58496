//! A Python with pymongo, the second opinion on what lies in GridFS.

use std::ffi::OsString;
use std::path::Path;

use crate::command::{capture, command, find, program, run};
use crate::project::Project;
use crate::{say, tools};

const PYMONGO: &str = "pymongo==4.15.5";

/// Makes an environment with pymongo in the build cache. Where that cannot be, one line says so: the driver's own
/// bucket reads the files, too.
pub(crate) fn ensure(project: &Project) -> Option<OsString> {
    let python = made(project);
    if let Err(error) = &python {
        say::line(&format!(
            "    pymongo: not to be had, so files are not read with it: {error:#}"
        ));
    }
    python.ok()
}

fn made(project: &Project) -> anyhow::Result<OsString> {
    anyhow::ensure!(find("python3").is_some(), "there is no python3");
    let folder = tools::build_cache()?.join("tools").join("pymongo");
    let python = folder.join("bin").join("python");
    if !has_pymongo(project, &python)? {
        let mut venv = command(project, "python3 -m venv --clear")?;
        run(venv.arg(&folder))?;
        let mut install = program(project, &python)?;
        run(install.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            PYMONGO,
        ]))?;
    }
    say::line(&format!("    pymongo: {PYMONGO}"));
    Ok(python.into())
}

fn has_pymongo(project: &Project, python: &Path) -> anyhow::Result<bool> {
    let script = "import pymongo; print('pymongo==' + pymongo.version)";
    let printed = capture(program(project, python)?.args(["-c", script]));
    Ok(printed.is_some_and(|printed| printed.trim() == PYMONGO))
}
