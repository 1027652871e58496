//! A MongoDB that lives as long as somebody holds the standard input of the process that runs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::engine::{Engine, Server};
use crate::project::Project;
use crate::say;

const ENDS_WITHIN: Duration = Duration::from_secs(60);

/// `cargo xtask mongodb`: runs a MongoDB with data of its own until `input` ends. Prints its URL once it takes
/// writes; after the line `kill` it is gone as after a crash and `killed` is printed, after the line `start` it is
/// back with its data and the URL is printed again.
pub(crate) fn hold(project: &Project, input: impl BufRead) -> anyhow::Result<ExitCode> {
    let mut server = Server::new(project, Engine::find(project)?)?;
    let held = obey(&mut server, input);
    let ended = server.end();
    held.and(ended)?;
    Ok(ExitCode::SUCCESS)
}

fn obey(server: &mut Server<'_>, input: impl BufRead) -> anyhow::Result<()> {
    say::line(&server.start()?);
    for line in input.lines() {
        match line?.trim() {
            "kill" => {
                server.kill()?;
                say::line("killed");
            }
            "start" => say::line(&server.start()?),
            other => anyhow::bail!("`{other}` is neither `kill` nor `start`"),
        }
    }
    Ok(())
}

/// The other end: such a process, held.
#[derive(Debug)]
pub(crate) struct Held {
    child: Child,
    url: String,
}

impl Held {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("mongodb")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        apart(&mut command);
        let mut child = command.spawn().context("a MongoDB cannot be started")?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let held = Self {
            child,
            url: line.trim().to_owned(),
        };
        anyhow::ensure!(
            held.url.starts_with("mongodb"),
            "the MongoDB did not start; it said why above"
        );
        Ok(held)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let until = Instant::now() + ENDS_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Ctrl-C in the terminal is not for it: it ends when its input does, and cleans up.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn apart(_command: &mut Command) {}
