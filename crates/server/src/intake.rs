//! Receives a file, frame by frame.

use crate::spool::{Desk, Held};
use mugai_proto::CHUNK_BYTES;
use mugai_proto::v1::sanitise_stream_request::Frame;
use mugai_proto::v1::{End, Header, SanitiseStreamRequest};
use std::time::{Duration, Instant};
use tokio_stream::{Stream, StreamExt as _};
use tonic::Status;

/// The frames of one caller.
pub(crate) struct Intake<S> {
    frames: S,
    idle: Duration,
}

impl<S: Stream<Item = Result<SanitiseStreamRequest, Status>> + Unpin> Intake<S> {
    /// `idle` is how long the caller may take for a frame.
    pub(crate) const fn new(frames: S, idle: Duration) -> Self {
        Self { frames, idle }
    }

    /// The first frame.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when it is no header, `DEADLINE_EXCEEDED` when it does not come.
    pub(crate) async fn header(&mut self, until: Option<Instant>) -> Result<Header, Status> {
        match self.next(until).await? {
            Frame::Header(header) => Ok(header),
            Frame::Chunk(_) | Frame::End(_) => Err(out_of_order("the first frame is the header")),
        }
    }

    /// The whole file, and its digest, once the end is there and right.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a frame out of order and a wrong end, `OUT_OF_RANGE` for more than `most`
    /// bytes, `DEADLINE_EXCEEDED` for a caller that is too slow; what the desk cannot take.
    pub(crate) async fn content(
        &mut self,
        mut desk: Desk,
        most: u64,
        until: Instant,
    ) -> Result<(Held, blake3::Hash), Status> {
        let mut length = 0u64;
        loop {
            match self.next(Some(until)).await? {
                Frame::Header(_) => return Err(out_of_order("a second header")),
                Frame::Chunk(chunk) if chunk.is_empty() || chunk.len() > CHUNK_BYTES => {
                    return Err(out_of_order("a chunk has 1 byte to 1 MiB"));
                }
                Frame::Chunk(chunk) => {
                    length = length.saturating_add(size(chunk.len()));
                    if length > most {
                        return Err(Status::out_of_range(format!(
                            "more than the {most} bytes that there is room for"
                        )));
                    }
                    desk.put(chunk).await?;
                }
                Frame::End(end) => {
                    let (held, digest) = desk.finish().await?;
                    check(&end, length, digest)?;
                    return Ok((held, digest));
                }
            }
        }
    }

    async fn next(&mut self, until: Option<Instant>) -> Result<Frame, Status> {
        let idle = Instant::now().checked_add(self.idle);
        let late = || Status::deadline_exceeded("the next frame did not come in time");
        let until = idle.into_iter().chain(until).min().ok_or_else(late)?;
        let next = tokio::time::timeout_at(until.into(), self.frames.next());
        let request = next.await.map_err(|_| late())?;
        let request = request.ok_or_else(|| out_of_order("the end is missing"))??;
        request
            .frame
            .ok_or_else(|| out_of_order("a frame of an unknown kind"))
    }
}

/// What was received is what was sent.
fn check(end: &End, length: u64, digest: blake3::Hash) -> Result<(), Status> {
    if end.bytes != length {
        return Err(out_of_order("end.bytes is not what arrived"));
    }
    let said = <[u8; 32]>::try_from(&*end.blake3).map(blake3::Hash::from_bytes);
    if said.is_ok_and(|said| said == digest) {
        Ok(())
    } else {
        Err(out_of_order("end.blake3 is not that of what arrived"))
    }
}

fn out_of_order(what: &str) -> Status {
    Status::invalid_argument(what)
}

pub(crate) fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
