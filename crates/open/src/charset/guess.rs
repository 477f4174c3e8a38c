//! Which charset bytes are in, when nobody says so.

use super::label::Charset;
use super::{escape, score};

const SJIS: Charset = Charset::Sjis { x0213: false };
const EUC: Charset = Charset::Euc { x0213: false };
const LATIN: Charset = Charset::Weak { latin: true };

/// The likeliest charset. `latin` says that the label was ISO-8859-1, which is then believed of a
/// text that could be either.
pub(super) fn best(bytes: &[u8], latin: bool) -> Charset {
    if bytes.is_ascii() {
        return if escape::is_jis(bytes) {
            Charset::Jis
        } else {
            Charset::Utf8
        };
    }
    if is_utf8(bytes) {
        return Charset::Utf8;
    }
    if escape::is_jis(bytes) {
        // 8-bit stretches of a text with kanji escapes are looked at one by one
        return Charset::Jis;
    }
    let (sjis, euc, west) = (score::sjis(bytes), score::euc(bytes), score::latin(bytes));
    let (charset, japanese) = if euc.points > sjis.points && euc.errors <= sjis.errors {
        (EUC, euc)
    } else {
        (SJIS, sjis)
    };
    let margin = i64::from(!latin);
    let western = west.points > japanese.points.saturating_add(margin)
        || (west.points >= japanese.points && latin);
    // a text that is neither: most of what Japanese makes of it is no character
    let hopeless = japanese.errors.saturating_mul(2) > japanese.cells;
    if (western && west.errors == 0) || hopeless {
        LATIN
    } else {
        charset
    }
}

/// The charset that bytes are in although they can be read as the stated one: UTF-8 under a label of
/// another, whose characters every byte makes, and text of ASCII or a code page under one of UTF-16.
pub(super) fn instead(bytes: &[u8], stated: Charset) -> Option<Charset> {
    match stated {
        Charset::Sjis { .. } | Charset::Euc { .. } | Charset::Other(_) => {
            let text = std::str::from_utf8(bytes).ok()?;
            let all = text.chars().filter(|c| !c.is_ascii()).count();
            let wide = text.chars().filter(|c| c.len_utf8() > 2).count();
            let kana = text.chars().filter(|c| is_kana(*c)).count();
            let japanese = kana >= 2 && kana.saturating_mul(2) >= all;
            (wide >= 2 && (japanese || is_likelier(bytes, text, stated))).then_some(Charset::Utf8)
        }
        Charset::Utf16(_) | Charset::Utf32(_) => narrow(bytes),
        Charset::Weak { .. }
        | Charset::Utf8
        | Charset::Utf7
        | Charset::Jis
        | Charset::Iso2022Kr
        | Charset::Iso2022Cn
        | Charset::Hz => None,
    }
}

/// Whether bytes say something as UTF-8 that could as well be said in the stated charset, but hardly
/// anything in that. One in some thousand words of rare kanji is well-formed UTF-8 by chance, and hardly one
/// passes this.
fn is_likelier(bytes: &[u8], text: &str, stated: Charset) -> bool {
    let (sound, encoding) = match stated {
        Charset::Sjis { .. } => (score::sjis(bytes).is_ordinary(), encoding_rs::SHIFT_JIS),
        Charset::Euc { .. } => (score::euc(bytes).is_ordinary(), encoding_rs::EUC_JP),
        Charset::Other(encoding) if encoding.is_single_byte() => return true,
        Charset::Other(encoding) => (false, encoding),
        Charset::Weak { .. }
        | Charset::Utf8
        | Charset::Utf7
        | Charset::Utf16(_)
        | Charset::Utf32(_)
        | Charset::Jis
        | Charset::Iso2022Kr
        | Charset::Iso2022Cn
        | Charset::Hz => return false,
    };
    !sound && !encoding.encode(text).2
}

const fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}')
}

/// The charset of bytes that are hardly UTF-16: without a zero, without kana in it, and a text otherwise.
fn narrow(bytes: &[u8]) -> Option<Charset> {
    /// Fewer are some kanji as well.
    const LEAST: usize = 12;
    let (units, odd) = bytes.as_chunks::<2>();
    // one byte of each kana is 0x30
    let kana = |high: fn(&[u8; 2]) -> [u8; 2]| {
        let units = units.iter().map(high);
        units
            .filter(|[high, low]| *high == 0x30 && *low > 0x40)
            .count()
    };
    let kana = kana(|unit| *unit).max(kana(|[low, high]| [*high, *low]));
    if bytes.contains(&0)
        || kana.saturating_mul(8) > units.len()
        || (bytes.len() < LEAST && odd.is_empty())
    {
        return None;
    }
    let printed = |b: &u8| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    if bytes.iter().all(printed) {
        return Some(Charset::Utf8);
    }
    sure(bytes).filter(|charset| {
        let kana = |score: score::Score| score.kana > 0;
        matches!(charset, Charset::Utf8 | Charset::Jis)
            || *charset == SJIS && kana(score::sjis(bytes))
            || *charset == EUC && kana(score::euc(bytes))
    })
}

/// The charset that these bytes are in beyond doubt: not one error, and ordinary characters.
pub(super) fn sure(bytes: &[u8]) -> Option<Charset> {
    if std::str::from_utf8(bytes).is_ok() {
        return if escape::is_jis(bytes) {
            Some(Charset::Jis)
        } else {
            (!bytes.is_ascii()).then_some(Charset::Utf8)
        };
    }
    let (sjis, euc) = (score::sjis(bytes), score::euc(bytes));
    match (sjis.is_plausible(), euc.is_plausible()) {
        (true, true) if euc.points > sjis.points => Some(EUC),
        (true, _) => Some(SJIS),
        (false, true) => Some(EUC),
        // letters of a Western language, each alone between ASCII letters, are nothing else
        (false, false) => score::latin(bytes).is_plausible().then_some(LATIN),
    }
}

/// Well-formed UTF-8, or a text of it with a few broken places.
fn is_utf8(bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let utf8 = score::utf8(bytes);
    let good = utf8.cells.saturating_sub(utf8.errors);
    utf8.errors.saturating_mul(4) <= good && good > 0
}
