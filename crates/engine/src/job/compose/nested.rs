//! A message inside a message: told as a text file, its own files beside it.

use crate::job::Job;
use crate::job::assemble::text_file;
use crate::job::compose::note;
use crate::job::names::fallback;
use crate::job::part::Deliverable;
use mugai_core::{Envelope, Lang, Mailbox, Refusal, SafeName};
use mugai_emit::Harmless;
use std::fmt::Write as _;

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
    part.bytes_out = u64::try_from(file.bytes().len()).unwrap_or(u64::MAX);
    let name = match (&part.name, &envelope.subject) {
        (Some(name), _) => name.with_extension("txt", |e| matches!(e, "eml" | "msg" | "mime")),
        (None, Some(subject)) => SafeName::clean(subject.as_str()).0.map_or_else(
            || fallback("message.txt"),
            |name| name.with_extension("txt", |_| false),
        ),
        (None, None) => fallback("message.txt"),
    };
    part.out.insert(
        0,
        Deliverable {
            part: index,
            name,
            file,
        },
    );
    Ok(())
}

fn head(lang: Lang, envelope: &Envelope) -> String {
    let mut out = String::new();
    let lists = [
        ("差出人", "From", &envelope.from),
        ("宛先", "To", &envelope.to),
        ("写し", "Cc", &envelope.cc),
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
