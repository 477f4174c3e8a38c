//! Mails that are made to hurt: scaled down, judged by the steps that they cost.

use super::{LIMITS, Outcome, read, read_with};
use mugai_core::{Limits, Refusal, Resource};
use proptest::prelude::*;

/// Steps that an honest mail of this size may cost: a few for each byte.
fn assert_linear(outcome: &Outcome, input: &[u8]) {
    let bytes = u64::try_from(input.len()).unwrap();
    assert!(
        outcome.spent_steps <= bytes * 8 + 10_000,
        "{} steps for {bytes} bytes",
        outcome.spent_steps
    );
}

fn many(parts: u64) -> Limits {
    Limits { parts, ..LIMITS }
}

fn is_overrun(outcome: &Outcome, of: Resource) -> bool {
    matches!(outcome.result, Err(Refusal::Overrun { resource, .. }) if resource == of)
}

/// Row 21.
#[test]
fn multiparts_whose_boundary_never_occurs() {
    let mut mail = "Content-Type: multipart/mixed; boundary=o\n\n".to_owned();
    for n in 0..20_000 {
        mail += &format!("--o\nContent-Type: multipart/mixed; boundary=never{n}\n\nx\n");
    }
    let outcome = read_with(mail.as_bytes(), LIMITS);
    assert!(is_overrun(&outcome, Resource::Parts));
    let outcome = read_with(mail.as_bytes(), many(1_000_000));
    assert_eq!(outcome.result, Ok(()));
    assert_eq!(outcome.children().len(), 20_000);
    assert_linear(&outcome, mail.as_bytes());
}

#[test]
fn messages_in_messages_are_left_to_the_queue() {
    let mail = "Content-Type: message/rfc822\n\n".repeat(40_000);
    let outcome = read(&mail);
    assert_eq!(outcome.children().len(), 1);
    assert_linear(&outcome, mail.as_bytes());
}

#[test]
fn a_million_parts() {
    let mut mail = "Content-Type: multipart/mixed; boundary=b\n\n".to_owned();
    mail += &"--b\n\nx\n".repeat(1_000_000);
    let outcome = read_with(mail.as_bytes(), LIMITS);
    assert!(is_overrun(&outcome, Resource::Parts));
    assert!(outcome.children().is_empty());
}

#[test]
fn multiparts_nested_without_end() {
    let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(10_000);
    let outcome = read_with(mail.as_bytes(), many(1_000_000));
    assert_eq!(outcome.result, Ok(()));
    assert_linear(&outcome, mail.as_bytes());
}

#[test]
fn headers_without_end() {
    let mail = "X: y\n".repeat(1_000_000);
    assert!(is_overrun(
        &read_with(mail.as_bytes(), LIMITS),
        Resource::Steps
    ));
    let mail = "Subject: y\n".repeat(90_000);
    assert_linear(&read(&mail), mail.as_bytes());
    for start in [
        "Subject: ",
        "X: ",
        "From: ",
        "Content-Type: a; b=",
        "References: ",
    ] {
        let mail = start.to_owned() + &"x".repeat(10_000_000);
        assert_linear(&read(&mail), mail.as_bytes());
    }
}

/// Values of which a careless reader makes quadratic work.
#[test]
fn headers_of_many_small_things() {
    for (name, unit) in [
        ("Subject", "=?utf-8?B?44GC?= "),
        ("Subject", "=?utf-8?B?"),
        ("Subject", "=?a?b?=?a?b?"),
        ("Subject", "=?"),
        ("Subject", "?="),
        ("From", "=?utf-8?Q?"),
        ("From", "=?utf-8?Q?\"?="),
        ("From", "a@b.jp, "),
        ("From", "("),
        ("From", "\""),
        ("From", "<"),
        ("From", "\\\""),
        ("From", "\"a\" "),
        ("From", "x:"),
        ("Date", "("),
        ("Date", "1 "),
        ("References", "<a@b.jp> "),
        ("References", "<"),
        ("Content-Type", "; a*0*=x"),
        ("Content-Type", "("),
        ("Content-Type", "; x=\"\\\""),
        ("Content-Disposition", "; filename*1000=x"),
        ("Content-ID", "<"),
    ] {
        let mail = format!("{name}: {}\n\nx", unit.repeat(100_000 / unit.len()));
        let outcome = read(&mail);
        assert_linear(&outcome, mail.as_bytes());
    }
}

#[test]
fn a_hundred_thousand_sections() {
    let sections: Vec<String> = (0..100_000).map(|n| format!("filename*{n}=x")).collect();
    let sections = sections.join("; ");
    let mail = format!("Content-Disposition: attachment; {sections}\n\nx");
    let outcome = read(&mail);
    assert_linear(&outcome, mail.as_bytes());
    assert!(outcome.children()[0].name.is_some());
}

#[test]
fn bodies_of_many_small_things() {
    for (encoding, unit) in [
        ("quoted-printable", "=\r\n"),
        ("quoted-printable", "="),
        ("quoted-printable", " \n"),
        ("base64", "=\r\n"),
        ("base64", "QQ==\r\n"),
        ("base64", "Q\n"),
        ("x-uuencode", "begin 644 x\n"),
        ("7bit", "--b\n"),
        ("7bit", "--bx\n"),
        ("7bit", "\n--\n"),
    ] {
        let body = unit.repeat(2_000_000 / unit.len());
        let mail = format!("Content-Transfer-Encoding: {encoding}\n\n{body}");
        let outcome = read(&mail);
        assert_linear(&outcome, mail.as_bytes());
        let mail = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: {encoding}\n\n{body}"
        );
        let outcome = read_with(mail.as_bytes(), many(1_000_000));
        assert!(outcome.result.is_ok() || is_overrun(&outcome, Resource::Steps));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic_or_overspend(mail in proptest::collection::vec(any::<u8>(), 0..600), bytes in 0u64..800, steps in 0u64..800, parts in 0u64..4) {
        let limits = Limits { bytes, steps, parts, ..LIMITS };
        let outcome = read_with(&mail, limits);
        prop_assert!(outcome.spent_steps <= steps);
        prop_assert!(u64::try_from(outcome.children().len()).unwrap() <= parts);
    }

    /// Random mails of the words that matter.
    #[test]
    fn no_structure_panics(words in proptest::collection::vec(0usize..WORDS.len(), 0..80)) {
        let mail: String = words.iter().map(|&index| WORDS[index]).collect();
        let outcome = read_with(mail.as_bytes(), LIMITS);
        let refused = matches!(outcome.result, Err(Refusal::Ambiguous(_)));
        prop_assert!(outcome.result.is_ok() || refused, "{:?}", outcome.result);
        // nothing that is read is longer than what was sent
        let read: usize = outcome.children().iter().map(|c| c.content.len()).sum();
        prop_assert!(read <= mail.len());
    }
}

const WORDS: [&str; 26] = [
    "From: ",
    "Subject: ",
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: ",
    "multipart/alternative; boundary=\"c\"",
    "Content-Transfer-Encoding: base64",
    "text/plain",
    "text/html",
    "message/rfc822",
    "\n",
    "\r\n",
    "\n\n",
    "--b",
    "--b--",
    "--c",
    "--c--",
    " ",
    ";",
    "=?utf-8?B?44GC?=",
    "=?",
    "?=",
    "\"",
    "<a@b.jp>",
    "name*0*=utf-8''%E3",
    "(",
    "YWJj",
];
