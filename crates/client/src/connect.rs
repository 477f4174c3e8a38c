//! The way to a service: a Unix socket, or TCP with certificates on both sides.

use hyper_util::rt::TokioIo;
use mugai_proto::{CONNECTION_WINDOW, FRAME_BYTES, STREAM_WINDOW};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity, Uri};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How often the other side must show that it is there, and how long it may take for that.
const ALIVE: Duration = Duration::from_secs(30);

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket of this machine.
    Unix(PathBuf),
    /// `https://host:port`, and the certificates for it.
    Tls(String, Box<Tls>),
}

/// Certificates, in PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Tls {
    /// The authorities that the certificate of the service must come from.
    pub authority: Vec<u8>,
    /// Our own certificate chain.
    pub certificate: Vec<u8>,
    /// Our own private key.
    pub key: Vec<u8>,
    /// The name that the certificate of the service must be valid for, where it is not the host.
    pub name: Option<String>,
}

impl Tls {
    /// Reads the authorities of the service, our certificate chain and our key from files.
    ///
    /// # Errors
    /// Which file cannot be read, and why.
    pub fn read(authority: &Path, certificate: &Path, key: &Path) -> Result<Self, String> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        Ok(Self {
            authority: read(authority)?,
            certificate: read(certificate)?,
            key: read(key)?,
            name: None,
        })
    }
}

impl fmt::Debug for Tls {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Why an endpoint cannot be used.
#[derive(Debug)]
pub struct ConnectError(tonic::transport::Error);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the address or a certificate cannot be used: {}", self.0)
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl Endpoint {
    /// A channel that connects when it is first used, and again when the connection is lost.
    pub(crate) fn channel(&self) -> Result<Channel, ConnectError> {
        match self {
            Self::Unix(path) => {
                let path = path.clone();
                // the address is not looked up: the connector knows where to go
                let endpoint = tuned(Channel::from_static("http://localhost"));
                let connector = tower::service_fn(move |_: Uri| {
                    let path = path.clone();
                    async move { UnixStream::connect(path).await.map(TokioIo::new) }
                });
                Ok(endpoint.connect_with_connector_lazy(connector))
            }
            Self::Tls(address, tls) => {
                let mut config = ClientTlsConfig::new()
                    .ca_certificate(Certificate::from_pem(&tls.authority))
                    .identity(Identity::from_pem(&tls.certificate, &tls.key));
                if let Some(name) = &tls.name {
                    config = config.domain_name(name);
                }
                let endpoint = tonic::transport::Endpoint::new(address.clone());
                let endpoint = endpoint.map_err(ConnectError)?;
                let endpoint = tuned(endpoint).tls_config(config).map_err(ConnectError)?;
                Ok(endpoint.connect_lazy())
            }
        }
    }
}

fn tuned(endpoint: tonic::transport::Endpoint) -> tonic::transport::Endpoint {
    endpoint
        .connect_timeout(CONNECT)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME_BYTES)
        .http2_keep_alive_interval(ALIVE)
        .keep_alive_timeout(ALIVE)
        .tcp_nodelay(true)
}
