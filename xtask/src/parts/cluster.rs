//! Parts that run several nodes over a real MongoDB and a real Redis.

use super::browser;
use crate::command::{command, run};
use crate::project::Project;
use crate::services::Services;

/// The adapters by their contracts, and nodes that crash, stop and lose their services. In one call of cargo: all
/// targets are of the same build.
pub(crate) fn server(project: &Project) -> anyhow::Result<()> {
    let services = Services::for_server_tests(project)?;
    // Shown: which adapter keeps which contract, and what was counted under load.
    let line = "cargo test -p server --features cluster-tests --test redis --test mongo --test cluster \
                --no-fail-fast -- --show-output";
    run(command(project, line)?.envs(services.environment()?))
}

/// The browsers of one test on two nodes.
pub(crate) fn browsers(project: &Project) -> anyhow::Result<()> {
    let services = Services::for_browser_tests(project)?;
    run(browser::playwright(project)?
        .envs(services.environment()?)
        .env("STREAMBOARD_E2E_CLUSTER", "1"))
}
