//! The headers that are carried over, from the header section of a message.

use crate::formats::mail::fields::{Name, Section};
use crate::formats::mail::{address, auth, date, words};
use mugai_core::auth::MAX_RESULTS;
use mugai_core::message::MAX_REFERENCES;
use mugai_core::{
    AddrSpec, AuthResults, Cx, Envelope, FindingCode, Line, Mailbox, MsgId, Refusal, Remark,
    Resource,
};
use std::collections::{BTreeSet, VecDeque};

/// The longest Subject that is carried, in characters.
const MAX_SUBJECT: usize = 4_000;

/// What a machine may say about a message of its own (RFC 3834 section 5).
const AUTO_SUBMITTED: [&str; 4] = ["no", "auto-generated", "auto-replied", "auto-notified"];

/// Customary values of Precedence.
const PRECEDENCE: [&str; 3] = ["bulk", "list", "junk"];

/// Fields that may stand once (RFC 5322 section 3.6 and the standards of the others).
const SINGLE: [Name; 12] = [
    Name::From,
    Name::To,
    Name::Cc,
    Name::ReplyTo,
    Name::Subject,
    Name::Date,
    Name::MessageId,
    Name::InReplyTo,
    Name::References,
    Name::ListId,
    Name::AutoSubmitted,
    Name::Precedence,
];

/// Reads everything that is carried, and notes everything that is not.
///
/// # Errors
/// [`Refusal::Ambiguous`] for two From fields that differ: mail programs would show different
/// senders. [`Refusal::Overrun`] when the purse is empty.
pub(super) fn read(section: &Section<'_>, cx: &mut Cx<'_>) -> Result<Envelope, Refusal> {
    note_dropped(section, cx);
    let from = authors(section, cx)?;
    let reply_to = mailboxes(section, Name::ReplyTo, cx)?;
    note_other_reply_to(&from, &reply_to, cx);
    Ok(Envelope {
        to: mailboxes(section, Name::To, cx)?,
        cc: mailboxes(section, Name::Cc, cx)?,
        subject: subject(section, cx)?,
        date: sent(section, cx)?,
        message_id: ids(section, Name::MessageId, cx)?.into_iter().next(),
        in_reply_to: ids(section, Name::InReplyTo, cx)?,
        references: ids(section, Name::References, cx)?,
        list_id: list_id(section, cx)?,
        auto_submitted: keyword(section, Name::AutoSubmitted, &AUTO_SUBMITTED, cx)?,
        precedence: keyword(section, Name::Precedence, &PRECEDENCE, cx)?,
        auth: auth_results(section, cx)?,
        from,
        reply_to,
    })
}

fn note_dropped(section: &Section<'_>, cx: &mut Cx<'_>) {
    cx.note_times(FindingCode::MailHeaderDropped, section.others);
    for name in SINGLE {
        cx.note_times(FindingCode::MailHeaderDuplicate, section.repeats(name));
    }
}

/// What servers found out about the sender, or say so; what cannot be read is noted as dropped.
fn auth_results(section: &Section<'_>, cx: &mut Cx<'_>) -> Result<Vec<AuthResults>, Refusal> {
    let (mut all, mut dropped) = (Vec::new(), 0u32);
    for raw in section.all(Name::AuthResults) {
        let value = words::unicode(raw, cx)?;
        match auth::parse(&value, cx)? {
            Some(results) if all.len() < MAX_RESULTS => all.push(results),
            _ => dropped = dropped.saturating_add(1),
        }
    }
    cx.note_times(FindingCode::MailAuthResults, dropped);
    Ok(all)
}

/// The first From, unless another one says something else.
fn authors(section: &Section<'_>, cx: &mut Cx<'_>) -> Result<Vec<Mailbox>, Refusal> {
    let first = mailboxes(section, Name::From, cx)?;
    let mut seen = section.first(Name::From);
    for other in section.all(Name::From).skip(1) {
        if seen.replace(other) == Some(other) {
            continue;
        }
        let value = words::unicode(other, cx)?;
        if address::parse(&value, cx)? != first {
            cx.note(FindingCode::MailFromConflict);
            return Err(Refusal::Ambiguous(Remark::fixed(
                "mail: two different From fields",
            )));
        }
    }
    Ok(first)
}

fn mailboxes(section: &Section<'_>, name: Name, cx: &mut Cx<'_>) -> Result<Vec<Mailbox>, Refusal> {
    match section.first(name) {
        Some(raw) => {
            let value = words::unicode(raw, cx)?;
            address::parse(&value, cx)
        }
        None => Ok(Vec::new()),
    }
}

fn note_other_reply_to(from: &[Mailbox], reply_to: &[Mailbox], cx: &mut Cx<'_>) {
    let key = |address: &AddrSpec| address.to_wire().to_lowercase();
    let senders: BTreeSet<_> = from.iter().filter_map(Mailbox::address).map(key).collect();
    let differs = reply_to
        .iter()
        .filter_map(Mailbox::address)
        .any(|address| !senders.contains(&key(address)));
    if differs {
        cx.note(FindingCode::MailReplyToDiffers);
    }
}

fn subject(section: &Section<'_>, cx: &mut Cx<'_>) -> Result<Option<Line>, Refusal> {
    let Some(raw) = section.first(Name::Subject) else {
        return Ok(None);
    };
    let text = words::text(raw.trim_ascii_start(), cx)?;
    let text: String = if text.chars().nth(MAX_SUBJECT).is_some() {
        cx.note(FindingCode::TextTruncated);
        text.chars().take(MAX_SUBJECT).collect()
    } else {
        text
    };
    Ok(Some(cx.line(&text)))
}

fn sent(section: &Section<'_>, cx: &mut Cx<'_>) -> Result<Option<mugai_core::Date>, Refusal> {
    let Some(raw) = section.first(Name::Date) else {
        return Ok(None);
    };
    let date = date::parse(&words::unicode(raw, cx)?);
    if date.is_none() {
        cx.note(FindingCode::MailDateInvalid);
    }
    Ok(date)
}

/// The last identifiers of a field. What stands between them, phrases of old programs, is no
/// identifier and nothing wrong.
fn ids(section: &Section<'_>, name: Name, cx: &mut Cx<'_>) -> Result<Vec<MsgId>, Refusal> {
    let Some(raw) = section.first(name) else {
        return Ok(Vec::new());
    };
    let value = words::unicode(raw, cx)?;
    cx.charge_len(Resource::Steps, value.len())?;
    let mut last = VecDeque::new();
    let mut wrong = 0u32;
    let mut keep = |id: Result<MsgId, Refusal>| match id {
        Ok(id) => {
            if last.len() >= MAX_REFERENCES {
                last.pop_front();
            }
            last.push_back(id);
        }
        Err(_) => wrong = wrong.saturating_add(1),
    };
    if value.contains('<') {
        for piece in value.split('<').skip(1) {
            match piece.split_once('>') {
                Some((id, _)) => keep(MsgId::parse(id.trim())),
                None => keep(MsgId::parse("")),
            }
        }
    } else {
        for word in value.split_whitespace() {
            keep(MsgId::parse(word));
        }
    }
    cx.note_times(FindingCode::MailMsgIdInvalid, wrong);
    Ok(last.into())
}

/// The identifier of a list, or all of the field where it is ASCII (RFC 2919 section 3).
fn list_id(section: &Section<'_>, cx: &mut Cx<'_>) -> Result<Option<Line>, Refusal> {
    let Some(raw) = section.first(Name::ListId) else {
        return Ok(None);
    };
    let text = words::text(raw, cx)?;
    let bracketed = text.rsplit_once('<').and_then(|(_, id)| id.split_once('>'));
    let text = match bracketed {
        Some((id, _)) if !text.is_ascii() => id,
        _ => text.as_str(),
    };
    if text.is_ascii() && text.len() <= 500 {
        return Ok(Some(cx.line(text)).filter(|line| !line.is_empty()));
    }
    cx.note(FindingCode::MailHeaderDropped);
    Ok(None)
}

/// A field whose first word is one of a few.
fn keyword(
    section: &Section<'_>,
    name: Name,
    allowed: &[&str],
    cx: &mut Cx<'_>,
) -> Result<Option<Line>, Refusal> {
    let Some(raw) = section.first(name) else {
        return Ok(None);
    };
    let value = words::unicode(raw, cx)?;
    let word = value
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '('))
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if allowed.contains(&word.as_str()) {
        return Ok(Some(cx.line(&word)));
    }
    cx.note(FindingCode::MailHeaderDropped);
    Ok(None)
}
