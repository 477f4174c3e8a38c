//! Charsets that `encoding_rs` knows, with the gaps of the Japanese ones filled.
//!
//! The WHATWG tables of `Shift_JIS` and EUC-JP are those of CP932, NEC row 13, NEC-selected and IBM
//! characters included, so that ①㈱髙﨑 and ～－∥ come out the same in every family. What they lack
//! is told apart here: two bytes that have the shape of a character but no entry are a 外字 (geta),
//! all else is an error (U+FFFD).

use super::Decoded;
use encoding_rs::{DecoderResult, EUC_JP, Encoding, SHIFT_JIS};
use mugai_core::text::GETA;
use std::borrow::Cow;

/// A text and what had to be put into it.
pub(super) struct Converted<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) errors: u32,
    pub(super) geta: u32,
}

impl<'a> Converted<'a> {
    pub(super) const fn borrowed(text: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            errors: 0,
            geta: 0,
        }
    }

    /// Whether at least half of what is no ASCII is errors.
    pub(super) fn is_half_wrong(&self) -> bool {
        if self.errors == 0 {
            return false;
        }
        let wide = self.text.chars().filter(|c| !c.is_ascii()).count();
        u32::try_from(wide).is_ok_and(|wide| self.errors.saturating_mul(2) >= wide)
    }

    pub(super) fn into_decoded(self, lie: bool) -> Decoded<'a> {
        Decoded {
            text: self.text,
            lie,
            undecodable: self.errors,
            geta: self.geta,
        }
    }
}

/// A text under construction.
#[derive(Default)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) errors: u32,
    pub(super) geta: u32,
}

impl Output {
    pub(super) fn error(&mut self) {
        self.text.push(char::REPLACEMENT_CHARACTER);
        self.errors = self.errors.saturating_add(1);
    }

    pub(super) fn geta(&mut self) {
        self.text.push(GETA);
        self.geta = self.geta.saturating_add(1);
    }

    pub(super) fn push(&mut self, converted: &Converted<'_>) {
        self.text.push_str(&converted.text);
        self.errors = self.errors.saturating_add(converted.errors);
        self.geta = self.geta.saturating_add(converted.geta);
    }

    pub(super) fn into_converted<'a>(self) -> Converted<'a> {
        Converted {
            text: Cow::Owned(self.text),
            errors: self.errors,
            geta: self.geta,
        }
    }
}

/// Decodes `bytes` in `encoding`.
pub(super) fn convert<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Converted<'a> {
    let converted = match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Converted {
            text,
            errors: 0,
            geta: 0,
        },
        None => with_errors(encoding, bytes).into_converted(),
    };
    if encoding == SHIFT_JIS {
        without_private_use(converted)
    } else {
        converted
    }
}

/// Decodes piece by piece into a small buffer: the decoder's own `String` methods prepare all spare
/// room at every call, which is quadratic in a text of nothing but errors.
fn with_errors(encoding: &'static Encoding, bytes: &[u8]) -> Output {
    let mut out = Output::default();
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut buffer = [0u8; 4096];
    let mut at = 0usize;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(rest, &mut buffer, true);
        at = at.saturating_add(read);
        let text = buffer.get(..written).unwrap_or_default();
        out.text
            .push_str(std::str::from_utf8(text).unwrap_or_default());
        match result {
            DecoderResult::InputEmpty => return out,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(bad, extra) => {
                let length = usize::from(bad).saturating_add(usize::from(extra));
                let start = at.saturating_sub(length);
                let cell = bytes.get(start..).unwrap_or_default();
                match unmapped(encoding, cell) {
                    Some((length, known)) => {
                        match known {
                            Some(c) => out.text.push(c),
                            None => out.geta(),
                        }
                        at = start.saturating_add(length);
                    }
                    None => out.error(),
                }
            }
        }
    }
}

/// The length of a character that has the right shape but no entry, and what it is if we know.
fn unmapped(encoding: &'static Encoding, bytes: &[u8]) -> Option<(usize, Option<char>)> {
    let high = 0xa1..=0xfe;
    if encoding == SHIFT_JIS {
        sjis_shape(bytes).then_some((2, None))
    } else if encoding == EUC_JP {
        match *bytes {
            [0x8f, a, b, ..] if high.contains(&a) && high.contains(&b) => Some((3, ibm(a, b))),
            [a, b, ..] if high.contains(&a) && high.contains(&b) => Some((2, None)),
            _ => None,
        }
    } else {
        None
    }
}

fn sjis_shape(bytes: &[u8]) -> bool {
    matches!(
        *bytes,
        [0x81..=0x9f | 0xe0..=0xfc, 0x40..=0x7e | 0x80..=0xfc, ..]
    )
}

/// The user-defined area F040 to F9FC comes as private use, and means something else on every
/// machine.
fn without_private_use(converted: Converted<'_>) -> Converted<'_> {
    let private = |c: &char| ('\u{e000}'..='\u{f8ff}').contains(c);
    // U+E000 to U+EFFF begin with this byte in UTF-8; the area ends at U+E757
    if memchr::memchr(0xee, converted.text.as_bytes()).is_none() {
        return converted;
    }
    let count = converted.text.chars().filter(private).count();
    let text = converted
        .text
        .chars()
        .map(|c| if private(&c) { GETA } else { c })
        .collect();
    Converted {
        text: Cow::Owned(text),
        errors: converted.errors,
        geta: converted
            .geta
            .saturating_add(u32::try_from(count).unwrap_or(u32::MAX)),
    }
}

/// Whether a row of JIS X 0213 plane 1 holds the characters of CP932 wherever that has any.
pub(super) const fn same_in_x0213(row: u8) -> bool {
    matches!(row, 1..=8 | 13 | 16..=84)
}

/// EUC-JIS-2004: what plane 1 shares with CP932, a geta for the rest.
pub(super) fn euc_2004<'a>(bytes: &[u8]) -> Converted<'a> {
    let mut out = Output::default();
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let run = match *rest {
            [0x8f, 0xa1..=0xfe, 0xa1..=0xfe, ..] => {
                out.geta();
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            [a @ 0xa1..=0xfe, 0xa1..=0xfe, ..] => {
                if !same_in_x0213(a.saturating_sub(0xa0)) {
                    out.geta();
                    rest = rest.get(2..).unwrap_or_default();
                    continue;
                }
                2
            }
            [0x8e, 0xa1..=0xdf, ..] => 2,
            [0..=0x7f, ..] => 1,
            _ => {
                out.error();
                rest = tail;
                continue;
            }
        };
        if first.is_ascii() {
            out.text.push(char::from(*first));
        } else {
            out.push(&convert(EUC_JP, rest.get(..run).unwrap_or_default()));
        }
        rest = rest.get(run..).unwrap_or_default();
    }
    out.into_converted()
}

/// Shift_JIS-2004: as [`euc_2004`], told apart by the rows of the lead byte.
pub(super) fn sjis_2004<'a>(bytes: &[u8]) -> Converted<'a> {
    let mut out = Output::default();
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        if first.is_ascii() {
            out.text.push(char::from(*first));
            rest = tail;
            continue;
        }
        let run = if sjis_shape(rest) { 2 } else { 1 };
        let cell = rest.get(..run).unwrap_or_default();
        match *cell {
            [lead, trail] if !sjis_row(lead, trail).is_some_and(|(row, _)| same_in_x0213(row)) => {
                out.geta();
            }
            _ => out.push(&convert(SHIFT_JIS, cell)),
        }
        rest = rest.get(run..).unwrap_or_default();
    }
    out.into_converted()
}

/// Row and cell (1 to 94 each) of a `Shift_JIS` character, `None` outside of the 94 rows.
pub(super) fn sjis_row(lead: u8, trail: u8) -> Option<(u8, u8)> {
    let pair = match lead {
        0x81..=0x9f => lead.checked_sub(0x81)?,
        0xe0..=0xef => lead.checked_sub(0xc1)?,
        _ => return None,
    };
    let upper = pair.checked_mul(2)?.checked_add(1)?;
    match trail {
        0x40..=0x7e => Some((upper, trail.checked_sub(0x3f)?)),
        0x80..=0x9e => Some((upper, trail.checked_sub(0x40)?)),
        0x9f..=0xfc => Some((upper.checked_add(1)?, trail.checked_sub(0x9e)?)),
        _ => None,
    }
}

/// eucJP-ms has the IBM characters that JIS X 0212 lacks at 8F F3F3 to 8F F4FE, in CP932's order.
fn ibm(a: u8, b: u8) -> Option<char> {
    let first = match (a, b) {
        (0xf3, 0xf3..=0xfe) => b.checked_sub(0xf3)?,
        (0xf4, 0xa1..=0xfe) => b.checked_sub(0xa1)?.checked_add(12)?,
        _ => return None,
    };
    IBM.chars().nth(usize::from(first))
}

pub(super) const IBM: &str = "\
     ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ＇＂㈱№℡炻仼僴凬匇匤\u{fa0e}咊坙\u{fa0f}\u{fa10}增寬峵嵓\
     \u{fa11}德悅愠敎昻晥\u{fa12}\u{f929}栁\u{fa13}\u{fa14}橫櫢淸淲瀨\u{fa15}\
     \u{fa16}甁皂皞\u{fa17}礰\u{fa18}\u{fa19}\u{fa1a}\u{fa1b}竧\u{fa1c}\
     \u{fa1d}綠緖\u{fa1e}荢\u{fa1f}薰\u{fa20}\u{fa21}蠇\u{fa22}譿賴赶\
     \u{fa23}\u{fa24}\u{fa25}郞\u{fa26}鄕\u{fa27}\u{fa28}閒\u{f9dc}\
     \u{fa29}霻靍靑\u{fa2a}\u{fa2b}\u{fa2c}馞髙魲\u{fa2d}黑";
