//! The sockets that the service listens at.

use crate::config::Config;
use crate::gate::Shared;
use crate::serve::ServeError;
use crate::serve::connections::{Connections, incoming};
use crate::serve::tls::{Tls, secured};
use mugai_proto::{CONNECTION_WINDOW, FRAME_BYTES, STREAM_WINDOW};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::Server;

/// The most calls on one connection.
const STREAMS: u32 = 128;

/// The most calls that were given up before they were looked at; a caller that does this all the
/// time is cut off (CVE-2023-44487).
const RESETS: usize = 32;

/// The most bytes of headers.
const HEADERS: u32 = 16 << 10;

/// How often the other side must show that it is there, and how long it may take for that.
const ALIVE: Duration = Duration::from_secs(30);

/// All sockets, open.
pub(super) struct Listeners {
    unix: Option<(UnixListener, Socket)>,
    tcp: Option<(TcpListener, Arc<Tls>)>,
    /// How long a call may take to the first of its answer.
    call: Duration,
}

/// The file of a socket, which goes with it.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // one that is gone already is as good
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Listeners {
    pub(super) async fn open(config: &Config) -> Result<Self, ServeError> {
        let unix = config.unix.as_deref().map(unix).transpose()?;
        let tcp = match &config.tcp {
            Some(tcp) => Some((bind(tcp.address).await?, Arc::new(Tls::read(tcp)?))),
            None => None,
        };
        Ok(Self {
            unix,
            tcp,
            call: config.limits.call,
        })
    }

    /// The address with TLS, with the port that it came to.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.tcp
            .as_ref()
            .and_then(|(listener, _)| listener.local_addr().ok())
    }

    /// The certificates in force, to have them replaced.
    pub(super) fn tls(&self) -> Option<Arc<Tls>> {
        self.tcp.as_ref().map(|(_, tls)| Arc::clone(tls))
    }

    /// Serves until `stopped`, and then until the last call is over.
    pub(super) async fn serve(
        self,
        shared: &Arc<Shared>,
        routes: &Routes,
        stopped: &watch::Receiver<bool>,
    ) -> Result<(), ServeError> {
        let connections = Connections::default();
        let unix = async {
            let Some((listener, _socket)) = self.unix else {
                return Ok(());
            };
            transport(self.call)
                .add_routes(routes.clone())
                .serve_with_incoming_shutdown(
                    incoming(listener, connections.clone(), Arc::clone(shared)),
                    until(stopped.clone()),
                )
                .await
        };
        let tcp = async {
            let Some((listener, tls)) = self.tcp else {
                return Ok(());
            };
            transport(self.call)
                .add_routes(routes.clone())
                .serve_with_incoming_shutdown(
                    secured(
                        incoming(listener, connections.clone(), Arc::clone(shared)),
                        tls,
                    ),
                    until(stopped.clone()),
                )
                .await
        };
        let (unix, tcp) = tokio::join!(unix, tcp);
        unix.and(tcp).map_err(ServeError::Transport)
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // a sender that is gone has nothing more to serve either
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// HTTP/2 as the service speaks it: its windows, frames and limits. `call` is how long a call may take
/// to the first of its answer.
#[must_use]
pub fn transport(call: Duration) -> Server {
    Server::builder()
        .timeout(call)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME_BYTES)
        .max_concurrent_streams(STREAMS)
        .http2_max_pending_accept_reset_streams(Some(RESETS))
        .http2_max_header_list_size(HEADERS)
        .http2_keepalive_interval(Some(ALIVE))
        .http2_keepalive_timeout(Some(ALIVE))
}

/// A socket for its group. A file that an earlier service left is replaced; any other is not, and
/// neither is the socket of a service that still answers.
fn unix(path: &Path) -> Result<(UnixListener, Socket), ServeError> {
    let place = |error| ServeError::Place(path.display().to_string(), error);
    let left = std::fs::symlink_metadata(path).is_ok_and(|data| data.file_type().is_socket());
    if left && std::os::unix::net::UnixStream::connect(path).is_err() {
        std::fs::remove_file(path).map_err(place)?;
    }
    let listener = UnixListener::bind(path).map_err(place)?;
    let socket = Socket(path.to_owned());
    let group = std::fs::Permissions::from_mode(0o660);
    std::fs::set_permissions(path, group).map_err(place)?;
    Ok((listener, socket))
}

/// The address of the metrics.
pub(super) async fn metrics(config: &Config) -> Result<Option<TcpListener>, ServeError> {
    match config.metrics {
        Some(address) => Ok(Some(bind(address).await?)),
        None => Ok(None),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| ServeError::Place(address.to_string(), error))?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "bound");
    }
    Ok(listener)
}
