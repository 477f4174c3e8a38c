//! Faces that know the private characters of `collections`: upright forms, forms by selector, and a mark
//! for what they have no shape for.
//!
//! The face stays as it is but for its table of characters (`cmap`), which is written anew at the end of a
//! copy of the file. The files are the operator's, not the sender's.

use super::super::collections::{self, GETA};
use hayro_interpret::font::FontData;
use mugai_core::cx::Script;
use skrifa::charmap::MapVariant;
use skrifa::raw::tables::gsub::{SingleSubst, SubstitutionSubtables};
use skrifa::raw::{FontRef, TableProvider as _};
use skrifa::{GlyphId, MetadataProvider as _, Tag};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Glyphs by character.
type Glyphs = BTreeMap<u32, u32>;

/// A face, and the glyph that stands for what it has no shape for.
pub(super) struct Formed {
    pub(super) data: FontData,
    pub(super) index: u32,
    pub(super) missing: u32,
}

/// The face number `index` of `data` for text in `script`; where `is_turned`, every character has its
/// upright form. `None` where it is no such face.
pub(super) fn formed(
    data: &FontData,
    index: u32,
    script: Script,
    is_turned: bool,
) -> Option<Formed> {
    let bytes = (**data).as_ref();
    let font = FontRef::from_index(bytes, index).ok()?;
    let made = collections::made(script)?;
    let charmap = font.charmap();
    let mut glyphs: Glyphs = charmap
        .mappings()
        .map(|(c, glyph)| (c, glyph.to_u32()))
        .collect();
    let known = |c: char| charmap.map(c).map(GlyphId::to_u32);
    let missing = known(GETA)
        .or_else(|| known('?'))
        .filter(|glyph| *glyph != 0)?;
    let upright = upright(&font);
    for c in &made.uprights {
        let glyph = known(*c).unwrap_or(missing);
        let form = upright.get(&glyph).copied().unwrap_or(glyph);
        glyphs.extend(collections::of_upright(*c).map(|private| (u32::from(private), form)));
        if is_turned {
            glyphs.insert(u32::from(*c), form);
        }
    }
    for (c, selector) in collections::variants() {
        let form = match charmap.map_variant(*c, *selector) {
            Some(MapVariant::Variant(form)) => Some(form.to_u32()),
            Some(MapVariant::UseDefault) | None => known(*c),
        };
        let private = collections::of_variant(*c, *selector);
        glyphs.extend(private.map(|private| (u32::from(private), form.unwrap_or(missing))));
    }
    for c in &made.characters {
        glyphs.entry(u32::from(*c)).or_insert(missing);
    }
    let copy = with_table(bytes, index, &table(&glyphs))?;
    Some(Formed {
        data: Arc::new(copy),
        index,
        missing,
    })
}

/// The forms of glyphs for vertical lines (OpenType, features `vert` and `vrt2`).
fn upright(font: &FontRef<'_>) -> Glyphs {
    let mut forms = Glyphs::new();
    // the first to tell of a glyph is right: `vert` is the older and wider feature
    for feature in [Tag::new(b"vert"), Tag::new(b"vrt2")] {
        let _ = forms_of(font, feature, &mut forms);
    }
    forms
}

fn forms_of(font: &FontRef<'_>, wanted: Tag, forms: &mut Glyphs) -> Option<()> {
    let gsub = font.gsub().ok()?;
    let (features, lookups) = (gsub.feature_list().ok()?, gsub.lookup_list().ok()?);
    for record in features.feature_records() {
        if record.feature_tag() != wanted {
            continue;
        }
        let feature = record.feature(features.offset_data()).ok()?;
        for index in feature.lookup_list_indices() {
            let lookup = lookups.lookups().get(usize::from(index.get())).ok()?;
            if let Ok(SubstitutionSubtables::Single(tables)) = lookup.subtables() {
                for table in tables.iter().flatten() {
                    single(&table, forms);
                }
            }
        }
    }
    Some(())
}

fn single(table: &SingleSubst<'_>, forms: &mut Glyphs) {
    match table {
        SingleSubst::Format1(table) => {
            let Ok(coverage) = table.coverage() else {
                return;
            };
            for glyph in coverage.iter() {
                // modulo 65,536, as the format has it
                let form = glyph
                    .to_u32()
                    .wrapping_add_signed(i32::from(table.delta_glyph_id()));
                forms.entry(glyph.to_u32()).or_insert(form & 0xffff);
            }
        }
        SingleSubst::Format2(table) => {
            let Ok(coverage) = table.coverage() else {
                return;
            };
            for (glyph, form) in coverage.iter().zip(table.substitute_glyph_ids()) {
                let form = form.get().to_u32();
                forms.entry(glyph.to_u32()).or_insert(form);
            }
        }
        // for more than 65,535 glyphs, which no face of today has
        SingleSubst::Format3(_) | SingleSubst::Format4(_) => {}
    }
}

/// A table of characters of one subtable in format 12 (OpenType, `cmap`).
fn table(glyphs: &Glyphs) -> Vec<u8> {
    let mut groups: Vec<(u32, u32, u32)> = Vec::new();
    for (c, glyph) in glyphs {
        let goes_on = groups.last().is_some_and(|(first, last, start)| {
            let step = c.checked_sub(*first);
            last.checked_add(1) == Some(*c)
                && step.and_then(|step| start.checked_add(step)) == Some(*glyph)
        });
        match groups.last_mut() {
            Some((_, last, _)) if goes_on => *last = *c,
            _ => groups.push((*c, *c, *glyph)),
        }
    }
    let count = u32::try_from(groups.len()).unwrap_or(0);
    let length = count.saturating_mul(12).saturating_add(16);
    let mut out = Vec::new();
    // version, one record: Windows, full Unicode, right behind
    for short in [0u16, 1, 3, 10] {
        out.extend_from_slice(&short.to_be_bytes());
    }
    out.extend_from_slice(&12u32.to_be_bytes());
    for short in [12u16, 0] {
        out.extend_from_slice(&short.to_be_bytes());
    }
    for long in [length, 0, count] {
        out.extend_from_slice(&long.to_be_bytes());
    }
    for (first, last, start) in groups {
        for long in [first, last, start] {
            out.extend_from_slice(&long.to_be_bytes());
        }
    }
    out
}

/// A copy of the file in which face number `index` has `table` as its table of characters.
fn with_table(bytes: &[u8], index: u32, table: &[u8]) -> Option<Vec<u8>> {
    let directory = if bytes.starts_with(b"ttcf") {
        let at = usize::try_from(index)
            .ok()?
            .checked_mul(4)?
            .checked_add(12)?;
        usize::try_from(long(bytes, at)?).ok()?
    } else {
        0
    };
    let count = bytes.get(directory.checked_add(4)?..)?.first_chunk::<2>()?;
    let records = directory.checked_add(12)?;
    let record = (0..usize::from(u16::from_be_bytes(*count)))
        .filter_map(|number| number.checked_mul(16)?.checked_add(records))
        .find(|at| {
            bytes
                .get(*at..)
                .is_some_and(|rest| rest.starts_with(b"cmap"))
        })?;
    let mut copy = Vec::new();
    copy.extend_from_slice(bytes);
    copy.resize(bytes.len().next_multiple_of(4), 0);
    let at = u32::try_from(copy.len()).ok()?;
    copy.extend_from_slice(table);
    let length = u32::try_from(table.len()).ok()?;
    for (field, value) in [(8usize, at), (12, length)] {
        let from = record.checked_add(field)?;
        let place = copy.get_mut(from..from.checked_add(4)?)?;
        place.copy_from_slice(&value.to_be_bytes());
    }
    Some(copy)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*bytes))
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the faces are files of this machine"
)]
mod tests {
    use super::*;

    #[test]
    fn a_face_gets_upright_forms_and_a_mark_for_what_it_lacks() {
        let path = "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf";
        let Ok(bytes) = std::fs::read(path) else {
            println!("skipped: the IPAex fonts are not installed");
            return;
        };
        let data: FontData = Arc::new(bytes);
        let glyph = |formed: &Formed, c: char| {
            let font = FontRef::from_index((*formed.data).as_ref(), formed.index).unwrap();
            font.charmap().map(c).unwrap().to_u32()
        };
        let usual = formed(&data, 0, Script::Japanese, false).unwrap();
        for c in ['、', 'ー', '「', 'ゃ'] {
            let upright = glyph(&usual, collections::of_upright(c).unwrap());
            assert_ne!(upright, glyph(&usual, c), "{c}");
            assert_ne!(upright, usual.missing, "{c}");
            let turned = formed(&data, 0, Script::Japanese, true).unwrap();
            assert_eq!(glyph(&turned, c), upright, "{c}");
        }
        assert_eq!(glyph(&usual, GETA), usual.missing);
        // all that the collection has is answered
        for c in &collections::made(Script::Japanese).unwrap().characters {
            assert_ne!(glyph(&usual, *c), 0, "{c}");
        }
        assert!(formed(&data, 0, Script::Latin, false).is_none());
        assert!(formed(&data, 7, Script::Japanese, false).is_none());
    }

    #[test]
    fn bytes_that_are_no_font_are_none() {
        let data: FontData = Arc::new(b"ttcf\0\x01\0\0\0\0\0\x01\0\0\xff\xff".to_vec());
        assert!(formed(&data, 0, Script::Japanese, false).is_none());
    }
}
