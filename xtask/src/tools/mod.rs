//! What must be installed, at which version, and how it gets there.

mod apt;
mod cargo_tool;
mod chromium;
mod npm;
mod prerequisites;

use crate::project::Project;
use crate::version::Version;

pub(crate) use apt::can_use_apt;
pub(crate) use cargo_tool::{CargoTool, build_cache};
pub(crate) use chromium::ensure as chromium;

/// Builds page and server. 0.3.11 needs a newer Rust than rust-toolchain.toml pins.
pub(crate) const CARGO_LEPTOS: CargoTool = CargoTool {
    package: "cargo-leptos",
    binary: "cargo-leptos",
    version: Version(0, 3, 10),
    minutes: 9,
};

/// Must be of the very version of the `wasm-bindgen` crate in Cargo.toml.
pub(crate) const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    version: Version(0, 2, 128),
    minutes: 2,
};

/// Installs what a build needs: the wasm target, cargo-leptos, wasm-bindgen, sass and wasm-opt.
pub(crate) fn for_building(project: &Project) -> anyhow::Result<()> {
    prerequisites::check(project)?;
    prerequisites::ensure_wasm_target(project)?;
    npm::ensure(project)?;
    cargo_tool::ensure(project, &WASM_BINDGEN)?;
    cargo_tool::ensure(project, &CARGO_LEPTOS)
}

/// Installs what checking Rust code for the browser needs.
pub(crate) fn for_checking(project: &Project) -> anyhow::Result<()> {
    prerequisites::ensure_wasm_target(project)
}

/// Installs what the browser tests need besides a browser.
pub(crate) fn for_browser_tests(project: &Project) -> anyhow::Result<()> {
    prerequisites::check(project)?;
    npm::ensure(project)
}
