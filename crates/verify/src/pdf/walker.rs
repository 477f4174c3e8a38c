//! The first means: the file is matched byte by byte against the one spelling that we write.
//!
//! Nothing is skipped and nothing is optional, so there is no place in which a byte could hide.

use super::layer::{self, DESCENDANT, DESCRIPTOR, PROGRAM_BYTES, WIDTHS};
use super::picture::{Coding, ImageFacts, Palette, Space};
use super::{FileFacts, FontFacts, MAX_SIDE_PX, PageFacts};
use mugai_core::Violation;

const HEADER: &[u8] = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n";
/// Objects of the page tree and the catalog.
const FIXED_OBJECTS: usize = 2;
/// Sides of a page in quarters of a point: 3 to 14,400 points.
const SIDE_QUARTERS: std::ops::RangeInclusive<u32> = 12..=57_600;

/// Matches the whole of `bytes`.
pub(super) fn walk(bytes: &[u8]) -> Result<FileFacts<'_>, Violation> {
    let mut cursor = Cursor { bytes, at: 0 };
    cursor.expect(HEADER)?;
    let mut pages = Vec::new();
    // where each object begins, in the order of their numbers from 3 on
    let mut offsets = Vec::new();
    let mut id = 3u32;
    while cursor.sees(format!("{id} 0 obj\n<</Type/Page/").as_bytes()) {
        pages.push(page(&mut cursor, id, &mut offsets)?);
        id = id.saturating_add(3);
    }
    if pages.is_empty() {
        return Err(cursor.bad("pdf: no pages"));
    }
    // the first object is the font where there is one, and the catalog where there is none
    let mut first = cursor.at;
    let mut catalog_id = 1;
    let font = if pages.iter().any(|page| page.text.is_some()) {
        let font = font(&mut cursor, id, &mut offsets)?;
        first = cursor.at;
        let meanings = id.saturating_add(4);
        cursor.line(&format!(
            "1 0 obj\n<</Type/Font/Subtype/Type0/BaseFont/Mugai/Encoding/Identity-H\
             /DescendantFonts[{id} 0 R]/ToUnicode {meanings} 0 R>>\nendobj\n"
        ))?;
        catalog_id = id.saturating_add(5);
        Some(font)
    } else {
        None
    };
    let tree = cursor.at;
    let kids = pages
        .iter()
        .map(|page| format!("{} 0 R", page.id))
        .collect::<Vec<_>>()
        .join(" ");
    let count = pages.len();
    cursor.line(&format!(
        "2 0 obj\n<</Type/Pages/Kids[{kids}]/Count {count}>>\nendobj\n"
    ))?;
    if font.is_some() {
        offsets.push(cursor.at);
    } else {
        first = cursor.at;
    }
    cursor.line(&format!(
        "{catalog_id} 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    ))?;
    let table = cursor.at;
    let size = offsets
        .len()
        .saturating_add(FIXED_OBJECTS)
        .saturating_add(1);
    cursor.line(&format!("xref\n0 {size}\n0000000000 65535 f\r\n"))?;
    for offset in [first, tree].into_iter().chain(offsets) {
        cursor.line(&format!("{offset:010} 00000 n\r\n"))?;
    }
    cursor.line(&format!(
        "trailer\n<</Size {size}/Root {catalog_id} 0 R>>\nstartxref\n{table}\n%%EOF"
    ))?;
    cursor.end()?;
    Ok(FileFacts {
        pages,
        font,
        catalog: catalog_id,
    })
}

/// The objects of the font that come before it.
fn font<'a>(
    cursor: &mut Cursor<'a>,
    id: u32,
    offsets: &mut Vec<usize>,
) -> Result<FontFacts<'a>, Violation> {
    let [descriptor, program, glyphs, meanings] = [1, 2, 3, 4].map(|more| id.saturating_add(more));
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{id} 0 obj\n{DESCENDANT}{descriptor} 0 R/CIDToGIDMap {glyphs}{WIDTHS}"
    ))?;
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{descriptor} 0 obj\n{DESCRIPTOR}{program} 0 R>>\nendobj\n"
    ))?;
    let length = format!("/Length1 {PROGRAM_BYTES}");
    Ok(FontFacts {
        id,
        program: flate_stream(cursor, program, &length, offsets)?,
        glyphs: flate_stream(cursor, glyphs, "", offsets)?,
        meanings: flate_stream(cursor, meanings, "", offsets)?,
    })
}

/// A compressed stream with `more` in its dictionary: where it begins, and its bytes.
fn flate_stream<'a>(
    cursor: &mut Cursor<'a>,
    id: u32,
    more: &str,
    offsets: &mut Vec<usize>,
) -> Result<(usize, &'a [u8]), Violation> {
    offsets.push(cursor.at);
    cursor.line(&format!("{id} 0 obj\n<</Length "))?;
    let length = cursor.number(u32::MAX)?;
    cursor.line(&format!("/Filter/FlateDecode{more}>>\nstream\n"))?;
    let offset = cursor.at;
    let data = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    cursor.expect(b"\nendstream\nendobj\n")?;
    Ok((offset, data))
}

fn page<'a>(
    cursor: &mut Cursor<'a>,
    id: u32,
    offsets: &mut Vec<usize>,
) -> Result<PageFacts<'a>, Violation> {
    let content_id = id.saturating_add(1);
    let image_id = id.saturating_add(2);
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{id} 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 "
    ))?;
    let width_quarters = cursor.quarters()?;
    cursor.expect(b" ")?;
    let height_quarters = cursor.quarters()?;
    cursor.line(&format!(
        "]/Contents {content_id} 0 R/Resources<</XObject<</Im0 {image_id} 0 R>>"
    ))?;
    let has_text = cursor.skips(b"/Font<</F0 1 0 R>>");
    cursor.expect(b">>>>\nendobj\n")?;

    let (width, height) = (spell(width_quarters), spell(height_quarters));
    let operators = format!("q {width} 0 0 {height} 0 0 cm/Im0 Do\nQ");
    offsets.push(cursor.at);
    cursor.line(&format!("{content_id} 0 obj\n<</Length "))?;
    let (content, text) = if has_text {
        let length = cursor.number(u32::MAX)?;
        cursor.expect(b"/Filter/FlateDecode>>\nstream\n")?;
        let offset = cursor.at;
        let content = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        (content, Some(layer::read(content, &operators, offset)?))
    } else {
        let length = operators.len();
        cursor.line(&format!("{length}>>\nstream\n"))?;
        let content = cursor.take(length)?;
        if content != operators.as_bytes() {
            return Err(cursor.bad("pdf: content stream"));
        }
        (content, None)
    };
    cursor.expect(b"\nendstream\nendobj\n")?;

    offsets.push(cursor.at);
    let image = image(cursor, image_id)?;
    Ok(PageFacts {
        id,
        width_quarters,
        height_quarters,
        content,
        text,
        image,
    })
}

fn image<'a>(cursor: &mut Cursor<'a>, id: u32) -> Result<ImageFacts<'a>, Violation> {
    cursor.line(&format!("{id} 0 obj\n<</Length "))?;
    let length = cursor.number(u32::MAX)?;
    cursor.expect(b"/Type/XObject/Subtype/Image/Filter")?;
    let coding = if cursor.skips(b"/FlateDecode/Width ") {
        Coding::Flate
    } else if cursor.skips(b"/DCTDecode/Width ") {
        Coding::Jpeg
    } else {
        cursor.expect(b"/CCITTFaxDecode/DecodeParms<</K -1/Columns ")?;
        Coding::Fax
    };
    let width_px = cursor.number(MAX_SIDE_PX)?;
    if coding == Coding::Fax {
        cursor.line(&format!(">>/Width {width_px}"))?;
    }
    cursor.expect(b"/Height ")?;
    let height_px = cursor.number(MAX_SIDE_PX)?;
    cursor.expect(b"/ColorSpace")?;
    let space = space(cursor)?;
    cursor.expect(b"/BitsPerComponent ")?;
    let bits = cursor.number(8)?;
    cursor.expect(b">>\nstream\n")?;
    let offset = cursor.at;
    let data = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    cursor.expect(b"\nendstream\nendobj\n")?;
    let facts = ImageFacts {
        offset,
        data,
        coding,
        width_px,
        height_px,
        space,
        bits: u8::try_from(bits).unwrap_or(8),
    };
    if !facts.is_ours() {
        return Err(Violation::at("pdf: a form that we do not write", offset));
    }
    Ok(facts)
}

fn space(cursor: &mut Cursor<'_>) -> Result<Space, Violation> {
    if cursor.skips(b"/DeviceGray") {
        return Ok(Space::Grey);
    }
    if cursor.skips(b"/DeviceRGB") {
        return Ok(Space::Rgb);
    }
    cursor.expect(b"[/Indexed/Device")?;
    let components = if cursor.skips(b"Gray ") {
        1
    } else {
        cursor.expect(b"RGB ")?;
        3
    };
    // one entry alone is never written
    let last = usize::try_from(cursor.number(255)?).unwrap_or(usize::MAX);
    cursor.expect(b"<")?;
    let length = last.saturating_add(1).saturating_mul(components);
    let table = (0..length)
        .map(|_| cursor.hex_byte())
        .collect::<Result<Vec<u8>, _>>()?;
    cursor.expect(b">]")?;
    let palette = Palette { components, table };
    if !palette.is_in_order() {
        return Err(cursor.bad("pdf: a palette that we do not write"));
    }
    Ok(Space::Palette(palette))
}

/// Quarters of a point in their one spelling: `595.25`, `842`, `0.5`.
fn spell(quarters: u32) -> String {
    let fraction = match quarters.rem_euclid(4) {
        0 => "",
        1 => ".25",
        2 => ".5",
        _ => ".75",
    };
    format!("{}{fraction}", quarters.div_euclid(4))
}

/// A place in the file.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn bad(&self, rule: &'static str) -> Violation {
        Violation::at(rule, self.at)
    }

    fn sees(&self, text: &[u8]) -> bool {
        self.rest().starts_with(text)
    }

    fn expect(&mut self, text: &[u8]) -> Result<(), Violation> {
        if !self.sees(text) {
            return Err(self.bad("pdf: not as we write it"));
        }
        self.at = self.at.saturating_add(text.len());
        Ok(())
    }

    fn line(&mut self, text: &str) -> Result<(), Violation> {
        self.expect(text.as_bytes())
    }

    /// Goes on behind `text` where it stands here.
    fn skips(&mut self, text: &[u8]) -> bool {
        let is_here = self.sees(text);
        if is_here {
            self.at = self.at.saturating_add(text.len());
        }
        is_here
    }

    /// Two hexadecimal digits, in capitals.
    fn hex_byte(&mut self) -> Result<u8, Violation> {
        let bad = self.bad("pdf: hexadecimal digits");
        let digits = self.take(2)?;
        digits
            .iter()
            .try_fold(0u8, |byte, digit| {
                let value = match digit {
                    b'0'..=b'9' => digit.checked_sub(b'0')?,
                    b'A'..=b'F' => digit.checked_sub(b'A')?.checked_add(10)?,
                    _ => return None,
                };
                Some((byte << 4) | value)
            })
            .ok_or(bad)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Violation> {
        let taken = self
            .rest()
            .get(..length)
            .ok_or(self.bad("pdf: length past the end"))?;
        self.at = self.at.saturating_add(length);
        Ok(taken)
    }

    /// A number from 1 to `most`, without sign or leading zero.
    fn number(&mut self, most: u32) -> Result<u32, Violation> {
        let bad = self.bad("pdf: number");
        let digits = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let text = self.take(digits)?;
        if text.first().is_none_or(|first| *first == b'0') {
            return Err(bad);
        }
        std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse::<u32>().ok())
            .filter(|number| *number <= most)
            .ok_or(bad)
    }

    /// A side of a page, as [`spell`] writes it.
    fn quarters(&mut self) -> Result<u32, Violation> {
        let whole = self.number(u32::from(u16::MAX))?;
        let fraction = [(".25", 1), (".5", 2), (".75", 3)]
            .into_iter()
            .find(|(text, _)| self.sees(text.as_bytes()));
        let (text, more) = fraction.unwrap_or(("", 0));
        self.line(text)?;
        let quarters = whole.saturating_mul(4).saturating_add(more);
        if !SIDE_QUARTERS.contains(&quarters) {
            return Err(self.bad("pdf: size of a page"));
        }
        Ok(quarters)
    }

    fn end(&self) -> Result<(), Violation> {
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err(self.bad("pdf: bytes after the end"))
        }
    }
}
