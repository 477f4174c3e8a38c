//! Which character a glyph of a standard collection is, for text whose own font is not embedded.
//!
//! Such text names its glyphs by their numbers in a collection (Adobe-Japan1 and its like, ISO
//! 32000-1 section 9.7.3); to draw them with another font, the library goes from the number to the
//! character by the collection's UCS2 table, and from that to a glyph by the font's own table. It knows
//! only entries of one character, and takes a number that it does not find for that of a glyph in the
//! font at hand: another character is drawn. Characters do not say everything, either: the full stop of
//! a vertical line stands elsewhere than that of a horizontal one, and a town may write its name with
//! another form of 葛. So the library is given tables without gaps, in which these forms have private
//! characters, and faces that know them (`fonts::forms`). What is read of the page are the characters
//! that they stand for ([`said`]).

use hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, load_embedded};
use mugai_core::cx::Script;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// One more than the highest number in any of the collections.
const NUMBERS: u32 = 30_600;
/// What stands for a glyph that is no single character: the mark for "no such letter" (〓).
pub(super) const GETA: char = '\u{3013}';
/// Entries of one section of a table, at most (ISO 32000-1 section 9.7.5.4 by way of Adobe's note 5014).
const SECTION: usize = 100;
/// The first private character for forms by selector (plane 15).
const FORMS: u32 = 0xf_0000;
/// The first private character for upright forms (plane 16), to which the character is added.
const UPRIGHT: u32 = 0x10_0000;
/// The most private characters of either kind: the last two of a plane are none.
const PRIVATE: u32 = 0xfffd;

/// A collection: its script, its table to characters, and its tables from UTF-16 for both directions.
type Collection = (Script, CMapName<'static>, &'static [u8], &'static [u8]);

const COLLECTIONS: [Collection; 4] = [
    (
        Script::Japanese,
        CMapName::AdobeJapan1Ucs2,
        b"UniJIS-UTF16-H",
        b"UniJIS-UTF16-V",
    ),
    (
        Script::Simplified,
        CMapName::AdobeGb1Ucs2,
        b"UniGB-UTF16-H",
        b"UniGB-UTF16-V",
    ),
    (
        Script::Traditional,
        CMapName::AdobeCns1Ucs2,
        b"UniCNS-UTF16-H",
        b"UniCNS-UTF16-V",
    ),
    (
        Script::Korean,
        CMapName::AdobeKorea1Ucs2,
        b"UniKS-UTF16-H",
        b"UniKS-UTF16-V",
    ),
];

/// A table that was made anew, and what it speaks of.
pub(super) struct Made {
    table: Vec<u8>,
    /// Its characters, without private ones.
    pub(super) characters: BTreeSet<char>,
    /// Characters that have an upright form of their own.
    pub(super) uprights: BTreeSet<char>,
}

/// These tables, made when they are first asked for.
static TABLES: [OnceLock<Option<Made>>; 4] = [const { OnceLock::new() }; 4];
/// Forms by selector, in the order of their private characters.
static VARIANTS: OnceLock<Vec<(char, char)>> = OnceLock::new();

/// Answers the library: the table called `name`.
pub(super) fn table(name: CMapName<'_>) -> Option<&'static [u8]> {
    let Some(slot) = COLLECTIONS.iter().position(|(_, of, ..)| *of == name) else {
        return load_embedded(name);
    };
    made_at(slot).map(|made| made.table.as_slice())
}

/// The table of `script`; `None` for Latin.
pub(super) fn made(script: Script) -> Option<&'static Made> {
    made_at(COLLECTIONS.iter().position(|(of, ..)| *of == script)?)
}

fn made_at(slot: usize) -> Option<&'static Made> {
    let (collection, made) = (COLLECTIONS.get(slot)?, TABLES.get(slot)?);
    made.get_or_init(|| make(collection)).as_ref()
}

/// Forms by selector: the character and the selector, in the order of their private characters.
pub(super) fn variants() -> &'static [(char, char)] {
    VARIANTS.get_or_init(|| {
        let mut found = BTreeSet::new();
        for (_, name, ..) in &COLLECTIONS {
            let bytes = load_embedded(*name);
            let Some(table) = bytes.and_then(|bytes| CMap::parse(bytes, load_embedded)) else {
                continue;
            };
            let all = (0..NUMBERS).filter_map(|number| table.lookup_bf_string(number));
            found.extend(all.filter_map(|entry| variant(&entry)));
        }
        found.into_iter().collect()
    })
}

/// The private character of the form that `selector` asks for.
pub(super) fn of_variant(character: char, selector: char) -> Option<char> {
    let place = variants().binary_search(&(character, selector)).ok()?;
    let place = u32::try_from(place)
        .ok()
        .filter(|place| *place <= PRIVATE)?;
    char::from_u32(FORMS.checked_add(place)?)
}

/// The private character of the upright form of `character`.
pub(super) fn of_upright(character: char) -> Option<char> {
    let place = u32::from(character);
    char::from_u32(UPRIGHT.checked_add(place).filter(|_| place <= PRIVATE)?)
}

/// What an entry of a table says to a reader: private characters are what they stand for.
pub(super) fn said(entry: BfString) -> String {
    match entry {
        BfString::String(text) => text,
        BfString::Char(c) => match u32::from(c) {
            code @ 0xf_0000..=0xf_ffff => {
                let place = code
                    .checked_sub(FORMS)
                    .and_then(|at| usize::try_from(at).ok());
                let form = place.and_then(|place| variants().get(place));
                form.map_or_else(
                    || String::from(c),
                    |(c, selector)| [*c, *selector].iter().collect(),
                )
            }
            code @ 0x10_0000..=0x10_ffff => {
                let stands_for = code.checked_sub(UPRIGHT).and_then(char::from_u32);
                String::from(stands_for.unwrap_or(c))
            }
            _ => String::from(c),
        },
    }
}

/// What an entry of a table says that need not be one of ours.
pub(super) fn told(entry: BfString, is_ours: bool) -> String {
    match entry {
        BfString::Char(c) if !is_ours => String::from(c),
        entry @ (BfString::Char(_) | BfString::String(_)) => said(entry),
    }
}

/// Makes the table of a collection, with one character an entry and no gaps.
fn make((_, name, horizontal, vertical): &Collection) -> Option<Made> {
    let table = CMap::parse(load_embedded(*name)?, load_embedded)?;
    let upright = uprights(horizontal, vertical).unwrap_or_default();
    let mut characters = BTreeSet::new();
    let mut entries: BTreeMap<u32, char> = BTreeMap::new();
    for number in 0..NUMBERS {
        let found = table.lookup_bf_string(number);
        let shown = found.as_ref().map(single);
        characters.extend(shown);
        let form = upright.get(&number).copied().and_then(of_upright);
        let form = form.or_else(|| {
            let (c, selector) = variant(found.as_ref()?)?;
            of_variant(c, selector)
        });
        if let Some(shown) = form.or(shown) {
            entries.insert(number, shown);
        }
    }
    // numbers between others that mean nothing known
    let last = entries.last_key_value().map_or(0, |(number, _)| *number);
    for number in 1..last {
        entries.entry(number).or_insert(GETA);
    }
    let mut ranges: Vec<(u32, u32, char)> = Vec::new();
    for (number, shown) in entries {
        match ranges.last_mut() {
            Some((first, last, start)) if goes_on((*first, *last, *start), (number, shown)) => {
                *last = number;
            }
            _ => ranges.push((number, number, shown)),
        }
    }
    characters.insert(GETA);
    Some(Made {
        table: spelled(&ranges),
        characters,
        uprights: upright.into_values().collect(),
    })
}

/// The numbers of upright forms and what they are forms of: where the tables for both directions differ.
fn uprights(horizontal: &[u8], vertical: &[u8]) -> Option<BTreeMap<u32, char>> {
    let parsed = |name| CMap::parse(load_embedded(CMapName::from_bytes(name))?, load_embedded);
    let (horizontal, vertical) = (parsed(horizontal)?, parsed(vertical)?);
    let mut found = BTreeMap::new();
    for code in 0x20..=PRIVATE {
        let number = vertical.lookup_cid_code(code, 2);
        if let Some(number) = number
            && horizontal.lookup_cid_code(code, 2) != Some(number)
            && let Some(c) = char::from_u32(code)
        {
            // the first is the usual one: compatibility forms come after it
            found.entry(number).or_insert(c);
        }
    }
    Some(found)
}

/// A table in the language of character maps.
fn spelled(ranges: &[(u32, u32, char)]) -> Vec<u8> {
    let mut out = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n",
    );
    for section in ranges.chunks(SECTION) {
        // writing into a string cannot fail
        let _ = writeln!(out, "{} beginbfrange", section.len());
        for (first, last, start) in section {
            let _ = write!(out, "<{first:04x}> <{last:04x}> <");
            for unit in start.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "{unit:04x}");
            }
            out.push_str(">\n");
        }
        out.push_str("endbfrange\n");
    }
    out.push_str("endcmap\nend\nend\n");
    out.into_bytes()
}

/// Whether `next` follows the range: ranges stay within their last bytes.
fn goes_on((first, last, start): (u32, u32, char), (number, shown): (u32, char)) -> bool {
    let step = number.saturating_sub(first);
    let start = u32::from(start);
    last.checked_add(1) == Some(number)
        && number & 0xff != 0
        && start.checked_add(step) == Some(u32::from(shown))
        && u32::from(shown) & 0xff != 0
}

/// The character, without a selector of how it is drawn.
fn single(found: &BfString) -> char {
    match found {
        BfString::Char(c) => *c,
        BfString::String(text) => {
            let mut letters = text.chars().filter(|c| !is_selector(*c));
            match (letters.next(), letters.next()) {
                (Some(c), None) => c,
                _ => GETA,
            }
        }
    }
}

/// A character and the selector of its form, where an entry is just these.
fn variant(found: &BfString) -> Option<(char, char)> {
    let BfString::String(text) = found else {
        return None;
    };
    let mut letters = text.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some(c), Some(selector), None) if is_selector(selector) => Some((c, selector)),
        _ => None,
    }
}

/// Variation selectors (Unicode, chapter 23.4).
const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: CMapName<'_>) -> CMap {
        CMap::parse(table(name).unwrap(), table).unwrap()
    }

    #[test]
    fn entries_are_single_characters_that_say_what_they_are() {
        let japan = parsed(CMapName::AdobeJapan1Ucs2);
        for (number, wanted) in [
            (1, " "),
            (843, "あ"),
            (8705, "髙"),
            (634, "、"),
            // upright: the comma, the long vowel
            (7887, "、"),
            (7891, "ー"),
        ] {
            let found = japan.lookup_bf_string(number).unwrap();
            assert!(matches!(found, BfString::Char(_)), "{number}");
            assert_eq!(said(found), wanted, "{number}");
        }
        for (number, wanted) in [(1481, '葛'), (1205, '茨'), (8443, '﨑'), (14290, '﨑')] {
            let found = japan.lookup_bf_string(number).unwrap();
            assert!(matches!(found, BfString::Char(_)), "{number}");
            assert!(said(found).starts_with(wanted), "{number}");
        }
        // the comma of a horizontal line is no private character, that of a vertical one is
        assert_eq!(japan.lookup_bf_string(634), Some(BfString::Char('、')));
        let upright = of_upright('、').map(BfString::Char);
        assert_eq!(japan.lookup_bf_string(7887), upright);
    }

    #[test]
    fn what_was_one_character_before_is_the_same_and_there_are_no_gaps() {
        for (script, name, ..) in COLLECTIONS {
            let ours = parsed(name);
            let theirs = CMap::parse(load_embedded(name).unwrap(), load_embedded).unwrap();
            let uprights = &made(script).unwrap().uprights;
            assert!(
                uprights.contains(&'「') && uprights.len() < 500,
                "{script:?} {}",
                uprights.len()
            );
            let mut seen = 0;
            let last = (0..NUMBERS)
                .rfind(|n| ours.lookup_bf_string(*n).is_some())
                .unwrap();
            for number in 1..last {
                let found = ours.lookup_bf_string(number);
                let told = said(found.unwrap_or_else(|| panic!("{script:?} {number}")));
                let known = theirs.lookup_bf_string(number);
                let is_upright =
                    |c: char| uprights.contains(&told.chars().next().unwrap()) || c == GETA;
                match known {
                    Some(BfString::Char(c)) => {
                        assert!(
                            told == String::from(c) || is_upright('x'),
                            "{number} {told} {c}"
                        );
                    }
                    Some(BfString::String(text)) => {
                        let first = told.chars().next().unwrap();
                        assert!(text.starts_with(first) || is_upright(first), "{text}");
                    }
                    None => assert!(is_upright(told.chars().next().unwrap()), "{number} {told}"),
                }
                seen += 1;
            }
            assert!(seen > 17_000);
        }
        assert!(variants().len() > 1_000 && variants().len() < 65_000);
    }

    #[test]
    fn other_tables_are_the_librarys() {
        assert_eq!(
            table(CMapName::UniJisUtf16H),
            load_embedded(CMapName::UniJisUtf16H)
        );
    }
}
