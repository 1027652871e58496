//! A way to Redis that can be blocked without anybody being told.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Passes connections on; ends with the value.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    blocked: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(port: u16) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (blocked, times) = watch::channel(0);
        #[expect(clippy::disallowed_methods, reason = "ends with the proxy")]
        let task = tokio::spawn(async move {
            let mut passing = JoinSet::new();
            loop {
                let (near, _) = socket.accept().await.unwrap();
                passing.spawn(pass(near, port, times.clone()));
            }
        });
        Self {
            address,
            blocked,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// From now on nothing passes on the connections there are; they stay open. New ones work.
    pub(crate) fn block(&self) {
        self.blocked.send_modify(|times| *times += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(mut near: TcpStream, port: u16, mut blocked: watch::Receiver<u64>) {
    blocked.mark_unchanged();
    let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = blocked.changed() => std::future::pending().await,
    }
}
