//! Text of others, made harmless for logs and events.

/// The most characters that are told of one text.
const MOST: usize = 128;

/// `text` with every character that is not printable written as `\u{…}`: controls, line ends,
/// direction overrides, invisible and private ones; a backslash becomes two. What is over 128
/// characters is cut, and `…` says so.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, c) in text.chars().enumerate() {
        if number >= MOST {
            out.push('…');
            break;
        }
        match c {
            '\\' => out.push_str("\\\\"),
            '"' | '\'' => out.push(c),
            // the standard library keeps what is printable as it is
            _ if c.escape_debug().eq([c]) => out.push(c),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_printable_characters_stay() {
        for (text, want) in [
            ("予算 (案).pdf", "予算 (案).pdf"),
            ("a\nb\r\tc\0", "a\\u{a}b\\u{d}\\u{9}c\\u{0}"),
            ("\u{202e}fdp.exe", "\\u{202e}fdp.exe"),
            ("\u{2066}\u{200b}\u{feff}", "\\u{2066}\\u{200b}\\u{feff}"),
            ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("\u{e000}\u{e0041}", "\\u{e000}\\u{e0041}"),
            ("a\\u{a}", "a\\\\u{a}"),
        ] {
            assert_eq!(plain(text), want, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let text = plain(&"表".repeat(MOST + 1));
        assert_eq!(text.chars().count(), MOST + 1);
        assert!(text.ends_with('…'));
        assert_eq!(plain(&"a".repeat(MOST)).len(), MOST);
    }
}
