//! Formulas of sheets: those that calculate from the cells of the same document, and no others.

use super::indirect::{Parts, contained};
use super::link::is_inside;
use super::xstring::has_numbers;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The longest formula, in bytes (8,192 characters in the largest spreadsheets).
const MAX_LEN: usize = 32_768;

/// Functions that calculate. Those that fetch, call, register, ask or act are not here.
const FUNCTIONS: &str = include_str!("functions.txt");

/// They by their names, looked up at every call in every cell.
static KNOWN: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| FUNCTIONS.split_ascii_whitespace().collect());

/// Whether a formula calls nothing but functions that calculate, and names no other document.
#[must_use]
pub fn is_harmless(formula: &str) -> bool {
    // what is written by numbers is another formula for programs that read those
    if formula.len() > MAX_LEN || has_numbers(formula) || asks_elsewhere(formula, Parts::Comma) {
        return false;
    }
    let bytes = formula.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        at = match byte {
            // another document, or data exchange: [1]Sheet1!A1, app|topic!item
            b'|' | b'\\' => return false,
            b'[' => match own_book(bytes, at).or_else(|| column(bytes, at)) {
                Some(end) => end,
                None => return false,
            },
            b'"' => match quoted(bytes, at, b'"') {
                Some(end) => end,
                None => return false,
            },
            b'\'' => match quoted(bytes, at, b'\'') {
                Some(end) if is_sheet(bytes.get(at..end).unwrap_or_default()) => end,
                _ => return false,
            },
            _ if is_word(byte) => {
                let end = word(bytes, at);
                let name = bytes.get(at..end).unwrap_or_default();
                let next = bytes.get(end..).unwrap_or_default();
                let calls = next.trim_ascii_start().first() == Some(&b'(');
                let known = is_function(name) || leads_inside(name, next, b',');
                if (calls && !known) || !hands_on(name) || renames(name) {
                    return false;
                }
                end
            }
            _ => at.saturating_add(1),
        };
    }
    true
}

pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$') || !byte.is_ascii()
}

pub(super) fn word(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| is_word(**byte)).count();
    at.saturating_add(length)
}

/// The end of a quoted piece that begins at `at`; a doubled quote is one inside.
pub(super) fn quoted(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at.checked_add(1)?;
    loop {
        let length = bytes.get(at..)?.iter().position(|byte| *byte == quote)?;
        at = at.checked_add(length)?.checked_add(1)?;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at = at.checked_add(1)?;
    }
}

/// The end of what stands before a name of this same document, `[0]!`.
fn own_book(bytes: &[u8], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let bare = before.is_none_or(|byte| !is_word(*byte) && !b"'\"]!:".contains(byte));
    let name = std::str::from_utf8(bytes.get(at..)?.strip_prefix(b"[0]!")?).ok()?;
    let named = name.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$'));
    let end = at.checked_add(4)?;
    (bare && named).then_some(end)
}

/// Whether a link leads to a place in the same document: that is all that it says, in quotes.
fn leads_inside(name: &[u8], next: &[u8], part: u8) -> bool {
    let place = || {
        let rest = next.trim_ascii_start().strip_prefix(b"(")?;
        let rest = rest.trim_ascii_start();
        let end = quoted(rest, 0, b'"').filter(|_| rest.first() == Some(&b'"'))?;
        let (said, rest) = rest.split_at_checked(end)?;
        let said = said.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let ends = matches!(rest.trim_ascii_start().first()?, b')')
            || rest.trim_ascii_start().first() == Some(&part);
        let said = std::str::from_utf8(said).ok()?;
        // brackets of the name of a sheet, but no call; and no place that is gone
        let calls = said.split('\'').step_by(2).any(|bare| bare.contains('('));
        (ends && is_inside(said) && !calls && !said.contains("#REF!")).then_some(())
    };
    name.eq_ignore_ascii_case(b"HYPERLINK") && place().is_some()
}

/// The end of the columns of a table in brackets. A number alone would be another document; the
/// name of a table stands before it, or it is one column of the table that the formula stands in.
fn column(bytes: &[u8], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    if !before.is_some_and(|byte| is_word(*byte)) {
        return own_column(bytes, at);
    }
    let mut depth = 0usize;
    for (place, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            b'[' => depth = depth.saturating_add(1),
            b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let end = place.checked_add(1)?;
                    // Book[1]!A1 is no column
                    return (bytes.get(end) != Some(&b'!')).then_some(end);
                }
            }
            b'|' | b'!' | b'"' | b'\'' | b'\\' => return None,
            _ => {}
        }
    }
    None
}

/// The end of one column in brackets without a table, `[金額]`: no number, no path, and nothing behind it that could be
/// the sheet of a document of this name.
fn own_column(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| *byte == b']')?;
    let name = std::str::from_utf8(rest.get(1..length)?).ok()?;
    let known = |c: char| c.is_alphanumeric() || " _@#()（）・".contains(c);
    let named = name.chars().all(known) && name.chars().any(char::is_alphabetic);
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let bare = before.is_none_or(|byte| b"(,=+-*/^&<> ".contains(byte));
    let end = at.checked_add(length)?.checked_add(1)?;
    let ends = bytes
        .get(end)
        .is_none_or(|byte| b"),=+-*/^&<>".contains(byte));
    (named && bare && ends).then_some(end)
}

/// The quoted name of a sheet of this document, or of the first and the last of several: `'1月:12月'`. A single
/// letter before the colon would be a drive.
fn is_sheet(quoted: &[u8]) -> bool {
    let odd = |part: &[u8]| part.iter().any(|byte| b"[]|\\/:".contains(byte));
    let inside = quoted.strip_prefix(b"'").unwrap_or(quoted);
    let inside = inside.strip_suffix(b"'").unwrap_or(inside);
    match inside.iter().position(|byte| *byte == b':') {
        None => !odd(inside),
        Some(at) => {
            let (first, last) = inside.split_at(at);
            let last = last.get(1..).unwrap_or_default();
            let drive = matches!(first, [letter] if letter.is_ascii_alphabetic());
            !drive && !first.is_empty() && !last.is_empty() && !odd(first) && !odd(last)
        }
    }
}

/// The quoted name of one sheet of this document.
fn is_one_sheet(quoted: &[u8]) -> bool {
    is_sheet(quoted) && !quoted.contains(&b':')
}

/// Whether a name before a bracket is that of a function that calculates, or of a parameter that was given one.
fn is_function(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    let upper = name.to_ascii_uppercase();
    if upper.starts_with("_XLPM.") {
        return true;
    }
    let name = upper.strip_prefix("_XLFN.").unwrap_or(&upper);
    let name = name.strip_prefix("_XLWS.").unwrap_or(name);
    // what makes places of texts has one name alone
    KNOWN.contains(name) && (name != "INDIRECT" || name == upper)
}

/// Whether a word hands on no function by its name, or one that calculates: `_xleta.SUM` ([MS-XLSX] 2.2.2).
fn hands_on(word: &[u8]) -> bool {
    let prefix = b"_XLETA.";
    match word.split_at_checked(prefix.len()) {
        // what makes places of texts is to be seen doing so
        Some((begin, name)) if begin.eq_ignore_ascii_case(prefix) => {
            is_function(name) && !name.eq_ignore_ascii_case(b"INDIRECT")
        }
        _ => true,
    }
}

/// Whether a word is another name of what makes places of texts.
fn renames(word: &[u8]) -> bool {
    let name = b"INDIRECT";
    let begin = word.len().checked_sub(name.len());
    let parts = begin.and_then(|begin| word.split_at_checked(begin));
    parts.is_some_and(|(before, last)| {
        last.eq_ignore_ascii_case(name) && matches!(before.last(), Some(b'.' | b'_'))
    })
}

/// Whether a formula makes places of texts that could name another file.
fn asks_elsewhere(formula: &str, parts: Parts) -> bool {
    !matches!(contained(formula, parts), Some(Cow::Borrowed(_)))
}

/// Conditions of cells and styles, which look like functions; behind them those that the office suite that most people
/// have writes beside the standard's.
const CONDITIONS: [&str; 25] = [
    "cell-content",
    "cell-content-is-in-list",
    "cell-content-is-between",
    "cell-content-is-not-between",
    "cell-content-is-whole-number",
    "cell-content-is-decimal-number",
    "cell-content-is-date",
    "cell-content-is-time",
    "cell-content-is-text",
    "cell-content-text-length",
    "cell-content-text-length-is-between",
    "cell-content-text-length-is-not-between",
    "is-true-formula",
    "value",
    "formula-is",
    "between",
    "not-between",
    "top-elements",
    "bottom-elements",
    "top-percent",
    "bottom-percent",
    "begins-with",
    "ends-with",
    "contains-text",
    "not-contains-text",
];

/// As [`is_harmless`], for formulas of ODF (ODF 1.3 part 4): `of:=SUM([.A1:.B2];1)`.
#[must_use]
pub(super) fn is_harmless_open(formula: &str) -> bool {
    if formula.len() > MAX_LEN || asks_elsewhere(formula, Parts::Semicolon) {
        return false;
    }
    let formula = formula.strip_prefix("of:").unwrap_or(formula);
    // a place that is gone is none, and parts no words
    let formula = formula.replace("#REF!", "");
    let bytes = formula.as_bytes();
    let mut at = 0;
    // rows of a list of values are parted by what would be data exchange elsewhere: {1;2|3;4}
    let mut listed = false;
    while let Some(byte) = bytes.get(at).copied() {
        at = match byte {
            b'{' | b'}' => {
                listed = byte == b'{';
                at.saturating_add(1)
            }
            b'|' if listed => at.saturating_add(1),
            b'(' if listed => return false,
            // data exchange, other files, prefixes of other languages for formulas
            b'|' | b'\\' | b':' => return false,
            b'[' => match reference(bytes, at) {
                Some(end) => end,
                None => return false,
            },
            b'"' => match quoted(bytes, at, b'"') {
                Some(end) => end,
                None => return false,
            },
            // the name of a sheet or a range; several sheets stand in brackets
            b'\'' => match quoted(bytes, at, b'\'') {
                Some(end) if is_one_sheet(bytes.get(at..end).unwrap_or_default()) => end,
                _ => return false,
            },
            _ if is_word(byte) => {
                let mut end = word(bytes, at);
                // the names of conditions have hyphens
                while bytes.get(end) == Some(&b'-')
                    && bytes
                        .get(end.saturating_add(1))
                        .is_some_and(u8::is_ascii_lowercase)
                {
                    end = word(bytes, end.saturating_add(1));
                }
                let name = bytes.get(at..end).unwrap_or_default();
                let next = bytes.get(end..).unwrap_or_default();
                let calls = next.trim_ascii_start().first() == Some(&b'(');
                // a list has values, and calls nothing
                let known = is_open_function(name) || leads_inside(name, next, b';');
                if (calls && (listed || !known)) || renames(name) {
                    return false;
                }
                end
            }
            _ => at.saturating_add(1),
        };
    }
    true
}

fn is_open_function(name: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(name) else {
        return false;
    };
    let upper = text.to_ascii_uppercase();
    let vendors = ["COM.MICROSOFT.", "ORG.OPENOFFICE.", "ORG.LIBREOFFICE."];
    let plain = vendors
        .iter()
        .find_map(|vendor| upper.strip_prefix(vendor))
        .unwrap_or(&upper);
    let renamed = plain == "INDIRECT" && plain != upper;
    CONDITIONS.contains(&text)
        || matches!(text, "and" | "or" | "not")
        || is_function(plain.as_bytes()) && !renamed
}

/// The end of a reference in brackets: `[.A1:.B2]`, `[$'a sheet'.A1]`. One of another file has a `#`
/// behind the name of the file; that of nothing is `[.#REF!]`.
fn reference(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| *byte == b']')?;
    let inner = rest.get(1..length)?;
    let inner = std::str::from_utf8(inner).ok()?.replace("#REF!", "");
    // a drive, a scheme or a path would be another file
    let far = inner.contains("file:") || inner.split(':').count() > 2;
    let pieces: Vec<&str> = inner.split('\'').collect();
    // every second piece is the name of a sheet, in quotes that end
    let known = pieces.iter().enumerate().all(|(place, piece)| {
        if place % 2 == 1 {
            !piece.contains(|c| "/\\:#[]\"|<>*?".contains(c))
        } else {
            piece
                .chars()
                .all(|c| c.is_alphanumeric() || " .$:_-()".contains(c))
        }
    });
    let known = known && pieces.len() % 2 == 1;
    (known && !far).then_some(at.checked_add(length)?.checked_add(1)?)
}
