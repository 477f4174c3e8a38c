//! The font of drawn pages: that it is outlines alone, and what its codes mean.

use super::{OutlineFacts, cff, flate};
use crate::text;
use mugai_core::Violation;
use std::collections::BTreeSet;

/// The most bytes of the program.
const MAX_PROGRAM: usize = 64 << 20;
/// The most bytes of the table of meanings.
const MAX_TABLE: usize = 16 << 20;
/// The most characters that one code means.
const MAX_MEANING: usize = 200;
/// Entries of one section of a table.
const SECTION: usize = 100;

/// Checks the font against the `runs` that use it.
pub(super) fn check<'a>(
    font: &OutlineFacts<'_>,
    runs: impl Iterator<Item = &'a Vec<u16>> + Clone,
) -> Result<(), Violation> {
    let bad = |rule| Violation::at(rule, font.program.0);
    let program = flate::inflate_up_to(font.program.1, MAX_PROGRAM, font.program.0)?;
    let facts = cff::read(&program).ok_or(bad("pdf: another font program"))?;
    if facts.bounds != font.bounds || facts.advances.get(1..) != Some(&font.widths) {
        return Err(bad("pdf: widths or bounds of a font"));
    }
    let used: BTreeSet<u16> = runs.clone().flatten().copied().collect();
    let all = (1u16..).take(font.widths.len());
    if !used.into_iter().eq(all) {
        return Err(bad("pdf: glyphs that no page shows"));
    }
    let table = flate::inflate_up_to(font.meanings.1, MAX_TABLE, font.meanings.0)?;
    let meanings = std::str::from_utf8(&table)
        .ok()
        .and_then(|table| meanings(table, font.widths.len()))
        .ok_or(Violation::at("pdf: table of meanings", font.meanings.0))?;
    for run in runs {
        let said: String = run
            .iter()
            .filter_map(|code| meanings.get(usize::from(*code)))
            .map(String::as_str)
            .collect();
        if !text::is_harmless(said.trim()) {
            return Err(Violation::at("pdf: text that is live", font.meanings.0));
        }
    }
    Ok(())
}

/// What each code from 0 to `most` means; `None` where the table is not as we write them.
fn meanings(table: &str, most: usize) -> Option<Vec<String>> {
    let mut meanings = vec![String::new(); most.checked_add(1)?];
    let mut lines = Vec::new();
    let mut before = 0usize;
    let entries = table
        .split_terminator('\n')
        .filter_map(|line| line.strip_prefix('<')?.strip_suffix('>')?.split_once("><"))
        .skip(1);
    for (code, units) in entries {
        let index = usize::from(unit(code)?);
        let text = decoded(units)?;
        let is_clean = text == " " || (!text.is_empty() && text::is_clean_line(&text));
        if index <= before || !is_clean || text.chars().count() > MAX_MEANING {
            return None;
        }
        lines.push(format!("<{code}><{units}>\n"));
        *meanings.get_mut(index)? = text;
        before = index;
    }
    let sections = lines.chunks(SECTION).fold(String::new(), |mut all, part| {
        all.push_str(&[&part.len().to_string(), " beginbfchar\n"].concat());
        all.push_str(&part.concat());
        all.push_str("endbfchar\n");
        all
    });
    let spelled = format!(
        "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n\
         /CMapName/Mugai def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n{sections}\
         endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n"
    );
    (spelled == table).then_some(meanings)
}

/// Four hexadecimal digits, in capitals.
pub(super) fn unit(digits: &str) -> Option<u16> {
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (format!("{unit:04X}") == digits).then_some(unit)
}

fn decoded(units: &str) -> Option<String> {
    let mut all = Vec::new();
    let (chunks, rest) = units.as_bytes().as_chunks::<4>();
    for chunk in chunks {
        all.push(unit(std::str::from_utf8(chunk).ok()?)?);
    }
    if !rest.is_empty() {
        return None;
    }
    String::from_utf16(&all).ok()
}
