//! Fields of one symbol: `SYMBOL 183 \f "Symbol" \s 10` (ISO/IEC 29500-1 section 17.16.5.62).

use crate::formats::symbols::Symbols;

/// What such a field shows, by its code behind its name.
pub(super) fn shown(code: &str) -> Option<char> {
    let mut number = None;
    let mut font = Symbols::None;
    let (mut unicode, mut japanese) = (false, false);
    let mut words = words(code);
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "\\f" => {
                font = Symbols::named(words.next().unwrap_or_default());
            }
            "\\u" => unicode = true,
            "\\j" => japanese = true,
            // the size, and what the height of lines is
            "\\s" => drop(words.next()),
            word if number.is_none() && !word.starts_with('\\') => number = Some(of(word)?),
            _ => {}
        }
    }
    let number = number?;
    if font != Symbols::None {
        return char::from_u32(number).map(|code| font.letter(code));
    }
    if unicode {
        return char::from_u32(number);
    }
    let [.., high, low] = number.to_be_bytes();
    let (bytes, encoding) = if japanese {
        (vec![high, low], encoding_rs::SHIFT_JIS)
    } else {
        (vec![low], encoding_rs::WINDOWS_1252)
    };
    let (text, lossy) = encoding.decode_without_bom_handling(&bytes);
    text.trim_start_matches('\0')
        .chars()
        .next()
        .filter(|_| !lossy)
}

/// The number of a symbol, decimal or as `0xb7`; the letter itself where it is none.
fn of(word: &str) -> Option<u32> {
    let hex = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let number = match hex {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => word.parse(),
    };
    number.ok().or_else(|| word.chars().next().map(u32::from))
}

/// Words between blanks; those in quotation marks are one, without them.
fn words(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = code;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        rest = behind;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_those_of_their_fonts() {
        for (code, want) in [
            (r#" 183 \f "Symbol" \s 10 \h"#, Some('•')),
            (r#" 252 \f "Wingdings""#, Some('✓')),
            (r" 0xfc \f Wingdings", Some('✓')),
            (r#" 61692 \f "Wingdings""#, Some('✓')),
            (r#" 169 \f "Times New Roman""#, Some('©')),
            (r" 28961 \u", Some('無')),
            (r" 38579 \j", Some('無')),
            (r" 8364 \u \f Arial", Some('€')),
            ("", None),
            (r" \f", None),
            (r#" 183 \f ""#, Some('·')),
        ] {
            assert_eq!(shown(code), want, "{code}");
        }
    }
}
