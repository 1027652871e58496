//! `cargo xtask serve`: from a fresh checkout to a running server.

use std::process::ExitCode;

use crate::command::{become_process, program};
use crate::project::Project;
use crate::{artefacts, say};

/// Where the server listens when it is told nothing.
const DEFAULT_ADDRESS: &str = "127.0.0.1:3000";

/// Builds what is missing and becomes the server: signals go to it, its exit code is ours.
/// It runs in the checkout, so that its data is in ./data unless `arguments` name another place.
pub(crate) fn serve(project: &Project, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let options = match arguments.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest,
        _ => arguments,
    };
    artefacts::ensure(project)?;

    let mut server = program(project, &project.server())?;
    server.args(options).envs(project.site_environment());
    say::step(&format!(
        "Streamboard is starting on {}; Ctrl-C stops it",
        address(options)
    ));
    become_process(&mut server)
}

/// The address to open in a browser, by the options given to the server.
fn address(options: &[String]) -> String {
    let value = |name: &str| {
        options
            .iter()
            .enumerate()
            .find_map(|(index, option)| match option.strip_prefix(name)? {
                "" => options.get(index + 1).cloned(),
                rest => rest.strip_prefix('=').map(str::to_owned),
            })
    };
    let listen = value("--listen").unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
    let secure = ["--tls", "--tls-cert"]
        .iter()
        .any(|name| value(name).is_some_and(|value| value != "off"));
    format!("{}://{listen}", if secure { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_printed_address_follows_the_options() {
        assert_eq!(address(&[]), "http://127.0.0.1:3000");
        assert_eq!(
            address(&options("--listen 0.0.0.0:80")),
            "http://0.0.0.0:80"
        );
        assert_eq!(
            address(&options("--tls self-signed --listen=127.0.0.1:3443")),
            "https://127.0.0.1:3443"
        );
        assert_eq!(address(&options("--tls off")), "http://127.0.0.1:3000");
    }
}
