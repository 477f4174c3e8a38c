//! Characters written by their number in texts of spreadsheets (ECMA-376 part 1, section 22.9.2.19): `_x000D_` is a
//! carriage return, and `_x005F_` the bar that would otherwise begin such a number. What is told is text without any.

use super::vocabulary::{Element, Space};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The length of one, in bytes.
const LENGTH: usize = 7;

/// The unit of UTF-16 of a number that begins `text`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..LENGTH)?.strip_prefix("_x")?.strip_suffix('_')?;
    // a sign is no digit
    let digits = digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then_some(digits)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Whether texts of an element are of this type: those of sheets, and of their extensions.
#[must_use]
pub fn is_of_sheet(element: Element) -> bool {
    /// By index: asked of every value.
    static ALL: LazyLock<Vec<bool>> = LazyLock::new(|| {
        let elements = (0..=u16::MAX).map_while(Element::from_index);
        let prefixes = elements.map(|element| element.space().map_or("", Space::prefix));
        prefixes
            .map(|prefix| matches!(prefix, "x" | "x14" | "xm"))
            .collect()
    });
    let known = ALL.get(usize::from(element.index()));
    known.copied().unwrap_or(false)
}

/// Whether a text has a character that is written by its number.
#[must_use]
pub fn has_numbers(text: &str) -> bool {
    // asked of every value of a sheet, and most are short: a search for two letters takes longer to begin
    text.bytes().any(|byte| byte == b'_')
        && text
            .match_indices("_x")
            .any(|(at, _)| text.get(at..).and_then(unit).is_some())
}

/// A text of a file as it is read: numbers are the characters that they mean. Halves of characters that are alone come
/// back as replacement characters.
#[must_use]
pub fn read_numbers(raw: &str) -> Cow<'_, str> {
    if !has_numbers(raw) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        if let Some(unit) = unit(rest) {
            units.push(unit);
            rest = rest.get(LENGTH..).unwrap_or_default();
            continue;
        }
        out.push_str(&String::from_utf16_lossy(&units));
        units.clear();
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out.push_str(&String::from_utf16_lossy(&units));
    Cow::Owned(out)
}

/// A text as it is written: what looks like a number in it is none.
#[must_use]
pub fn write_plain(text: &str) -> Cow<'_, str> {
    if !has_numbers(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let begins = c == '_' && text.get(at..).and_then(unit).is_some();
        if begins {
            out.push_str("_x005F_");
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_characters_and_text_is_text() {
        for (raw, want) in [
            ("plain", "plain"),
            ("a_x000D_\nb", "a\r\nb"),
            ("evil_x202E_fdp", "evil\u{202e}fdp"),
            ("_xD842__xDFB7_野", "𠮷野"),
            ("_xD842_野", "\u{fffd}野"),
            ("部品_x005F_x0041_番", "部品_x0041_番"),
            ("_x+041_ _x41_ _X0041_ _x004", "_x+041_ _x41_ _X0041_ _x004"),
        ] {
            assert_eq!(read_numbers(raw), want, "{raw}");
        }
        for text in [
            "plain",
            "部品_x0041_番",
            "_x0041_x0042_",
            "__x0041__",
            "_x005F_x0041_",
        ] {
            let written = write_plain(text);
            assert_eq!(read_numbers(&written), text, "{written}");
        }
    }
}
