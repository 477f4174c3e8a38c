//! Mailboxes of many messages (RFC 4155; in practice the dialects mboxo, mboxrd and mboxcl).
//!
//! # Limitations
//! `Content-Length` (mboxcl) is not believed: a message ends where the next one starts.

use crate::formats::mail::{is_header_line, line_at};
use crate::reader::{Format, Sniff, Spec};
use memchr::memmem;
use mugai_core::{
    Child, Cx, FindingCode, Hints, Kind, MediaType, Piece, Refusal, Resource, Role, SafeName,
    Treatment,
};
use std::borrow::Cow;

const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The reader of mailboxes.
pub(super) struct Mbox;

impl Format for Mbox {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Mbox,
            reference: "RFC 4155",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if separator(head, front(head)).is_some() {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    /// Puts each message as a child. A message ends before a line `From …` that follows an empty
    /// line and is followed by a header. What stands before the first is a child, too.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is no message at all.
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        // the search for separators and the undoing of quotes each read a byte once
        cx.charge_len(Resource::Steps, input.len() / 8)?;
        let front = front(input);
        let first = match separator(input, front) {
            Some(first) => Some(first),
            None => next_separator(input, front, cx)?,
        };
        let first = first.ok_or(Refusal::malformed("mbox: no message"))?;
        let leading = input.get(front..first.line).unwrap_or_default();
        if !leading.trim_ascii().is_empty() {
            cx.note(FindingCode::MboxLeading);
            put_leading(leading, cx)?;
        }
        let mut current = Some(first);
        while let Some(separator) = current {
            let next = next_separator(input, separator.body, cx)?;
            let end = next.as_ref().map_or(input.len(), |next| next.line);
            let message = input.get(separator.body..end).unwrap_or_default();
            put(message, cx)?;
            current = next;
        }
        Ok(())
    }
}

/// Where more begins than a byte order mark and empty lines.
fn front(input: &[u8]) -> usize {
    let text = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    input.len().saturating_sub(text.trim_ascii_start().len())
}

/// A line that starts a message.
struct Separator {
    /// Where it starts.
    line: usize,
    /// Where the message behind it starts.
    body: usize,
}

/// The first separator behind `from`.
fn next_separator(input: &[u8], from: usize, cx: &Cx<'_>) -> Result<Option<Separator>, Refusal> {
    let mut at = from;
    while let Some(found) = memmem::find(input.get(at..).unwrap_or_default(), b"\nFrom ") {
        cx.charge(Resource::Steps, 1)?;
        let line = at.saturating_add(found).saturating_add(1);
        let before = input.get(..line).unwrap_or_default();
        let blank = before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n");
        if let Some(found) = separator(input, line).filter(|_| blank || is_whole(input, line)) {
            return Ok(Some(found));
        }
        at = line;
    }
    Ok(None)
}

/// The separator at `line`, if one stands there with a header behind it.
fn separator(input: &[u8], line: usize) -> Option<Separator> {
    let (text, body) = line_at(input, line)?;
    let (header, _) = line_at(input, body)?;
    let starts = text.starts_with(b"From ") && text.len() <= 1_000;
    // some programs quote the separator of a message that they store once more
    let follows = is_header_line(header) || header.starts_with(b">From ");
    (starts && follows).then_some(Separator { line, body })
}

/// Whether a separator is so plain that it needs no empty line before it, which Eudora does not write: with all of a
/// date, and with two lines of a header behind it.
fn is_whole(input: &[u8], line: usize) -> bool {
    let lines = || {
        let (text, next) = line_at(input, line)?;
        let (first, next) = line_at(input, next)?;
        let (second, _) = line_at(input, next)?;
        Some((text, first, second))
    };
    lines().is_some_and(|(text, first, second)| {
        let folded = second.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        is_dated(text) && is_header_line(first) && (folded || is_header_line(second))
    })
}

/// Whether a line says who and when, as `asctime` of C does: `From a@b.jp Mon Jan  1 00:00:00 2024`. A zone may stand
/// before the year or behind it.
fn is_dated(line: &[u8]) -> bool {
    let words = line.split(u8::is_ascii_whitespace);
    let words: Vec<&[u8]> = words.filter(|word| !word.is_empty()).take(16).collect();
    let is_number = |word: &[u8], lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&word.len()) && word.iter().all(u8::is_ascii_digit)
    };
    let is_time = |word: &[u8]| {
        let parts = word.split(|b| *b == b':');
        matches!(parts.clone().count(), 2 | 3) && parts.clone().all(|part| is_number(part, 2..=2))
    };
    // behind the word itself and a sender
    let dates = words.get(2..).unwrap_or_default();
    dates.windows(4).enumerate().any(|(at, date)| {
        let [day, month, number, time] = date else {
            return false;
        };
        let behind = dates.get(at.saturating_add(4)..).unwrap_or_default();
        DAYS.contains(day)
            && MONTHS.contains(month)
            && is_number(number, 1..=2)
            && is_time(time)
            && behind.len() <= 3
            && behind.iter().any(|word| is_number(word, 4..=4))
    })
}

/// What stands before the first message. It is no message, or one whose separator is broken.
fn put_leading(leading: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    // with a separator in front it would be taken for a mailbox, which it is not
    let separated = line_at(leading, 0).filter(|(line, _)| line.starts_with(b"From "));
    let behind = separated.and_then(|(_, behind)| leading.get(behind..));
    let leading = behind.unwrap_or(leading);
    cx.put(Piece::Child(Box::new(Child {
        name: SafeName::clean("leading.txt").0,
        role: Role::Message,
        hints: Hints::default(),
        content: cx.content(Cow::Borrowed(leading)),
    })))
}

fn put(message: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    // the empty line before a separator belongs to the separator
    let message = message
        .strip_suffix(b"\r\n\r\n")
        .or_else(|| message.strip_suffix(b"\n\n"))
        .map_or(message, |kept| {
            message
                .get(..kept.len().saturating_add(line_end(message)))
                .unwrap_or(message)
        });
    cx.note(FindingCode::MboxMessage);
    cx.put(Piece::Child(Box::new(Child {
        name: None,
        role: Role::Message,
        hints: Hints {
            declared: MediaType::parse("message/rfc822"),
            ..Hints::default()
        },
        content: cx.content(unquote(message)),
    })))
}

fn line_end(message: &[u8]) -> usize {
    if message.ends_with(b"\r\n") { 2 } else { 1 }
}

/// Takes one `>` off each line of `>From `, `>>From ` and so on (mboxrd).
fn unquote(message: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut copied = 0;
    for found in memmem::find_iter(message, b">From ") {
        let run = message.get(..found).unwrap_or_default();
        let quotes = run.iter().rev().take_while(|&&b| b == b'>').count();
        let start = found.saturating_sub(quotes);
        let at_line = start == 0 || message.get(start.saturating_sub(1)) == Some(&b'\n');
        if at_line {
            out.extend_from_slice(message.get(copied..start).unwrap_or_default());
            copied = start.saturating_add(1);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(message);
    }
    out.extend_from_slice(message.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
