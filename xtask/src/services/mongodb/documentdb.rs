//! DocumentDB, run by the script in xtask/documentdb: MongoDB's protocol over PostgreSQL, where there is no MongoDB.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::command::{find, program};
use crate::project::Project;
use crate::tools::can_use_apt;

/// Where Go's own archive puts it; the script looks there too.
const GO: &str = "/usr/local/go/bin/go";

/// The script needs Debian's packages, root for a tree of its own, and Go for the front end.
pub(crate) fn can_run() -> bool {
    can_use_apt() && (find("go").is_some() || Path::new(GO).is_file())
}

/// Installs it and tells its versions.
pub(crate) fn describe(project: &Project) -> anyhow::Result<String> {
    output(script(project)?.arg("install"))?;
    let versions = output(script(project)?.arg("version"))?;
    Ok(format!("DocumentDB, a stand-in ({versions})"))
}

pub(crate) fn start(project: &Project, port: u16, folder: &Path) -> anyhow::Result<String> {
    output(
        script(project)?
            .args(["start", &port.to_string()])
            .arg(folder),
    )
}

pub(crate) fn kill(project: &Project, folder: &Path) -> anyhow::Result<()> {
    output(script(project)?.arg("kill").arg(folder)).map(drop)
}

pub(crate) fn stop(project: &Project, folder: &Path) -> anyhow::Result<()> {
    output(script(project)?.arg("stop").arg(folder)).map(drop)
}

fn script(project: &Project) -> anyhow::Result<Command> {
    let path = project.root().join("xtask/documentdb/documentdb");
    program(project, &path)
}

/// What it prints; what it tells a person goes to standard error.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("xtask/documentdb/documentdb cannot be started")?;
    anyhow::ensure!(
        output.status.success(),
        "xtask/documentdb/documentdb failed; it said why above"
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
