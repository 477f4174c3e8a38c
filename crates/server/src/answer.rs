//! What a caller is told.

use crate::intake::size;
use bytes::Bytes;
use mugai_core::{Loss, Refusal as Why};
use mugai_engine::{Outcome, Output as Made, Verdict as Ends};
use mugai_proto::CHUNK_BYTES;
use mugai_proto::v1::sanitise_stream_response::Frame;
use mugai_proto::v1::{
    Answer, End, Output, OutputChunk, OutputsEnd, Refusal, RefusalCode, SanitiseStreamResponse,
    Verdict,
};
use mugai_verify::Verified;
use tonic::Status;

/// An answer and the files that belong to it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    pub(crate) files: Vec<Bytes>,
}

/// A file that passed its checker, lent to the network without a copy.
struct Lent(Verified);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl Reply {
    /// # Errors
    /// `INTERNAL` when the report cannot be written, or does not tell of the files that there are.
    pub(crate) fn of(outcome: Outcome, key: &str) -> Result<Self, Status> {
        let broken = |_| Status::internal("the report cannot be written");
        let report_json = serde_json::to_string(&outcome.report).map_err(broken)?;
        let (verdict, refusal, made) = match outcome.verdict {
            Ends::Sanitised(outputs) => (Verdict::Sanitised, None, outputs),
            Ends::Withheld(why) => {
                let notice = outcome.notice.into_iter().collect();
                (Verdict::Withheld, Some(refusal(&why)), notice)
            }
        };
        let told = outcome.report.outputs;
        if told.len() != made.len() {
            return Err(Status::internal("the report and its files do not agree"));
        }
        let digests = told.iter().map(|output| output.digests.blake3.as_str());
        let outputs: Result<Vec<Output>, Status> = made
            .iter()
            .zip(digests)
            .map(|(made, digest)| output(made, digest))
            .collect();
        let answer = Answer {
            verdict: verdict.into(),
            refusal,
            id: outcome.report.id,
            report_json,
            outputs: outputs?,
            idempotency_key: key.to_owned(),
        };
        let files = made
            .into_iter()
            .map(|made| Bytes::from_owner(Lent(made.file)))
            .collect();
        Ok(Self { answer, files })
    }

    /// All bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files
            .iter()
            .fold(0, |sum, file| sum.saturating_add(size(file.len())))
    }

    /// The frames of a stream: the verdict, the files, the end.
    pub(crate) fn frames(self) -> impl Iterator<Item = SanitiseStreamResponse> + Send {
        let ends = self.answer.outputs.iter().map(|output| End {
            bytes: output.bytes,
            blake3: output.blake3.clone(),
        });
        let end = Frame::End(OutputsEnd {
            outputs: ends.collect(),
        });
        let chunks = (0u32..)
            .zip(self.files)
            .flat_map(|(output, file)| chunks(output, file));
        std::iter::once(Frame::Answer(self.answer))
            .chain(chunks)
            .chain([end])
            .map(|frame| SanitiseStreamResponse { frame: Some(frame) })
    }
}

fn chunks(output: u32, mut left: Bytes) -> impl Iterator<Item = Frame> {
    std::iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        let data = left.split_to(left.len().min(CHUNK_BYTES));
        Some(Frame::Chunk(OutputChunk { output, data }))
    })
}

/// `digest` is that of the report, which the engine took of these very bytes.
fn output(made: &Made, digest: &str) -> Result<Output, Status> {
    let broken = |_| Status::internal("the report has no digest");
    let digest = blake3::Hash::from_hex(digest).map_err(broken)?;
    Ok(Output {
        name: made.name.to_string(),
        target: made.file.target().code().to_owned(),
        bytes: size(made.file.bytes().len()),
        blake3: Bytes::copy_from_slice(digest.as_bytes()),
    })
}

fn refusal(why: &Why) -> Refusal {
    Refusal {
        code: code(why).into(),
        detail: why.to_string(),
    }
}

const fn code(why: &Why) -> RefusalCode {
    match why {
        Why::Malformed(_) => RefusalCode::Malformed,
        Why::Ambiguous(_) => RefusalCode::Ambiguous,
        Why::Encrypted(_) => RefusalCode::Encrypted,
        Why::Unsupported(_) => RefusalCode::Unsupported,
        Why::Forbidden(_) => RefusalCode::Forbidden,
        Why::Overrun { .. } => RefusalCode::Overrun,
        Why::Lost(Loss::Deadline) => RefusalCode::LostDeadline,
        Why::Lost(Loss::Crash) => RefusalCode::LostCrash,
        Why::Unverified(_) => RefusalCode::Unverified,
        Why::Internal(_) => RefusalCode::Internal,
    }
}
