//! The font of drawn pages: outlines that we were told, and what they mean.

use super::{File, cff};
use indexmap::IndexSet;
use mugai_core::drawing::{Glyph, Path};
use mugai_core::{Line, Refusal};
use pdf_writer::{Filter, Finish, Name, Ref, Str};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The most codes of one font; the first one stands for what is missing.
const MAX_CODES: usize = 65_000;
/// Entries of one section of a table (Adobe Technical Note 5014).
const SECTION: usize = 100;
/// The most characters that one code means, when it stands for a whole address.
const MAX_MEANING: usize = 200;

const NAME: Name<'_> = Name(b"MugaiOutlines");

/// Glyphs by their codes.
#[derive(Default)]
pub(super) struct Outlines {
    /// Each one once.
    glyphs: IndexSet<Glyph>,
    /// Where the glyph of each number stands in them: pages that know nothing of each other bring the same ones.
    numbers: Vec<usize>,
    /// Code n is entry n - 1.
    entries: Vec<Entry>,
    /// Codes by outline and meaning; each is there because some page shows it.
    codes: HashMap<(usize, String), u16>,
}

struct Entry {
    glyph: usize,
    meaning: String,
}

impl Outlines {
    /// Takes glyphs that a drawing brings along.
    pub(super) fn take(&mut self, glyphs: &[Glyph]) {
        for glyph in glyphs {
            let place = self.glyphs.get_index_of(glyph);
            let place = place.unwrap_or_else(|| self.glyphs.insert_full(glyph.clone()).0);
            self.numbers.push(place);
        }
    }

    /// Where the glyph of number `number` stands.
    fn place(&self, number: u32) -> Result<usize, Refusal> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let place = self.numbers.get(index).copied();
        place.ok_or(Refusal::malformed("pdf: a glyph that never came"))
    }

    fn code(&mut self, glyph: usize, meaning: String) -> Result<u16, Refusal> {
        let key = (glyph, meaning);
        if let Some(code) = self.codes.get(&key) {
            return Ok(*code);
        }
        self.entries.push(Entry {
            glyph,
            meaning: key.1.clone(),
        });
        let code = u16::try_from(self.entries.len())
            .ok()
            .filter(|code| usize::from(*code) <= MAX_CODES)
            .ok_or(Refusal::unsupported("pdf: more glyphs than one font holds"))?;
        self.codes.insert(key, code);
        Ok(code)
    }

    /// The glyph of number `glyph`.
    pub(super) fn glyph(&self, glyph: u32) -> Result<&Glyph, Refusal> {
        let place = self.place(glyph)?;
        let glyph = self.glyphs.get_index(place);
        glyph.ok_or(Refusal::internal("pdf: glyph"))
    }

    /// Codes for `run`, which is read as one: where it would be live, what it means is made
    /// harmless, and shared out among its glyphs.
    pub(super) fn codes(&mut self, run: &[u32]) -> Result<Vec<u16>, Refusal> {
        let mut said = String::new();
        for number in run {
            said.push_str(self.glyph(*number)?.meaning());
        }
        let instead = harmless(&said).map(|instead| shares(&instead, run.len()));
        let mut codes = Vec::new();
        for (place, number) in run.iter().enumerate() {
            let glyph = self.place(*number)?;
            let meaning = match &instead {
                Some(shares) => shares.get(place).cloned().unwrap_or_default(),
                None => self.glyph(*number)?.meaning().to_owned(),
            };
            codes.push(self.code(glyph, meaning)?);
        }
        Ok(codes)
    }

    /// Writes the font and tells its number, if there are any glyphs.
    pub(super) fn write(&self, file: &mut File) -> Result<Option<Ref>, Refusal> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        let [font, descendant, descriptor, program, meanings] = [(); 5].map(|()| file.id());
        let nothing = Path::default();
        let mut outlines: Vec<cff::Outline<'_>> = vec![(&nothing, 0)];
        outlines.extend(self.entries.iter().filter_map(|entry| {
            let glyph = self.glyphs.get_index(entry.glyph)?;
            Some((glyph.outline(), glyph.advance()))
        }));
        let mut dict = file.object().indirect(font).dict();
        dict.pair(Name(b"Type"), Name(b"Font"))
            .pair(Name(b"Subtype"), Name(b"Type0"))
            .pair(Name(b"BaseFont"), NAME)
            .pair(Name(b"Encoding"), Name(b"Identity-H"));
        dict.insert(Name(b"DescendantFonts"))
            .array()
            .item(descendant);
        dict.pair(Name(b"ToUnicode"), meanings);
        dict.finish();

        let mut dict = file.object().indirect(descendant).dict();
        dict.pair(Name(b"Type"), Name(b"Font"))
            .pair(Name(b"Subtype"), Name(b"CIDFontType0"))
            .pair(Name(b"BaseFont"), NAME);
        let mut system = dict.insert(Name(b"CIDSystemInfo")).dict();
        system
            .pair(Name(b"Registry"), Str(b"Adobe"))
            .pair(Name(b"Ordering"), Str(b"Identity"))
            .pair(Name(b"Supplement"), 0);
        system.finish();
        dict.pair(Name(b"FontDescriptor"), descriptor)
            .pair(Name(b"DW"), 0);
        let mut widths = dict.insert(Name(b"W")).array();
        widths.item(1);
        let advances = outlines
            .iter()
            .skip(1)
            .map(|(_, advance)| i32::from(*advance));
        widths.push().array().items(advances);
        widths.finish();
        dict.finish();

        let bounds = cff::bounds(outlines.iter().map(|(path, _)| *path));
        let mut dict = file.object().indirect(descriptor).dict();
        dict.pair(Name(b"Type"), Name(b"FontDescriptor"))
            .pair(Name(b"FontName"), NAME)
            .pair(Name(b"Flags"), 4);
        dict.insert(Name(b"FontBBox")).array().items(bounds);
        dict.pair(Name(b"ItalicAngle"), 0)
            .pair(Name(b"Ascent"), 880)
            .pair(Name(b"Descent"), -120)
            .pair(Name(b"CapHeight"), 700)
            .pair(Name(b"StemV"), 80)
            .pair(Name(b"FontFile3"), program);
        dict.finish();

        let data = super::deflate::compress(&cff::program(&outlines))?;
        file.object()
            .stream(program, &data)
            .filter(Filter::FlateDecode)
            .pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        file.stream(meanings, self.table().as_bytes())?;
        Ok(Some(font))
    }

    /// What the codes mean (ISO 32000-2, 9.10.3): one entry each.
    fn table(&self) -> String {
        let mut table = String::from(
            "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n\
             /CMapName/Mugai def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n",
        );
        let lines: Vec<String> = (1u32..)
            .zip(&self.entries)
            .filter(|(_, entry)| !entry.meaning.is_empty())
            .map(|(code, entry)| {
                let mut units = String::new();
                for unit in entry.meaning.encode_utf16() {
                    // writing into a string cannot fail
                    let _ = write!(units, "{unit:04X}");
                }
                format!("<{code:04X}><{units}>\n")
            })
            .collect();
        for section in lines.chunks(SECTION) {
            let count = section.len();
            // writing into a string cannot fail
            let _ = write!(
                table,
                "{count} beginbfchar\n{}endbfchar\n",
                section.concat()
            );
        }
        table.push_str("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n");
        table
    }
}

/// `text` in `count` pieces, each of which is a clean line of its own; where that cannot be, all of
/// it is in the first one.
fn shares(text: &str, count: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let end = |place: usize| {
        place
            .saturating_mul(letters.len())
            .checked_div(count)
            .unwrap_or(0)
    };
    let pieces: Vec<String> = (0..count)
        .map(|place| {
            let range = end(place)..end(place.saturating_add(1));
            letters.get(range).unwrap_or_default().iter().collect()
        })
        .collect();
    let is_clean = |piece: &String| piece == " " || Line::check(piece).is_ok();
    if pieces.iter().all(is_clean) {
        pieces
    } else {
        vec![text.to_owned()]
    }
}

/// What `said` becomes where anything in it is live, at most [`MAX_MEANING`] characters.
fn harmless(said: &str) -> Option<String> {
    let said = said.trim();
    let made = |text: &str| {
        let (harmless, _) = crate::text(text.to_owned());
        harmless.closed().trim().to_owned()
    };
    let first = made(said);
    if first == said {
        return None;
    }
    let (cleaned, _) = Line::clean(&first);
    let cleaned = cleaned.as_str();
    let is_fitting = cleaned.chars().count() <= MAX_MEANING && made(cleaned) == cleaned;
    Some(if is_fitting {
        cleaned.to_owned()
    } else {
        String::new()
    })
}
