//! Redis for tests: one that a person names, else the `redis-server` of `PATH`, installed where that is possible.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::folder::Folder;
use super::free_port;
use crate::command::{capture, command, find, program, run};
use crate::project::Project;
use crate::say;
use crate::tools::can_use_apt;

const REMEDY: &str = "there is no Redis to test against: install it so that `redis-server` is on PATH (on Debian and \
                      Ubuntu `sudo apt-get install redis-server`), or set STREAMBOARD_TEST_REDIS_URL";
const READY_WITHIN: Duration = Duration::from_secs(20);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A Redis that all tests share, or the program that each of them starts.
#[derive(Debug)]
pub(crate) struct Shared {
    url: Option<String>,
    /// Empty where none is ours.
    _server: Option<Server>,
}

impl Shared {
    /// Makes sure that tests can start servers of their own, and starts none.
    pub(crate) fn only_found(project: &Project) -> anyhow::Result<Self> {
        let url = super::given(super::REDIS_URL);
        let program = ensure(project)?;
        let own = describe(project, &program)?;
        say::line(&match &url {
            None => format!("    Redis: {own}"),
            Some(_) => format!(
                "    Redis: the one {} names; to crash: {own}",
                super::REDIS_URL
            ),
        });
        Ok(Self { url, _server: None })
    }

    /// One that runs.
    pub(crate) fn start(project: &Project) -> anyhow::Result<Self> {
        if let Some(url) = super::given(super::REDIS_URL) {
            say::line(&format!("    Redis: the one {} names", super::REDIS_URL));
            return Ok(Self {
                url: Some(url),
                _server: None,
            });
        }
        let program = ensure(project)?;
        say::line(&format!("    Redis: {}", describe(project, &program)?));
        let server = Server::start(project, &program)?;
        Ok(Self {
            url: Some(format!("redis://127.0.0.1:{}", server.port)),
            _server: Some(server),
        })
    }

    pub(crate) fn url(&self) -> Option<String> {
        self.url.clone()
    }
}

/// Finds the program, or installs it on Debian as root.
fn ensure(project: &Project) -> anyhow::Result<PathBuf> {
    if let Some(found) = find("redis-server") {
        return Ok(found);
    }
    anyhow::ensure!(can_use_apt(), REMEDY);
    say::step("Installing Debian's Redis (a few seconds)");
    let _ = run(&mut command(project, "apt-get update")?);
    let mut install = command(
        project,
        "apt-get install -y --no-install-recommends redis-server",
    )?;
    run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    find("redis-server").context(REMEDY)
}

fn describe(project: &Project, path: &Path) -> anyhow::Result<String> {
    let printed = capture(program(project, path)?.arg("--version"));
    let printed = printed.with_context(|| format!("{} does not run", path.display()))?;
    Ok(format!("redis-server {}", version(&printed)))
}

/// The version in `Redis server v=7.0.15 sha=00000000:0 ...`.
fn version(printed: &str) -> &str {
    let word = printed
        .split_whitespace()
        .find_map(|word| word.strip_prefix("v="));
    word.unwrap_or("of unknown version")
}

/// A server that keeps nothing.
#[derive(Debug)]
struct Server {
    child: Child,
    port: u16,
    _folder: Folder,
}

impl Server {
    fn start(project: &Project, path: &Path) -> anyhow::Result<Self> {
        let (port, folder) = (free_port()?, Folder::new("redis")?);
        let child = program(project, path)?
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", path.display()))?;
        let mut server = Self {
            child,
            port,
            _folder: folder,
        };
        server.until_it_answers()?;
        Ok(server)
    }

    fn until_it_answers(&mut self) -> anyhow::Result<()> {
        let until = Instant::now() + READY_WITHIN;
        while !answers(self.port) {
            anyhow::ensure!(
                self.child.try_wait()?.is_none() && Instant::now() < until,
                "redis-server does not answer"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<[u8; 5]> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| &answer == b"+PONG")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_it_prints() {
        let printed = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n";
        assert_eq!(version(printed), "7.0.15");
        assert_eq!(version("Valkey"), "of unknown version");
    }

    #[test]
    fn nobody_answers_on_a_free_port() {
        assert!(!answers(free_port().unwrap()));
    }
}
