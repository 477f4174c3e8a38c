//! The service itself: one small file, or one file of any size.

use crate::admit::{Berth, Room};
use crate::answer::Reply;
use crate::docket::Docket;
use crate::gate::{Shared, Visit, visit};
use crate::intake::{Intake, size};
use crate::job;
use crate::metrics::{Record, Rpc};
use crate::spool::{Desk, Held};
use mugai_core::Untrusted;
use mugai_proto::UNARY_BYTES;
use mugai_proto::v1::sanitise_service_server::SanitiseService;
use mugai_proto::v1::{
    Header, SanitiseRequest, SanitiseResponse, SanitiseStreamRequest, SanitiseStreamResponse,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Frames that wait for the network; each has up to 1 MiB.
const FRAMES: usize = 1;

/// The most bytes that are reserved before they are there.
const RESERVE: u64 = 16 << 20;

/// Stands for the digest of a file that nobody asks for: keys are remembered with theirs, and the
/// empty one is not.
const NO_DIGEST: blake3::Hash = blake3::Hash::from_bytes([0; 32]);

/// The service.
pub(crate) struct Sanitise(pub(crate) Arc<Shared>);

/// An answer on its way.
type Frames = ReceiverStream<Result<SanitiseStreamResponse, Status>>;

#[tonic::async_trait]
impl SanitiseService for Sanitise {
    async fn sanitise(
        &self,
        request: Request<SanitiseRequest>,
    ) -> Result<Response<SanitiseResponse>, Status> {
        let mut record = Record::begin(&self.0, Rpc::Sanitise, request.metadata());
        let answer = self.unary(request, &mut record).await;
        record.end_later(answer.as_ref().err());
        answer.map(Response::new)
    }

    type SanitiseStreamStream = Frames;

    async fn sanitise_stream(
        &self,
        request: Request<Streaming<SanitiseStreamRequest>>,
    ) -> Result<Response<Frames>, Status> {
        let mut record = Record::begin(&self.0, Rpc::SanitiseStream, request.metadata());
        match self.streamed(request, &mut record).await {
            Ok(answer) => {
                let limits = self.0.admission.limits();
                let (to, frames) = mpsc::channel(FRAMES);
                tokio::spawn(send(answer, to, (limits.idle, limits.call), record));
                Ok(Response::new(ReceiverStream::new(frames)))
            }
            Err(status) => {
                record.end(Some(&status));
                Err(status)
            }
        }
    }
}

/// A reply with all that is given back once it is sent.
struct Answered {
    reply: Reply,
    _room: Room,
    _visit: Visit,
}

impl Sanitise {
    async fn unary(
        &self,
        request: Request<SanitiseRequest>,
        record: &mut Record,
    ) -> Result<SanitiseResponse, Status> {
        let (_, extensions, request) = request.into_parts();
        let visit = visit(&extensions)?;
        let docket = self.docket(request.header, &visit, record)?;
        let length = size(request.content.len());
        if request.content.len() > UNARY_BYTES {
            return Err(Status::out_of_range(
                "content: over 4 MiB; use SanitiseStream",
            ));
        }
        if docket.expected != 0 && docket.expected != length {
            return Err(Status::invalid_argument(
                "header.expected_bytes is not what arrived",
            ));
        }
        let berth = Berth::Memory(visit.room()?);
        // the engine takes one too: this is for the key alone
        let digest = if docket.key.is_empty() {
            NO_DIGEST
        } else {
            blake3::hash(&request.content)
        };
        let held = Held::Memory(Untrusted::new(Vec::from(request.content)));
        let answered = self
            .job(&docket, (held, digest), (berth, visit), record)
            .await?;
        if answered.reply.bytes() > size(UNARY_BYTES) {
            return Err(Status::out_of_range(
                "the outputs are over 4 MiB; use SanitiseStream",
            ));
        }
        Ok(SanitiseResponse {
            answer: Some(answered.reply.answer),
            contents: Reply::contents(answered.reply.files)?,
        })
    }

    async fn streamed(
        &self,
        request: Request<Streaming<SanitiseStreamRequest>>,
        record: &mut Record,
    ) -> Result<Answered, Status> {
        let (_, extensions, frames) = request.into_parts();
        let visit = visit(&extensions)?;
        let mut intake = Intake::new(frames, self.0.admission.limits().idle);
        let header = intake.header(visit.until).await?;
        let docket = self.docket(Some(header), &visit, record)?;
        let berth = self.0.admission.berth(docket.expected)?;
        let most = self.0.admission.most(docket.expected);
        let desk = match berth {
            Berth::Memory(_) => Desk::memory(reserve(docket.expected)),
            Berth::Disk(_) => Desk::disk(&self.0.spool).await?,
        };
        let file = intake.content(desk, most, docket.until).await?;
        self.job(&docket, file, (berth, visit), record).await
    }

    fn docket(
        &self,
        header: Option<Header>,
        visit: &Visit,
        record: &mut Record,
    ) -> Result<Arc<Docket>, Status> {
        record.caller(&visit.caller.name);
        let docket = Docket::of(header, &self.0.policies, visit)?;
        record.docket(&docket);
        Ok(Arc::new(docket))
    }

    async fn job(
        &self,
        docket: &Arc<Docket>,
        (held, digest): (Held, blake3::Hash),
        (berth, visit): (Berth, Visit),
        record: &mut Record,
    ) -> Result<Answered, Status> {
        record.whole(held.len());
        self.0.keys.check(&visit.caller.name, &docket.key, digest)?;
        let done = job::run(&self.0, docket, held, berth).await?;
        let (reply, mut room) = record.done(done);
        record.bytes_out = reply.bytes();
        // the file and its parts are gone
        room.shrink(reply.bytes());
        Ok(Answered {
            reply,
            _room: room,
            _visit: visit,
        })
    }
}

/// How much memory is reserved for a file at once; one that was not announced grows.
fn reserve(announced: u64) -> usize {
    usize::try_from(announced.min(RESERVE)).unwrap_or(0)
}

/// Hands an answer to the network, frame by frame. A caller that takes none for too long (`idle`), or
/// is not done in time (`all`), loses the rest, so that its room comes free.
async fn send(
    answered: Answered,
    to: mpsc::Sender<Result<SanitiseStreamResponse, Status>>,
    (idle, all): (Duration, Duration),
    record: Record,
) {
    let end = Instant::now().checked_add(all);
    for frame in answered.reply.frames() {
        let next = Instant::now().checked_add(idle);
        let Some(until) = next.into_iter().chain(end).min() else {
            return;
        };
        let failed = frame.as_ref().err().cloned();
        match tokio::time::timeout_at(until.into(), to.send(frame)).await {
            Ok(Ok(())) if failed.is_some() => {
                record.end(failed.as_ref());
                return;
            }
            Ok(Ok(())) => {}
            // gone: the record says so when it is dropped
            Ok(Err(_)) => return,
            Err(_) => {
                let late = Status::deadline_exceeded("the answer was not taken in time");
                record.end(Some(&late));
                return;
            }
        }
    }
    record.end(None);
}
