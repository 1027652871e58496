//! Why the server does not start.

use std::path::PathBuf;

/// A setting that cannot be read or does not fit; the display form is a sentence for whoever starts the server.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Flags or environment variables that cannot be read, or a request for help.
    #[error(transparent)]
    Flags(#[from] clap::Error),
    /// The file is not there.
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("the configuration file {} is not valid: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What and where.
        source: Box<toml::de::Error>,
    },
    /// A value out of its range.
    #[error("{setting} is {got}, it must be {least} to {most}")]
    Range {
        /// Which setting, as its flag.
        setting: &'static str,
        /// The value given.
        got: u64,
        /// The smallest allowed.
        least: u64,
        /// The largest allowed.
        most: u64,
    },
    /// Settings that do not fit together or make no sense.
    #[error("{0}")]
    Invalid(String),
}

/// Checks a number against its range.
pub(super) fn within(
    setting: &'static str,
    got: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, ConfigError> {
    if range.contains(&got) {
        return Ok(got);
    }
    Err(ConfigError::Range {
        setting,
        got,
        least: *range.start(),
        most: *range.end(),
    })
}

/// Checks a number against its range.
pub(super) fn within_u32(
    setting: &'static str,
    got: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, ConfigError> {
    let range = u64::from(*range.start())..=u64::from(*range.end());
    within(setting, u64::from(got), range).map(|_| got)
}
