//! Whether values are of their type.

use crate::markup::vocabulary::Type;
use crate::markup::{field, formula, link};
use crate::text::{Scrubbed, Text};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The longest value that is no text, in bytes. Paths of drawn shapes are long, and so are lists of the places of a rule
/// whose rows were copied for years.
const MAX_VALUE: usize = 1 << 20;

/// Settings of documents of ODF (part 3, section 3.10) that say how they look: what lines keep from each other, where
/// sheets are split, what is shown. Those that name printers, servers, files or people are not here.
static SETTINGS: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| include_str!("settings.txt").lines().collect());

/// Whether a value is of its type. References are no values.
#[must_use]
pub fn fits(kind: Type, value: &str) -> bool {
    match kind {
        Type::Value => value.len() <= MAX_VALUE && value.bytes().all(is_plain),
        Type::Style => value.len() <= MAX_VALUE && is_style(value),
        Type::Text => is_clean(value),
        Type::Formula => formula::is_harmless(value) && is_clean(value),
        Type::Instruction => field::instruction(value).as_deref() == Some(value),
        Type::Move => link::is_move(value),
        Type::Local => link::is_local(value) && is_clean(value),
        Type::OpenFormula => formula::is_harmless_open(value) && is_clean(value),
        Type::Range => is_range(value) && is_clean(value),
        Type::One => value == "1",
        Type::Setting => SETTINGS.contains(value),
        Type::Reference => false,
    }
}

/// Places in sheets of this file: names of sheets in quotes may have what names have, and outside of them there is
/// nothing that calls a function, or leads out of the file.
fn is_range(value: &str) -> bool {
    let value = value.replace("#REF!", "");
    let mut is_quoted = false;
    for letter in value.chars() {
        let is_fitting = match letter {
            '\'' => {
                is_quoted = !is_quoted;
                true
            }
            _ if is_quoted => !"#/\\:[]\"|<>".contains(letter),
            _ => letter.is_alphanumeric() || " $.:_-".contains(letter),
        };
        if !is_fitting {
            return false;
        }
    }
    !is_quoted
}

/// Numbers, words, measures, colours, places in a sheet, identifiers in braces; namespaces of
/// drawings, which are words with slashes.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b' ' | b'.'
                | b','
                | b'_'
                | b'%'
                | b'#'
                | b'+'
                | b'-'
                | b':'
                | b';'
                | b'('
                | b')'
                | b'{'
                | b'}'
                | b'/'
                | b'*'
                | b'$'
                | b'!'
                | b'@'
        )
}

/// As [`is_plain`] with quotes, operators, and the letters of names of fonts and shapes, but nothing that could be an
/// address.
fn is_style(value: &str) -> bool {
    let known = |c: char| match u8::try_from(c) {
        Ok(b) if b.is_ascii() => is_plain(b) || b"'\"=|&<>~^?[]\n\r\t".contains(&b),
        _ => c.is_alphanumeric() || "\u{3000}・（）".contains(c),
    };
    let lower = value.to_ascii_lowercase();
    value.chars().all(known)
        && is_clean(value)
        && !["url", "//", "expression", "script:", "file:"]
            .iter()
            .any(|bad| lower.contains(bad))
}

/// A style as far as it fits: the declarations of it that do.
#[must_use]
pub fn style(value: &str) -> Cow<'_, str> {
    if is_style(value) {
        return Cow::Borrowed(value);
    }
    let fitting = value.split(';').filter(|declaration| is_style(declaration));
    Cow::Owned(fitting.collect::<Vec<_>>().join(";"))
}

/// Whether [`scrub`] would take nothing out.
fn is_clean(text: &str) -> bool {
    matches!(scrub(text).0, Cow::Borrowed(_))
}

/// What was taken out of a text of a document.
pub type Scrub = Scrubbed;

/// Private-use characters of symbol fonts (the bullets of lists) and of a customer's own characters:
/// in a document the font that they belong to is named beside them.
fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}

/// Takes out of `raw` what must not be in a document: what [`Text`] takes out, private-use
/// characters of the first plane excepted.
#[must_use]
pub fn scrub(raw: &str) -> (Cow<'_, str>, Scrub) {
    if raw
        .bytes()
        .all(|b| (0x20..0x7f).contains(&b) || matches!(b, b'\n' | b'\t'))
    {
        return (Cow::Borrowed(raw), Scrub::default());
    }
    if !raw.contains(is_private) {
        return Text::cleaned(raw);
    }
    let mut out = String::new();
    let mut all = Scrub::default();
    for run in raw.split_inclusive(is_private) {
        let end = run
            .char_indices()
            .next_back()
            .filter(|(_, c)| is_private(*c));
        let (text, private) = match end {
            Some((at, c)) => (run.get(..at).unwrap_or_default(), Some(c)),
            None => (run, None),
        };
        let (text, scrubbed) = Text::cleaned(text);
        all = all.and(scrubbed);
        out.push_str(&text);
        out.extend(private);
    }
    (keep(raw, out), all)
}

fn keep(raw: &str, clean: String) -> Cow<'_, str> {
    if raw == clean {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(clean)
    }
}
