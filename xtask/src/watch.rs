//! `cargo xtask watch`: a development build that follows every change.

use std::process::ExitCode;

use crate::command::{become_process, command};
use crate::project::Project;
use crate::tools;

/// Becomes `cargo leptos watch`, with the pinned tools first on `PATH`.
pub(crate) fn watch(project: &Project, arguments: &[String]) -> anyhow::Result<ExitCode> {
    tools::for_building(project)?;
    become_process(command(project, "cargo leptos watch")?.args(arguments))
}
