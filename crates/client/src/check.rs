//! Believes nothing that an answer says before all of it is there and fits together.

use crate::client::{Answer, File, Job, Verdict};
use crate::send::Failed;
use bytes::{Bytes, BytesMut};
use mugai_proto::v1::{self, Output, OutputsEnd, RefusalCode};
use serde_json::Value;

/// The most outputs of one file.
const MOST_OUTPUTS: usize = 100_000;

/// An answer as far as it has come.
pub(crate) struct Checker<'a> {
    sent: blake3::Hash,
    job: &'a Job,
    answer: Option<v1::Answer>,
    files: Vec<BytesMut>,
}

impl<'a> Checker<'a> {
    /// For the answer to `job`, whose content has the digest `sent`.
    pub(crate) const fn new(sent: blake3::Hash, job: &'a Job) -> Self {
        Self {
            sent,
            job,
            answer: None,
            files: Vec::new(),
        }
    }

    /// The verdict, which comes once and first.
    pub(crate) fn answer(&mut self, answer: v1::Answer) -> Result<(), Failed> {
        need(self.answer.is_none(), "two verdicts")?;
        need(answer.outputs.len() <= MOST_OUTPUTS, "too many outputs")?;
        self.files = answer.outputs.iter().map(|_| BytesMut::new()).collect();
        self.answer = Some(answer);
        Ok(())
    }

    /// Bytes of an output; never more than were announced.
    pub(crate) fn chunk(&mut self, output: u32, data: Bytes) -> Result<(), Failed> {
        let number = usize::try_from(output).unwrap_or(usize::MAX);
        let announced = self
            .answer
            .as_ref()
            .and_then(|answer| answer.outputs.get(number));
        let (Some(announced), Some(file)) = (announced, self.files.get_mut(number)) else {
            return Err(Failed::Answer("bytes of an output that was not announced"));
        };
        need(
            size(file.len()).saturating_add(size(data.len())) <= announced.bytes,
            "an output is longer than announced",
        )?;
        if file.is_empty() {
            // the whole file in one piece is not copied
            *file = BytesMut::from(data);
        } else {
            file.extend_from_slice(&data);
        }
        Ok(())
    }

    /// The end: everything is there now, or nothing is.
    pub(crate) fn end(self, end: Option<OutputsEnd>) -> Result<Answer, Failed> {
        let answer = self.answer.ok_or(Failed::Answer("no verdict"))?;
        if let Some(end) = end {
            let said = answer
                .outputs
                .iter()
                .map(|output| (output.bytes, &output.blake3));
            let end = end
                .outputs
                .iter()
                .map(|output| (output.bytes, &output.blake3));
            need(said.eq(end), "the end is not what was announced")?;
        }
        need(
            answer.idempotency_key == self.job.idempotency_key,
            "another key",
        )?;
        report(&answer, self.sent)?;
        let files: Result<Vec<File>, Failed> = answer
            .outputs
            .iter()
            .zip(self.files)
            .map(|(output, bytes)| file(output, bytes))
            .collect();
        Ok(Answer {
            verdict: verdict(answer.verdict(), answer.refusal, files?)?,
            id: answer.id,
            report_json: answer.report_json,
        })
    }
}

fn verdict(
    said: v1::Verdict,
    refusal: Option<v1::Refusal>,
    files: Vec<File>,
) -> Result<Verdict, Failed> {
    match (said, refusal) {
        (v1::Verdict::Sanitised, None) if !files.is_empty() => Ok(Verdict::Sanitised(files)),
        (v1::Verdict::Withheld, Some(refusal)) if files.len() <= 1 => Ok(Verdict::Withheld {
            code: RefusalCode::try_from(refusal.code).unwrap_or(RefusalCode::Unspecified),
            detail: refusal.detail,
            notice: files.into_iter().next(),
        }),
        (v1::Verdict::Unspecified | v1::Verdict::Sanitised | v1::Verdict::Withheld, _) => {
            Err(Failed::Answer("a verdict that does not fit its files"))
        }
    }
}

/// Length and digest are those that were announced, and the name is one.
fn file(output: &Output, bytes: BytesMut) -> Result<File, Failed> {
    need(
        size(bytes.len()) == output.bytes,
        "an output is shorter than announced",
    )?;
    let digest = blake3::hash(&bytes);
    need(
        *output.blake3 == digest.as_bytes()[..],
        "an output has another digest",
    )?;
    let apart = |c: char| matches!(c, '/' | '\\' | '\0') || c.is_control();
    let plain =
        !output.name.is_empty() && !output.name.starts_with('.') && !output.name.contains(apart);
    need(plain, "the name of an output is not one")?;
    Ok(File {
        name: output.name.clone(),
        target: output.target.clone(),
        content: bytes.freeze(),
    })
}

/// The report is about the bytes that were sent, and says what the verdict and the outputs say: the
/// answer to another file is none to this.
fn report(answer: &v1::Answer, sent: blake3::Hash) -> Result<(), Failed> {
    let report: Value =
        serde_json::from_str(&answer.report_json).map_err(|_| Failed::Answer("no report"))?;
    let text = |path: &str| {
        report
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    need(
        text("/input/blake3") == sent.to_hex().as_str(),
        "the report is about another file",
    )?;
    let verdict = match answer.verdict() {
        v1::Verdict::Sanitised => "sanitised",
        v1::Verdict::Withheld => "withheld",
        v1::Verdict::Unspecified => return Err(Failed::Answer("no verdict")),
    };
    need(
        text("/verdict") == verdict,
        "the report has another verdict",
    )?;
    need(text("/id") == answer.id, "the report has another number")?;
    let outputs = report.pointer("/outputs").and_then(Value::as_array);
    let told = outputs.into_iter().flatten().map(|output| {
        let digest = output.get("blake3").and_then(Value::as_str);
        digest.and_then(|digest| blake3::Hash::from_hex(digest).ok())
    });
    let said = answer.outputs.iter().map(|output| {
        <[u8; 32]>::try_from(&*output.blake3)
            .ok()
            .map(blake3::Hash::from_bytes)
    });
    need(told.eq(said), "the report is about other outputs")
}

fn need(holds: bool, rule: &'static str) -> Result<(), Failed> {
    if holds {
        Ok(())
    } else {
        Err(Failed::Answer(rule))
    }
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
