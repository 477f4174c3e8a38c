//! Header values to Unicode: raw bytes first, encoded-words (RFC 2047) second.
//!
//! The whole value becomes Unicode before any of its characters is taken for syntax: the second
//! byte of a `Shift_JIS` character may be a backslash, and raw ISO-2022-JP holds quotes.

use crate::charset;
use crate::formats::mail::transfer::{decode_base64_word, decode_quoted_word};
use memchr::{memchr, memchr2, memmem};
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::borrow::Cow;

/// The longest value that is read, in bytes. 2,000 mailboxes with encoded names fit.
const MAX_VALUE: usize = 1 << 20;

/// Unfolds a raw value and makes it Unicode; encoded-words stay as they are.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn unicode<'a>(raw: &'a [u8], cx: &mut Cx<'_>) -> Result<Cow<'a, str>, Refusal> {
    let cut = raw.get(..raw.len().min(MAX_VALUE)).unwrap_or(raw);
    if cut.len() < raw.len() {
        cx.note(FindingCode::TextTruncated);
    }
    cx.charge_len(Resource::Bytes, cut.len())?;
    cx.charge_len(Resource::Steps, cut.len())?;
    let flat = unfold(cut);
    if flat.is_ascii() && memchr(0x1b, &flat).is_none() {
        return Ok(match flat {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        });
    }
    let decoded = charset::decode(&flat, None);
    charset::note(&decoded, cx);
    Ok(Cow::Owned(decoded.text.into_owned()))
}

/// Takes the line ends of folding out (RFC 5322 section 2.2.3); the blanks behind them stay. NUL,
/// which no header may hold (RFC 5322 section 4), goes too: it is no part of a word or an address.
fn unfold(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr2(b'\n', 0, raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::new();
    for line in raw.split(|&byte| byte == b'\n') {
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
    }
    out.retain(|&byte| byte != 0);
    Cow::Owned(out)
}

/// The text of an unstructured value, from its raw bytes.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn text(raw: &[u8], cx: &mut Cx<'_>) -> Result<String, Refusal> {
    let value = unicode(raw, cx)?;
    decode(&value, cx)
}

/// Decodes the encoded-words of a Unicode value. Blanks between neighbours vanish; neighbours of
/// one charset are joined as bytes, since a character may be split over them; what is no word is
/// text. Line breaks and NUL that come out of a word are noted, and left to the caller to clean.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn decode(value: &str, cx: &mut Cx<'_>) -> Result<String, Refusal> {
    cx.charge_len(Resource::Steps, value.len())?;
    let mut out = String::new();
    let mut run = Run::default();
    let mut finder = WordFinder::new(value, Rule::Unstructured);
    let mut at = 0;
    while let Some(found) = finder.next_from(at) {
        let between = value.get(at..found.start).unwrap_or_default();
        if run.words.is_empty() || !between.trim_matches(blank).is_empty() {
            run.flush(&mut out, cx)?;
            out.push_str(between);
        }
        at = found.end;
        run.push(found.word, &mut out, cx)?;
    }
    run.flush(&mut out, cx)?;
    out.push_str(value.get(at..).unwrap_or_default());
    Ok(out)
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// One encoded-word, its encoding undone.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    charset: String,
    bytes: Vec<u8>,
}

/// Neighbouring words of one charset.
#[derive(Default)]
struct Run {
    words: Vec<Word>,
}

impl Run {
    fn push(&mut self, word: Word, out: &mut String, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let other = self
            .words
            .first()
            .is_some_and(|first| !first.charset.eq_ignore_ascii_case(&word.charset));
        if other {
            self.flush(out, cx)?;
        }
        self.words.push(word);
        Ok(())
    }

    fn flush(&mut self, out: &mut String, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let words = std::mem::take(&mut self.words);
        let Some(label) = words.first().map(|word| word.charset.as_str()) else {
            return Ok(());
        };
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.bytes.iter().copied()).collect();
        cx.charge_len(Resource::Bytes, bytes.len())?;
        let joined = charset::decode(&bytes, Some(label));
        let mut text: Cow<'_, str> = Cow::Borrowed(&joined.text);
        charset::note(&joined, cx);
        if joined.undecodable > 0 && words.len() > 1 {
            // a word that was cut by its sender must not spoil its neighbour
            cx.charge_len(Resource::Bytes, bytes.len())?;
            let apart: Vec<_> = words
                .iter()
                .map(|word| charset::decode(&word.bytes, Some(label)))
                .collect();
            let broken = apart
                .iter()
                .fold(0u32, |sum, word| sum.saturating_add(word.undecodable));
            if broken < joined.undecodable {
                text = Cow::Owned(apart.iter().map(|word| word.text.as_ref()).collect());
            }
        }
        if text.contains(['\r', '\n', '\0']) {
            cx.note(FindingCode::MailHeaderInjection);
        }
        out.push_str(&text);
        Ok(())
    }
}

/// What may stand inside of an encoded-word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Anything, as in a Subject: broken encoders leave quotes and brackets as they are.
    Unstructured,
    /// Nothing that ends a name or an address, as in From: no word may swallow the next address.
    Structured,
}

/// Finds encoded-words in one pass: each search for the end of a word goes on from the last one.
pub(super) struct WordFinder<'a> {
    value: &'a str,
    rule: Rule,
    /// Where the next `?=` is at or behind the place of the last search; none behind the end.
    end: Option<usize>,
    searched: bool,
}

struct Found {
    start: usize,
    end: usize,
    word: Word,
}

impl<'a> WordFinder<'a> {
    pub(super) const fn new(value: &'a str, rule: Rule) -> Self {
        Self {
            value,
            rule,
            end: None,
            searched: false,
        }
    }

    /// The first word that starts at or behind `at`.
    fn next_from(&mut self, mut at: usize) -> Option<Found> {
        loop {
            let start = at.saturating_add(memmem::find(self.value.as_bytes().get(at..)?, b"=?")?);
            match self.word_at(start) {
                Some((end, word)) => return Some(Found { start, end, word }),
                None => at = start.saturating_add(1),
            }
            if self.searched && self.end.is_none() {
                return None;
            }
        }
    }

    /// Where the word that starts at `start` ends, if one does.
    pub(super) fn end_at(&mut self, start: usize) -> Option<usize> {
        self.parts_at(start).map(|parts| parts.end)
    }

    fn word_at(&mut self, start: usize) -> Option<(usize, Word)> {
        let Parts {
            end,
            charset,
            base64,
            text,
        } = self.parts_at(start)?;
        let bytes = if base64 {
            decode_base64_word(text.as_bytes())
        } else {
            decode_quoted_word(text.as_bytes())
        };
        // letters that stand there raw are Unicode by now, whatever the label says
        let charset = if text.is_ascii() { charset } else { "utf-8" };
        let charset = charset.to_owned();
        Some((end, Word { charset, bytes }))
    }

    fn parts_at(&mut self, start: usize) -> Option<Parts<'a>> {
        let rest = self.value.get(start..)?.strip_prefix("=?")?;
        let bytes = rest.as_bytes();
        let question = memchr(b'?', bytes.get(..bytes.len().min(80))?)?;
        let label = rest.get(..question)?;
        let named = !label.is_empty() && label.bytes().all(|b| b.is_ascii_graphic());
        let method = *bytes.get(question.saturating_add(1))?;
        let base64 = match method {
            b'b' | b'B' => true,
            b'q' | b'Q' => false,
            _ => return None,
        };
        let text_at = question.saturating_add(3);
        if !named || bytes.get(question.saturating_add(2)) != Some(&b'?') {
            return None;
        }
        let text_at = start.saturating_add(2).saturating_add(text_at);
        let close = self.close_from(text_at)?;
        let text = self.value.get(text_at..close)?;
        let swallows = text.contains("=?")
            || (self.rule == Rule::Structured && text.contains(['"', '<', '>', '\r', '\n']));
        (!swallows).then(|| Parts {
            end: close.saturating_add(2),
            // RFC 2231 section 5: a language may follow
            charset: label.split('*').next().unwrap_or(label),
            base64,
            text,
        })
    }

    /// The place of the first `?=` at or behind `at`.
    fn close_from(&mut self, at: usize) -> Option<usize> {
        let stale = !self.searched || self.end.is_some_and(|end| end < at);
        if stale {
            self.searched = true;
            let rest = self.value.as_bytes().get(at..).unwrap_or_default();
            self.end = memmem::find(rest, b"?=").map(|found| at.saturating_add(found));
        }
        self.end
    }
}

struct Parts<'a> {
    end: usize,
    charset: &'a str,
    base64: bool,
    text: &'a str,
}

/// Whether a value has anything that [`decode`] would change.
pub(super) fn has_words(value: &str) -> bool {
    memchr2(b'=', b'?', value.as_bytes()).is_some() && value.contains("=?")
}
