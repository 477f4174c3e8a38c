//! Which character a glyph of a standard collection is, for text whose own font is not embedded.
//!
//! Such text names its glyphs by their numbers in a collection (Adobe-Japan1 and its like, ISO
//! 32000-1 section 9.7.3); to draw them with another font, the library goes from the number to the
//! character by the collection's UCS2 table. It knows only entries of one character. Those of a
//! character with a variation selector (葛, 茨, 祇, 﨑 and 2,600 more) it passes over, and takes the
//! number for that of a glyph in the font at hand: another character is drawn. So it is given a
//! table without selectors.

use hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, load_embedded};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// One more than the highest number in any of the collections.
const NUMBERS: u32 = 30_600;
/// What stands for a glyph that is no single character: the mark for "no such letter" (〓).
const GETA: char = '\u{3013}';
/// Entries of one section of a table, at most (ISO 32000-1 section 9.7.5.4 by way of Adobe's note 5014).
const SECTION: usize = 100;

/// The tables that are made anew.
const COLLECTIONS: [CMapName<'static>; 4] = [
    CMapName::AdobeJapan1Ucs2,
    CMapName::AdobeGb1Ucs2,
    CMapName::AdobeCns1Ucs2,
    CMapName::AdobeKorea1Ucs2,
];
/// These tables in one character an entry, made when they are first asked for.
static TABLES: [OnceLock<Option<Vec<u8>>>; 4] = [const { OnceLock::new() }; 4];

/// Answers the library: the table called `name`.
pub(super) fn table(name: CMapName<'_>) -> Option<&'static [u8]> {
    let Some(slot) = COLLECTIONS.iter().position(|of| *of == name) else {
        return load_embedded(name);
    };
    let made = TABLES.get(slot)?;
    made.get_or_init(|| simplify(name)).as_deref()
}

/// The table `name`, with one character an entry.
fn simplify(name: CMapName<'_>) -> Option<Vec<u8>> {
    let table = CMap::parse(load_embedded(name)?, load_embedded)?;
    let mut ranges: Vec<(u32, u32, char)> = Vec::new();
    for number in 0..NUMBERS {
        let Some(found) = table.lookup_bf_string(number) else {
            continue;
        };
        let shown = single(&found);
        match ranges.last_mut() {
            Some((first, last, start)) if goes_on((*first, *last, *start), (number, shown)) => {
                *last = number;
            }
            _ => ranges.push((number, number, shown)),
        }
    }
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
    Some(out.into_bytes())
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
    fn entries_are_single_characters() {
        let japan = parsed(CMapName::AdobeJapan1Ucs2);
        for (number, wanted) in [
            (1, ' '),
            (1481, '葛'),
            (1205, '茨'),
            (8443, '﨑'),
            (8705, '髙'),
            (843, 'あ'),
            (14290, '﨑'),
        ] {
            let found = japan.lookup_bf_string(number);
            assert_eq!(found, Some(BfString::Char(wanted)), "{number}");
        }
    }

    #[test]
    fn what_was_one_character_before_is_the_same() {
        for name in COLLECTIONS {
            let ours = parsed(name);
            let theirs = CMap::parse(load_embedded(name).unwrap(), load_embedded).unwrap();
            let mut seen = 0;
            for number in 0..NUMBERS + 1_000 {
                let (ours, theirs) = (
                    ours.lookup_bf_string(number),
                    theirs.lookup_bf_string(number),
                );
                match (&ours, &theirs) {
                    (_, Some(BfString::Char(_)) | None) => assert_eq!(ours, theirs),
                    (Some(BfString::Char(c)), Some(BfString::String(text))) => {
                        assert!(text.starts_with(*c) || *c == GETA, "{text}");
                    }
                    _ => panic!("{name:?} {number}: {ours:?}"),
                }
                seen += u32::from(ours.is_some());
            }
            assert!(seen > 17_000);
        }
    }

    #[test]
    fn other_tables_are_the_librarys() {
        assert_eq!(
            table(CMapName::UniJisUtf16H),
            load_embedded(CMapName::UniJisUtf16H)
        );
    }
}
