//! Answers that are nearly right.

use super::*;
use mugai_proto::v1::{End, Verdict as Said};

const SENT: &[u8] = b"sent";
const FILE: &[u8] = b"new file";

/// A right answer: a verdict, its files, its end.
struct Case {
    answer: v1::Answer,
    chunks: Vec<(u32, &'static [u8])>,
    end: OutputsEnd,
}

impl Case {
    fn good() -> Self {
        let digest = blake3::hash(FILE);
        let hex = digest.to_hex();
        let output = Output {
            name: "a.txt".to_owned(),
            target: "txt".to_owned(),
            bytes: size(FILE.len()),
            blake3: Bytes::copy_from_slice(digest.as_bytes()),
        };
        let input = blake3::hash(SENT).to_hex();
        Self {
            end: OutputsEnd {
                outputs: vec![End {
                    bytes: output.bytes,
                    blake3: output.blake3.clone(),
                }],
            },
            answer: v1::Answer {
                verdict: Said::Sanitised.into(),
                refusal: None,
                id: "ID".to_owned(),
                report_json: format!(
                    "{{\"id\":\"ID\",\"verdict\":\"sanitised\",\"input\":{{\"blake3\":\"{input}\"}},\"outputs\":[{{\"blake3\":\"{hex}\"}}]}}"
                ),
                outputs: vec![output],
                idempotency_key: String::new(),
            },
            chunks: vec![(0, &FILE[..3]), (0, &FILE[3..])],
        }
    }

    fn run(self) -> Result<Answer, &'static str> {
        let job = Job::new(SENT, "a", "b");
        let mut checker = Checker::new(blake3::hash(SENT), &job);
        let all = || {
            checker.answer(self.answer)?;
            self.chunks
                .iter()
                .try_for_each(|(output, data)| checker.chunk(*output, Bytes::from_static(data)))
        };
        let end = all().and_then(|()| checker.end(Some(self.end)));
        end.map_err(|failed| match failed {
            Failed::Answer(rule) => rule,
            Failed::Status(_) => "status",
        })
    }
}

#[test]
fn a_right_answer_is_taken() {
    let answer = Case::good().run().unwrap();
    let Verdict::Sanitised(files) = answer.verdict else {
        panic!("withheld")
    };
    assert_eq!(files[0].content, FILE);
}

/// A change of the right answer, and the rule that it breaks.
type Change = (fn(&mut Case), &'static str);

#[test]
fn every_lie_is_found() {
    let changes: [Change; 15] = [
        (|case| case.answer.verdict = 0, "no verdict"),
        (|case| case.answer.verdict = 9, "no verdict"),
        (
            |case| case.answer.verdict = Said::Withheld.into(),
            "another verdict",
        ),
        (
            |case| case.answer.refusal = Some(v1::Refusal::default()),
            "does not fit",
        ),
        (|case| case.answer.report_json.clear(), "no report"),
        (|case| case.answer.id = "OTHER".to_owned(), "another number"),
        (
            |case| case.answer.idempotency_key = "k".to_owned(),
            "another key",
        ),
        (
            |case| {
                let report = &mut case.answer.report_json;
                *report = report.replace(blake3::hash(SENT).to_hex().as_str(), "00");
            },
            "another file",
        ),
        (
            |case| {
                let report = &mut case.answer.report_json;
                *report = report.replace(blake3::hash(FILE).to_hex().as_str(), "00");
            },
            "other outputs",
        ),
        (|case| case.chunks = vec![(0, &FILE[..3])], "shorter"),
        (|case| case.chunks = vec![(0, FILE), (0, b"x")], "longer"),
        (
            |case| case.chunks = vec![(0, b"new film")],
            "another digest",
        ),
        (|case| case.chunks = vec![(1, FILE)], "not announced"),
        (|case| case.end.outputs.clear(), "the end"),
        (
            |case| case.answer.outputs[0].name = "../a".to_owned(),
            "name",
        ),
    ];
    for (change, rule) in changes {
        let mut case = Case::good();
        change(&mut case);
        let error = case.run().unwrap_err();
        assert!(error.contains(rule), "{error} should contain {rule}");
    }
}

#[test]
fn an_answer_without_files_delivers_nothing() {
    let mut case = Case::good();
    case.answer.outputs.clear();
    case.end.outputs.clear();
    case.chunks.clear();
    let (before, _) = case.answer.report_json.split_once("\"outputs\"").unwrap();
    case.answer.report_json = format!("{before}\"outputs\":[]}}");
    assert!(case.run().is_err());
}
