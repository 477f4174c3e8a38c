//! Three libraries that share no code read one message: `mail-parser`, `mailparse`, and Python's
//! `email`. They must see the same subject, the same files under the same names, the same texts.

use crate::python::{self, MESSAGE_READER, Sample, samples, written};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use mailparse::{MailHeaderMap, ParsedMail};
use mugai_core::{Envelope, Line, SafeName, Target};

/// What one reader sees of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    subject: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    /// The name of the file; none for the body.
    file: String,
    /// The same name, where old programs look for it.
    alias: String,
    content: Vec<u8>,
}

/// `mail-parser` 0.11.9. It decodes texts from their charset, ours being UTF-8.
fn by_mail_parser(bytes: &[u8]) -> Seen {
    let message = MessageParser::default().parse(bytes).unwrap();
    let part = |part: &mail_parser::MessagePart<'_>| {
        if matches!(part.body, PartType::Multipart(_)) {
            return None;
        }
        let file = part
            .content_disposition()
            .and_then(|d| d.attribute("filename"));
        let alias = part.content_type().and_then(|t| t.attribute("name"));
        Some(Part {
            file: file.unwrap_or_default().to_owned(),
            alias: alias.unwrap_or_default().to_owned(),
            content: part.contents().to_vec(),
        })
    };
    Seen {
        subject: message.subject().unwrap_or_default().to_owned(),
        parts: message.parts.iter().filter_map(part).collect(),
    }
}

/// `mailparse`.
fn by_mailparse(bytes: &[u8]) -> Seen {
    let message = mailparse::parse_mail(bytes).unwrap();
    let mut parts = Vec::new();
    let mut waiting = vec![&message];
    while let Some(part) = waiting.pop() {
        waiting.extend(part.subparts.iter().rev());
        if part.subparts.is_empty() {
            parts.push(leaf(part));
        }
    }
    let subject = message.headers.get_first_value("Subject");
    Seen {
        subject: subject.unwrap_or_default(),
        parts,
    }
}

fn leaf(part: &ParsedMail<'_>) -> Part {
    let file = part.get_content_disposition().params.remove("filename");
    let alias = part.ctype.params.get("name").cloned();
    Part {
        file: file.unwrap_or_default(),
        alias: alias.unwrap_or_default(),
        content: part.get_body_raw().unwrap(),
    }
}

/// Python; none where there is none.
fn by_python(messages: &[Vec<u8>]) -> Option<Vec<Seen>> {
    let mut input = Vec::new();
    for bytes in messages {
        input.extend_from_slice(format!("{}\n", bytes.len()).as_bytes());
        input.extend_from_slice(bytes);
    }
    let facts = python::python(MESSAGE_READER, &[], &input)?;
    let mut all: Vec<Seen> = Vec::new();
    for (fact, value) in facts {
        let text = || String::from_utf8(value.clone()).unwrap();
        if fact == "subject" {
            all.push(Seen {
                subject: text(),
                parts: Vec::new(),
            });
            continue;
        }
        let parts = &mut all.last_mut().unwrap().parts;
        match fact.as_str() {
            "file" => parts.push(Part {
                file: text(),
                ..Part::default()
            }),
            "alias" => parts.last_mut().unwrap().alias = text(),
            "bytes" => parts.last_mut().unwrap().content = value,
            // an identifier is carried as it was given, or answers would find no thread; Python
            // minds two dots, and forms that RFC 5322 section 4.5.4 calls obsolete
            "defect" if text().starts_with("Message-ID: ") => {}
            "defect" => assert_eq!(text(), "", "a defect to Python"),
            _ => {}
        }
    }
    Some(all)
}

/// Holds the readers against each other, and against `wanted` where that is known.
pub(crate) fn agree(messages: &[(String, Vec<u8>)], wanted: Option<&[Seen]>) {
    let bytes: Vec<Vec<u8>> = messages.iter().map(|(_, bytes)| bytes.clone()).collect();
    let python = by_python(&bytes);
    for (index, (label, bytes)) in messages.iter().enumerate() {
        let first = by_mail_parser(bytes);
        if let Some(wanted) = wanted {
            assert_eq!(Some(&first), wanted.get(index), "mail-parser, {label}");
        }
        assert_eq!(by_mailparse(bytes), first, "mailparse, {label}");
        if let Some(python) = &python {
            assert_eq!(python.get(index), Some(&first), "Python, {label}");
        }
    }
    if let Some(python) = python {
        assert_eq!(python.len(), messages.len());
    }
}

/// What was written, by our own word.
fn meant(sample: &Sample) -> Seen {
    let (body, _) = mugai_emit::text(sample.body.to_owned());
    let body = Part {
        content: body.as_str().replace('\n', "\r\n").into_bytes(),
        ..Part::default()
    };
    let files = sample.files.iter().map(|(name, _, bytes)| Part {
        file: name.as_str().to_owned(),
        alias: name.as_str().to_owned(),
        content: bytes.clone(),
    });
    let subject = sample.envelope.subject.as_ref();
    Seen {
        subject: subject.map_or("", Line::as_str).to_owned(),
        parts: std::iter::once(body).chain(files).collect(),
    }
}

/// Subjects and names at which folding, words and sections end.
fn edges() -> Vec<Sample> {
    let lengths = [
        1, 9, 10, 11, 14, 15, 16, 17, 19, 20, 21, 29, 30, 31, 44, 45, 46, 60, 62, 75, 120,
    ];
    let letters = [
        "a",
        "あ",
        "é",
        "😀",
        "a b",
        "あ ",
        "%",
        "=?",
        "'",
        "か\u{3099}",
        "葛\u{e0100}",
    ];
    let mut all = Vec::new();
    for letter in letters {
        for length in lengths {
            let text = letter.repeat(length);
            let name = SafeName::clean(&format!("{text}.txt")).0;
            all.push(Sample {
                envelope: Envelope {
                    subject: Some(Line::clean(text.trim()).0),
                    ..Envelope::default()
                },
                body: "--\n.\n..\nFrom a\n=3D\n\n\nあ\n",
                files: name
                    .into_iter()
                    .map(|name| (name, Target::Txt, "一\r\n".as_bytes().to_vec()))
                    .collect(),
            });
        }
    }
    all
}

#[test]
fn three_readers_see_the_same() {
    let samples: Vec<Sample> = samples().into_iter().chain(edges()).collect();
    let messages: Vec<(String, Vec<u8>)> = samples
        .iter()
        .map(|sample| (format!("{:?}", sample.envelope.subject), written(sample)))
        .collect();
    let wanted: Vec<Seen> = samples.iter().map(meant).collect();
    agree(&messages, Some(&wanted));
}
