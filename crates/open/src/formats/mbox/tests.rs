//! Tests of mailboxes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a piece of another kind is a failed test"
)]

use super::*;
use mugai_core::{Assignment, Budget, Family, Finding, Limits, NoFonts, Params, Sink, Treatments};
use proptest::prelude::*;
use std::collections::BTreeMap;

const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 0,
    parts: 2_000,
    depth: 5,
    steps: 500_000_000,
};

#[derive(Default)]
struct Heard {
    messages: Vec<Vec<u8>>,
    leading: Vec<Vec<u8>>,
    findings: BTreeMap<FindingCode, u32>,
}

impl Sink for Heard {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Child(child) => {
                assert_eq!(child.role, Role::Message);
                let content = child.content.here().unwrap().to_vec();
                if child.name.is_none() {
                    assert_eq!(child.hints.declared, MediaType::parse("message/rfc822"));
                    self.messages.push(content);
                } else {
                    assert_eq!(child.hints.declared, None);
                    self.leading.push(content);
                }
                Ok(())
            }
            other => panic!("{other:?}"),
        }
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.insert(finding.code, finding.count);
        Ok(())
    }
}

fn split(input: &[u8], limits: Limits) -> (Result<(), Refusal>, Heard, u64) {
    let order = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing().with(Family::Mail, Treatment::Text),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut heard = Heard::default();
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut heard);
    let result = Mbox.open(input, &mut cx);
    cx.flush().unwrap();
    (result, heard, budget.spent(Resource::Steps))
}

fn messages(input: &str) -> Vec<String> {
    let (result, heard, _) = split(input.as_bytes(), LIMITS);
    assert_eq!(result, Ok(()));
    heard
        .messages
        .into_iter()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect()
}

#[test]
fn mailboxes_are_split() {
    for (input, want) in [
        ("From a Mon\nA: b\n\nx\n", &["A: b\n\nx\n"][..]),
        (
            "From a Mon\nA: b\n\nx\n\nFrom c Tue\nC: d\n\ny\n\n",
            &["A: b\n\nx\n", "C: d\n\ny\n"],
        ),
        (
            "From a Mon\r\nA: b\r\n\r\nx\r\n\r\nFrom c Tue\r\nC: d\r\n\r\ny",
            &["A: b\r\n\r\nx\r\n", "C: d\r\n\r\ny"],
        ),
        // no empty line before it, or no header behind it: a sentence that starts with From
        (
            "From a Mon\nA: b\n\nx\nFrom c Tue\nC: d\n",
            &["A: b\n\nx\nFrom c Tue\nC: d\n"],
        ),
        (
            "From a Mon\nA: b\n\nFrom here on\nall is text\n",
            &["A: b\n\nFrom here on\nall is text\n"],
        ),
        (
            "From a Mon\nA: b\n\n>From x\n>>From y\n> From z\na >From b\n",
            &["A: b\n\nFrom x\n>From y\n> From z\na >From b\n"],
        ),
        // what stands before the first message and says nothing
        (
            "\u{feff}From a Mon\nA: b\n\nx\n\nFrom c Tue\nC: d\n",
            &["A: b\n\nx\n", "C: d\n"],
        ),
        ("\nFrom a Mon\nA: b\n\nx\n", &["A: b\n\nx\n"]),
        ("\r\nFrom a Mon\r\nA: b\r\n", &["A: b\r\n"]),
        ("\u{feff}\n\nFrom a Mon\nA: b\n", &["A: b\n"]),
        // no empty line, but all of a date and a header
        (
            "From a Mon Jan  1 00:00:00 2024\nA: b\nC: d\n\nx\nFrom ???@??? Tue Jan 02 03:04:05 2024\nA: b\n\tc\n\ny\n",
            &["A: b\nC: d\n\nx\n", "A: b\n\tc\n\ny\n"],
        ),
        (
            "From a Mon\nA: b\n\nx\nFrom - Tue Nov 14 22:13:20 +0000 2023\nA: b\nC: d\n",
            &["A: b\n\nx\n", "A: b\nC: d\n"],
        ),
        // a date without all of it, a header without two lines: a sentence
        (
            "From a Mon\nA: b\n\nx\nFrom a Tue Jan 02 2024\nA: b\nC: d\n",
            &["A: b\n\nx\nFrom a Tue Jan 02 2024\nA: b\nC: d\n"],
        ),
        (
            "From a Mon\nA: b\n\nx\nFrom a Tue Jan 02 03:04:05 2024\nA: b\nx\n",
            &["A: b\n\nx\nFrom a Tue Jan 02 03:04:05 2024\nA: b\nx\n"],
        ),
        (
            "From a Mon\n>From b Tue\nA: b\n\nx\n",
            &["From b Tue\nA: b\n\nx\n"],
        ),
    ] {
        assert_eq!(messages(input), want, "{input:?}");
    }
}

#[test]
fn what_is_no_mailbox() {
    for input in [
        "",
        "x",
        "From a Mon\n",
        "From a Mon\n\nx",
        "Subject: x\n\nFrom\n",
    ] {
        let (result, _, _) = split(input.as_bytes(), LIMITS);
        assert!(matches!(result, Err(Refusal::Malformed(_))), "{input:?}");
    }
}

#[test]
fn messages_and_leading_bytes_are_noted() {
    let (_, heard, _) = split(b"junk\n\nFrom a Mon\nA: b\n\nFrom c Tue\nC: d\n", LIMITS);
    assert_eq!(heard.findings.get(&FindingCode::MboxMessage), Some(&2));
    assert_eq!(heard.findings.get(&FindingCode::MboxLeading), Some(&1));
    assert_eq!(heard.leading, [b"junk\n\n"]);
    let (_, heard, _) = split(b"From a Mon\nno header\n\nFrom c Tue\nC: d\n", LIMITS);
    assert_eq!(heard.leading, [b"no header\n\n"]);
    let (_, heard, _) = split(b"\xef\xbb\xbf\r\nFrom a Mon\nA: b\n", LIMITS);
    assert!(!heard.findings.contains_key(&FindingCode::MboxLeading) && heard.leading.is_empty());
}

#[test]
fn mailboxes_that_are_made_to_hurt() {
    let many = "From a Mon\nA: b\n\n".repeat(100_000);
    let (result, heard, _) = split(many.as_bytes(), LIMITS);
    assert!(matches!(
        result,
        Err(Refusal::Overrun {
            resource: Resource::Parts,
            ..
        })
    ));
    assert_eq!(heard.messages.len(), 2_000);
    for unit in [
        "\nFrom ",
        "\n\nFrom x\n",
        ">",
        ">From ",
        "\n>From ",
        "\nFrom - Tue Jan 02 03:04:05 2024\n",
        "\nFrom - Tue Jan 02 03:04:05 2024\nA: b",
    ] {
        let input = format!(
            "From a Mon\nA: b\n\n{}",
            unit.repeat(2_000_000 / unit.len())
        );
        let (result, _, steps) = split(input.as_bytes(), LIMITS);
        assert_eq!(result, Ok(()));
        assert!(steps <= 2_000_000, "{unit:?} {steps}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_bytes_panic_or_overspend(words in proptest::collection::vec(0usize..8, 0..60), steps in 0u64..100) {
        let table = ["From ", ">From ", "\n", "\r\n", "A: b", "x", "\n\n", ">"];
        let input: String = words.iter().map(|&index| table[index]).collect();
        let (_, heard, spent) = split(input.as_bytes(), Limits { steps, ..LIMITS });
        prop_assert!(spent <= steps);
        let read: usize = heard.messages.iter().map(Vec::len).sum();
        prop_assert!(read <= input.len());
    }
}
