//! The program: configuration, log, server, exit code.

use std::process::ExitCode;

use anyhow::Context;
use server::config::{Config, ConfigError};
use server::lifecycle::Lifecycle;
use server::{run, telemetry};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        // clap prints help and version where they are asked for, and says what is wrong with a flag.
        Err(ConfigError::Flags(error)) => error.exit(),
        Err(error) => return fail(&error.into()),
    };
    match serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    telemetry::install(&config.telemetry)?;
    let listen = config.http.listen;
    let socket = TcpListener::bind(listen).await.with_context(|| {
        format!("{listen} cannot be listened on, is another server running there")
    })?;
    let life = Lifecycle::new();
    tokio::select! {
        ended = run::run(config, socket, life.clone()) => ended,
        signals = life.follow_signals() => {
            let Err(error) = signals;
            Err(error).context("signals cannot be caught")
        }
    }
}

#[expect(clippy::print_stderr, reason = "the log may not be installed yet")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("streamboard does not run: {error:#}");
    ExitCode::FAILURE
}
