//! One connection, from its TLS handshake to its end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tower::Service;

use super::protocol::HEADER_TIMEOUT;
use super::tls::Tls;
use crate::lifecycle::Lifecycle;

/// How long a client may take for its TLS handshake.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// One of the connections the server may have. Each request carries it in its extensions, so that a feed, which
/// outlives the HTTP connection it came by, goes on counting.
#[derive(Debug, Clone)]
pub struct ConnectionPermit {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl ConnectionPermit {
    pub(super) fn new(permit: OwnedSemaphorePermit) -> Self {
        Self {
            _permit: Arc::new(permit),
        }
    }
}

/// What a connection is served with.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) builder: Arc<Builder<TokioExecutor>>,
    pub(super) router: Router,
    pub(super) tls: Option<Tls>,
    pub(super) permit: ConnectionPermit,
    pub(super) life: Lifecycle,
}

impl Connection {
    /// Serves until the client goes, the line breaks, or the shutdown ends it. What goes wrong on one line is no
    /// concern of the operator's: it is told at level debug.
    pub(super) async fn serve(self, stream: TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "the connection was gone before it was served");
            return;
        }
        let Some(tls) = &self.tls else {
            return self.serve_http(TokioIo::new(stream)).await;
        };
        match tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.serve_http(TokioIo::new(stream)).await,
            Ok(Err(error)) => tracing::debug!(error = %error, "no TLS"),
            Err(_) => tracing::debug!("no TLS in time"),
        }
    }

    async fn serve_http(self, io: impl Read + Write + Unpin + Send + 'static) {
        let has_asked = Arc::new(AtomicBool::new(false));
        let service = service_fn({
            let (peer, permit, router) = (self.peer, self.permit, self.router);
            let has_asked = has_asked.clone();
            move |request: http::Request<Incoming>| {
                has_asked.store(true, Ordering::Relaxed);
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(permit.clone());
                router.clone().call(request)
            }
        });
        let mut connection = pin!(self.builder.serve_connection_with_upgrades(io, service));
        // hyper's own timeout begins with HTTP/1.1; a client that sends half of HTTP/2's preface is ours to end.
        let mut first_request = pin!(tokio::time::sleep(HEADER_TIMEOUT));
        let mut waits_for_first = true;
        let mut is_draining = false;
        let (soft, hard) = (self.life.soft(), self.life.hard());
        loop {
            tokio::select! {
                biased;
                () = hard.cancelled() => return,
                () = soft.cancelled(), if !is_draining => {
                    is_draining = true;
                    connection.as_mut().graceful_shutdown();
                }
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error = %error, "the connection broke");
                    }
                    return;
                }
                () = first_request.as_mut(), if waits_for_first => {
                    waits_for_first = false;
                    if !has_asked.load(Ordering::Relaxed) {
                        tracing::debug!("no request in time");
                        return;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::sync::Semaphore;

    use super::*;

    fn serve(life: &Lifecycle) -> DuplexStream {
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let connection = Connection {
            peer: ([127, 0, 0, 1], 1).into(),
            builder: Arc::new(super::super::protocol::builder()),
            router: Router::new().route("/", axum::routing::get(|| async { "hello" })),
            tls: None,
            permit: ConnectionPermit::new(permit),
            life: life.clone(),
        };
        let (client, server) = duplex(1024);
        life.tracker()
            .spawn(connection.serve_http(TokioIo::new(server)));
        client
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_asks_is_let_go() {
        let life = Lifecycle::new();
        for begin in ["", "PRI * HT", "GET / HTTP/1.1\r\nhost: x\r\n"] {
            let mut client = serve(&life);
            client.write_all(begin.as_bytes()).await.unwrap();
            let mut said = Vec::new();
            client.read_to_end(&mut said).await.unwrap();
            assert!(!said.starts_with(b"HTTP/1.1 200"), "{begin:?}");
        }
        life.tracker().close();
        life.tracker().wait().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_with_the_server() {
        let life = Lifecycle::new();
        let mut client = serve(&life);
        let ask = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        client.write_all(ask).await.unwrap();
        let mut said = vec![0; 15];
        client.read_exact(&mut said).await.unwrap();
        assert_eq!(said, b"HTTP/1.1 200 OK");
        life.soft().cancel();
        client.read_to_end(&mut said).await.unwrap();
        assert!(said.ends_with(b"hello"));
        life.tracker().close();
        life.tracker().wait().await;
    }
}
