//! The fonts of a document that bring no program along.

use super::Spelled;
use super::names::{self, Described};
use hayro_interpret::hayro_cmap::{CMapName, CidFamily};
use hayro_syntax::object::{Array, Dict, Name, String as PdfString};
use mugai_core::cx::{FontNeed, Script};

/// The most fonts of a document that are looked at; those after them get a face by their name alone.
const MAX_FONTS: usize = 1000;
/// What names contain that the library takes for one of the standard fonts, whatever the collection.
pub(super) const STANDARD_PARTS: &[&str] = &[
    "helvetica",
    "arial",
    "sans",
    "courier",
    "mono",
    "times",
    "serif",
    "dingbats",
];
/// The standard fonts, which no file has to bring (ISO 32000-1, 9.6.2.2).
const STANDARD: &[&[u8]] = &[
    b"Helvetica",
    b"Helvetica-Bold",
    b"Helvetica-Oblique",
    b"Helvetica-BoldOblique",
    b"Courier",
    b"Courier-Bold",
    b"Courier-Oblique",
    b"Courier-BoldOblique",
    b"Times-Roman",
    b"Times-Bold",
    b"Times-Italic",
    b"Times-BoldItalic",
    b"Symbol",
    b"ZapfDingbats",
];

/// One such font.
#[derive(Clone, Debug)]
pub(in crate::formats::pdf) struct Absent {
    /// The name in the spelling by which the library asks for it.
    pub(super) asked: String,
    /// The name as it may be shown.
    pub(in crate::formats::pdf) name: String,
    pub(super) need: FontNeed,
    /// Whether its codes can have more than one byte, so that it may have letters of any script.
    pub(super) is_composite: bool,
    /// Whether it writes from above and says what its codes mean: its face needs upright forms in the place
    /// of the usual ones.
    pub(super) is_turned: bool,
    /// Whether it is one of the fonts that no file has to bring.
    pub(in crate::formats::pdf) is_standard: bool,
}

impl Absent {
    /// Whether the library will ask for one of the standard fonts in its place.
    pub(super) fn is_taken_for_standard(&self) -> bool {
        let name = self.asked.to_ascii_lowercase();
        STANDARD_PARTS.iter().any(|part| name.contains(part))
    }
}

/// The fonts without a program that were found so far.
#[derive(Debug, Default)]
pub(in crate::formats::pdf) struct AbsentFonts(pub(super) Vec<Absent>, Spelled);

impl AbsentFonts {
    /// None yet, of a file in which these names were overwritten.
    pub(in crate::formats::pdf) const fn of(spelled: Spelled) -> Self {
        Self(Vec::new(), spelled)
    }

    /// Looks at one dictionary of the file, and keeps it when it is such a font.
    pub(in crate::formats::pdf) fn look_at(&mut self, dict: &Dict<'_>) {
        if self.0.len() < MAX_FONTS
            && let Some(absent) = absent(dict, &self.1)
        {
            self.0.push(absent);
        }
    }

    /// Names and numbers of those that are no standard font.
    pub(in crate::formats::pdf) fn substituted(&self) -> impl Iterator<Item = &Absent> {
        self.0.iter().filter(|absent| !absent.is_standard)
    }

    /// The name of a font as it stands in the file, as it may be shown and without the mark of a subset; `None` for
    /// names that are longer than `most` bytes.
    pub(in crate::formats::pdf) fn named(&self, base: &[u8], most: usize) -> Option<String> {
        let name = self.1.original(bare(base));
        (name.len() <= most).then(|| names::shown(name))
    }
}

fn absent(dict: &Dict<'_>, spelled: &Spelled) -> Option<Absent> {
    let subtype = dict.get::<Name<'_>>(b"Subtype")?;
    let is_composite = match subtype.as_ref() {
        b"Type0" => true,
        b"Type1" | b"MMType1" | b"TrueType" => false,
        _ => return None,
    };
    let base = dict.get::<Name<'_>>(b"BaseFont")?;
    let descendant = if is_composite {
        let fonts = dict.get::<Array<'_>>(b"DescendantFonts")?;
        Some(fonts.iter::<Dict<'_>>().next()?)
    } else {
        None
    };
    let of = descendant.as_ref().unwrap_or(dict);
    let descriptor = of.get::<Dict<'_>>(b"FontDescriptor").unwrap_or_default();
    let programs = [b"FontFile".as_slice(), b"FontFile2", b"FontFile3"];
    if programs.iter().any(|key| descriptor.contains_key(*key)) {
        return None;
    }
    let encoding = dict.get::<Name<'_>>(b"Encoding");
    let encoding = encoding.as_ref().map_or(&b""[..], AsRef::as_ref);
    let described = Described {
        flags: descriptor.get::<u32>(b"Flags").unwrap_or(0),
        weight: descriptor.get::<u32>(b"FontWeight").unwrap_or(0),
        leans: descriptor
            .get::<f32>(b"ItalicAngle")
            .is_some_and(|angle| angle != 0.0),
    };
    let script = descendant
        .as_ref()
        .and_then(|descendant| script(descendant, encoding));
    let name = names::shown(spelled.original(bare(base.as_ref())));
    Some(Absent {
        asked: bare_str(base.as_str()).to_owned(),
        need: names::need(&name, script, described),
        name,
        is_composite,
        is_turned: is_composite && encoding.ends_with(b"V") && dict.contains_key(b"ToUnicode"),
        is_standard: STANDARD.contains(&base.as_ref()),
    })
}

/// The script of a composite font, by its table or its collection.
fn script(descendant: &Dict<'_>, encoding: &[u8]) -> Option<Script> {
    let info = descendant.get::<Dict<'_>>(b"CIDSystemInfo");
    let text = |key: &[u8]| info.as_ref()?.get::<PdfString<'_>>(key);
    let (registry, ordering) = (text(b"Registry"), text(b"Ordering"));
    let family = registry
        .zip(ordering)
        .map(|(r, o)| CidFamily::from_registry_ordering(r.as_bytes(), o.as_bytes()));
    family.as_ref().and_then(of_family).or_else(|| {
        let name = CMapName::from_bytes(encoding);
        let table = super::super::collections::table(name)?;
        let table =
            hayro_interpret::hayro_cmap::CMap::parse(table, super::super::collections::table)?;
        of_family(&table.metadata().character_collection.as_ref()?.family)
    })
}

/// The script of a collection.
pub(super) const fn of_family(family: &CidFamily) -> Option<Script> {
    match family {
        CidFamily::AdobeJapan1 => Some(Script::Japanese),
        CidFamily::AdobeGB1 => Some(Script::Simplified),
        CidFamily::AdobeCNS1 => Some(Script::Traditional),
        CidFamily::AdobeKorea1 => Some(Script::Korean),
        CidFamily::AdobeIdentity | CidFamily::Custom { .. } => None,
    }
}

/// The name without the mark of a subset (ISO 32000-1, 9.6.4).
pub(super) fn bare(name: &[u8]) -> &[u8] {
    match name.split_at_checked(7) {
        Some((mark, rest)) if mark.ends_with(b"+") && !mark.starts_with(b"+") => rest,
        _ => name,
    }
}

/// The same as the library does it.
pub(super) fn bare_str(name: &str) -> &str {
    match name.split_once('+') {
        Some((mark, rest)) if mark.len() == 6 => rest,
        _ => name,
    }
}
