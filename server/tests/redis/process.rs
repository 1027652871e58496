//! A Redis server of a test's own, and what is done to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::PATIENCE;

/// Attempts to find a port that is still free when the server takes it.
const ATTEMPTS: usize = 5;

/// A server without persistence, on a free port of loopback; killed when dropped.
#[derive(Debug)]
pub(crate) struct RedisServer {
    child: Child,
    pub(crate) port: u16,
    flags: Vec<String>,
    directory: tempfile::TempDir,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// A server with more flags.
    pub(crate) fn with(flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let flags: Vec<_> = flags.iter().map(|&flag| flag.to_owned()).collect();
        let started = (0..ATTEMPTS).find_map(|_| {
            let port = free_port();
            spawn(port, &flags, directory.path()).map(|child| (child, port))
        });
        let (child, port) = started.expect("redis-server does not start");
        Self {
            child,
            port,
            flags,
            directory,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it once more on its port after it was killed.
    pub(crate) fn start_again(&mut self) {
        let child = spawn(self.port, &self.flags, self.directory.path());
        self.child = child.expect("redis-server does not start again");
    }

    /// Stops it: connections stay, nothing is answered.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(status.success());
    }

    /// Sends a command of words and returns the answer as text.
    pub(crate) fn ask(&self, command: &str) -> String {
        ask(self.port, command).unwrap()
    }

    /// Sends a command of any bytes and returns the answer as text.
    pub(crate) fn send(&self, words: &[&[u8]]) -> String {
        send(self.port, words).unwrap()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of loopback that nobody has at this moment.
pub(crate) fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// The server's program.
pub(crate) fn program() -> String {
    let program = std::env::var("STREAMBOARD_TEST_REDIS_SERVER");
    program.unwrap_or_else(|_| "redis-server".to_owned())
}

/// `None` if it ends at once, most likely because somebody took the port.
fn spawn(port: u16, flags: &[String], directory: &Path) -> Option<Child> {
    let program = program();
    let mut child = Command::new(&program)
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(directory)
        .args(flags)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "the tests of the Redis adapters need Redis 7: `{program}` cannot be started ({error}); install \
                 redis-server or set STREAMBOARD_TEST_REDIS_SERVER"
            )
        });
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        // Any answer will do: it may want a password.
        if ask(port, "PING").is_ok() {
            return Some(child);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("redis-server does not answer");
}

/// Sends a command of words and returns the answer as text.
pub(crate) fn ask(port: u16, command: &str) -> std::io::Result<String> {
    let words: Vec<_> = command.split(' ').map(str::as_bytes).collect();
    send(port, &words)
}

fn send(port: u16, words: &[&[u8]]) -> std::io::Result<String> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut command = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        command.extend(format!("${}\r\n", word.len()).into_bytes());
        command.extend(*word);
        command.extend(b"\r\n");
    }
    socket.write_all(&command)?;
    answer(&mut BufReader::new(socket))
}

/// Reads one answer; the parts of an array are put on lines.
fn answer(from: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let Some(kind) = line.chars().next() else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    let rest = line[1..].trim_end().to_owned();
    let length = || rest.parse::<usize>().unwrap_or_default();
    match kind {
        '$' => {
            let mut text = vec![0; length() + 2];
            from.read_exact(&mut text)?;
            text.truncate(length());
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
        '*' => {
            let parts: Result<Vec<_>, _> = (0..length()).map(|_| answer(from)).collect();
            Ok(parts?.join("\n"))
        }
        _ => Ok(rest),
    }
}
