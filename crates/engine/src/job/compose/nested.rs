//! A message inside a message: told as a text file, its own files beside it.

use crate::job::Job;
use crate::job::assemble::text_file;
use crate::job::compose::note;
use crate::job::names::{fallback, title};
use crate::job::part::Deliverable;
use mugai_core::{Envelope, Lang, Line, Mailbox, Refusal, SafeName};
use mugai_emit::Harmless;
use std::fmt::Write as _;

/// Names that programs give to any message that they attach, and what ours is called that has none.
const SAY_NOTHING: [&str; 12] = [
    "message",
    "mail",
    "forwardedmessage",
    "forwarded message",
    "attached message",
    "attachedmessage",
    "original message",
    "noname",
    "untitled",
    "転送メッセージ",
    "添付メッセージ",
    "無題",
];

/// Writes message `index` as a text and puts it before the files that came in it.
pub(super) fn text(
    job: &mut Job<'_>,
    index: usize,
    lang: Lang,
    envelope: &Envelope,
    body: Option<&Harmless>,
) -> Result<(), Refusal> {
    let mut text = head(lang, envelope);
    text.push('\n');
    text.push_str(body.map_or("", Harmless::as_str));
    let (file, defanged) = text_file(text)?;
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    note(&mut part.findings, defanged);
    part.bytes_out = u64::try_from(file.len()).unwrap_or(u64::MAX);
    let name = name(part.name.as_ref(), envelope.subject.as_ref());
    part.out.insert(
        0,
        Deliverable {
            part: index,
            name,
            file,
            digests: None,
        },
    );
    Ok(())
}

/// What the text is called: as the message was, unless that says no more than that it is one; then
/// by its subject, which is what people look for.
fn name(given: Option<&SafeName>, subject: Option<&Line>) -> SafeName {
    match (
        given.filter(|name| !says_nothing(name)),
        subject.and_then(titled),
    ) {
        (Some(name), _) => name.with_extension("txt", |e| e == "txt" || is_message(e)),
        (None, Some(subject)) => subject.with_extension("txt", |_| false),
        (None, None) => fallback("message.txt"),
    }
}

/// Whether a name says no more than that it is one of a message.
pub(super) fn says_nothing(name: &SafeName) -> bool {
    let (stem, extension) = name.split_extension();
    let stem = if extension.is_some_and(is_message) {
        stem
    } else {
        name.as_str()
    };
    SAY_NOTHING.contains(&stem.to_lowercase().as_str())
}

/// A name out of a subject.
pub(super) fn titled(subject: &Line) -> Option<SafeName> {
    title(subject.as_str())
}

fn is_message(extension: &str) -> bool {
    ["eml", "msg", "mime"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

fn head(lang: Lang, envelope: &Envelope) -> String {
    let mut out = String::new();
    let lists = [
        ("差出人", "From", &envelope.from),
        ("宛先", "To", &envelope.to),
        ("CC", "Cc", &envelope.cc),
        ("返信先", "Reply-To", &envelope.reply_to),
    ];
    for (japanese, english, mailboxes) in lists {
        if !mailboxes.is_empty() {
            let label = if lang == Lang::Ja { japanese } else { english };
            let list: Vec<String> = mailboxes.iter().map(mailbox).collect();
            let _ = writeln!(out, "{label}: {}", list.join(", "));
        }
    }
    if let Some(date) = &envelope.date {
        let label = if lang == Lang::Ja { "日時" } else { "Date" };
        let _ = writeln!(out, "{label}: {}", mugai_emit::eml::date(*date));
    }
    if let Some(subject) = &envelope.subject {
        let label = if lang == Lang::Ja {
            "件名"
        } else {
            "Subject"
        };
        let _ = writeln!(out, "{label}: {}", subject.as_str());
    }
    out
}

fn mailbox(mailbox: &Mailbox) -> String {
    let address = mailbox.address().map(mugai_core::AddrSpec::to_wire);
    match (mailbox.name(), address) {
        (Some(name), Some(address)) => format!("{} <{address}>", name.as_str()),
        (Some(name), None) => name.as_str().to_owned(),
        (None, Some(address)) => address,
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_called_by_their_subject_where_their_name_says_nothing() {
        for (given, subject, want) in [
            (Some("message.eml"), Some("会議の件"), "会議の件.txt"),
            (
                Some("ForwardedMessage.eml"),
                Some("Re: 4/1の件"),
                "Re： 4／1の件.txt",
            ),
            (Some("Attached Message"), Some("ver1.2"), "ver1.2.txt"),
            (Some("MESSAGE.EML"), Some("  "), "message.txt"),
            (Some("会議.eml"), Some("別の件"), "会議.txt"),
            (Some("message.txt"), Some("a"), "message.txt"),
            (Some("report.MSG"), None, "report.txt"),
            (None, Some("見積.pdf"), "見積.pdf.txt"),
            (None, Some("..."), "message.txt"),
            (None, None, "message.txt"),
        ] {
            let given = given.and_then(|name| SafeName::clean(name).0);
            let subject = subject.map(|subject| Line::clean(subject).0);
            let got = name(given.as_ref(), subject.as_ref());
            assert_eq!(got.as_str(), want, "{given:?} {subject:?}");
        }
    }
}
