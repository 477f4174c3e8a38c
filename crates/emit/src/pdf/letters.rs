//! The fonts of the text that lies over pages: one that draws nothing, and has only widths and meanings;
//! and one that each viewer has, see `plain`.
//!
//! A code is a UTF-16 unit. Characters outside of the first plane have two, which the tables of PDF
//! cannot say one by one, so they get codes of their own from the private area, which no text of
//! ours uses.

use super::{File, deflate};
use mugai_core::Refusal;
use mugai_core::text::GETA;
use mugai_core::widths::HELVETICA;
use pdf_writer::{Filter, Finish, Name, Ref, Str};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Its program: one glyph, a line without an area. See `blank.py`.
const PROGRAM: &[u8] = include_bytes!("blank.ttf");
const NAME: Name<'static> = Name(b"Mugai");
/// The private codes, for characters outside of the first plane.
const PRIVATE: std::ops::RangeInclusive<u16> = 0xE000..=0xF8FF;
/// Entries of one section of a table.
const SECTION: usize = 100;

/// Width of a character that the table does not name, in thousandths of the size.
const FULL: u16 = 1000;
/// Latin letters beyond ASCII.
const LATIN: (u16, u16, u16) = (0xA0, 0x24F, 556);
/// Narrow katakana.
const NARROW: (u16, u16, u16) = (0xFF61, 0xFF9F, 500);

/// Which codes were written, and what those of our own mean.
#[derive(Default)]
pub(super) struct Letters {
    /// First bytes of codes that occur.
    rows: BTreeSet<u8>,
    /// The characters of private codes.
    far: BTreeMap<char, u16>,
    /// Whether there is text in the font of Latin letters.
    has_plain: bool,
}

impl Letters {
    /// Notes text in the font of Latin letters.
    pub(super) fn use_plain(&mut self) {
        self.has_plain = true;
    }

    /// The code of `letter`.
    pub(super) fn code(&mut self, letter: char) -> u16 {
        let code = match u16::try_from(u32::from(letter)) {
            Ok(code) => code,
            Err(_) => match self.far_code(letter) {
                Some(code) => return code,
                // thousands of rare characters in one file
                None => u16::try_from(u32::from(GETA)).unwrap_or(0),
            },
        };
        let [row, _] = code.to_be_bytes();
        self.rows.insert(row);
        code
    }

    /// The private code of a character outside of the first plane, while there are any left.
    fn far_code(&mut self, letter: char) -> Option<u16> {
        if let Some(code) = self.far.get(&letter) {
            return Some(*code);
        }
        let count = u16::try_from(self.far.len()).ok()?;
        let code = PRIVATE.start().checked_add(count)?;
        PRIVATE.contains(&code).then(|| {
            self.far.insert(letter, code);
            code
        })
    }

    /// Writes the fonts that are used, and tells their numbers: our own, and that of Latin letters.
    pub(super) fn write(&self, file: &mut File) -> Result<[Option<Ref>; 2], Refusal> {
        let is_used = !(self.rows.is_empty() && self.far.is_empty());
        let own = is_used.then(|| self.write_own(file)).transpose()?;
        let plain = self.has_plain.then(|| {
            let font = file.id();
            let mut dict = file.object().indirect(font).dict();
            dict.pair(Name(b"Type"), Name(b"Font"))
                .pair(Name(b"Subtype"), Name(b"Type1"))
                .pair(Name(b"BaseFont"), Name(b"Helvetica"))
                .pair(Name(b"Encoding"), Name(b"WinAnsiEncoding"));
            dict.finish();
            font
        });
        Ok([own, plain])
    }

    fn write_own(&self, file: &mut File) -> Result<Ref, Refusal> {
        let [font, descendant, descriptor, program, glyphs, meanings] = [(); 6].map(|()| file.id());
        let mut dict = file.object().indirect(descendant).dict();
        dict.pair(Name(b"Type"), Name(b"Font"))
            .pair(Name(b"Subtype"), Name(b"CIDFontType2"))
            .pair(Name(b"BaseFont"), NAME);
        let mut system = dict.insert(Name(b"CIDSystemInfo")).dict();
        system
            .pair(Name(b"Registry"), Str(b"Adobe"))
            .pair(Name(b"Ordering"), Str(b"Identity"))
            .pair(Name(b"Supplement"), 0);
        system.finish();
        dict.pair(Name(b"FontDescriptor"), descriptor)
            .pair(Name(b"CIDToGIDMap"), glyphs)
            .pair(Name(b"DW"), i32::from(FULL));
        let mut widths = dict.insert(Name(b"W")).array();
        widths.item(32);
        widths.push().array().items(HELVETICA.map(i32::from));
        for (first, last, width) in [LATIN, NARROW] {
            widths.items([first, last, width].map(i32::from));
        }
        widths.finish();
        dict.finish();

        let mut dict = file.object().indirect(descriptor).dict();
        dict.pair(Name(b"Type"), Name(b"FontDescriptor"))
            .pair(Name(b"FontName"), NAME)
            .pair(Name(b"Flags"), 4);
        dict.insert(Name(b"FontBBox"))
            .array()
            .items([0, -120, 1000, 880]);
        dict.pair(Name(b"ItalicAngle"), 0)
            .pair(Name(b"Ascent"), 880)
            .pair(Name(b"Descent"), -120)
            .pair(Name(b"CapHeight"), 700)
            .pair(Name(b"StemV"), 80)
            .pair(Name(b"FontFile2"), program);
        dict.finish();

        let length = i32::try_from(PROGRAM.len()).unwrap_or(0);
        file.object()
            .stream(program, &deflate::compress(PROGRAM)?)
            .filter(Filter::FlateDecode)
            .pair(Name(b"Length1"), length);
        // every code is that one glyph
        let map = [0u8, 1].repeat(1 << 16);
        file.stream(glyphs, &map)?;
        file.stream(meanings, self.table().as_bytes())?;

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
        Ok(font)
    }

    /// What the codes mean (ISO 32000-2, 9.10.3): a range for each first byte that occurs, and one
    /// entry for each private code.
    fn table(&self) -> String {
        let mut table = String::from(
            "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n\
             /CMapName/Mugai def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n",
        );
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|row| format!("<{row:02X}00><{row:02X}FF><{row:02X}00>\n"))
            .collect();
        let mut far: Vec<(u16, char)> = self.far.iter().map(|(c, code)| (*code, *c)).collect();
        far.sort_unstable();
        let far: Vec<String> = far
            .into_iter()
            .map(|(code, letter)| {
                let mut units = [0; 2];
                letter.encode_utf16(&mut units);
                let [high, low] = units;
                format!("<{code:04X}><{high:04X}{low:04X}>\n")
            })
            .collect();
        for (entries, kind) in [(rows, "range"), (far, "char")] {
            for section in entries.chunks(SECTION) {
                // writing into a string cannot fail
                let _ = write!(
                    table,
                    "{} beginbf{kind}\n{}endbf{kind}\n",
                    section.len(),
                    section.concat()
                );
            }
        }
        table.push_str("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n");
        table
    }
}

/// The width of `letter` in the font, in thousandths of the size.
pub(super) fn width(letter: char) -> u16 {
    let Ok(code) = u16::try_from(u32::from(letter)) else {
        return FULL;
    };
    let ascii = code
        .checked_sub(32)
        .and_then(|index| HELVETICA.get(usize::from(index)));
    if let Some(width) = ascii {
        return *width;
    }
    [LATIN, NARROW]
        .into_iter()
        .find(|(first, last, _)| (*first..=*last).contains(&code))
        .map_or(FULL, |(.., width)| width)
}
