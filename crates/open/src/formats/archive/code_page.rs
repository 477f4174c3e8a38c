//! Names whose archive does not say how they are encoded.
//!
//! Windows of Japan writes code page 932, old Unix EUC-JP, everything newer UTF-8, and the rest of
//! the world what DOS had there.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};

/// Where an archive says that it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// Where names are of code page 932, and never of EUC-JP: DOS, Windows, Macintosh.
    Dos,
    /// Unix, or it does not say.
    Other,
}

/// What all names of an archive are in: one program wrote them, and many of them may be two things by themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Together(Option<&'static Encoding>);

impl Together {
    /// Looks at the names of which the archive does not say how they are encoded: what all of them can be, and one
    /// can be only, they are.
    pub(super) fn of(names: &[(&[u8], Host)]) -> Self {
        let mut names = names.to_vec();
        names.retain(|(raw, _)| !raw.is_ascii());
        let all = |encoding| names.iter().all(|(raw, host)| can_be(raw, encoding, *host));
        let any = |encoding| {
            names
                .iter()
                .any(|(raw, host)| is_only(raw, encoding, *host))
        };
        let found = [UTF_8, EUC_JP, SHIFT_JIS];
        Self(
            found
                .into_iter()
                .find(|encoding| all(encoding) && any(encoding)),
        )
    }

    /// As [`decode`].
    pub(super) fn decode(self, raw: &[u8], host: Host) -> (String, bool) {
        let encoding = self.0.filter(|_| !raw.is_ascii());
        match encoding.and_then(|encoding| text(raw, encoding)) {
            Some(text) => (text, true),
            None => decode(raw, host),
        }
    }
}

fn text(raw: &[u8], encoding: &'static Encoding) -> Option<String> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(raw)?;
    Some(text.into_owned())
}

fn can_be(raw: &[u8], encoding: &'static Encoding, host: Host) -> bool {
    !(encoding == EUC_JP && host == Host::Dos) && text(raw, encoding).is_some()
}

/// Whether a name can be in no other code page, or is not what it looks like there.
fn is_only(raw: &[u8], encoding: &'static Encoding, host: Host) -> bool {
    let others = [UTF_8, EUC_JP, SHIFT_JIS];
    let others = others.into_iter().filter(|other| *other != encoding);
    let only = others.clone().all(|other| !can_be(raw, other, host));
    // three bytes for a character, and each of them right, are UTF-8
    let wide = || text(raw, UTF_8).is_some_and(|text| text.chars().any(|c| c.len_utf8() > 2));
    let is_euc = || {
        let (sjis, euc) = (text(raw, SHIFT_JIS), text(raw, EUC_JP));
        sjis.zip(euc).is_some_and(|(sjis, euc)| is_euc(&sjis, &euc))
    };
    can_be(raw, encoding, host)
        && (only || encoding == UTF_8 && wide() || encoding == EUC_JP && is_euc())
}

/// A name as text, and whether its code page had to be recognised.
///
/// Separators are looked for in the text only: the second byte of ソ, 能, 表 and 十 in code page 932
/// is that of a backslash.
pub(super) fn decode(raw: &[u8], host: Host) -> (String, bool) {
    if raw.is_ascii() {
        let text = raw.iter().map(|byte| char::from(*byte)).collect();
        return (text, false);
    }
    let sjis = || text(raw, SHIFT_JIS);
    if let Ok(text) = std::str::from_utf8(raw)
        && !(host == Host::Dos && sjis().is_some_and(|sjis| is_by_chance(text, &sjis)))
    {
        return (text.to_owned(), true);
    }
    let euc = text(raw, EUC_JP);
    let text = match (sjis(), euc) {
        (Some(sjis), Some(euc)) if host == Host::Other && is_euc(&sjis, &euc) => euc,
        (Some(sjis), _) => sjis,
        (None, Some(euc)) => euc,
        (None, None) => raw.iter().map(|byte| dos(*byte)).collect(),
    };
    (text, true)
}

/// A name as text in the code page that the archive tells of, by its number of Windows; `None` where that is not one
/// that names of here are in, or the name is not in it.
pub(super) fn told(raw: &[u8], page: u32) -> Option<String> {
    let encoding = match page {
        932 => SHIFT_JIS,
        20_932 | 51_932 => EUC_JP,
        65_001 => UTF_8,
        _ => return None,
    };
    text(raw, encoding)
}

/// Whether a name that may be either is EUC-JP: read as code page 932 it is kana of half width next to what nobody
/// mixes with them, and among them are the marks that are the first bytes of kana, or characters that are none.
/// Without these ﾃﾞｰﾀ is likelier than 筑粟.
fn is_euc(sjis: &str, euc: &str) -> bool {
    let marks = |c: char| matches!(c, '\u{ff64}' | '\u{ff65}' | '\u{e000}'..='\u{f8ff}');
    narrow(sjis) > 0 && narrow(euc) == 0 && sjis.contains(marks)
}

/// Whether a name is UTF-8 by chance: pairs of kana of half width are letters of Europe, too. Those stand beside
/// plain letters.
fn is_by_chance(text: &str, sjis: &str) -> bool {
    let kana = |c: char| c.is_ascii() || is_narrow(c);
    let pairs = |c: char| c.len_utf8() <= 2;
    let latin = |c: char| c.is_ascii() || matches!(c, '\u{c0}'..='\u{17f}');
    let letters = |a: &u8, b: &u8| a.is_ascii_alphabetic() && !b.is_ascii();
    let mut pairs_of = text.as_bytes().windows(2);
    let beside = pairs_of.any(|two| matches!(two, [a, b] if letters(a, b) || letters(b, a)));
    sjis.chars().all(kana) && text.chars().all(pairs) && !(beside && text.chars().all(latin))
}

fn is_narrow(c: char) -> bool {
    matches!(c, '\u{ff61}'..='\u{ff9f}')
}

/// Kana of half width, which EUC-JP looks like when it is read as code page 932, next to what nobody
/// mixes with them.
fn narrow(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    let count = text.chars().filter(|c| is_narrow(*c)).count();
    // ﾃｽﾄ資料 is a name; a name of kana of half width only may be either
    let letters = text.chars().filter(|c| wide(*c)).count();
    if letters > count { 0 } else { count }
}

/// The upper half of code page 437.
const DOS: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ',
    'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ', 'á', 'í', 'ó', 'ú', 'ñ', 'Ñ',
    'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕',
    '╣', '║', '╗', '╝', '╜', '╛', '┐', '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦',
    '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐',
    '▀', 'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±',
    '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];

fn dos(byte: u8) -> char {
    let upper = byte.checked_sub(128).map(usize::from);
    upper
        .and_then(|place| DOS.get(place).copied())
        .unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_archive_are_in_one_code_page() {
        let names = [
            "日本語.txt",
            "表.txt",
            "予算.xls",
            "平成.doc",
            "plain.txt",
            "ソフト",
        ];
        for encoding in [EUC_JP, SHIFT_JIS, UTF_8] {
            let raw: Vec<_> = names.iter().map(|name| encoding.encode(name).0).collect();
            let told: Vec<_> = raw.iter().map(|raw| (&**raw, Host::Other)).collect();
            let together = Together::of(&told);
            for (raw, name) in raw.iter().zip(names) {
                assert_eq!(together.decode(raw, Host::Other).0, name, "{encoding:?}");
            }
        }
        // Windows of Japan never writes EUC-JP
        let (data, ..) = SHIFT_JIS.encode("ﾃﾞｰﾀ.csv");
        let together = Together::of(&[(&data, Host::Dos)]);
        assert_eq!(together.decode(&data, Host::Dos).0, "ﾃﾞｰﾀ.csv");
        // two programs wrote these
        let (euc, sjis) = (EUC_JP.encode("日本語").0, SHIFT_JIS.encode("日本語").0);
        let together = Together::of(&[(&euc, Host::Other), (&sjis, Host::Other)]);
        for raw in [&euc, &sjis] {
            assert_eq!(together.decode(raw, Host::Other).0, "日本語");
        }
    }

    #[test]
    fn names_come_back_whatever_they_were_written_in() {
        for name in [
            "ソフト能力表十.txt",
            "予定表①.xls",
            "ﾃｽﾄ.txt",
            "髙橋㈱.doc",
            "資料/表.pdf",
        ] {
            let (raw, _, lossy) = SHIFT_JIS.encode(name);
            assert!(!lossy, "{name}");
            for host in [Host::Dos, Host::Other] {
                assert_eq!(decode(&raw, host), (name.to_owned(), true));
            }
        }
        // pairs of them are letters of EUC-JP or UTF-8
        for (name, elsewhere) in [("ﾃﾞｰﾀ.csv", true), ("ﾒｲﾎﾞ.txt", true), ("ﾊｺ.txt", false)]
        {
            let (raw, ..) = SHIFT_JIS.encode(name);
            assert_eq!(decode(&raw, Host::Dos), (name.to_owned(), true));
            assert_eq!(decode(&raw, Host::Other).0 == name, elsewhere, "{name}");
        }
        for name in ["日本語の資料.txt", "市役所/予定表.xls", "ソフト.txt"] {
            let (raw, ..) = EUC_JP.encode(name);
            assert_eq!(decode(&raw, Host::Other), (name.to_owned(), true), "{name}");
            assert_eq!(decode(name.as_bytes(), Host::Dos), (name.to_owned(), true));
        }
        assert_eq!(
            decode(b"plain.txt", Host::Dos),
            ("plain.txt".to_owned(), false)
        );
        assert_eq!(decode(b"caf\x82", Host::Dos), ("café".to_owned(), true));
        assert_eq!(
            decode("café".as_bytes(), Host::Dos),
            ("café".to_owned(), true)
        );
    }
}
