//! Redis: the shared one, or a server of one's own to kill, to stop and to look into.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::{free_port, signal, until};

const URL: &str = "STREAMBOARD_TEST_REDIS_URL";

/// A Redis that nodes are told of.
pub(crate) struct Redis {
    url: String,
    own: Option<Own>,
}

struct Own {
    port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

/// What Redis answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Text(String),
    Number(i64),
    List(Vec<Reply>),
    Nothing,
}

impl Redis {
    /// The one all tests share where there is such a one, else one of one's own.
    pub(crate) async fn any() -> Self {
        match std::env::var(URL) {
            Ok(url) if !url.is_empty() => Self { url, own: None },
            _ => Self::own().await,
        }
    }

    /// A server of one's own, from `PATH`; it keeps nothing.
    pub(crate) async fn own() -> Self {
        let port = free_port();
        let folder = tempfile::tempdir().unwrap();
        let process = spawn(port, &folder);
        let mut redis = Self {
            url: format!("redis://127.0.0.1:{port}"),
            own: Some(Own {
                port,
                folder,
                process,
            }),
        };
        redis.ready().await;
        redis
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn kill(&mut self) {
        self.server().process.kill().await.unwrap();
    }

    /// Starts it again on its port, empty.
    pub(crate) async fn start_again(&mut self) {
        let own = self.server();
        own.process = spawn(own.port, &own.folder);
        self.ready().await;
    }

    /// It keeps its connections and answers nothing.
    pub(crate) fn freeze(&mut self) {
        signal(self.server().process.id().unwrap(), "STOP");
    }

    pub(crate) fn thaw(&mut self) {
        signal(self.server().process.id().unwrap(), "CONT");
    }

    /// Asks something on a connection of its own.
    pub(crate) async fn ask(&self, words: &[impl AsRef<[u8]>]) -> std::io::Result<Reply> {
        let port = self.own.as_ref().expect("a server of one's own").port;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        let mut request = format!("*{}\r\n", words.len()).into_bytes();
        for word in words.iter().map(AsRef::as_ref) {
            request.extend(format!("${}\r\n", word.len()).bytes());
            request.extend(word);
            request.extend(b"\r\n");
        }
        stream.write_all(&request).await?;
        reply(&mut stream).await
    }

    async fn ready(&mut self) {
        let pong = Reply::Text("PONG".to_owned());
        until("Redis answers", async || {
            self.ask(&["PING"]).await.is_ok_and(|reply| reply == pong)
        })
        .await;
    }

    fn server(&mut self) -> &mut Own {
        self.own.as_mut().expect("a server of one's own")
    }
}

fn spawn(port: u16, folder: &tempfile::TempDir) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server is on PATH; `cargo xtask test cluster` sees to that")
}

async fn reply(stream: &mut BufReader<TcpStream>) -> std::io::Result<Reply> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let line = line.trim_end();
    let (kind, rest) = line.split_at(line.len().min(1));
    let number = || rest.parse::<i64>().map_err(std::io::Error::other);
    Ok(match kind {
        "+" => Reply::Text(rest.to_owned()),
        ":" => Reply::Number(number()?),
        "$" => match usize::try_from(number()?) {
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                stream.read_exact(&mut bytes).await?;
                Reply::Text(String::from_utf8_lossy(&bytes[..length]).into_owned())
            }
            Err(_) => Reply::Nothing,
        },
        "*" => {
            let mut items = Vec::new();
            for _ in 0..number()? {
                items.push(Box::pin(reply(stream)).await?);
            }
            Reply::List(items)
        }
        _ => return Err(std::io::Error::other(line.to_owned())),
    })
}
