//! Plain text: bodies of messages and text files.
//!
//! A text becomes the same text in clean Unicode. Files that are written into it (uuencode, yEnc, `BinHex`) become
//! parts of their own. In a body, `format=flowed` is unfolded (RFC 3676), and lines that mail programs would still
//! decode by themselves are made visible instead.

pub(crate) mod auto_decode;
mod embedded;
mod flowed;
#[cfg(test)]
mod tests;

use crate::charset;
use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, FindingCode, Kind, Piece, Refusal, Resource, Text, Treatment};
use std::borrow::Cow;

/// How many bytes of UTF-8 one piece has at most, about.
const CHUNK: usize = 256 * 1024;

/// The reader of plain text.
#[derive(Debug)]
pub(super) struct Plain;

impl Format for Plain {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Plain,
            reference: "RFC 2046 section 4.1.3, RFC 3676",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.is_empty() || head.contains(&0) {
            Sniff::No
        } else {
            Sniff::Perhaps
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        // decoding, guessing and cleaning each look at every byte
        cx.charge_len(Resource::Steps, input.len().div_ceil(4).saturating_add(1))?;
        let hints = cx.hints();
        let label = hints.charset.as_ref().map(mugai_core::Token::as_str);
        let remainder = embedded::take_out(input, label, cx)?;
        let decoded = charset::decode(&remainder.bytes, label);
        charset::note(&decoded, cx);
        let text = remainder.with_marks(decoded.text);
        if !hints.body {
            put(&text, cx, false)
        } else if hints.flowed {
            put(&flowed::unfold(&text, hints.delsp), cx, true)
        } else {
            put(&text, cx, true)
        }
    }
}

/// How much of a line must be seen to know that it starts no block.
const LINE_HEAD: usize = 64;

/// Puts `text` in pieces that end with a line, where lines are not longer than a piece.
fn put(text: &str, cx: &mut Cx<'_>, body: bool) -> Result<(), Refusal> {
    let mut rest = text;
    // of a body: what is clean, but may be too little of its line to be judged
    let mut held = String::new();
    let mut at_line_start = true;
    while !rest.is_empty() {
        let (chunk, tail) = rest.split_at_checked(chunk_end(rest)).unwrap_or((rest, ""));
        rest = tail;
        let clean = cx.text(chunk);
        if !body {
            cx.put(Piece::Text(clean))?;
            continue;
        }
        if held.is_empty() {
            held = clean.into_string();
        } else {
            held.push_str(clean.as_str());
        }
        let line = memchr::memrchr(b'\n', held.as_bytes()).map_or(0, |at| at.saturating_add(1));
        let short = held.len().saturating_sub(line) < LINE_HEAD && !rest.is_empty();
        let judged = if short { line } else { held.len() };
        let next = held.split_off(judged);
        let text = std::mem::replace(&mut held, next);
        if !text.is_empty() {
            let (harmless, blocks) = auto_decode::neutralise(&text, at_line_start);
            cx.note_times(FindingCode::TextAutoDecode, blocks.all);
            cx.note_times(FindingCode::TextEncrypted, blocks.encrypted);
            cx.note_times(FindingCode::TextSigned, blocks.signed);
            at_line_start = text.ends_with('\n');
            let changed = match harmless {
                Cow::Borrowed(_) => None,
                Cow::Owned(changed) => Some(changed),
            };
            cx.put(Piece::Text(Text::clean_owned(changed.unwrap_or(text)).0))?;
        }
    }
    Ok(())
}

/// Where the first piece of `text` ends: behind its last line that fits, else at a character that
/// does not lean on the one before it.
fn chunk_end(text: &str) -> usize {
    if text.len() <= CHUNK {
        return text.len();
    }
    let most = text.floor_char_boundary(CHUNK);
    let head = text.get(..most).unwrap_or(text);
    if let Some(line) = memchr::memrchr(b'\n', head.as_bytes()) {
        return line.saturating_add(1);
    }
    let leans = |c: char| {
        matches!(c, '\n' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0100}'..='\u{e01ef}')
    };
    // a run of such characters is longer than this in no honest text
    head.char_indices()
        .rev()
        .take(64)
        .find(|&(at, c)| {
            let joined = head
                .get(..at)
                .and_then(|before| before.chars().next_back())
                .is_some_and(|before| matches!(before, '\r' | '\u{200d}'));
            at > 0 && !leans(c) && !joined
        })
        .map_or(most, |(at, _)| at)
}
