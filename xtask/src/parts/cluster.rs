//! Parts that run several nodes over a real MongoDB and a real Redis.

use super::browser;
use crate::command::{command, run};
use crate::project::Project;
use crate::services::Services;

/// The adapters by their contracts, and nodes that crash, stop and lose their services. In one call of cargo: both
/// targets are of the same build.
pub(crate) fn server(project: &Project) -> anyhow::Result<()> {
    let services = Services::for_server_tests(project)?;
    let line =
        "cargo test -p server --features cluster-tests --test redis --test cluster --no-fail-fast";
    run(command(project, line)?.envs(services.environment()?))
}

/// The browsers of one test on two nodes.
pub(crate) fn browsers(project: &Project) -> anyhow::Result<()> {
    let services = Services::for_browser_tests(project)?;
    run(browser::playwright(project)?
        .envs(services.environment()?)
        .env("STREAMBOARD_E2E_CLUSTER", "1"))
}
