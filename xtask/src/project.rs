//! Where things are: the checkout, the build directory, the built server and its site.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Name of the server's binary and of the site's files.
pub(crate) const NAME: &str = "streamboard";

/// Paths of this checkout; all absolute.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// Finds the checkout that cargo runs this program for. Asked at run time first: in a build directory shared by
    /// several checkouts the program may have been compiled for another. `CARGO_TARGET_DIR` is respected.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = package
            .parent()
            .context("xtask lies at the top of the file system")?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(given) => std::path::absolute(&given)
                .with_context(|| format!("CARGO_TARGET_DIR is no path: {}", given.display()))?,
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            target: root.join("target"),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds; may be shared by several checkouts.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Browser tests and the npm tools.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// Binaries of the npm tools.
    pub(crate) fn npm_bin(&self) -> PathBuf {
        self.end2end().join("node_modules").join(".bin")
    }

    /// The release build of the server.
    pub(crate) fn server(&self) -> PathBuf {
        self.target
            .join("release")
            .join(NAME)
            .with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// The file beside the server that tells it the hashed names of the site's files.
    pub(crate) fn hash_file(&self) -> PathBuf {
        self.target.join("release").join("hash.txt")
    }

    /// What the server serves as it is. cargo-leptos writes it below the checkout, wherever cargo builds.
    pub(crate) fn site(&self) -> PathBuf {
        self.root.join("target").join("site")
    }

    /// Tells what the last release was built from. Below the checkout, since the build directory may be shared.
    pub(crate) fn stamp(&self) -> PathBuf {
        self.root.join("target").join("xtask").join("release.stamp")
    }

    /// `PATH` for child processes: the npm tools of this project first, at the versions it pins.
    pub(crate) fn path(&self) -> anyhow::Result<OsString> {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let entries = std::iter::once(self.npm_bin()).chain(std::env::split_paths(&inherited));
        std::env::join_paths(entries).context("PATH cannot hold the path of this checkout")
    }

    /// What the server must be told about its site when cargo-leptos does not start it.
    pub(crate) fn site_environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("LEPTOS_OUTPUT_NAME", NAME.into()),
            ("LEPTOS_SITE_ROOT", self.site().into()),
            ("LEPTOS_SITE_PKG_DIR", "pkg".into()),
            ("LEPTOS_HASH_FILES", "true".into()),
            ("LEPTOS_ENV", "PROD".into()),
        ]
    }
}
