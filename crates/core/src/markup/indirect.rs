//! Places that formulas make of texts (ECMA-376 part 1, section 18.17.7.166; ODF 1.3 part 4, section 6.14.7). What a text
//! is made of cannot be told, and programs fetch another document that it names. Every name of one has `#` behind it, or
//! stands behind `[`: both are taken out of the text where the place is made, and what is left lies in the document.

use super::formula::{is_word, quoted, word};
use std::borrow::Cow;
use std::fmt::Write as _;

const FUNCTION: &[u8] = b"INDIRECT";
const TAKES_OUT: &str = "SUBSTITUTE(";
/// How deep such places may be made of each other.
const MAX_DEPTH: usize = 16;

/// What parts the arguments of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// In Office Open XML.
    Comma,
    /// In ODF.
    Semicolon,
}

impl Parts {
    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
        }
    }
}

/// A formula whose places lie in the document; `None` for one that cannot be read.
#[must_use]
pub fn contained(formula: &str, parts: Parts) -> Option<Cow<'_, str>> {
    let makes = |letters: &[u8]| letters.eq_ignore_ascii_case(FUNCTION);
    if !formula.as_bytes().windows(FUNCTION.len()).any(makes) {
        return Some(Cow::Borrowed(formula));
    }
    within(formula, parts, 0)
}

fn within(formula: &str, parts: Parts, depth: usize) -> Option<Cow<'_, str>> {
    if depth > MAX_DEPTH {
        return None;
    }
    let bytes = formula.as_bytes();
    let mut out = String::new();
    // up to where the formula is in `out`
    let mut done = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        if !is_word(byte) {
            at = behind(bytes, at, parts)?;
            continue;
        }
        let end = word(bytes, at);
        let name = bytes.get(at..end)?;
        at = end;
        let rest = bytes.get(end..)?;
        let blanks = rest.len().checked_sub(rest.trim_ascii_start().len())?;
        let open = end.checked_add(blanks)?;
        if !name.eq_ignore_ascii_case(FUNCTION) || bytes.get(open) != Some(&b'(') {
            continue;
        }
        let start = open.checked_add(1)?;
        at = argument(bytes, start, parts)?;
        let text = formula.get(start..at)?.trim();
        if text.is_empty() {
            return None;
        }
        if is_literal(text) || is_contained(text, parts) {
            // it may make a place of such a place itself
            if matches!(within(text, parts, depth.checked_add(1)?)?, Cow::Owned(_)) {
                return None;
            }
            continue;
        }
        // what is said with one of the signs would be said without it
        if says_signs(text, parts)? {
            return None;
        }
        let text = within(text, parts, depth.checked_add(1)?)?;
        let part = char::from(parts.byte());
        out.push_str(formula.get(done..start)?);
        // writing to a string cannot fail
        let _ = write!(
            out,
            "{TAKES_OUT}{TAKES_OUT}{text}{part}\"#\"{part}\"\"){part}\"[\"{part}\"\")"
        );
        done = at;
    }
    if done == 0 {
        return Some(Cow::Borrowed(formula));
    }
    out.push_str(formula.get(done..)?);
    Some(Cow::Owned(out))
}

/// What is behind a sign, a text, or a name in quotes or brackets.
fn behind(bytes: &[u8], at: usize, parts: Parts) -> Option<usize> {
    match bytes.get(at)? {
        quote @ (b'"' | b'\'') => quoted(bytes, at, *quote),
        b'[' => {
            let mut depth = 0usize;
            let mut at = at;
            loop {
                match bytes.get(at)? {
                    // in a reference of ODF the names of sheets have quotes
                    b'\'' if parts == Parts::Semicolon => {
                        at = quoted(bytes, at, b'\'')?;
                        continue;
                    }
                    b'[' => depth = depth.checked_add(1)?,
                    b']' => depth = depth.checked_sub(1)?,
                    _ => {}
                }
                at = at.checked_add(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => at.checked_add(1),
    }
}

/// The end of the argument that begins at a place.
fn argument(bytes: &[u8], mut at: usize, parts: Parts) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        let byte = *bytes.get(at)?;
        match byte {
            b'(' | b'{' => depth = depth.checked_add(1)?,
            b')' | b'}' if depth > 0 => depth = depth.checked_sub(1)?,
            b')' => return Some(at),
            _ if depth == 0 && byte == parts.byte() => return Some(at),
            _ => {}
        }
        at = behind(bytes, at, parts)?;
    }
}

/// Whether a text in quotes within an argument has one of the signs.
fn says_signs(argument: &str, parts: Parts) -> Option<bool> {
    let bytes = argument.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = behind(bytes, at, parts)?;
        let text = bytes.get(at..end).unwrap_or_default();
        // what takes a sign out says it
        let nothing = [parts.byte(), b'"', b'"', b')'];
        let is_ours = text.len() == 3
            && bytes
                .get(end..)
                .is_some_and(|rest| rest.starts_with(&nothing))
            && at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&parts.byte());
        if *byte == b'"' && !is_ours && text.iter().any(|byte| b"#[".contains(byte)) {
            return Some(true);
        }
        at = end;
    }
    Some(false)
}

/// Whether an argument is one text in quotes and nothing else, which names no file: it has neither of the signs, or is a
/// table and one of its columns or parts.
fn is_literal(text: &str) -> bool {
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(inside) = inside.filter(|inside| !inside.contains('"')) else {
        return false;
    };
    if inside.contains(['|', '\\']) {
        return false;
    }
    if !inside.contains(['#', '[']) {
        return true;
    }
    let Some((table, column)) = inside.split_once('[') else {
        return false;
    };
    let Some(column) = column.strip_suffix(']') else {
        return false;
    };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let parts = ["#All", "#Data", "#Headers", "#Totals"];
    !table.is_empty()
        && table.chars().all(is_name)
        && (parts.contains(&column) || !column.contains(|c| "[]#'!/\\:|".contains(c)))
}

fn is_contained(text: &str, parts: Parts) -> bool {
    peeled(text, '[', parts).is_some_and(|inner| peeled(inner, '#', parts).is_some())
}

/// What a sign is taken out of.
fn peeled(text: &str, sign: char, parts: Parts) -> Option<&str> {
    let inner = text.strip_prefix(TAKES_OUT)?;
    let end = argument(inner.as_bytes(), 0, parts)?;
    let (inner, rest) = inner.split_at_checked(end)?;
    let part = char::from(parts.byte());
    (rest == format!("{part}\"{sign}\"{part}\"\")")).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_made_of_texts_that_name_no_document() {
        for (formula, want) in [
            ("SUM(A1)", "SUM(A1)"),
            ("INDIRECT(\"B1\")", "INDIRECT(\"B1\")"),
            (
                "INDIRECT(A1)+1",
                "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"#\",\"\"),\"[\",\"\"))+1",
            ),
            (
                "SUM(indirect (\"'\"&A1&\"'!B2\", TRUE))",
                "SUM(indirect (SUBSTITUTE(SUBSTITUTE(\"'\"&A1&\"'!B2\",\"#\",\"\"),\"[\",\"\"), TRUE))",
            ),
            (
                "INDIRECT(INDIRECT(A1)&IF(B1,\"),\",\"x\"))",
                "INDIRECT(SUBSTITUTE(SUBSTITUTE(INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"#\",\"\"),\"[\",\"\"))&IF(B1,\"),\",\"x\"),\"#\",\"\"),\"[\",\"\"))",
            ),
            (
                "INDIRECT(表[[#This Row],[列]])",
                "INDIRECT(SUBSTITUTE(SUBSTITUTE(表[[#This Row],[列]],\"#\",\"\"),\"[\",\"\"))",
            ),
            ("INDIRECT(\"表1[列 の 名]\")", "INDIRECT(\"表1[列 の 名]\")"),
            ("INDIRECT(\"T.1[#Headers]\")", "INDIRECT(\"T.1[#Headers]\")"),
            (
                "INDIRECT('東京,大阪'!A1)",
                "INDIRECT(SUBSTITUTE(SUBSTITUTE('東京,大阪'!A1,\"#\",\"\"),\"[\",\"\"))",
            ),
            ("\"INDIRECT(A1)\"", "\"INDIRECT(A1)\""),
            ("XINDIRECT(A1)", "XINDIRECT(A1)"),
        ] {
            let told = contained(formula, Parts::Comma).unwrap();
            assert_eq!(told, want);
            // once is enough
            let again = contained(&told, Parts::Comma).unwrap();
            assert!(matches!(again, Cow::Borrowed(_)), "{told}");
        }
        assert_eq!(
            contained("of:=INDIRECT([.A1];1)", Parts::Semicolon).unwrap(),
            "of:=INDIRECT(SUBSTITUTE(SUBSTITUTE([.A1];\"#\";\"\");\"[\";\"\");1)"
        );
    }

    #[test]
    fn what_only_looks_contained_is_not() {
        for formula in [
            // the signs are put in behind
            "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"#\",\"\"),\"[\",\"\")&B1)",
            "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"#\",\"\")&B1,\"[\",\"\"))",
            "INDIRECT(\"a\"&\"b\")",
        ] {
            let told = contained(formula, Parts::Comma).unwrap();
            assert!(matches!(told, Cow::Owned(_)), "{formula}");
        }
        for formula in [
            "INDIRECT(",
            "INDIRECT()",
            "INDIRECT(\"a)",
            "INDIRECT(A[1)",
            // texts that name a file, or may, or would be other ones without the signs
            "INDIRECT(\"'/tmp/sec[ret.xlsx]S'!A1\")",
            "INDIRECT(\"[file:///x]S!A1\")",
            "INDIRECT(\"a[b]S!A1\")",
            "INDIRECT(\"a[#b]\")",
            "INDIRECT(\"a#$S.A1\")",
            "INDIRECT(\"a[b/c]\")",
            "'a\"'!A1&INDIRECT(\"'f'#$S.A1\")",
            "INDIRECT(\"表1[\"&B1&\"]\")",
            "SUM(INDIRECT(B1&\"#\"))",
            "INDIRECT(SUBSTITUTE(SUBSTITUTE(A1,\"x\",\"#\"),\"[\",\"\"))",
            "INDIRECT(B1&\"x#\")",
        ] {
            assert_eq!(contained(formula, Parts::Comma), None, "{formula}");
        }
        // a place within what is contained already
        let inner = "INDIRECT(SUBSTITUTE(SUBSTITUTE(INDIRECT(A1),\"#\",\"\"),\"[\",\"\"))";
        assert_eq!(contained(inner, Parts::Comma), None);
    }
}
