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
