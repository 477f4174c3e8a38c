//! Fonts for text whose own font is not embedded.
//!
//! In this order: the faces that the operator named, those of the machine, the built-in ones. Which of them
//! is decided by the name of the font and what else the file says of it ([`names`]). Built-in faces are as
//! wide as the standard fonts of the format, and those that most viewers draw; so Latin text gets a face of
//! the machine only where it may have letters that the built-in ones lack.

mod absent;
mod forms;
mod names;
mod replaced;
mod spelled;

use super::collections::GETA;
use absent::Absent;
pub(super) use absent::AbsentFonts;
use forms::Formed;
use hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery, OutlineGlyph};
use mugai_core::Fonts;
use mugai_core::cx::{FontNeed, Script};
pub(super) use replaced::replaced;
pub(super) use spelled::{Spelled, spell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What is needed, and whether every letter needs its upright form.
type Wanted = (FontNeed, bool);

/// Faces for the fonts that a document does not bring, fetched before drawing, as the library wants a
/// resolver that outlives the page.
pub(super) struct Faces {
    found: BTreeMap<Wanted, (FontData, u32)>,
    /// Glyphs that stand for what a face has no shape for.
    marks: Vec<(FontData, u32)>,
    /// What fonts need, by the names by which they are asked for.
    by_name: BTreeMap<String, Wanted>,
    /// What Latin fonts need.
    latin: BTreeSet<FontNeed>,
    /// What is given for standard fonts; `None` for the built-in ones.
    as_standard: Standard,
    missing: AtomicU32,
}

/// What standard fonts are drawn with.
#[derive(Clone, Copy)]
enum Standard {
    BuiltIn,
    /// Faces of the same kind that were found.
    Found,
    /// One face: the library takes a Japanese font for a standard one by its name.
    One(Wanted),
}

impl Faces {
    /// Asks `fonts` for every face that may be needed for `absent`.
    pub(super) fn fetch(fonts: &dyn Fonts, absent: &AbsentFonts) -> Arc<Self> {
        let mut faces = Self {
            found: BTreeMap::new(),
            marks: Vec::new(),
            by_name: BTreeMap::new(),
            latin: BTreeSet::new(),
            as_standard: Standard::BuiltIn,
            missing: AtomicU32::new(0),
        };
        for font in &absent.0 {
            faces.plan(font, fonts);
        }
        let mut formed: Vec<(FontData, Script, bool, Formed)> = Vec::new();
        let mut wanted: BTreeSet<Wanted> = faces.by_name.values().copied().collect();
        if matches!(faces.as_standard, Standard::Found) {
            wanted.extend(faces.latin.iter().map(|need| (*need, false)));
        }
        for wanted in wanted {
            let (need, _) = wanted;
            let Some((data, index)) = fonts.find(need) else {
                continue;
            };
            let face = if need.script.is_cjk() {
                faces.form(&mut formed, (data, index), wanted)
            } else {
                Some((data, index))
            };
            faces.found.extend(face.map(|face| (wanted, face)));
        }
        Arc::new(faces)
    }

    /// Notes what `font` needs.
    fn plan(&mut self, font: &Absent, fonts: &dyn Fonts) {
        let need = font.need;
        if font.is_composite {
            let of = self.by_name.get(&font.asked);
            // one that writes both ways has one face for both
            let is_turned = font.is_turned && of.is_none_or(|(_, is_turned)| *is_turned);
            self.by_name.insert(font.asked.clone(), (need, is_turned));
            if need.script.is_cjk() && font.is_taken_for_standard() {
                self.as_standard = Standard::One((need, is_turned));
            }
        }
        // simple fonts have Latin letters, which the built-in faces have too
        if need.script.is_cjk() {
            return;
        }
        self.latin.insert(need);
        if matches!(self.as_standard, Standard::BuiltIn)
            && (font.is_composite || fonts.is_named(need))
        {
            self.as_standard = Standard::Found;
        }
    }

    /// A face with the forms that its script needs; each is made once.
    fn form(
        &mut self,
        made: &mut Vec<(FontData, Script, bool, Formed)>,
        (data, index): (FontData, u32),
        (need, is_turned): Wanted,
    ) -> Option<(FontData, u32)> {
        let known = made.iter().find(|(of, script, turned, formed)| {
            Arc::ptr_eq(of, &data)
                && (formed.index, *script, *turned) == (index, need.script, is_turned)
        });
        if let Some((.., formed)) = known {
            return Some((Arc::clone(&formed.data), formed.index));
        }
        let formed = forms::formed(&data, index, need.script, is_turned)?;
        let face = (Arc::clone(&formed.data), formed.index);
        self.marks.push((Arc::clone(&formed.data), formed.missing));
        made.push((data, need.script, is_turned, formed));
        Some(face)
    }

    /// How many fonts were neither embedded nor found.
    pub(super) fn missing(&self) -> u32 {
        self.missing.load(Ordering::Relaxed)
    }

    /// Whether `glyph`, which means `text`, has no shape: a mark, a box or nothing stands for it.
    pub(super) fn lack(&self, glyph: &OutlineGlyph, text: &str) -> bool {
        let number = glyph.glyph_id().to_u32();
        if text.chars().all(|c| c.is_whitespace() || c == GETA) {
            return false;
        }
        number == 0
            || self.marks.iter().any(|(_, mark)| *mark == number)
                && glyph.font_data().is_some_and(|font| {
                    let mut marks = self.marks.iter();
                    marks.any(|(of, mark)| *mark == number && Arc::ptr_eq(of, &font.data))
                })
    }

    /// Whether `glyph` is drawn with one of these.
    pub(super) fn draw(&self, glyph: &OutlineGlyph) -> bool {
        glyph.font_data().is_some_and(|font| {
            let mut found = self.found.values();
            found.any(|(face, _)| Arc::ptr_eq(face, &font.data))
        })
    }

    /// Answers the library.
    pub(super) fn resolve(&self, query: &FontQuery) -> (FontData, u32) {
        let query = match query {
            FontQuery::Standard(font) => {
                let wanted = match self.as_standard {
                    Standard::BuiltIn => None,
                    Standard::Found => names::of_standard(*font).map(|need| (need, false)),
                    Standard::One(wanted) => names::of_standard(*font).map(|_| wanted),
                };
                let face = wanted.and_then(|wanted| self.found.get(&wanted));
                return face.cloned().unwrap_or_else(|| font.get_font_data());
            }
            FontQuery::Fallback(query) => query,
        };
        let wanted = self.wanted(query);
        if let Some(face) = self.found.get(&wanted) {
            return face.clone();
        }
        // a Latin face of the built-in ones stands in, and has no Japanese letters
        self.missing.fetch_add(1, Ordering::Relaxed);
        names::standard(wanted.0).get_font_data()
    }

    fn wanted(&self, query: &FallbackFontQuery) -> Wanted {
        let name = query.post_script_name.as_deref().unwrap_or_default();
        self.by_name.get(name).copied().unwrap_or_else(|| {
            let family = query.character_collection.as_ref().map(|c| &c.family);
            let script = family.and_then(absent::of_family);
            (
                names::need(name, script, names::Described::default()),
                false,
            )
        })
    }
}
