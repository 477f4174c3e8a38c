//! UTF-7 (RFC 2152), UTF-16 and UTF-32, and byte order marks.

use super::convert::{Converted, Output};
use super::label::{Charset, Endian};

/// The charset that a byte order mark tells, and what follows the mark.
pub(super) const fn byte_order_mark(bytes: &[u8]) -> Option<(Charset, &[u8])> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Some((Charset::Utf8, rest)),
        [0xff, 0xfe, 0, 0, rest @ ..] => Some((Charset::Utf32(Some(Endian::Little)), rest)),
        [0, 0, 0xfe, 0xff, rest @ ..] => Some((Charset::Utf32(Some(Endian::Big)), rest)),
        [0xff, 0xfe, rest @ ..] => Some((Charset::Utf16(Some(Endian::Little)), rest)),
        [0xfe, 0xff, rest @ ..] => Some((Charset::Utf16(Some(Endian::Big)), rest)),
        _ => None,
    }
}

/// Whether all `errors` of a UTF-8 text are the bytes of overlong forms (`C0 AF` for `/`): an
/// attack on readers of UTF-8, which must not turn into the kanji that EUC-JP has there.
pub(super) fn all_overlong(bytes: &[u8], errors: u32) -> bool {
    let pairs = bytes
        .windows(2)
        .filter(|pair| matches!(pair, [0xc0 | 0xc1, 0x80..=0xbf]));
    let triples = bytes
        .windows(3)
        .filter(|triple| matches!(triple, [0xe0, 0x80..=0x9f, 0x80..=0xbf]));
    let explained = pairs
        .count()
        .saturating_mul(2)
        .saturating_add(triples.count().saturating_mul(3));
    u32::try_from(explained).is_ok_and(|explained| explained >= errors)
}

/// The order of bytes that are UTF-16 without a mark beyond doubt: a zero is in them, as in no text
/// of an 8-bit charset, each unit at the beginning is of a text, and many are of those that have a
/// zero or 30 as upper byte, as ASCII and kana. In a longer text neither the middle nor the end may
/// speak against it.
pub(super) fn unmarked(bytes: &[u8]) -> Option<Endian> {
    /// How much of a text is looked at, in bytes; as much as the recognition of its kind sees.
    const WITHIN: usize = 8 * 1024;
    /// Fewer units are too few to tell.
    const LEAST: usize = 4;
    let head = bytes.get(..WITHIN).unwrap_or(bytes);
    let (units, odd) = head.as_chunks::<2>();
    if !odd.is_empty() || units.len() < LEAST || !head.contains(&0) {
        return None;
    }
    let little = usual_units(units, u16::from_le_bytes);
    let big = usual_units(units, u16::from_be_bytes);
    let (usual, endian) = if little >= big {
        (little?, Endian::Little)
    } else {
        (big?, Endian::Big)
    };
    let told = usual.saturating_mul(3) >= units.len();
    let denied = bytes.len() > WITHIN && {
        let middle = (bytes.len() / 2) & !1;
        let end = bytes.len().saturating_sub(WITHIN) & !1;
        [middle.min(end), end]
            .into_iter()
            .filter_map(|from| bytes.get(from..)?.get(..WITHIN))
            .any(|window| is_narrow(window, endian))
    };
    (told && !denied).then_some(endian)
}

/// Whether a stretch of a text is of an 8-bit charset: it has none of the controls that halves of
/// UTF-16 look like, such as a zero in each line end and each digit, and few of the usual characters
/// where it is read as UTF-16.
fn is_narrow(window: &[u8], endian: Endian) -> bool {
    let (units, _) = window.as_chunks::<2>();
    let usual = units.iter().filter(|pair| {
        let unit = match endian {
            Endian::Little => u16::from_le_bytes(**pair),
            Endian::Big => u16::from_be_bytes(**pair),
        };
        matches!(unit, 0x20..=0x7e | 0x3000..=0x30ff)
    });
    let plain = |byte: &u8| matches!(byte, b'\t' | b'\n' | 0xc..=0xf | 0x1b | 0x20..);
    window.iter().all(plain) && usual.count().saturating_mul(3) < units.len()
}

/// How many units are ASCII, kana or CJK punctuation; `None` when one is of no text that is met often.
fn usual_units(units: &[[u8; 2]], unit: fn([u8; 2]) -> u16) -> Option<usize> {
    let mut usual = 0usize;
    let mut chars = char::decode_utf16(units.iter().map(|pair| unit(*pair))).peekable();
    while let Some(c) = chars.next() {
        match c {
            Ok('\t' | '\n' | '\r' | ' '..='~' | '\u{3000}'..='\u{30ff}') => {
                usual = usual.saturating_add(1);
            }
            Ok(
                '\u{a0}'..='\u{24f}'
                | '\u{370}'..='\u{52f}'
                | '\u{2010}'..='\u{2027}'
                | '\u{2030}'..='\u{205e}'
                | '\u{20a0}'..='\u{20bf}'
                | '\u{2100}'..='\u{27bf}'
                | '\u{3200}'..='\u{33ff}'
                | '\u{4e00}'..='\u{9fff}'
                | '\u{f900}'..='\u{faff}'
                | '\u{ff01}'..='\u{ffee}'
                | '\u{1f300}'..='\u{1faff}'
                | '\u{20000}'..='\u{2ffff}',
            ) => {}
            // the first half of a character that the look at the beginning cuts
            Err(half) if chars.peek().is_none() && half.unpaired_surrogate() < 0xdc00 => {}
            _ => return None,
        }
    }
    Some(usual)
}

/// Decodes UTF-16; without a mark and a stated order the zero bytes of ASCII and the blank tell.
pub(super) fn utf16<'a>(bytes: &[u8], endian: Option<Endian>) -> Converted<'a> {
    let (units, odd) = bytes.as_chunks::<2>();
    let endian = endian.unwrap_or_else(|| likely_order(units));
    let units = units.iter().map(|pair| match endian {
        Endian::Little => u16::from_le_bytes(*pair),
        Endian::Big => u16::from_be_bytes(*pair),
    });
    let mut out = Output::default();
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(c) => out.text.push(c),
            Err(_) => out.error(),
        }
    }
    if !odd.is_empty() {
        out.error();
    }
    out.into_converted()
}

/// Line breaks, ASCII, kana and CJK punctuation have few different upper bytes: 00 and 30.
fn likely_order(units: &[[u8; 2]]) -> Endian {
    let usual = |b: u8| u32::from(matches!(b, 0 | 0x30));
    let (mut first, mut second) = (0u32, 0u32);
    for [a, b] in units.iter().take(4096) {
        first = first.saturating_add(usual(*a));
        second = second.saturating_add(usual(*b));
    }
    if first > second {
        Endian::Big
    } else {
        Endian::Little
    }
}

/// Decodes UTF-32; without a mark and a stated order the byte that is always zero tells.
pub(super) fn utf32<'a>(bytes: &[u8], endian: Option<Endian>) -> Converted<'a> {
    let (units, odd) = bytes.as_chunks::<4>();
    let little = |unit: &[u8; 4]| matches!(unit, [_, _, _, 0]);
    let endian = endian.unwrap_or_else(|| {
        if units.iter().take(64).all(little) {
            Endian::Little
        } else {
            Endian::Big
        }
    });
    let mut out = Output::default();
    for unit in units {
        let code = match endian {
            Endian::Little => u32::from_le_bytes(*unit),
            Endian::Big => u32::from_be_bytes(*unit),
        };
        match char::from_u32(code) {
            Some(c) => out.text.push(c),
            None => out.error(),
        }
    }
    if !odd.is_empty() {
        out.error();
    }
    out.into_converted()
}

/// Decodes UTF-7: ASCII with stretches of base64 UTF-16 between `+` and the first other byte.
pub(super) fn utf7<'a>(bytes: &[u8]) -> Converted<'a> {
    let mut out = Output::default();
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        match (*first, tail) {
            (b'+', [b'-', after @ ..]) => {
                out.text.push('+');
                rest = after;
            }
            (b'+', _) => {
                let end = tail.iter().position(|b| sextet(*b).is_none());
                let (coded, after) = tail
                    .split_at_checked(end.unwrap_or(tail.len()))
                    .unwrap_or((tail, &[]));
                if coded.is_empty() {
                    // a lone plus of a text that is none of UTF-7
                    out.text.push('+');
                } else {
                    stretch(coded, &mut out);
                }
                rest = after.strip_prefix(b"-").unwrap_or(after);
            }
            (byte @ 0..=0x7f, _) => {
                out.text.push(char::from(byte));
                rest = tail;
            }
            _ => {
                out.error();
                rest = tail;
            }
        }
    }
    out.into_converted()
}

fn stretch(coded: &[u8], out: &mut Output) {
    let mut bits = 0u32;
    let mut count = 0u32;
    let mut units = Vec::new();
    for value in coded.iter().filter_map(|b| sextet(*b)) {
        bits = (bits << 6) | u32::from(value);
        count = count.saturating_add(6);
        if count >= 16 {
            count = count.saturating_sub(16);
            let unit = (bits >> count) & 0xffff;
            units.push(u16::try_from(unit).unwrap_or(0xfffd));
        }
    }
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(c) => out.text.push(c),
            Err(_) => out.error(),
        }
    }
    // what is left over is padding: fewer than six bits, all zero
    if count >= 6 || bits & (1u32 << count).saturating_sub(1) != 0 {
        out.error();
    }
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => byte.checked_sub(b'A'),
        b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(26),
        b'0'..=b'9' => byte.checked_sub(b'0')?.checked_add(52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(text: &str, endian: Endian) -> Vec<u8> {
        let units = text.encode_utf16();
        let bytes = units.map(|unit| match endian {
            Endian::Little => unit.to_le_bytes(),
            Endian::Big => unit.to_be_bytes(),
        });
        bytes.flatten().collect()
    }

    #[test]
    fn texts_of_utf16_are_told_without_a_mark() {
        let long = "市役所からのお知らせです。\n".repeat(1_000);
        // the cut at 8 KiB stands within the emoji
        let cut = format!("{}😀 end", "あa".repeat(2_047) + "b");
        for text in [
            "abc\n",
            "一二三四\r\nです",
            "令和8年度\r\n予算書について",
            "宛先: 市役所へ",
            "ｶﾀｶﾅ ＡＢ\r\nabc",
            &long,
            &cut,
        ] {
            for endian in [Endian::Little, Endian::Big] {
                assert_eq!(unmarked(&coded(text, endian)), Some(endian), "{text:.20}");
            }
        }
    }

    #[test]
    fn the_middle_and_the_end_are_looked_at_too() {
        let wide = coded(&"abc\r\n".repeat(4_000), Endian::Little);
        let kanji = coded(&"市役所".repeat(8_000), Endian::Little);
        let narrow = b"plain eight bit text that goes on.\r\n".repeat(1_000);
        let sjis = [0x82, 0xa0, 0x82, 0xa2, 0x8e, 0x73, 0x0d, 0x0a].repeat(4_000);
        for other in [&narrow, &sjis] {
            let tail = [wide.as_slice(), other].concat();
            assert_eq!(unmarked(&tail), None);
            let middle = [wide.as_slice(), other, &wide].concat();
            assert_eq!(unmarked(&middle), None);
        }
        let odd = [wide.as_slice(), b"x"].concat();
        let rare = coded("한국어\r\n", Endian::Little).repeat(4_000);
        let rare = [wide.as_slice(), &rare].concat();
        let kana = coded(&"あいうえおか市".repeat(4_000), Endian::Little);
        let kana = [wide.as_slice(), &kana, &kana].concat();
        let names = [wide.as_slice(), &kanji, &wide, &wide].concat();
        for text in [&wide, &odd, &rare, &kana, &names] {
            assert_eq!(unmarked(text), Some(Endian::Little), "{}", text.len());
        }
    }

    #[test]
    fn whatever_else_is_not() {
        let kana = coded("あいうえおかきくけこ", Endian::Little);
        let kanji = coded("東京都千代田区霞関壱丁目\n", Endian::Little);
        let shifted = [b"x", coded("abcdefg", Endian::Little).as_slice()].concat();
        for bytes in [
            &b"abcd\0efgh\0ijklm"[..],
            b"a\0b\0c\0",
            b"a\0b\0c\0d\0e",
            b"\0\0\0\x0c\0\0\0\x0d",
            b"\x01\0\x02\0a\0b\0c\0d\0",
            b"a\0b\0\0\0c\0d\0e\0",
            b"a,b\0,c\0,d",
            &kana,
            &kanji,
            &shifted,
            &[0; 64],
            b"",
        ] {
            assert_eq!(unmarked(bytes), None, "{bytes:?}");
        }
    }
}
