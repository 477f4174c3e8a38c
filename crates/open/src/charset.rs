//! Charsets: bytes of any declared or undeclared charset to Unicode.
//!
//! A stated charset is kept unless its bytes say otherwise beyond doubt; a missing or meaningless
//! one is guessed. Everything here is total and linear in the input: any bytes decode to some text.
//! The text is *not* yet clean: it can hold controls, which `Text` and `Line` take out.

mod convert;
mod escape;
mod guess;
mod jis;
mod label;
mod score;
mod shift;
#[cfg(test)]
mod tests;
mod unicode;

use convert::Converted;
use label::Charset;
use mugai_core::{Cx, FindingCode};
use std::borrow::Cow;

/// A guess may override a stated charset only where that leaves more than this many errors, or as many as
/// characters.
const TOLERATED_ERRORS: u32 = 2;

/// A decoded text and what had to be done for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text; borrowed when its bytes already were UTF-8.
    pub text: Cow<'a, str>,
    /// The declared charset was missing or wrong and another one was recognised.
    pub lie: bool,
    /// How many U+FFFD were put for bytes that are no text.
    pub undecodable: u32,
    /// How many 〓 were put for characters without a Unicode form (外字, carrier emoji, and those of
    /// JIS X 0213 that CP932 does not have).
    pub geta: u32,
}

/// Decodes the bytes of a body, a header word or a file name in the charset that `label` names, in
/// any spelling, or in the one that they seem to be in.
///
/// A byte order mark wins over the label and is taken off.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Decoded<'a> {
    let stated = label.map_or(Charset::Weak { latin: false }, label::parse);
    if let Some((charset, rest)) = unicode::byte_order_mark(bytes) {
        let told = matches!(stated, Charset::Weak { .. }) && label.is_none();
        let lie = !told && !stated.agrees_with_mark(charset);
        return as_charset(rest, charset).into_decoded(lie);
    }
    if stated.keeps_ascii()
        && let Some(endian) = unicode::unmarked(bytes)
    {
        return as_charset(bytes, Charset::Utf16(Some(endian))).into_decoded(true);
    }
    // the usual case, without a copy: ASCII is the same in every charset that has no escapes
    if stated.keeps_ascii()
        && bytes.is_ascii()
        && memchr::memchr2(escape::ESC, escape::SHIFT_OUT, bytes).is_none()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Converted::borrowed(text).into_decoded(false);
    }
    match stated {
        Charset::Weak { latin } => decode_unlabelled(bytes, label.is_some(), latin),
        Charset::Jis => jis::decode(bytes),
        Charset::Utf8
        | Charset::Utf7
        | Charset::Utf16(_)
        | Charset::Utf32(_)
        | Charset::Sjis { .. }
        | Charset::Euc { .. }
        | Charset::Iso2022Kr
        | Charset::Iso2022Cn
        | Charset::Hz
        | Charset::Other(_) => decode_labelled(bytes, stated),
    }
}

/// Whether a label names UTF-16 or UTF-32, which no page can say of itself in letters of ASCII.
#[must_use]
pub(crate) fn is_wide(label: &str) -> bool {
    matches!(label::parse(label), Charset::Utf16(_) | Charset::Utf32(_))
}

/// Whether bytes are UTF-16 without a byte order mark beyond doubt.
#[must_use]
pub(crate) fn is_unmarked_wide(bytes: &[u8]) -> bool {
    unicode::unmarked(bytes).is_some()
}

/// Notes what was seen while decoding.
pub fn note(decoded: &Decoded<'_>, cx: &mut Cx<'_>) {
    cx.note_times(FindingCode::TextCharsetLie, u32::from(decoded.lie));
    cx.note_times(FindingCode::TextUndecodable, decoded.undecodable);
    cx.note_times(FindingCode::TextGaiji, decoded.geta);
}

/// No label, or one that says nothing about 8-bit bytes.
fn decode_unlabelled(bytes: &[u8], labelled: bool, latin: bool) -> Decoded<'_> {
    let charset = guess::best(bytes, latin);
    // UTF-8 needs no label, and Latin is what a Latin label said
    let lie = match charset {
        Charset::Utf8 => labelled && !bytes.is_ascii(),
        Charset::Weak { .. } => !latin && !bytes.is_ascii(),
        Charset::Jis
        | Charset::Utf7
        | Charset::Utf16(_)
        | Charset::Utf32(_)
        | Charset::Sjis { .. }
        | Charset::Euc { .. }
        | Charset::Iso2022Kr
        | Charset::Iso2022Cn
        | Charset::Hz
        | Charset::Other(_) => true,
    };
    as_charset(bytes, charset).into_decoded(lie)
}

/// A label that means something: it holds, unless another charset is beyond doubt.
fn decode_labelled(bytes: &[u8], stated: Charset) -> Decoded<'_> {
    if stated.keeps_ascii() && escape::is_jis(bytes) && bytes.is_ascii() {
        return as_charset(bytes, Charset::Jis).into_decoded(true);
    }
    if let Some(other) = guess::instead(bytes, stated) {
        return as_charset(bytes, other).into_decoded(true);
    }
    let converted = as_charset(bytes, stated);
    // of a character or two only those of East Asia say by themselves what they are
    let few = |other| {
        !matches!(other, Charset::Weak { .. })
            && !matches!(stated, Charset::Utf16(_) | Charset::Utf32(_))
            && converted.is_half_wrong()
    };
    if converted.errors > 0
        && let Some(other) = guess::sure(bytes)
        && (converted.errors > TOLERATED_ERRORS || few(other))
        && other != stated
        && !(stated == Charset::Utf8 && unicode::all_overlong(bytes, converted.errors))
    {
        return as_charset(bytes, other).into_decoded(true);
    }
    converted.into_decoded(false)
}

/// Decodes in exactly this charset.
fn as_charset(bytes: &[u8], charset: Charset) -> Converted<'_> {
    match charset {
        Charset::Utf8 => convert::convert(encoding_rs::UTF_8, bytes),
        Charset::Utf7 => unicode::utf7(bytes),
        Charset::Utf16(endian) => unicode::utf16(bytes, endian),
        Charset::Utf32(endian) => unicode::utf32(bytes, endian),
        Charset::Jis => jis::walk(bytes).into_converted(),
        Charset::Sjis { x0213: false } => convert::convert(encoding_rs::SHIFT_JIS, bytes),
        Charset::Euc { x0213: false } => convert::convert(encoding_rs::EUC_JP, bytes),
        Charset::Sjis { x0213: true } => convert::sjis_2004(bytes),
        Charset::Euc { x0213: true } => convert::euc_2004(bytes),
        Charset::Iso2022Kr => shift::iso_2022_kr(bytes),
        Charset::Iso2022Cn => shift::iso_2022_cn(bytes),
        Charset::Hz => shift::hz(bytes),
        Charset::Other(encoding) => convert::convert(encoding, bytes),
        Charset::Weak { .. } => convert::convert(encoding_rs::WINDOWS_1252, bytes),
    }
}
