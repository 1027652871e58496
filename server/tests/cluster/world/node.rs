//! A node: a process of the program that was built, so that it can be killed; or one inside of the test's process,
//! so that something can stand between it and its adapters.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use server::bus::Bus;
use server::config::Config;
use server::lifecycle::Lifecycle;
use server::run;
use server::storage::EventLog;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;

use super::{PATIENCE, signal, until};
use crate::support::Client;

/// Lines of a node's log that a failed test shows.
const LOG_LINES: usize = 40;

/// A running node, or one that was ended.
pub(crate) struct Node {
    /// The same over restarts, for its clients come back to it.
    pub(crate) address: SocketAddr,
    flags: Vec<String>,
    log: PathBuf,
    running: Option<Running>,
}

enum Running {
    Process {
        process: Box<Child>,
        /// Kept open: what it prints must go somewhere.
        _output: BufReader<ChildStdout>,
    },
    Inside {
        life: Lifecycle,
        server: JoinHandle<anyhow::Result<()>>,
    },
}

/// What a node inside works on in place of its adapters.
pub(crate) type Front = (Arc<dyn EventLog>, Arc<dyn Bus>);

impl Node {
    /// Starts a node on a free port. Its log goes to the file.
    pub(crate) async fn start(flags: &[String], log: PathBuf) -> Self {
        let (running, address) = spawn(flags, "127.0.0.1:0", &log).await;
        Self {
            address,
            flags: flags.to_vec(),
            log,
            running: Some(running),
        }
    }

    /// Starts a node in this process, with something in front of its log and its bus.
    pub(crate) async fn inside(
        flags: &[String],
        front: impl FnOnce(Arc<dyn EventLog>, Arc<dyn Bus>) -> Front + Send + 'static,
    ) -> Self {
        let program = ["streamboard".to_owned()];
        let config = Config::from_args(program.iter().chain(flags)).unwrap();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let life = Lifecycle::new();
        let running = run::run_behind(config, socket, life.clone(), front);
        let server = TaskTracker::new().spawn(running);
        let node = Self {
            address,
            flags: flags.to_vec(),
            log: PathBuf::new(),
            running: Some(Running::Inside { life, server }),
        };
        let client = Client::new(node.base());
        until("the node answers", async || {
            client.get("/readyz").send().await.is_ok()
        })
        .await;
        node
    }

    /// The node as its own pages name it.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it as a crash would.
    pub(crate) async fn kill(&mut self) {
        match self.running.take() {
            Some(Running::Process { mut process, .. }) => process.kill().await.unwrap(),
            _ => panic!("only a process can be killed"),
        }
    }

    /// Ends it as an operator would; it must end cleanly. Says how long that took.
    pub(crate) async fn stop(&mut self) -> Duration {
        let begun = Instant::now();
        match self.running.take().unwrap() {
            Running::Process { mut process, .. } => {
                signal(process.id().unwrap(), "TERM");
                let ended = timeout(PATIENCE, process.wait()).await;
                let status = ended.expect("the node ends").unwrap();
                assert!(status.success(), "{status}\n{}", tail(&self.log));
            }
            Running::Inside { life, server } => {
                life.soft().cancel();
                let ended = timeout(PATIENCE, server).await;
                ended.expect("the node ends").unwrap().unwrap();
            }
        }
        begun.elapsed()
    }

    /// Starts it again on its port.
    pub(crate) async fn start_again(&mut self) {
        assert!(self.running.is_none());
        let listen = self.address.to_string();
        let (running, _) = spawn(&self.flags, &listen, &self.log).await;
        self.running = Some(running);
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }
}

impl Drop for Node {
    #[expect(clippy::print_stderr, reason = "what a failed test shows")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the node at {} logged last:\n{}",
                self.address,
                tail(&self.log)
            );
        }
    }
}

async fn spawn(flags: &[String], listen: &str, log: &Path) -> (Running, SocketAddr) {
    let file = OpenOptions::new().create(true).append(true).open(log);
    let mut process = Command::new(env!("CARGO_BIN_EXE_streamboard"))
        .args(["--listen", listen])
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file.unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    let read = timeout(PATIENCE, output.read_line(&mut line)).await;
    read.expect("the node says where it listens").unwrap();
    let address = line.trim().strip_prefix("Listening on http://");
    let address = address.unwrap_or_else(|| panic!("{line:?}\n{}", tail(log)));
    let running = Running::Process {
        process: Box::new(process),
        _output: output,
    };
    (running, address.parse().unwrap())
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

/// Runs the program where it cannot start: its status, what it says on standard error, how long it took.
pub(crate) async fn run_to_its_end(flags: &[&str]) -> (ExitStatus, String, Duration) {
    let begun = Instant::now();
    let process = Command::new(env!("CARGO_BIN_EXE_streamboard"))
        .args(["--listen", "127.0.0.1:0"])
        .args(flags)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, process).await;
    let output = output.expect("it ends by itself").unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status, said, begun.elapsed())
}
