//! The accept loop: HTTP/1.1, HTTP/2 by ALPN or prior knowledge, TLS, and bounds on all of it.
//!
//! Our own instead of `axum::serve`, which has no knob for HTTP/2 windows (an upload over TLS runs seven times
//! faster with ours) nor for header timeouts. Extended CONNECT stays off, so that a browser opens a connection
//! of its own for the feed, apart from the one its uploads saturate.

mod connection;
mod protocol;
mod self_signed;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use crate::lifecycle::Lifecycle;

pub use connection::ConnectionPermit;
pub use tls::{Tls, TlsError};

use connection::Connection;

/// How long to wait after the system refused a connection, out of descriptors for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server about to accept.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    tls: Option<Tls>,
    permits: Arc<Semaphore>,
    life: Lifecycle,
}

impl Listener {
    /// Serves at most `max_connections` at once, feeds included; who comes when all are taken waits in the
    /// system's queue.
    #[must_use]
    pub fn new(
        socket: TcpListener,
        tls: Option<Tls>,
        max_connections: u32,
        life: Lifecycle,
    ) -> Self {
        let permits = usize::try_from(max_connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            socket,
            tls,
            permits: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            life,
        }
    }

    /// Accepts until the soft stage of the shutdown; connections then end after the requests under way.
    pub async fn run(self, router: Router) {
        let builder = Arc::new(protocol::builder());
        let soft = self.life.soft().clone();
        loop {
            let (stream, peer, permit) = tokio::select! {
                biased;
                () = soft.cancelled() => return,
                accepted = self.accept() => accepted,
            };
            let connection = Connection {
                peer,
                builder: builder.clone(),
                router: router.clone(),
                tls: self.tls.clone(),
                permit: ConnectionPermit::new(permit),
                life: self.life.clone(),
            };
            let span = tracing::debug_span!("connection");
            self.life
                .tracker()
                .spawn(connection.serve(stream).instrument(span));
        }
    }

    async fn accept(&self) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
        loop {
            let Ok(permit) = self.permits.clone().acquire_owned().await else {
                // The semaphore is never closed; were it, nobody could be served.
                return std::future::pending().await;
            };
            match self.socket.accept().await {
                Ok((stream, peer)) => return (stream, peer, permit),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(error = %error, "the system gives no connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Whether only the connection being accepted is broken, so that the next can be accepted at once.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
