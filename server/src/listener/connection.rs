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
