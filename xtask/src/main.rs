//! The developer's commands, run as `cargo xtask COMMAND`: serve, watch, test.

mod artefacts;
mod command;
mod fingerprint;
mod parts;
mod project;
mod say;
mod serve;
mod services;
mod summary;
mod tidy;
mod tools;
mod version;
mod watch;

use std::process::ExitCode;

use project::Project;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  serve [-- OPTIONS]  install what is missing, build a release, run it on http://127.0.0.1:3000
                      with its data in ./data; OPTIONS go to the server (see -- --help)
  watch               build for development, run, rebuild and reload on every change
  test [PART...]      install what is missing, then run all parts or those named; a name stands for
                      everything below it (`clippy` for `clippy/app`, `clippy/server`, ...)
  mongodb             run a MongoDB for tests until standard input ends and print its URL; the lines `kill` and
                      `start` crash it and bring it back
  tidy                check the house rules that no compiler knows";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            say::failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let project = Project::find()?;
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", arguments),
    };
    match command {
        "serve" => serve::serve(&project, rest),
        "watch" => watch::watch(&project, rest),
        "test" => parts::test(&project, rest),
        "mongodb" => services::hold_mongodb(&project, std::io::stdin().lock()),
        "tidy" => parts::test(&project, &["tidy".to_owned()]),
        "help" | "-h" | "--help" => {
            say::line(USAGE);
            say::line(&format!("\nParts: {}", parts::names().join(", ")));
            Ok(ExitCode::SUCCESS)
        }
        other => anyhow::bail!("there is no command `{other}`\n\n{USAGE}"),
    }
}
