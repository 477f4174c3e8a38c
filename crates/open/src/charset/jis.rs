//! ISO-2022-JP as it is found: with every extension, and broken in every way.
//!
//! Cells are carried over to EUC-JP and converted there, so that kanji come out the same as in
//! the 8-bit charsets. Tolerated: escapes with nothing between them, a text that ends without going
//! back to ASCII or within an escape, line ends in kanji mode, half-width kana in seven bits, behind
//! a shift out or in eight bits, and stretches that are in truth `Shift_JIS`, EUC-JP or UTF-8.

use super::convert::{Output, convert, same_in_x0213};
use super::escape::{self, ESC, Escape, SHIFT_IN, SHIFT_OUT, Set};
use super::label::Charset;
use super::{Decoded, TOLERATED_ERRORS, as_charset, guess, score};
use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_7, SHIFT_JIS};

/// EUC-JP bytes of a cell that no charset has an entry for.
const NO_CELL: [u8; 2] = [0xfe, 0xfe];

/// Decodes a text that is labelled ISO-2022-JP.
pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    let walked = walk(bytes);
    if walked.out.errors > TOLERATED_ERRORS
        && let Some(other) = guess::sure(bytes)
        && other != Charset::Jis
    {
        return as_charset(bytes, other).into_decoded(true);
    }
    let lie = walked.foreign;
    walked.into_converted().into_decoded(lie)
}

/// Decodes by escapes, come what may.
pub(super) fn walk(bytes: &[u8]) -> Walker<'_> {
    let mut walker = Walker {
        rest: bytes,
        out: Output::default(),
        run: Vec::new(),
        encoding: EUC_JP,
        set: Set::Single,
        shifted: false,
        greek: false,
        foreign: false,
    };
    while let [first, ..] = walker.rest {
        walker.step(*first);
    }
    walker.flush();
    walker
}

pub(super) struct Walker<'a> {
    rest: &'a [u8],
    out: Output,
    /// What waits to be converted at once.
    run: Vec<u8>,
    encoding: &'static Encoding,
    set: Set,
    /// Half-width kana behind a shift out.
    shifted: bool,
    greek: bool,
    /// A stretch was in another charset.
    foreign: bool,
}

impl<'a> Walker<'a> {
    pub(super) fn into_converted<'b>(self) -> super::Converted<'b> {
        self.out.into_converted()
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (head, tail) = self
            .rest
            .split_at_checked(count)
            .unwrap_or((self.rest, &[]));
        self.rest = tail;
        head
    }

    fn step(&mut self, first: u8) {
        match first {
            ESC => self.escape(),
            SHIFT_OUT | SHIFT_IN => {
                self.take(1);
                self.shifted = first == SHIFT_OUT;
            }
            b'\r' | b'\n' if self.set != Set::Single || self.shifted => self.line_end(first),
            0..=0x20 | 0x7f if self.set != Set::Single || self.shifted => {
                self.take(1);
                self.run.push(first);
            }
            _ if self.shifted || self.set == Set::Kana => self.kana(first),
            _ if self.set == Set::Single => self.stretch(),
            _ => self.cell(),
        }
    }

    fn escape(&mut self) {
        self.take(1);
        let (escape, length) = escape::parse(self.rest);
        self.take(length);
        match escape {
            Escape::Designate(set) => {
                self.set = set;
                self.shifted = false;
            }
            Escape::Nothing | Escape::Cut => {}
            Escape::Emoji => {
                self.flush();
                while let [0x21..=0x7e, ..] = self.rest {
                    self.take(1);
                    self.out.geta();
                }
                if self.rest.first() == Some(&SHIFT_IN) {
                    self.take(1);
                }
            }
            Escape::SingleShiftSet { greek } => self.greek = greek,
            Escape::SingleShift => self.single_shift(),
            // the text is cleaned of it later, and it is counted there
            Escape::Unknown => self.run.push(ESC),
        }
    }

    fn single_shift(&mut self) {
        self.flush();
        if let [byte @ 0x20..=0x7f, ..] = *self.rest {
            self.take(1);
            let high = [byte | 0x80];
            if self.greek {
                self.out.push(&convert(ISO_8859_7, &high));
            } else {
                self.out.text.extend(high.map(char::from));
            }
        }
    }

    /// RFC 1468 wants ASCII at the end of a line. Where that was forgotten the next line may be
    /// either: it is kanji if it can be read so and ends in a way that kanji would.
    fn line_end(&mut self, end: u8) {
        self.take(1);
        self.run.push(end);
        self.shifted = false;
        let length = memchr::memchr3(b'\r', b'\n', ESC, self.rest).unwrap_or(self.rest.len());
        let line = self.rest.get(..length).unwrap_or_default();
        let closed = matches!(self.rest.get(length..), Some([ESC, b'(', ..]));
        if !line.is_empty() && !reads_as_cells(line, closed) {
            self.set = Set::Single;
        }
    }

    fn kana(&mut self, byte: u8) {
        self.take(1);
        match byte {
            0x21..=0x5f | 0xa1..=0xdf => self.half_width(byte),
            _ => self.bad(),
        }
    }

    fn half_width(&mut self, byte: u8) {
        self.switch(EUC_JP);
        self.run.extend([0x8e, byte | 0x80]);
    }

    /// Single bytes up to the next escape.
    fn stretch(&mut self) {
        let end = memchr::memchr3(ESC, SHIFT_OUT, SHIFT_IN, self.rest);
        let bytes = self.take(end.unwrap_or(self.rest.len()));
        if bytes.is_ascii() {
            self.run.extend_from_slice(bytes);
            return;
        }
        self.flush();
        let kana_only = bytes
            .iter()
            .all(|b| b.is_ascii() || matches!(b, 0xa1..=0xdf));
        if kana_only && !score::is_kana_rich_euc(bytes) {
            // JIS X 0201 in eight bits is what Shift_JIS has there
            self.out.push(&convert(SHIFT_JIS, bytes));
            return;
        }
        let converted = as_charset(bytes, guess::best(bytes, false));
        self.foreign |= converted.errors == 0;
        self.out.push(&converted);
    }

    /// One character of two bytes.
    fn cell(&mut self) {
        match *self.rest {
            [row @ 0x21..=0x7e, cell @ 0x21..=0x7e, ..] => {
                self.take(2);
                let pair = [row | 0x80, cell | 0x80];
                match self.set {
                    Set::Gb2312 => self.switch(GBK),
                    Set::Ksx1001 => self.switch(EUC_KR),
                    Set::X0208
                    | Set::X0212
                    | Set::X0213
                    | Set::X0213Plane2
                    | Set::UserDefined
                    | Set::Single
                    | Set::Kana => self.switch(EUC_JP),
                }
                let shared = same_in_x0213(row.saturating_sub(0x20));
                if self.set == Set::X0212 {
                    self.run.push(0x8f);
                }
                let known = match self.set {
                    Set::X0213 => shared,
                    Set::X0213Plane2 | Set::UserDefined => false,
                    Set::X0208
                    | Set::X0212
                    | Set::Gb2312
                    | Set::Ksx1001
                    | Set::Single
                    | Set::Kana => true,
                };
                self.run.extend(if known { pair } else { NO_CELL });
            }
            [kana @ 0xa1..=0xdf, ..] => {
                self.take(1);
                self.half_width(kana);
            }
            _ => {
                self.take(1);
                self.bad();
            }
        }
    }

    fn bad(&mut self) {
        self.flush();
        self.out.error();
    }

    fn switch(&mut self, encoding: &'static Encoding) {
        if self.encoding != encoding {
            self.flush();
            self.encoding = encoding;
        }
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            self.out.push(&convert(self.encoding, &self.run));
            self.run.clear();
        }
    }
}

/// Whether a line behind a forgotten return to ASCII is kanji all the same. `closed` says that it
/// ends with such a return, which is what kanji do; a line that does not must bear kana or
/// punctuation, since words of capitals can be read as kanji, too.
fn reads_as_cells(line: &[u8], closed: bool) -> bool {
    let (cells, odd) = line.as_chunks::<2>();
    let shaped = odd.is_empty()
        && cells.iter().all(|[row, cell]| {
            matches!(row, 0x21..=0x28 | 0x2d | 0x30..=0x74 | 0x79..=0x7c)
                && matches!(cell, 0x21..=0x7e)
        });
    let kana = cells
        .iter()
        .filter(|[row, _]| matches!(row, 0x21 | 0x24 | 0x25))
        .count();
    shaped && (closed || kana.saturating_mul(4) >= cells.len())
}
