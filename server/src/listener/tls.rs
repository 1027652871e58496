//! TLS by rustls with ring, and ALPN for HTTP/2 before HTTP/1.1.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{TlsAcceptor, rustls};

use super::self_signed;
use crate::config::TlsConfig;

/// Why the server cannot encrypt.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file cannot be read.
    #[error("{} cannot be read", path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// Certificate and key do not fit, or are of a kind that is not supported.
    #[error("the certificate cannot be used")]
    Certificate(#[from] rustls::Error),
    /// A certificate could not be made.
    #[error("no certificate could be made")]
    Make(#[from] rcgen::Error),
    /// The certificate made could not be kept.
    #[error("the certificate could not be written to the data directory")]
    Keep(#[from] std::io::Error),
}

/// What a connection is encrypted with.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)")
    }
}

impl Tls {
    /// Reads, or makes in `data`, what `config` asks for; `None` where nothing is encrypted. Blocks on files.
    ///
    /// # Errors
    /// Files that cannot be read, or a certificate that does not fit its key.
    pub fn load(config: &TlsConfig, data: &Path) -> Result<Option<Self>, TlsError> {
        let (cert, key) = match config {
            TlsConfig::Off => return Ok(None),
            TlsConfig::Files { cert, key } => (cert.clone(), key.clone()),
            TlsConfig::SelfSigned => self_signed::ensure(data)?,
        };
        let chain = CertificateDer::pem_file_iter(&cert)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| TlsError::Pem { path: cert, source })?;
        let key = PrivateKeyDer::from_pem_file(&key)
            .map_err(|source| TlsError::Pem { path: key, source })?;
        let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(Self(TlsAcceptor::from(Arc::new(server)))))
    }

    /// Shakes hands; the caller bounds the time.
    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}
