//! One try.

use crate::check::Checker;
use crate::client::{Answer, Job};
use bytes::Bytes;
use mugai_proto::v1::sanitise_service_client::SanitiseServiceClient;
use mugai_proto::v1::sanitise_stream_request::Frame;
use mugai_proto::v1::{End, SanitiseRequest, SanitiseStreamRequest};
use mugai_proto::{CHUNK_BYTES, UNARY_BYTES};
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// Files up to this size go in one message; so near to the limit that is for outputs too, the
/// larger ones would often have to be sent again.
const SMALL: usize = UNARY_BYTES / 4;

/// Why a try gave nothing.
pub(crate) enum Failed {
    /// A status.
    Status(Box<Status>),
    /// An answer that breaks this rule.
    Answer(&'static str),
}

impl From<Status> for Failed {
    fn from(status: Status) -> Self {
        Self::Status(Box::new(status))
    }
}

/// Sends `job` once.
pub(crate) async fn once(
    service: SanitiseServiceClient<Channel>,
    job: &Job,
    left: Duration,
) -> Result<Answer, Failed> {
    if job.content.len() <= SMALL {
        match unary(service.clone(), job, left).await {
            // what it became is too large for one message
            Err(Failed::Status(status)) if status.code() == Code::OutOfRange => {}
            end => return end,
        }
    }
    streamed(service, job, left).await
}

async fn unary(
    mut service: SanitiseServiceClient<Channel>,
    job: &Job,
    left: Duration,
) -> Result<Answer, Failed> {
    let digest = blake3::hash(&job.content);
    let request = SanitiseRequest {
        header: Some(job.header()),
        content: job.content.clone(),
    };
    let response = service.sanitise(timed(request, left)).await?.into_inner();
    let mut checker = Checker::new(digest, job);
    checker.answer(response.answer.ok_or(Failed::Answer("no verdict"))?)?;
    for (output, content) in (0u32..).zip(response.contents) {
        checker.chunk(output, content)?;
    }
    checker.end(None)
}

async fn streamed(
    mut service: SanitiseServiceClient<Channel>,
    job: &Job,
    left: Duration,
) -> Result<Answer, Failed> {
    use mugai_proto::v1::sanitise_stream_response::Frame as Back;
    let digest = blake3::hash(&job.content);
    let frames = tokio_stream::iter(frames(job, digest));
    let response = service.sanitise_stream(timed(frames, left)).await?;
    let mut back = response.into_inner();
    let mut checker = Checker::new(digest, job);
    let mut end = None;
    while let Some(message) = back.message().await? {
        if end.is_some() {
            return Err(Failed::Answer("something behind the end"));
        }
        match message
            .frame
            .ok_or(Failed::Answer("a frame of an unknown kind"))?
        {
            Back::Answer(answer) => checker.answer(answer)?,
            Back::Chunk(chunk) => checker.chunk(chunk.output, chunk.data)?,
            Back::End(last) => end = Some(last),
        }
    }
    // the status behind the last frame was OK, or there would have been an error
    checker.end(Some(end.ok_or(Failed::Answer("no end"))?))
}

fn timed<T>(message: T, left: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(left);
    request
}

/// Header, chunks, end.
fn frames(job: &Job, digest: blake3::Hash) -> impl Iterator<Item = SanitiseStreamRequest> + use<> {
    let end = End {
        bytes: u64::try_from(job.content.len()).unwrap_or(u64::MAX),
        blake3: Bytes::copy_from_slice(digest.as_bytes()),
    };
    let mut left = job.content.clone();
    let chunks = std::iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        Some(Frame::Chunk(left.split_to(left.len().min(CHUNK_BYTES))))
    });
    std::iter::once(Frame::Header(job.header()))
        .chain(chunks)
        .chain([Frame::End(end)])
        .map(|frame| SanitiseStreamRequest { frame: Some(frame) })
}
