//! MongoDB in a container, where a Docker engine runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::mongod::initiate_and_wait;
use crate::command::{capture, command, find};
use crate::project::Project;

pub(crate) const IMAGE: &str = "mongo:8";
/// The port inside; the set's one member knows itself by it.
const INSIDE: &str = "127.0.0.1:27017";

/// Whether an engine answers; the program alone is not enough.
pub(crate) fn runs(project: &Project) -> bool {
    find("docker").is_some()
        && command(project, "docker info").is_ok_and(|mut command| capture(&mut command).is_some())
}

/// Starts the container of `folder`, or a new one.
pub(crate) fn start(project: &Project, port: u16, folder: &Path) -> anyhow::Result<String> {
    match container(folder) {
        Ok(id) => docker(project, &format!("docker start {id}"))?,
        Err(_) => {
            let line = format!(
                "docker run --detach --publish 127.0.0.1:{port}:27017 {IMAGE} --replSet streamboard"
            );
            let id = docker(project, &line)?;
            std::fs::write(file(folder), &id)?;
            id
        }
    };
    initiate_and_wait(SocketAddr::from(([127, 0, 0, 1], port)), INSIDE, || Ok(()))?;
    // The set's own name for its member leads nowhere from here.
    Ok(format!("mongodb://127.0.0.1:{port}/?directConnection=true"))
}

pub(crate) fn kill(project: &Project, folder: &Path) -> anyhow::Result<()> {
    docker(project, &format!("docker kill {}", container(folder)?)).map(drop)
}

pub(crate) fn remove(project: &Project, folder: &Path) -> anyhow::Result<()> {
    let Ok(id) = container(folder) else {
        return Ok(());
    };
    docker(project, &format!("docker rm --force --volumes {id}")).map(drop)
}

fn docker(project: &Project, line: &str) -> anyhow::Result<String> {
    let printed =
        capture(&mut command(project, line)?).with_context(|| format!("`{line}` failed"))?;
    Ok(printed.trim().to_owned())
}

fn file(folder: &Path) -> PathBuf {
    folder.join("container")
}

fn container(folder: &Path) -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(file(folder))?)
}
