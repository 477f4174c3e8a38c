//! Names whose archive does not say how they are encoded.
//!
//! Windows of Japan writes code page 932, old Unix EUC-JP, everything newer UTF-8, and the rest of
//! the world what DOS had there.

use encoding_rs::{EUC_JP, SHIFT_JIS};

/// A name as text, and whether its code page had to be recognised.
///
/// Separators are looked for in the text only: the second byte of ソ, 能, 表 and 十 in code page 932
/// is that of a backslash.
pub(super) fn decode(raw: &[u8]) -> (String, bool) {
    if raw.is_ascii() {
        let text = raw.iter().map(|byte| char::from(*byte)).collect();
        return (text, false);
    }
    if let Ok(text) = std::str::from_utf8(raw) {
        return (text.to_owned(), true);
    }
    let sjis = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(raw);
    let euc = EUC_JP.decode_without_bom_handling_and_without_replacement(raw);
    let text = match (sjis, euc) {
        (Some(sjis), Some(euc)) if narrow(&sjis) > 0 && narrow(&euc) == 0 => euc.into_owned(),
        (Some(sjis), _) => sjis.into_owned(),
        (None, Some(euc)) => euc.into_owned(),
        (None, None) => raw.iter().map(|byte| dos(*byte)).collect(),
    };
    (text, true)
}

/// Kana of half width, which EUC-JP looks like when it is read as code page 932, next to what nobody
/// mixes with them.
fn narrow(text: &str) -> usize {
    let narrow = |c: &char| matches!(c, '\u{ff61}'..='\u{ff9f}');
    let wide = |c: char| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    let count = text.chars().filter(narrow).count();
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
            assert_eq!(decode(&raw), (name.to_owned(), true));
        }
        for name in ["日本語の資料.txt", "市役所/予定表.xls", "ソフト.txt"] {
            let (raw, ..) = EUC_JP.encode(name);
            assert_eq!(decode(&raw), (name.to_owned(), true), "{name}");
            assert_eq!(decode(name.as_bytes()), (name.to_owned(), true));
        }
        assert_eq!(decode(b"plain.txt"), ("plain.txt".to_owned(), false));
        assert_eq!(decode(b"caf\x82"), ("café".to_owned(), true));
    }
}
