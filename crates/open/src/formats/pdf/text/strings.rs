//! Text strings (ISO 32000-2, 7.9.2.2): of bookmarks, labels of pages, names of files, texts for glyphs.

/// What `PDFDocEncoding` has at 0x18 to 0x1F (ISO 32000-2, annex D.2).
const ACCENTS: [char; 8] = [
    '\u{2d8}', '\u{2c7}', '\u{2c6}', '\u{2d9}', '\u{2dd}', '\u{2db}', '\u{2da}', '\u{2dc}',
];
/// The same at 0x80 to 0xA0; two of these codes have no meaning.
const SIGNS: [char; 33] = [
    '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™',
    '\u{fb01}', '\u{fb02}', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
];
/// Begins and ends the name of a language (ISO 32000-2, 7.9.2.2.2).
const ESCAPE: char = '\u{1b}';
/// The longest such name, in characters.
const MAX_LANGUAGE: usize = 8;

/// The text of a string: UTF-16 or UTF-8 by its first bytes, else `PDFDocEncoding`. Old Japanese writers put
/// `Shift_JIS` there, which is taken where it makes sense as Japanese.
pub(in crate::formats::pdf) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => without_languages(&utf16(rest, u16::from_be_bytes)),
        // against the standard, but written
        [0xff, 0xfe, rest @ ..] => without_languages(&utf16(rest, u16::from_le_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => without_languages(&String::from_utf8_lossy(rest)),
        _ => japanese(bytes).unwrap_or_else(|| bytes.iter().map(|byte| char_of(*byte)).collect()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or('\u{fffd}'))
        .collect()
}

/// A character of `PDFDocEncoding`.
fn char_of(byte: u8) -> char {
    let within = |table: &[char], first: u8| {
        let place = usize::from(byte.checked_sub(first)?);
        table.get(place).copied()
    };
    within(&ACCENTS, 0x18)
        .or_else(|| within(&SIGNS, 0x80))
        .unwrap_or(char::from(byte))
}

/// Takes out the names of languages that stand between the characters.
fn without_languages(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(ESCAPE) {
        kept.push_str(before);
        rest = match behind.split_once(ESCAPE) {
            Some((language, behind)) if is_language(language) => behind,
            _ => behind,
        };
    }
    kept.push_str(rest);
    kept
}

fn is_language(name: &str) -> bool {
    (2..=MAX_LANGUAGE).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The text where it is Japanese in `Shift_JIS`: all of it can be read so, and there are two characters of two bytes
/// side by side, or more of them than Latin letters. One accent before a letter, as in `série`, could be such a
/// character, too.
fn japanese(bytes: &[u8]) -> Option<String> {
    if bytes.is_ascii() {
        return None;
    }
    let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?;
    let is_wide = |c: char| matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ー' | '々' | '一'..='鿿');
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    let pair = text.chars().zip(text.chars().skip(1));
    let has_pair = pair
        .into_iter()
        .any(|(one, other)| is_wide(one) && is_wide(other));
    // first bytes of common characters, which are signs and no letters in the other encoding
    let has_common = bytes.iter().any(|byte| matches!(byte, 0x81..=0x9f));
    // decoders let 0x80 pass
    let has_control = text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c));
    (has_common && !has_control && (has_pair || wide > letters)).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_the_encoding_are_read() {
        for (bytes, expected) in [
            (&b"plain (text)"[..], "plain (text)"),
            (b"\x8dquoted\x8e \x84 1\x85\x32 \xa0", "“quoted” — 1–2 €"),
            (b"\x93le and \x94ow\x83", "\u{fb01}le and \u{fb02}ow…"),
            (b"s\xe9rie \xe0 l'\xe9t\xe9", "série à l'été"),
            (b"\xc4\xd6\xdc \xf6\xdf", "ÄÖÜ öß"),
            (b"\x97koda \x96uvre", "Škoda Œuvre"),
            (b"wait\x83what", "wait…what"),
        ] {
            assert_eq!(text_string(bytes), expected);
        }
    }

    #[test]
    fn old_japanese_strings_are_read() {
        for expected in [
            "第1章 はじめに",
            "表",
            "図1",
            "PDFの使い方",
            "会議録.pdf",
            "ﾃﾞｰﾀ一覧表",
        ] {
            let (bytes, _, is_lossy) = encoding_rs::SHIFT_JIS.encode(expected);
            assert!(!is_lossy);
            assert_eq!(text_string(&bytes), expected);
        }
    }

    #[test]
    fn marks_tell_the_encoding_and_languages_are_no_text() {
        let big: Vec<u8> = "\u{feff}\u{1b}jaJP\u{1b}第2\u{1b}en\u{1b}x"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(text_string(&big), "第2x");
        let little: Vec<u8> = "\u{feff}第2"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(text_string(&little), "第2");
        assert_eq!(text_string("\u{feff}\u{1b}ja\u{1b}無害".as_bytes()), "無害");
        assert_eq!(
            text_string("\u{feff}a\u{1b}not a language\u{1b}b".as_bytes()),
            "anot a languageb"
        );
    }
}
