//! Mailboxes of many messages (RFC 4155; in practice the dialects mboxo, mboxrd and mboxcl).
//!
//! # Limitations
//! `Content-Length` (mboxcl) is not believed: a message ends where the next one starts.

use crate::formats::mail::{is_header_line, line_at};
use crate::reader::{Format, Sniff, Spec};
use memchr::memmem;
use mugai_core::{
    Child, Cx, FindingCode, Hints, Kind, MediaType, Piece, Refusal, Resource, Role, Treatment,
};
use std::borrow::Cow;

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
        if separator(head, 0).is_some() {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    /// Puts each message as a child. A message ends before a line `From …` that follows an empty
    /// line and is followed by a header.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is no message at all.
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        // the search for separators and the undoing of quotes each read a byte once
        cx.charge_len(Resource::Steps, input.len() / 8)?;
        let first = next_separator(input, 0, cx)?.ok_or(Refusal::malformed("mbox: no message"))?;
        let leading = input.get(..first.line).unwrap_or_default();
        if !leading.trim_ascii().is_empty() {
            cx.note(FindingCode::MboxLeading);
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

/// A line that starts a message.
struct Separator {
    /// Where it starts.
    line: usize,
    /// Where the message behind it starts.
    body: usize,
}

/// The first separator at or behind `from`, which is the start of a line.
fn next_separator(input: &[u8], from: usize, cx: &Cx<'_>) -> Result<Option<Separator>, Refusal> {
    if from == 0
        && let Some(found) = separator(input, 0)
    {
        return Ok(Some(found));
    }
    let mut at = from;
    while let Some(found) = memmem::find(input.get(at..).unwrap_or_default(), b"\nFrom ") {
        cx.charge(Resource::Steps, 1)?;
        let line = at.saturating_add(found).saturating_add(1);
        let before = input.get(..line).unwrap_or_default();
        let blank = before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n");
        if blank && let Some(found) = separator(input, line) {
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
