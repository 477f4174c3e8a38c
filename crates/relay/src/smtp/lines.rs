//! A connection, read line by line.

use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The longest line of a command or a reply, in bytes: much more than RFC 5321 (section 4.5.3.1) asks for,
/// for the parameters of extensions.
const MOST: usize = 8 << 10;

/// How much is read at once.
const PIECE: usize = 64 << 10;

/// Why there is no further line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The other side has gone.
    Closed,
    /// Nothing came in time.
    Late,
    /// A line without an end.
    TooLong,
    /// A CR or LF that stands alone: no two readers agree on what it means.
    Bare,
}

/// A stream with what was read of it and not yet used.
pub(crate) struct Lines<S> {
    stream: S,
    buffer: Vec<u8>,
    /// How much of the buffer was used.
    used: usize,
    idle: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lines<S> {
    /// Every read and write may take `idle`.
    pub(crate) const fn new(stream: S, idle: Duration) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            used: 0,
            idle,
        }
    }

    /// Waits for at most so long from now on.
    pub(crate) const fn wait(&mut self, idle: Duration) {
        self.idle = idle;
    }

    /// What has come already.
    pub(crate) fn ready(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// So many bytes of that were used.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.used = self.used.saturating_add(bytes).min(self.buffer.len());
        if self.used == self.buffer.len() {
            self.buffer.clear();
            self.used = 0;
        }
    }

    /// Reads more: at least one byte.
    pub(crate) async fn more(&mut self) -> Result<(), Broken> {
        if self.used > 0 {
            self.buffer.drain(..self.used);
            self.used = 0;
        }
        self.buffer.reserve(PIECE);
        let read = self.stream.read_buf(&mut self.buffer);
        match tokio::time::timeout(self.idle, read).await {
            Ok(Ok(1..)) => Ok(()),
            Ok(Ok(0) | Err(_)) => Err(Broken::Closed),
            Err(_) => Err(Broken::Late),
        }
    }

    /// The next line without its CRLF.
    pub(crate) async fn line(&mut self) -> Result<Vec<u8>, Broken> {
        let mut looked = 0usize;
        loop {
            let ready = self.ready();
            let fresh = ready.get(looked..).unwrap_or_default();
            let end = fresh.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            if let Some(end) = end {
                let end = looked.saturating_add(end);
                match (ready.get(end), ready.get(end.saturating_add(1))) {
                    (Some(b'\r'), Some(b'\n')) => {
                        let line = ready.get(..end).unwrap_or_default().to_vec();
                        self.consume(end.saturating_add(2));
                        return Ok(line);
                    }
                    // its LF may still be on its way
                    (Some(b'\r'), None) => looked = end,
                    _ => return Err(Broken::Bare),
                }
            } else {
                looked = ready.len();
            }
            if looked > MOST {
                return Err(Broken::TooLong);
            }
            self.more().await?;
        }
    }

    /// Writes all of it.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let stream = &mut self.stream;
        let write = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        match tokio::time::timeout(self.idle, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Broken::Closed),
            Err(_) => Err(Broken::Late),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(input: &[u8], many: usize) -> Vec<Result<Vec<u8>, Broken>> {
        let (near, mut far) = tokio::io::duplex(3);
        let input = input.to_vec();
        let writer = tokio::spawn(async move {
            // the reader may have given up
            let _ = far.write_all(&input).await;
        });
        let mut lines = Lines::new(near, Duration::from_secs(5));
        let mut all = Vec::new();
        for _ in 0..many {
            all.push(lines.line().await);
        }
        drop(lines);
        writer.await.expect("no panic");
        all
    }

    #[tokio::test]
    async fn lines_end_with_cr_and_lf_and_nothing_else() {
        assert_eq!(
            lines(b"EHLO x\r\n\r\nQUIT\r\n", 4).await,
            [
                Ok(b"EHLO x".to_vec()),
                Ok(Vec::new()),
                Ok(b"QUIT".to_vec()),
                Err(Broken::Closed)
            ]
        );
        for bare in [&b"RSET\nQUIT\r\n"[..], b"RSET\rQUIT\r\n", b"RSET\r\rQ"] {
            assert_eq!(lines(bare, 1).await, [Err(Broken::Bare)], "{bare:?}");
        }
        let long = vec![b'a'; MOST + 100];
        assert_eq!(lines(&long, 1).await, [Err(Broken::TooLong)]);
    }

    #[tokio::test]
    async fn silence_is_not_waited_for() {
        let (near, _far) = tokio::io::duplex(8);
        let mut lines = Lines::new(near, Duration::from_millis(1));
        assert_eq!(lines.line().await, Err(Broken::Late));
    }
}
