//! Packets: a length in four bytes, big end first, a command of one byte, and its data.

use crate::smtp::lines::{Broken, Lines};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// The longest packet that is read, in bytes. Postfix sends pieces of 65,535 bytes, and header fields of 100 kB
/// at most.
const MOST: usize = 1 << 20;

/// A packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) command: u8,
    pub(super) data: Vec<u8>,
}

/// A connection, packet by packet.
pub(super) struct Packets<S>(Lines<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Packets<S> {
    pub(super) const fn new(stream: S, idle: Duration) -> Self {
        Self(Lines::new(stream, idle))
    }

    /// The next packet.
    pub(super) async fn next(&mut self) -> Result<Packet, Broken> {
        let length = loop {
            if let Some(length) = self.0.ready().first_chunk::<4>() {
                break u32::from_be_bytes(*length);
            }
            self.0.more().await?;
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length == 0 || length > MOST {
            return Err(Broken::TooLong);
        }
        let whole = length.saturating_add(4);
        while self.0.ready().len() < whole {
            self.0.more().await?;
        }
        let packet = self.0.ready().get(4..whole).and_then(<[u8]>::split_first);
        let (command, data) = packet.ok_or(Broken::TooLong)?;
        let packet = Packet {
            command: *command,
            data: data.to_vec(),
        };
        self.0.consume(whole);
        Ok(packet)
    }

    /// Sends a packet.
    pub(super) async fn send(&mut self, command: u8, data: &[u8]) -> Result<(), Broken> {
        let length = u32::try_from(data.len().saturating_add(1)).map_err(|_| Broken::TooLong)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.push(command);
        bytes.extend_from_slice(data);
        self.0.write(&bytes).await
    }
}

/// Texts, each ended by a NUL.
pub(super) fn texts(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let data = data.strip_suffix(b"\0").unwrap_or(data);
    data.split(|byte| *byte == 0)
}

/// Three numbers of four bytes, big end first.
pub(super) fn numbers(data: &[u8]) -> Option<[u32; 3]> {
    let mut chunks = data.chunks_exact(4);
    let mut next = || Some(u32::from_be_bytes(chunks.next()?.try_into().ok()?));
    Some([next()?, next()?, next()?])
}
