//! Lines that mail programs decode by themselves, wherever they stand in a text.

use std::borrow::Cow;

/// What such a line is begun with, so that it is one no more.
const MARK: &str = "| ";

/// What was found in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    /// Lines that start a block of any kind.
    pub(crate) all: u32,
    /// Those of an encrypted message among them.
    pub(crate) encrypted: u32,
    /// Those of a signed text among them (RFC 9580 section 7).
    pub(crate) signed: u32,
}

/// Puts a visible mark before each line of a clean text that starts a uuencoded, yEnc, `BinHex` or
/// PGP block for a mail program; tells what they were. `at_line_start` says that the text
/// begins at the beginning of a line.
pub(crate) fn neutralise(text: &str, at_line_start: bool) -> (Cow<'_, str>, Blocks) {
    if !may_start_block(text.as_bytes(), at_line_start) {
        return (Cow::Borrowed(text), Blocks::default());
    }
    let mut out = String::new();
    let mut copied = 0usize;
    let mut blocks = Blocks::default();
    let mut start = 0usize;
    let mut whole = at_line_start;
    while let Some(line) = text.get(start..).filter(|rest| !rest.is_empty()) {
        if whole && starts_block(line.as_bytes()) {
            blocks.count(line.as_bytes());
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push_str(MARK);
            copied = start;
        }
        whole = true;
        let Some(end) = memchr::memchr(b'\n', line.as_bytes()) else {
            break;
        };
        start = start.saturating_add(end).saturating_add(1);
    }
    if blocks.all == 0 {
        return (Cow::Borrowed(text), Blocks::default());
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    (Cow::Owned(out), blocks)
}

/// Whether any line has the first byte of such a line, and of hyphens three: told for many
/// bytes in one step, because lines can be short.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch many bytes are looked at in one step"
)]
fn may_start_block(text: &[u8], at_line_start: bool) -> bool {
    let first = |byte: u8, third: u8| {
        (byte == b'b')
            | (byte == b'B')
            | (byte == b'=')
            | (byte == b'(')
            | ((byte == b'-') & (third == b'-'))
    };
    // a line of less than three bytes is no such line
    let (Some(behind), Some(third)) = (text.get(1..), text.get(3..)) else {
        return false;
    };
    let edge = text.first().zip(text.get(2));
    at_line_start && edge.is_some_and(|(byte, third)| first(*byte, *third))
        || text
            .iter()
            .zip(behind)
            .zip(third)
            .fold(false, |any, ((ended, byte), third)| {
                any | ((*ended == b'\n') & first(*byte, *third))
            })
}

impl Blocks {
    fn count(&mut self, line: &[u8]) {
        let add = |count: &mut u32, fits: bool| *count = count.saturating_add(u32::from(fits));
        add(&mut self.all, true);
        add(&mut self.encrypted, starts(line, b"-----begin pgp message"));
        add(&mut self.signed, starts(line, b"-----begin pgp signed"));
    }
}

fn starts(line: &[u8], mark: &[u8]) -> bool {
    let head = line.get(..mark.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(mark))
}

fn starts_block(line: &[u8]) -> bool {
    let starts = |mark: &[u8]| starts(line, mark);
    starts(b"begin-base64 ")
        || (starts(b"begin ") && is_mode(line.get(6..).unwrap_or_default()))
        || starts(b"=ybegin ")
        || starts(b"=ypart ")
        || starts(b"(this file must be converted with binhex")
        || starts(b"-----begin pgp")
        || starts(b"-----begin pkcs7")
}

/// `644 name`; one mail program is content with a second blank.
fn is_mode(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|b| matches!(b, b'0'..=b'7')).count();
    rest.first() == Some(&b' ') || (digits >= 3 && rest.get(digits) == Some(&b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_behind_any_number_of_bytes() {
        for before in 0..100 {
            let text = format!("{}\n--a\nbegin 644 x\n", "x".repeat(before));
            assert_eq!(neutralise(&text, true).1.all, 1, "{before}");
        }
    }

    #[test]
    fn kinds_of_blocks_are_told_apart() {
        let text = "-----BEGIN PGP MESSAGE-----\n-----BEGIN PGP SIGNED MESSAGE-----\n\
                    -----BEGIN PGP SIGNATURE-----\n-----BEGIN PKCS7-----\nbegin 644 a\n";
        let want = Blocks {
            all: 5,
            encrypted: 1,
            signed: 1,
        };
        assert_eq!(neutralise(text, true).1, want);
    }

    #[test]
    fn only_lines_that_start_a_block() {
        for (text, want, count) in [
            ("begin 644 a.exe\nx", "| begin 644 a.exe\nx", 1),
            ("x\nBEGIN 0755 a\n", "x\n| BEGIN 0755 a\n", 1),
            ("begin  a.txt", "| begin  a.txt", 1),
            ("begin now", "begin now", 0),
            ("begin 64 a", "begin 64 a", 0),
            ("> begin 644 a", "> begin 644 a", 0),
            ("begin-base64 644 a", "| begin-base64 644 a", 1),
            ("=ybegin line=128", "| =ybegin line=128", 1),
            (
                "(This file must be converted with BinHex 4.0)",
                "| (This file must be converted with BinHex 4.0)",
                1,
            ),
            (
                "-----BEGIN PGP MESSAGE-----\n-----BEGIN PGP X",
                "| -----BEGIN PGP MESSAGE-----\n| -----BEGIN PGP X",
                2,
            ),
            ("", "", 0),
        ] {
            let (got, blocks) = neutralise(text, true);
            assert_eq!((got.as_ref(), blocks.all), (want, count));
            // what is neutral stays so
            assert_eq!(neutralise(want, true).1, Blocks::default());
        }
        assert_eq!(neutralise("begin 644 a\nbegin 644 b", false).1.all, 1);
    }
}
