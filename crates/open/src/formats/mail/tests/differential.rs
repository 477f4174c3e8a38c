//! What we read, held against an independent parser of mail.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]

use super::encode::{base64, quoted};
use super::{LIMITS, Outcome, read, read_with};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use mugai_core::{Child, FindingCode, Limits};
use proptest::prelude::*;
use std::path::PathBuf;

/// A leaf as both readers must see it. Texts are equal by kind only where their charset is not
/// known: decoding it is not the matter of this reader.
#[derive(Debug, PartialEq, Eq)]
enum Leaf {
    Text(Option<Vec<u8>>),
    Message,
    File(Vec<u8>),
}

fn theirs(input: &[u8], exact: bool) -> Option<Vec<Leaf>> {
    let message = MessageParser::default().parse(input)?;
    let leaf = |part: &mail_parser::MessagePart<'_>| {
        let report = part
            .content_type()
            .is_some_and(|t| t.ctype().eq_ignore_ascii_case("message"));
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => {
                Some(Leaf::Text(exact.then(|| text.as_bytes().to_vec())))
            }
            PartType::Binary(_) | PartType::InlineBinary(_) if report => Some(Leaf::Text(None)),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                Some(Leaf::File(bytes.to_vec()))
            }
            PartType::Message(_) => Some(Leaf::Message),
            PartType::Multipart(_) => None,
        }
    };
    Some(message.parts.iter().filter_map(leaf).collect())
}

fn ours(outcome: &Outcome, exact: bool) -> Vec<Leaf> {
    let leaf = |child: &&Child| {
        let media = child
            .hints
            .declared
            .as_ref()
            .map_or("text/plain", |m| m.as_str());
        let content = child.content.here().unwrap().to_vec();
        match media {
            "message/rfc822" => Leaf::Message,
            _ if media.starts_with("text/") || media.starts_with("message/") => {
                Leaf::Text(exact.then_some(content))
            }
            _ => Leaf::File(content),
        }
    };
    outcome.children().iter().map(leaf).collect()
}

/// A message to be written and read again.
#[derive(Clone, Debug)]
enum Tree {
    Leaf {
        html: bool,
        text: Option<String>,
        bytes: Vec<u8>,
        base64: bool,
    },
    Multipart {
        subtype: &'static str,
        parts: Vec<Tree>,
    },
}

impl Tree {
    /// Writes the tree and lists what its leaves hold.
    fn write(&self, mail: &mut String, leaves: &mut Vec<Leaf>, number: &mut u32) {
        match self {
            Self::Leaf {
                html,
                text,
                bytes,
                base64: is_base64,
            } => {
                let media = match (text, html) {
                    (None, _) => "application/octet-stream",
                    (Some(_), true) => "text/html; charset=utf-8",
                    (Some(_), false) => "text/plain; charset=utf-8",
                };
                let content = text.as_ref().map_or(bytes.as_slice(), |t| t.as_bytes());
                let (encoding, body) = if *is_base64 {
                    ("base64", base64(content))
                } else {
                    ("quoted-printable", quoted(content))
                };
                let width = if *is_base64 { 76 } else { 75 };
                let soft = if *is_base64 { "\r\n" } else { "=\r\n" };
                let chars: Vec<char> = body.chars().collect();
                let lines: Vec<String> = chars.chunks(width).map(|c| c.iter().collect()).collect();
                *mail += &format!(
                    "Content-Type: {media}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
                );
                *mail += &lines.join(soft);
                leaves.push(match text {
                    Some(text) => Leaf::Text(Some(text.as_bytes().to_vec())),
                    None => Leaf::File(bytes.clone()),
                });
            }
            Self::Multipart { subtype, parts } => {
                let boundary = format!("=_b{number}_");
                *number += 1;
                *mail += &format!(
                    "Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\nFor old programs.\r\n"
                );
                for part in parts {
                    *mail += &format!("--{boundary}\r\n");
                    part.write(mail, leaves, number);
                    *mail += "\r\n";
                }
                *mail += &format!("--{boundary}--\r\n");
            }
        }
    }
}

const SUBTYPES: [&str; 5] = ["mixed", "alternative", "related", "report", "unheard-of"];

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = (
        any::<bool>(),
        proptest::option::of("[a-zあ-ん \n-]{1,80}"),
        proptest::collection::vec(any::<u8>(), 1..200),
        any::<bool>(),
    )
        .prop_map(|(html, text, bytes, base64)| Tree::Leaf {
            html,
            text,
            bytes,
            base64,
        });
    leaf.prop_recursive(4, 24, 4, |inner| {
        (
            proptest::sample::select(&SUBTYPES[..]),
            proptest::collection::vec(inner, 1..5),
        )
            .prop_map(|(subtype, parts)| Tree::Multipart { subtype, parts })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn ordinary_mails_are_read_exactly_and_alike(tree in trees()) {
        let mut mail = "From: a@b.jp\r\nMIME-Version: 1.0\r\n".to_owned();
        let mut leaves = Vec::new();
        tree.write(&mut mail, &mut leaves, &mut 0);
        let outcome = read(&mail);
        prop_assert_eq!(ours(&outcome, true), leaves);
        prop_assert_eq!(theirs(mail.as_bytes(), true), Some(ours(&outcome, true)));
        prop_assert!(outcome.heard.findings.is_empty());
    }
}

/// The folder of third-party files, if this machine has one.
fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("MUGAI_CORPUS").map(PathBuf::from);
    let beside = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus"
    ));
    let folder = named.unwrap_or(beside).join("mail");
    folder.is_dir().then_some(folder)
}

/// Oddities of structure: where we note one, honest readers may disagree.
const ODD: [FindingCode; 9] = [
    FindingCode::MimeDuplicateHeader,
    FindingCode::MimeBoundary,
    FindingCode::MimeNoDelimiter,
    FindingCode::MimeUnterminated,
    FindingCode::MimeEncoding,
    FindingCode::MimeBase64,
    FindingCode::MimeNesting,
    FindingCode::MimeExternalBody,
    FindingCode::MailHeaderMalformed,
];

#[test]
fn ordinary_third_party_mails_are_read_alike() {
    let Some(folder) = folder() else {
        println!("skipped: no folder of third-party mails");
        return;
    };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut alike, mut ordinary, mut odd, mut refused) = (0u32, 0u32, 0u32, 0u32);
    for path in paths {
        let input = std::fs::read(&path).unwrap();
        let limits = Limits {
            parts: 100_000,
            ..LIMITS
        };
        let outcome = read_with(&input, limits);
        if outcome.result.is_err() {
            refused += 1;
        } else if ODD.iter().any(|code| outcome.count(*code) > 0) {
            odd += 1;
        } else {
            ordinary += 1;
            if theirs(&input, false) == Some(ours(&outcome, false)) {
                alike += 1;
            } else {
                println!("differs: {:?}", path.file_name().unwrap());
            }
        }
    }
    println!("{alike} of {ordinary} ordinary mails alike, {odd} odd, {refused} refused");
    assert!(alike * 100 >= ordinary * 97);
}
