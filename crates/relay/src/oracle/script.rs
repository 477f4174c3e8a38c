//! A peer whose words are known beforehand, and who listens.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the relay said.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    pub(super) fn text(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A stream on both sides of which everything is there at once.
pub(super) struct Script {
    pieces: VecDeque<Vec<u8>>,
    heard: Heard,
}

impl Script {
    /// Says `said`: in one piece, or in pieces that end behind each `pause`, as one who waits for a reply.
    pub(super) fn new(said: &[u8], pause: Option<&[u8]>) -> (Self, Heard) {
        let mut pieces = VecDeque::new();
        let mut rest = said;
        while let Some(pause) = pause {
            let found = rest.windows(pause.len()).position(|here| here == pause);
            let Some(found) = found else { break };
            let (piece, behind) = rest.split_at(found.saturating_add(pause.len()));
            pieces.push_back(piece.to_vec());
            rest = behind;
        }
        pieces.push_back(rest.to_vec());
        pieces.retain(|piece| !piece.is_empty());
        let heard = Heard::default();
        let script = Self {
            pieces,
            heard: heard.clone(),
        };
        (script, heard)
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(mut piece) = self.pieces.pop_front() {
            let rest = piece.split_off(piece.len().min(to.remaining()));
            to.put_slice(&piece);
            if !rest.is_empty() {
                self.pieces.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
