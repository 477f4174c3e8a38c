//! Lines of a message: printable ASCII, CRLF.

use super::base64::LINE;
use mugai_core::Violation;

/// What SMTP allows (RFC 5321 section 4.5.3.1.6), without the line end.
const MAX_LINE: usize = 998;

/// A full line of base64 with its CRLF.
const FULL: usize = LINE + 2;

/// A cursor over the lines of a message.
#[derive(Clone)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The offset of the next line.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// A violation at the next line.
    pub(super) fn wrong(&self, rule: &'static str) -> Violation {
        Violation::at(rule, self.at)
    }

    /// How many lines of the length of a full line of base64 could follow each other from here; no
    /// more than `most` are counted.
    pub(super) fn count_full(&self, most: usize) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (lines, _) = rest.as_chunks::<FULL>();
        lines
            .iter()
            .take(most)
            .take_while(|line| line.ends_with(b"\r\n"))
            .count()
    }

    /// The next characters, where CRLF follows them as behind a full line of base64. Nothing is
    /// known of them: they may even be more than one line.
    pub(super) fn peek_full(&self) -> Option<&'a [u8; LINE]> {
        let (full, _) = self.bytes.get(self.at..)?.split_first_chunk::<FULL>()?;
        let (line, end) = full.split_first_chunk::<LINE>()?;
        (end == b"\r\n").then_some(line)
    }

    /// Takes what [`Self::peek_full`] showed.
    pub(super) const fn skip_full(&mut self) {
        self.at = self.at.saturating_add(FULL);
    }

    /// The next line without its CRLF; `None` at the end.
    pub(super) fn peek(&self) -> Result<Option<&'a str>, Violation> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let window = rest.get(..MAX_LINE.saturating_add(2)).unwrap_or(rest);
        let line = window
            .iter()
            .position(|b| *b == b'\n')
            .and_then(|end| window.get(..end))
            .and_then(|line| line.strip_suffix(b"\r"))
            .ok_or_else(|| self.wrong("eml: line without CRLF, or too long"))?;
        if !line.iter().all(|b| matches!(b, b' '..=b'~')) {
            return Err(self.wrong("eml: byte outside printable ASCII"));
        }
        std::str::from_utf8(line)
            .map(Some)
            .map_err(|_| self.wrong("eml: byte outside printable ASCII"))
    }

    /// Takes the next line.
    pub(super) fn next(&mut self) -> Result<Option<&'a str>, Violation> {
        let line = self.peek()?;
        if let Some(line) = line {
            self.at = self.at.saturating_add(line.len()).saturating_add(2);
        }
        Ok(line)
    }

    /// Takes the next line, which has to be there.
    pub(super) fn need(&mut self) -> Result<&'a str, Violation> {
        match self.next()? {
            Some(line) => Ok(line),
            None => Err(self.wrong("eml: ends too early")),
        }
    }

    /// Takes the next line, which has to be `wanted`.
    pub(super) fn expect(&mut self, wanted: &str, rule: &'static str) -> Result<(), Violation> {
        if self.peek()? == Some(wanted) {
            self.next()?;
            Ok(())
        } else {
            Err(self.wrong(rule))
        }
    }

    /// The message has to end here.
    pub(super) fn end(&self) -> Result<(), Violation> {
        if self.peek()?.is_none() {
            Ok(())
        } else {
            Err(self.wrong("eml: something behind the end"))
        }
    }
}
