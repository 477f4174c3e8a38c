//! Which connections are taken: so many at once, so many of one peer, and none that stays silent.

use crate::gate::Shared;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::time::Sleep;
use tokio_stream::Stream;
use tonic::transport::server::Connected;

/// How long nothing is accepted after the kernel could not give a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Whom a connection is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer {
    /// A user of this machine.
    User(u32),
    /// Another machine.
    Address(IpAddr),
    /// The kernel does not say.
    Unknown,
}

/// All connections that there are, by their peers.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(Arc<Mutex<Count>>);

#[derive(Debug, Default)]
struct Count {
    all: u32,
    peers: BTreeMap<Peer, u32>,
}

impl Connections {
    /// Counts a connection, unless there are too many.
    fn count(&self, peer: Peer, most: u32, most_of_peer: u32) -> Option<Counted> {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = count.peers.get(&peer).copied().unwrap_or(0);
        if count.all >= most || of_peer >= most_of_peer {
            return None;
        }
        count.all = count.all.saturating_add(1);
        count.peers.insert(peer, of_peer.saturating_add(1));
        Some(Counted(self.clone(), peer))
    }
}

/// A connection that counts; no longer once this is dropped.
#[derive(Debug)]
struct Counted(Connections, Peer);

impl Drop for Counted {
    fn drop(&mut self) {
        let Self(Connections(count), peer) = self;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        count.all = count.all.saturating_sub(1);
        if let Some(of_peer) = count.peers.get_mut(peer) {
            *of_peer = of_peer.saturating_sub(1);
            if *of_peer == 0 {
                count.peers.remove(peer);
            }
        }
    }
}

/// A socket that gives connections.
pub(super) trait Listen: Send + Sync + 'static {
    /// What it gives.
    type Stream: AsyncRead + AsyncWrite + Connected + Send + Unpin + 'static;

    /// The next connection, and whose it is.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;
}

impl Listen for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, Peer)> {
        let (stream, _) = Self::accept(self).await?;
        let peer = stream.peer_cred();
        let peer = peer.map_or(Peer::Unknown, |shown| Peer::User(shown.uid()));
        Ok((stream, peer))
    }
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, address) = Self::accept(self).await?;
        // verdicts are small, and waited for; on a connection that is gone already nothing is
        let _ = stream.set_nodelay(true);
        Ok((stream, Peer::Address(address.ip().to_canonical())))
    }
}

/// The connections of a socket, one after the other. It never ends and never fails: a service that
/// has run out of descriptors for a moment must not go for good.
pub(super) fn incoming<L: Listen>(
    listener: L,
    connections: Connections,
    shared: Arc<Shared>,
) -> impl Stream<Item = io::Result<Line<L::Stream>>> + Send {
    let (to, lines) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            // whoever serves has ended when nobody takes a connection
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = to.closed() => return,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                // gone before it was taken: no reason to keep others waiting
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let limits = shared.admission.limits();
            let Some(counted) = connections.count(peer, limits.connections, limits.peer) else {
                shared.metrics.turned_away(tonic::Code::Unavailable);
                continue;
            };
            if to
                .send(Ok(Line::new(stream, counted, limits.handshake)))
                .await
                .is_err()
            {
                return;
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(lines)
}

/// A connection that counts, and breaks off when the other side does not begin to speak.
pub(super) struct Line<S> {
    stream: S,
    silence: Option<Pin<Box<Sleep>>>,
    heard: usize,
    _counted: Counted,
}

/// How many bytes a new connection has to bring in time: the preface of HTTP/2 (RFC 9113, section
/// 3.4). A TLS handshake begins with more, and has a time limit of its own.
const PREFACE: usize = 24;

impl<S> Line<S> {
    fn new(stream: S, counted: Counted, time: Duration) -> Self {
        Self {
            stream,
            silence: Some(Box::pin(tokio::time::sleep(time))),
            heard: 0,
            _counted: counted,
        }
    }
}

impl<S: Connected> Connected for Line<S> {
    type ConnectInfo = S::ConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(silence) = &mut self.silence
            && silence.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if self.silence.is_some() {
            let new = buffer.filled().len().saturating_sub(before);
            self.heard = self.heard.saturating_add(new);
            if self.heard >= PREFACE {
                self.silence = None;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_for_their_peers() {
        let connections = Connections::default();
        let (one, other) = (Peer::User(1), Peer::User(2));
        let first = connections.count(one, 3, 2).unwrap();
        let second = connections.count(one, 3, 2).unwrap();
        assert!(connections.count(one, 3, 2).is_none());
        let third = connections.count(other, 3, 2).unwrap();
        drop(first);
        assert!(connections.count(other, 2, 2).is_none());
        drop((second, third));
        assert!(connections.0.lock().unwrap().peers.is_empty());
        assert_eq!(connections.0.lock().unwrap().all, 0);
    }
}
