//! TLS of the TCP socket: certificates on both sides, which may be replaced while the service runs.

use crate::config::Tcp;
use crate::serve::ServeError;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::{ServerConfig, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore};
use tokio_rustls::server::TlsStream;
use tokio_stream::{Stream, StreamExt as _};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The only protocol that is spoken (RFC 7301): HTTP/2.
const ALPN: &[u8] = b"h2";

/// The certificates in force.
#[derive(Debug)]
pub(super) struct Tls(RwLock<Arc<ServerConfig>>);

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`ServeError::Place`] names the file that cannot be used.
    pub(super) fn read(tcp: &Tcp) -> Result<Self, ServeError> {
        Ok(Self(RwLock::new(Arc::new(config(tcp)?))))
    }

    /// Puts others in force, for connections that begin from now on.
    pub(super) fn change(&self, others: &Self) {
        let others = others.current();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = others;
    }

    fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The connections that came through their handshake. Each has a task of its own for it: one that is slow
/// keeps no other waiting. How many there are is bounded by whoever counts the connections.
pub(super) fn secured<S>(
    lines: impl Stream<Item = std::io::Result<S>> + Send + 'static,
    tls: Arc<Tls>,
) -> impl Stream<Item = std::io::Result<TlsStream<S>>> + Send
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (to, secured) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        let mut lines = std::pin::pin!(lines);
        loop {
            let line = tokio::select! {
                line = lines.next() => line,
                () = to.closed() => return,
            };
            let line = match line {
                Some(Ok(line)) => line,
                Some(Err(_)) => continue,
                None => return,
            };
            let (to, acceptor) = (to.clone(), TlsAcceptor::from(tls.current()));
            tokio::spawn(async move {
                // strangers may knock as they like: what is wrong with them is their business
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(line)).await
                {
                    // nobody takes it when the service has ended
                    let _ = to.send(Ok(stream)).await;
                }
            });
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(secured)
}

/// Certificates from the authorities of the configuration are due on both sides.
fn config(tcp: &Tcp) -> Result<ServerConfig, ServeError> {
    let place = |path: &Path, error| ServeError::Place(path.display().to_string(), error);
    let mut roots = RootCertStore::empty();
    for authority in certificates(&tcp.client_ca).map_err(|error| place(&tcp.client_ca, error))? {
        let added = roots.add(authority);
        added.map_err(|error| place(&tcp.client_ca, wrong(error)))?;
    }
    let chain = certificates(&tcp.certificate).map_err(|error| place(&tcp.certificate, error))?;
    let key = std::fs::read(&tcp.key).map_err(|error| place(&tcp.key, error))?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| place(&tcp.key, wrong(error)))?;
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .build()
        .map_err(|error| place(&tcp.client_ca, wrong(error)))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_client_cert_verifier(verifier)
                .with_single_cert(chain, key)
        })
        .map_err(|error: rustls::Error| place(&tcp.certificate, wrong(error)))?;
    config.alpn_protocols.push(ALPN.to_vec());
    Ok(config)
}

/// All certificates of a file, of which there must be one at least.
fn certificates(path: &Path) -> std::io::Result<Vec<CertificateDer<'static>>> {
    let text = std::fs::read(path)?;
    let all = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(wrong)?;
    if all.is_empty() {
        return Err(wrong("there is no certificate in it"));
    }
    Ok(all)
}

fn wrong(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}
