//! What glyphs mean whose font does not say it: text in the predefined tables of Japanese, Chinese
//! and Korean (ISO 32000-2, 9.7.5.2).
//!
//! Such a font has no `ToUnicode`. Its codes lead by the predefined table to numbers of a character
//! collection, and those by the table of the collection to characters.

use super::super::collections::{self, GETA};
use super::super::fonts::Faces;
use super::super::walk::is_type;
use hayro::hayro_interpret::font::OutlineGlyph;
use hayro::hayro_interpret::hayro_cmap::{BfString, CMap, CMapName, CidFamily};
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Fonts by their name and whether they write from above; `None` where several have the same.
type Fonts = HashMap<(String, bool), Option<Rc<Font>>>;

/// The fonts of a document that need it, by name and direction.
pub(in crate::formats::pdf) struct Codes<'a> {
    document: &'a Document,
    /// What fonts are drawn with that the document does not bring.
    pub(super) faces: Arc<Faces>,
    fonts: Option<Fonts>,
    /// The font that was asked for last: the same one is asked for letter by letter.
    last: Option<(u128, bool, Option<Rc<Font>>)>,
}

/// How the codes of one font become characters.
#[derive(Debug)]
struct Font {
    name: Vec<u8>,
    family: CidFamily,
    encoding: Rc<CMap>,
    characters: Rc<CMap>,
}

/// Tables by their names, each parsed once.
type Tables = Vec<(Vec<u8>, Option<Rc<CMap>>)>;

/// The most fonts of one document that are looked at, as of those that it does not bring.
const MAX_FONTS: usize = 1000;

impl<'a> Codes<'a> {
    pub(super) const fn of(document: &'a Document, faces: Arc<Faces>) -> Self {
        Self {
            document,
            faces,
            fonts: None,
            last: None,
        }
    }

    /// What `glyph` means; empty where that is not known.
    pub(super) fn meaning(&mut self, glyph: &OutlineGlyph, vertical: bool) -> Box<str> {
        let Some(data) = glyph.font_data() else {
            return Box::default();
        };
        let font = match &self.last {
            Some((key, direction, font)) if *key == data.cache_key && *direction == vertical => {
                font.clone()
            }
            _ => {
                let document = self.document;
                let fonts = self.fonts.get_or_insert_with(|| fonts(document));
                let name = data.postscript_name.unwrap_or_default();
                let font = fonts.get(&(name, vertical)).cloned().flatten();
                self.last = Some((data.cache_key, vertical, font.clone()));
                font
            }
        };
        let meant = font.and_then(|font| font.character(glyph.char_code()));
        meant.map_or_else(Box::default, String::into_boxed_str)
    }
}

impl Font {
    fn character(&self, code: u32) -> Option<String> {
        let number = (1..=4u8).find_map(|length| self.encoding.lookup_cid_code(code, length))?;
        match self.characters.lookup_bf_string(number)? {
            BfString::Char(GETA) | BfString::String(_) => None,
            entry @ BfString::Char(_) => Some(collections::said(entry)),
        }
    }
}

/// All fonts of `document` that say nothing of their own about what their glyphs mean. Two fonts of
/// one name and direction, but with other codes, cannot be told apart: neither is read.
fn fonts(document: &Document) -> Fonts {
    let mut found = Fonts::new();
    let mut tables = Tables::new();
    let mut left = MAX_FONTS;
    for object in document.objects() {
        let Object::Dict(dict) = object else { continue };
        let is_composite = is_type(&dict, b"Font")
            && dict
                .get::<Name<'_>>(b"Subtype")
                .is_some_and(|name| name.as_ref() == b"Type0");
        if !is_composite || dict.contains_key(b"ToUnicode") {
            continue;
        }
        let Some(less) = left.checked_sub(1) else {
            break;
        };
        left = less;
        let Some((vertical, font)) = font(&dict, &mut tables) else {
            continue;
        };
        let name = dict.get::<Name<'_>>(b"BaseFont");
        let name = name.map_or_else(String::new, |name| bare(name.as_str()).to_owned());
        let slot = found.entry((name, vertical));
        slot.and_modify(|known| {
            let is_same = known
                .as_ref()
                .is_some_and(|known| known.name == font.name && known.family == font.family);
            if !is_same {
                *known = None;
            }
        })
        .or_insert_with(|| Some(Rc::new(font)));
    }
    found
}

/// The name without the mark of a subset.
fn bare(name: &str) -> &str {
    match name.split_once('+') {
        Some((mark, rest)) if mark.len() == 6 => rest,
        _ => name,
    }
}

/// The table of that name.
fn table(name: &[u8], tables: &mut Tables) -> Option<Rc<CMap>> {
    if let Some((_, table)) = tables.iter().find(|(of, _)| of == name) {
        return table.clone();
    }
    let of = CMapName::from_bytes(name);
    let table = if of == CMapName::IdentityH {
        Some(CMap::identity_h())
    } else if of == CMapName::IdentityV {
        Some(CMap::identity_v())
    } else {
        collections::table(of).and_then(|data| CMap::parse(data, collections::table))
    };
    let table = table.map(Rc::new);
    tables.push((name.to_vec(), table.clone()));
    table
}

fn font(dict: &Dict<'_>, tables: &mut Tables) -> Option<(bool, Font)> {
    let name = dict.get::<Name<'_>>(b"Encoding")?;
    let vertical = name.as_ref().ends_with(b"V");
    let encoding = table(name.as_ref(), tables)?;
    let of_encoding = encoding
        .metadata()
        .character_collection
        .as_ref()
        .map(|collection| collection.family.clone())
        .filter(|family| *family != CidFamily::AdobeIdentity);
    let family = match of_encoding {
        Some(family) => family,
        None => descendant_family(dict)?,
    };
    let characters = family.ucs2_cmap()?;
    let characters = table(characters.to_bytes(), tables)?;
    let font = Font {
        name: name.as_ref().to_vec(),
        family,
        encoding,
        characters,
    };
    Some((vertical, font))
}

fn descendant_family(dict: &Dict<'_>) -> Option<CidFamily> {
    let fonts = dict.get::<Array<'_>>(b"DescendantFonts")?;
    let info = fonts
        .iter::<Dict<'_>>()
        .next()?
        .get::<Dict<'_>>(b"CIDSystemInfo")?;
    let text = |key: &[u8]| info.get::<PdfString<'_>>(key);
    let (registry, ordering) = (text(b"Registry")?, text(b"Ordering")?);
    Some(CidFamily::from_registry_ordering(
        registry.as_bytes(),
        ordering.as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro_syntax::object::FromBytes;

    #[test]
    fn fonts_share_their_tables() {
        let mut tables = Tables::new();
        let mut read = |name: &str| {
            let text = format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /UniJIS-UTF16-H >>"
            );
            let dict = Dict::from_bytes(text.as_bytes()).unwrap();
            font(&dict, &mut tables).unwrap().1
        };
        let (one, other) = (read("A0001"), read("A0002"));
        assert!(Rc::ptr_eq(&one.encoding, &other.encoding));
        assert!(Rc::ptr_eq(&one.characters, &other.characters));
        assert_eq!(tables.len(), 2);
    }
}
