//! Child processes: shown before they run, their output passed through, their failure told in a sentence.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::project::Project;
use crate::say;

/// A command that runs in the checkout with the project's npm tools first on `PATH`.
pub(crate) fn command(project: &Project, line: &str) -> anyhow::Result<Command> {
    let mut words = line.split_whitespace();
    let program = words.next().context("an empty command")?;
    let path = find_in(&project.path()?, program).unwrap_or_else(|| PathBuf::from(program));
    let mut command = self::program(project, &path)?;
    command.args(words);
    Ok(command)
}

/// The same for a program at a known place.
pub(crate) fn program(project: &Project, path: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(path);
    command
        .current_dir(project.root())
        .env("PATH", project.path()?);
    if std::env::var_os("CARGO_TARGET_DIR").is_some() {
        // Made absolute: children run in other directories.
        command.env("CARGO_TARGET_DIR", project.target());
    }
    Ok(command)
}

/// Shows and runs a command; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = describe(command);
    say::line(&format!("    $ {shown}"));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    anyhow::ensure!(status.success(), "`{shown}` failed ({status})");
    Ok(())
}

/// Runs a command silently and returns its standard output; `None` if it is missing or fails.
pub(crate) fn capture(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let succeeded = output.status.success();
    succeeded.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program is on `PATH`, and where.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    find_in(&std::env::var_os("PATH")?, program)
}

fn find_in(path: &OsStr, program: &str) -> Option<PathBuf> {
    let suffixes: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd", ""]
    } else {
        &[""]
    };
    std::env::split_paths(path)
        .flat_map(|folder| {
            suffixes
                .iter()
                .map(move |suffix| folder.join(format!("{program}{suffix}")))
        })
        .find(|candidate| is_executable(candidate))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// The command as a person would type it, without its environment.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Hands this process over to `command`, so that signals reach it and its exit code is ours.
#[cfg(unix)]
pub(crate) fn become_process(command: &mut Command) -> anyhow::Result<std::process::ExitCode> {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Err(error).with_context(|| format!("`{}` could not be started", describe(command)))
}

/// Runs `command` to its end and passes its exit code on; the terminal sends Ctrl-C to both.
#[cfg(not(unix))]
pub(crate) fn become_process(command: &mut Command) -> anyhow::Result<std::process::ExitCode> {
    let status = command
        .status()
        .with_context(|| format!("`{}` could not be started", describe(command)))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(
        std::process::ExitCode::FAILURE,
        std::process::ExitCode::from,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_described_as_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "-p", "app"]);
        assert_eq!(describe(&command), "cargo test -p app");
    }

    #[test]
    fn a_failing_command_is_named_in_the_error() {
        let error = run(&mut Command::new("/nonexistent/tool")).unwrap_err();
        assert!(error.to_string().contains("`tool` could not be started"));
    }

    #[cfg(unix)]
    #[test]
    fn only_executable_files_are_found() {
        let found = find_in(OsStr::new("/etc:/bin:/usr/bin"), "sh").unwrap();
        assert!(found.ends_with("sh"));
        assert_eq!(find_in(OsStr::new("/etc"), "passwd"), None);
    }
}
