//! What is logged and how.

use clap::{Args, ValueEnum};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::ConfigError;

const DEFAULT_FILTER: &str = "info";

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]` as given.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Log [log]")]
pub(super) struct TelemetrySettings {
    /// What to log: a level, or targets and levels like info,server::hub=debug [default: info].
    #[arg(long = "log", env = "STREAMBOARD_LOG", value_name = "FILTER")]
    filter: Option<String>,
    /// Lines for people or JSON [default: text].
    #[arg(
        long = "log-format",
        env = "STREAMBOARD_LOG_FORMAT",
        value_name = "FORMAT"
    )]
    format: Option<LogFormat>,
}

/// What is logged and how.
#[derive(Debug, Clone)]
pub struct TelemetryConfig {
    /// Targets and levels, checked.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
}

impl TelemetryConfig {
    pub(super) fn resolve(
        flags: TelemetrySettings,
        file: TelemetrySettings,
    ) -> Result<Self, ConfigError> {
        let filter = flags
            .filter
            .or(file.filter)
            .unwrap_or_else(|| DEFAULT_FILTER.to_owned());
        if let Err(error) = EnvFilter::try_new(&filter) {
            return Err(ConfigError::Invalid(format!(
                "--log is {filter:?}, which is not a filter: {error}"
            )));
        }
        Ok(Self {
            filter,
            format: flags.format.or(file.format).unwrap_or_default(),
        })
    }
}
