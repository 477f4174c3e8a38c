//! The sockets that lines go out of.

use crate::config::Target;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// How long a receiver may take to be connected, and for a line.
const TIME: Duration = Duration::from_secs(2);

/// A way to a receiver, opened when it is needed, and again after any trouble.
#[derive(Debug)]
pub(super) struct Wire {
    to: Target,
    open: Option<Open>,
}

#[derive(Debug)]
enum Open {
    Unix(UnixDatagram),
    Udp(UdpSocket),
    Tcp(TcpStream),
}

impl Wire {
    pub(super) const fn to(to: Target) -> Self {
        Self { to, open: None }
    }

    /// Whether nobody can know that a line was lost, so that sending it again means nothing.
    pub(super) const fn is_careless(&self) -> bool {
        matches!(self.to, Target::Udp(_))
    }

    /// Sends one line.
    ///
    /// # Errors
    /// What the kernel says; the next line begins with a new socket.
    pub(super) fn send(&mut self, line: &str) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::new(&self.to)?,
        };
        open.send(line)?;
        self.open = Some(open);
        Ok(())
    }
}

impl Open {
    fn new(to: &Target) -> io::Result<Self> {
        match to {
            Target::Unix(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                socket.set_write_timeout(Some(TIME))?;
                Ok(Self::Unix(socket))
            }
            Target::Udp(address) => {
                let any: SocketAddr = match address {
                    SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                    SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
                };
                let socket = UdpSocket::bind(any)?;
                socket.connect(address)?;
                Ok(Self::Udp(socket))
            }
            Target::Tcp(address) => {
                let stream = TcpStream::connect_timeout(address, TIME)?;
                stream.set_write_timeout(Some(TIME))?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
        }
    }

    fn send(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::Unix(socket) => socket.send(line.as_bytes()).map(drop),
            Self::Udp(socket) => socket.send(line.as_bytes()).map(drop),
            // one write: a line that is half out cannot be told from a whole one
            Self::Tcp(stream) => {
                let framed = format!("{} {line}", line.len());
                stream.write_all(framed.as_bytes())
            }
        }
    }
}
