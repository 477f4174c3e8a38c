//! Takes room for a message before it is received.

use crate::admit::Room;
use crate::gate::Shared;
use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tonic::Status;
use tonic::body::Body;

/// A body that is one message. The message begins with a byte of flags and its length in four bytes,
/// big end first (gRPC over HTTP/2, "Length-Prefixed-Message"); nothing behind them is handed on
/// before there is room for so much.
pub(super) struct Weighed {
    body: Body,
    shared: Arc<Shared>,
    head: Vec<u8>,
    done: bool,
    room: Arc<Mutex<Option<Room>>>,
}

/// How many bytes come before a message.
const HEAD: usize = 5;

impl Weighed {
    pub(super) fn new(body: Body, shared: Arc<Shared>, room: Arc<Mutex<Option<Room>>>) -> Self {
        Self {
            body,
            shared,
            head: Vec::with_capacity(HEAD),
            done: false,
            room,
        }
    }

    /// Looks at the first bytes of the body.
    fn weigh(&mut self, data: &Bytes) -> Result<(), Status> {
        let missing = HEAD.saturating_sub(self.head.len());
        self.head.extend(data.iter().take(missing));
        let Some(mut length) = self.head.get(1..HEAD) else {
            return Ok(());
        };
        self.done = true;
        let room = self.shared.admission.room(length.get_u32().into())?;
        *self.room.lock().unwrap_or_else(PoisonError::into_inner) = Some(room);
        Ok(())
    }
}

impl http_body::Body for Weighed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if !self.done
            && let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
            && let Err(status) = self.weigh(data)
        {
            self.shared.metrics.turned_away(status.code());
            return Poll::Ready(Some(Err(status)));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
