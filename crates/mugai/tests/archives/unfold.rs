//! Looks into what came out, with other readers than those of the product.

use flate2::read::DeflateDecoder;
use mail_parser::{MessageParser, PartType};
use mugai_core::{NoFonts, Password, SafeName, Untrusted};
use mugai_engine::{Order, Outcome, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use std::io::Read;

/// Sanitises a file by the default policy, in this process.
pub(crate) fn run(input: Vec<u8>, name: &str) -> Outcome {
    let policy = Policy::preset("municipal-lgwan").expect("a preset");
    run_by(input, name, &policy, &[])
}

/// Sanitises a file by a policy with passwords.
pub(crate) fn run_by(
    input: Vec<u8>,
    name: &str,
    policy: &Policy,
    passwords: &[Password],
) -> Outcome {
    sanitise(
        Order {
            input: Untrusted::new(input),
            name: SafeName::clean(name).0,
            label: name.to_owned(),
            policy,
            from: "internet",
            to: "lgwan",
            passwords,
            patience: mugai_core::Patience::default(),
        },
        &InProcess::<NoFonts>::default(),
    )
}

/// A file that came out, at any depth; those that hold others are among them.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All files that came out, the notice of a withheld input included.
pub(crate) fn files(outcome: &Outcome) -> Vec<Found> {
    let outputs: Vec<_> = match &outcome.verdict {
        Verdict::Sanitised(outputs) => outputs.iter().collect(),
        Verdict::Withheld(_) => outcome.notice.iter().collect(),
    };
    let mut found: Vec<Found> = outputs
        .iter()
        .map(|output| Found {
            name: output.name.to_string(),
            bytes: output.file.load().expect("its bytes").to_vec(),
        })
        .collect();
    let mut next = 0usize;
    while let Some(file) = found.get(next) {
        let inside = inside(file);
        found.extend(inside);
        next = next.saturating_add(1);
    }
    found
}

fn inside(file: &Found) -> Vec<Found> {
    if file.bytes.starts_with(b"PK\x03\x04") {
        return members(&file.bytes);
    }
    if file.name.ends_with(".eml") || file.bytes.starts_with(b"From: ") {
        return attachments(&file.bytes);
    }
    if let Some(rest) = file.bytes.strip_prefix(b"From MAILER-DAEMON ") {
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        return attachments(rest.get(line.saturating_add(1)..).unwrap_or_default());
    }
    Vec::new()
}

/// The files of a ZIP file whose entries stand one behind the other.
pub(crate) fn members(bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(b"PK\x03\x04") {
        let number = |at: usize, length: usize| {
            let bytes = rest.get(at..).and_then(|rest| rest.get(..length));
            let digits = bytes.unwrap_or_default().iter().rev();
            digits.fold(0, |sum: usize, byte| (sum << 8) | usize::from(*byte))
        };
        let (method, packed) = (number(8, 2), number(18, 4));
        let name = number(26, 2).saturating_add(30);
        let head = name.saturating_add(number(28, 2));
        let data = head.saturating_add(packed);
        let raw = rest.get(head..data).unwrap_or_default();
        let mut content = raw.to_vec();
        if method == 8 {
            content.clear();
            let mut decoder = DeflateDecoder::new(raw);
            decoder.read_to_end(&mut content).expect("a stream of ours");
        }
        let name = String::from_utf8_lossy(rest.get(30..name).unwrap_or_default());
        found.push(Found {
            name: name.into_owned(),
            bytes: content,
        });
        rest = rest.get(data..).unwrap_or_default();
    }
    found
}

fn attachments(bytes: &[u8]) -> Vec<Found> {
    let Some(mail) = MessageParser::default().parse(bytes) else {
        return Vec::new();
    };
    let part = |part: &mail_parser::MessagePart<'_>| {
        let bytes = match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.as_bytes().to_vec(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
            PartType::Message(_) | PartType::Multipart(_) => part.contents().to_vec(),
        };
        let name = mail_parser::MimeHeaders::attachment_name(part);
        Found {
            name: name.unwrap_or_default().to_owned(),
            bytes,
        }
    };
    mail.parts.iter().map(part).collect()
}
