//! The browser's half: where its files are and which build they are.

use std::path::{Path, PathBuf};

use clap::Args;
use leptos::config::{LeptosOptions, get_configuration};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::ConfigError;

/// The options as written in Leptos.toml, so that the program runs where that file is not.
const LEPTOS_TOML: &str = include_str!("../../../Leptos.toml");

/// `[site]` as given.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Site [site]")]
pub(super) struct SiteSettings {
    /// Directory of the browser's files [default: `site` beside the program or its directory, else target/site].
    #[arg(long = "site-root", env = "LEPTOS_SITE_ROOT", value_name = "DIRECTORY")]
    root: Option<PathBuf>,
}

/// The browser's half.
#[derive(Debug, Clone)]
pub struct SiteConfig {
    /// What pages are rendered with.
    pub leptos: LeptosOptions,
    /// Identity of this build; another one in a page offers a reload.
    pub build: String,
    /// Whether cargo-leptos watches the sources and its reload socket must be reachable from pages.
    pub live_reload: bool,
}

impl SiteConfig {
    pub(super) fn resolve(flags: SiteSettings, file: SiteSettings) -> Result<Self, ConfigError> {
        let mut leptos = leptos_options()?;
        let beside = program_directory();
        let root = flags.root.or(file.root).unwrap_or_else(|| {
            [beside.join("site"), beside.join("../site")]
                .into_iter()
                .find(|site| site.is_dir())
                .unwrap_or_else(|| PathBuf::from(&*leptos.site_root))
        });
        leptos.site_root = root.to_string_lossy().into();
        let hashes = std::fs::read(beside.join(&*leptos.hash_file)).ok();
        // Rendering with hashed names panics where the list of hashes is missing, as it is in tests.
        leptos.hash_files &= hashes.is_some();
        Ok(Self {
            leptos,
            build: build(hashes.as_deref()),
            live_reload: std::env::var_os("LEPTOS_WATCH").is_some(),
        })
    }
}

/// Identity of a build: the version, and a hash over the names of the browser's files where they are hashed.
#[must_use]
pub fn build(hashes: Option<&[u8]>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match hashes {
        Some(hashes) => {
            let digest = Sha256::digest(hashes);
            format!("{version}-{}", app::wire::hex::encode(&digest[..4]))
        }
        None => version.to_owned(),
    }
}

/// Leptos.toml of the working directory, else the one this program was built with; `LEPTOS_*` wins over both.
fn leptos_options() -> Result<LeptosOptions, ConfigError> {
    let invalid = |error: &dyn std::fmt::Display| {
        ConfigError::Invalid(format!(
            "Leptos.toml or a LEPTOS_ variable is not valid: {error}"
        ))
    };
    if Path::new("Leptos.toml").exists() {
        let file = get_configuration(Some("Leptos.toml")).map_err(|error| invalid(&error))?;
        return Ok(file.leptos_options);
    }
    leptos::config::get_config_from_str(LEPTOS_TOML).map_err(|error| invalid(&error))
}

fn program_directory() -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(Path::to_owned))
        .unwrap_or_default()
}
