//! A replica set of one `mongod`: the smallest that acknowledges by majority and retries writes.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::wire::{Value, call, is_primary};
use crate::command::{capture, program};
use crate::project::Project;

const SET: &str = "streamboard";
const PRIMARY_WITHIN: Duration = Duration::from_secs(60);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

pub(crate) fn describe(project: &Project, path: &Path) -> anyhow::Result<String> {
    let printed = capture(program(project, path)?.arg("--version"));
    let printed = printed.with_context(|| format!("{} does not run", path.display()))?;
    Ok(format!("mongod {}", version(&printed)))
}

/// The version in `db version v8.0.4`.
fn version(printed: &str) -> &str {
    let line = printed.lines().next().unwrap_or_default();
    line.rsplit(' ')
        .next()
        .unwrap_or_default()
        .trim_start_matches('v')
}

/// Starts a member of the set that is yet to be made, or of the one that `folder` holds.
pub(crate) fn spawn(
    project: &Project,
    path: &Path,
    port: u16,
    folder: &Path,
) -> anyhow::Result<Child> {
    let data = folder.join("data");
    std::fs::create_dir_all(&data)?;
    program(project, path)?
        .args(["--replSet", SET, "--bind_ip", "127.0.0.1", "--logappend"])
        .args(["--port", &port.to_string()])
        .arg("--dbpath")
        .arg(data)
        .arg("--logpath")
        .arg(folder.join("mongod.log"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", path.display()))
}

/// Makes the set where there is none, waits until its member takes writes, and gives its URL.
pub(crate) fn until_primary(child: &mut Child, port: u16, folder: &Path) -> anyhow::Result<String> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let host = address.to_string();
    initiate_and_wait(address, &host, || {
        let ended = child.try_wait()?;
        anyhow::ensure!(ended.is_none(), "mongod ended; see {}", folder.display());
        Ok(())
    })?;
    Ok(format!("mongodb://{host}/?replicaSet={SET}"))
}

/// Brings the server at `address` to take writes as the only member, known to the set as `host`.
pub(crate) fn initiate_and_wait(
    address: SocketAddr,
    host: &str,
    mut still_runs: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let until = Instant::now() + PRIMARY_WITHIN;
    loop {
        still_runs()?;
        if let Ok(true) = try_to_be_primary(address, host) {
            return Ok(());
        }
        anyhow::ensure!(
            Instant::now() < until,
            "the MongoDB server takes no writes after {} s",
            PRIMARY_WITHIN.as_secs()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn try_to_be_primary(address: SocketAddr, host: &str) -> anyhow::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    if is_primary(&mut stream)? {
        return Ok(true);
    }
    // Refused where the set is there already.
    let member = Value::Document(vec![
        ("_id", Value::Int(0)),
        ("host", Value::Text(host.to_owned())),
    ]);
    let set = Value::Document(vec![
        ("_id", Value::Text(SET.to_owned())),
        ("members", Value::Array(vec![member])),
    ]);
    call(&mut stream, &[("replSetInitiate", set)])?;
    is_primary(&mut stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_last_word_of_the_first_line() {
        assert_eq!(version("db version v8.0.4\nBuild Info: {\n"), "8.0.4");
        assert_eq!(version(""), "");
    }
}
