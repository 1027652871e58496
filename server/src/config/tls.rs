//! Encryption by the server itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::ConfigError;

/// How the server encrypts when it has no certificate of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TlsMode {
    /// Not at all.
    Off,
    /// With a certificate it makes itself, for development: browsers warn.
    SelfSigned,
}

/// `[tls]` as given.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "TLS [tls]")]
pub(super) struct TlsSettings {
    /// Certificate chain, PEM.
    #[arg(long = "tls-cert", env = "STREAMBOARD_TLS_CERT", value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long = "tls-key", env = "STREAMBOARD_TLS_KEY", value_name = "FILE")]
    key: Option<PathBuf>,
    /// `self-signed` encrypts with a certificate made by the server, for development [default: off].
    #[arg(long = "tls", env = "STREAMBOARD_TLS", value_name = "MODE")]
    mode: Option<TlsMode>,
}

/// Encryption by the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsConfig {
    /// None; a proxy in front may do it.
    Off,
    /// With a certificate of the operator's.
    Files {
        /// Certificate chain, PEM.
        cert: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
    /// With a certificate made at the first start and kept in the data directory.
    SelfSigned,
}

impl TlsConfig {
    pub(super) fn resolve(flags: TlsSettings, file: TlsSettings) -> Result<Self, ConfigError> {
        let mode = flags.mode.or(file.mode).unwrap_or(TlsMode::Off);
        match (flags.cert.or(file.cert), flags.key.or(file.key), mode) {
            (None, None, TlsMode::Off) => Ok(Self::Off),
            (None, None, TlsMode::SelfSigned) => Ok(Self::SelfSigned),
            (Some(cert), Some(key), TlsMode::Off) => Ok(Self::Files { cert, key }),
            (Some(_), Some(_), TlsMode::SelfSigned) => Err(ConfigError::Invalid(
                "--tls self-signed makes a certificate, --tls-cert brings one: choose one of them"
                    .to_owned(),
            )),
            (Some(_), None, _) => Err(ConfigError::Invalid(
                "--tls-cert needs --tls-key: without its private key a certificate proves nothing"
                    .to_owned(),
            )),
            (None, Some(_), _) => Err(ConfigError::Invalid(
                "--tls-key needs --tls-cert: there is a private key but no certificate to show"
                    .to_owned(),
            )),
        }
    }
}
