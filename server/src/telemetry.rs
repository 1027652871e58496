//! Logs: one line an event, text for people or JSON, filtered by target and level.
//!
//! Lines read alone and carry dotted fields with units. Never in a log: addresses, cookies, upload keys, bodies,
//! raw paths (they carry keys); requests are named by their id and their route's template.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, TelemetryConfig};

/// Installs the log for this process, on standard error; standard output has the address alone.
///
/// # Errors
/// Where the filter cannot be read or a log is installed already.
pub fn install(config: &TelemetryConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let installed = match config.format {
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    installed.map_err(|error| anyhow::anyhow!("the log cannot be installed: {error}"))
}

#[cfg(test)]
pub(crate) mod lines;
