//! The profile of the body of a message: text as in a text file, with the line ends of mail.

use super::quiet::{self, Ends, is_quiet};
use super::{line, utf8};
use mugai_core::Violation;

/// Checks a body that comes piece by piece, so that no copy of all of it is needed.
#[derive(Default)]
pub(crate) struct Body {
    /// The line that has not ended yet.
    open: Vec<u8>,
    /// The offset of that line in the body.
    at: usize,
    /// How many bytes the line before it has, with its end; 0 where there is none.
    before: usize,
}

impl Body {
    /// Takes the next bytes, which may end anywhere, within a character too.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let ended = bytes.iter().rposition(|b| *b == b'\n');
        let (whole, rest) = bytes.split_at(ended.map_or(0, |last| last.saturating_add(1)));
        if self.open.is_empty() {
            self.lines(whole)?;
        } else if !whole.is_empty() {
            let first = whole.iter().position(|b| *b == b'\n').unwrap_or_default();
            let (first, whole) = whole.split_at(first.saturating_add(1));
            let mut open = std::mem::take(&mut self.open);
            open.extend_from_slice(first);
            self.lines(&open)?;
            self.lines(whole)?;
            open.clear();
            self.open = open;
        }
        self.open.extend_from_slice(rest);
        Ok(())
    }

    /// The body has to be able to end here.
    pub(crate) fn end(self) -> Result<(), Violation> {
        if !self.open.is_empty() || self.at == 0 {
            let place = self.at.saturating_add(self.open.len());
            return Err(Violation::at("text: no line end at the end", place));
        }
        let blank = self.before == b"\r\n".len();
        if blank && self.at > self.before {
            return Err(Violation::at("text: blank lines at the end", self.at));
        }
        Ok(())
    }

    /// Checks lines that are there with their ends.
    fn lines(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (block, tail) = quiet::block(rest);
            rest = tail;
            if is_quiet(block, Ends::Crlf) {
                self.at = self.at.saturating_add(block.len());
                let last = block.iter().rev().skip(1).position(|b| *b == b'\n');
                self.before = last.map_or(block.len(), |before| before.saturating_add(1));
            } else {
                self.one_by_one(block)?;
            }
        }
        Ok(())
    }

    fn one_by_one(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        for ended in utf8(bytes, self.at)?.split_inclusive('\n') {
            let one = ended
                .strip_suffix("\r\n")
                .ok_or(Violation::at("eml: line end in the body", self.at))?;
            line(one, self.at)?;
            self.at = self.at.saturating_add(ended.len());
            self.before = ended.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_steps(bytes: &[u8], step: usize) -> Result<(), Violation> {
        let mut body = Body::default();
        for piece in bytes.chunks(step) {
            body.put(piece)?;
        }
        body.end()
    }

    #[test]
    fn bodies_have_crlf_and_nothing_else() {
        for (text, fine) in [
            ("\r\n", true),
            ("a\r\n\r\nあ\r\n", true),
            ("", false),
            ("a", false),
            ("a\n", false),
            ("\n", false),
            ("a\r", false),
            ("a\nb\r\n", false),
            ("a\rb\r\n", false),
            ("a\r\r\n", false),
            ("a\r\n\r\n", false),
            ("\r\n\r\n", false),
            ("a\n\r\n", false),
            ("a\r\nb", false),
            ("\r\n\n", false),
            ("http://a\r\n", false),
            ("x\r\n<script\r\n", false),
            ("begin 644 a\r\n", false),
            ("\u{202e}\r\n", false),
        ] {
            for step in 1..=text.len().max(1) {
                assert_eq!(
                    in_steps(text.as_bytes(), step).is_ok(),
                    fine,
                    "{text:?} {step}"
                );
            }
        }
    }

    #[test]
    fn the_place_is_told_wherever_the_pieces_end() {
        for step in 1..=30 {
            for (text, place) in [
                (&b"ab\r\nhttp://x\r\n"[..], 8),
                (b"a\r\n\xe3\x81\x82\r\n\xff\r\n", 8),
                (b"a\r\n\xe3\x81\r\n", 3),
                (b"a\r\nbb\r\n\r\n", 9),
                (b"a\r\nbb", 5),
            ] {
                let violation = in_steps(text, step).unwrap_err();
                assert_eq!(violation.offset, Some(place), "{text:?} {step}");
            }
        }
    }
}
