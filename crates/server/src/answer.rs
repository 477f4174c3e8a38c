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
    pub(crate) files: Vec<Verified>,
}

/// A file that passed its checker and is in memory, lent to the network without a copy.
struct Lent(Verified);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0.content().here().unwrap_or_default()
    }
}

/// A file as a whole.
///
/// # Errors
/// `INTERNAL` where it cannot be read.
fn whole(file: Verified) -> Result<Bytes, Status> {
    if file.content().here().is_some() {
        return Ok(Bytes::from_owner(Lent(file)));
    }
    Ok(file.load().map_err(|why| gone(&why))?.into_owned().into())
}

fn gone(why: &Why) -> Status {
    tracing::error!(%why, "an output cannot be read");
    Status::internal("an output cannot be read")
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
        let files = made.into_iter().map(|made| made.file).collect();
        Ok(Self { answer, files })
    }

    /// All bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files
            .iter()
            .fold(0, |sum, file| sum.saturating_add(size(file.len())))
    }

    /// The files, each as a whole.
    ///
    /// # Errors
    /// `INTERNAL` where one cannot be read.
    pub(crate) fn contents(files: Vec<Verified>) -> Result<Vec<Bytes>, Status> {
        files.into_iter().map(whole).collect()
    }

    /// The frames of a stream: the verdict, the files, the end. Those of large files may block, as they are read.
    pub(crate) fn frames(
        self,
    ) -> impl Iterator<Item = Result<SanitiseStreamResponse, Status>> + Send {
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
        std::iter::once(Ok(Frame::Answer(self.answer)))
            .chain(chunks)
            .chain([Ok(end)])
            .map(|frame| {
                Ok(SanitiseStreamResponse {
                    frame: Some(frame?),
                })
            })
    }
}

fn chunks(output: u32, file: Verified) -> impl Iterator<Item = Result<Frame, Status>> {
    let mut at = 0usize;
    let here = file.content().here().is_some();
    let mut left = if here {
        Bytes::from_owner(Lent(file.clone()))
    } else {
        Bytes::new()
    };
    std::iter::from_fn(move || {
        let length = file.len().saturating_sub(at).min(CHUNK_BYTES);
        if length == 0 {
            return None;
        }
        let data = if here {
            left.split_to(length)
        } else {
            let mut data = vec![0; length];
            if file.content().read(at, &mut data).is_none() {
                at = file.len();
                return Some(Err(Status::internal("an output cannot be read")));
            }
            data.into()
        };
        at = at.saturating_add(length);
        Some(Ok(Frame::Chunk(OutputChunk { output, data })))
    })
}

/// `digest` is that of the report, which the engine took of these very bytes.
fn output(made: &Made, digest: &str) -> Result<Output, Status> {
    let broken = |_| Status::internal("the report has no digest");
    let digest = blake3::Hash::from_hex(digest).map_err(broken)?;
    Ok(Output {
        name: made.name.to_string(),
        target: made.file.target().code().to_owned(),
        bytes: size(made.file.len()),
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
