//! The first means: the file is matched byte by byte against the one spelling that we write.
//!
//! Nothing is skipped and nothing is optional, so there is no place in which a byte could hide.

use super::{ImageFacts, MAX_SIDE_PX, PageFacts};
use mugai_core::Violation;

const HEADER: &[u8] = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n";
/// Objects of the page tree and the catalog.
const FIXED_OBJECTS: usize = 2;
/// Sides of a page in quarters of a point: 3 to 14,400 points.
const SIDE_QUARTERS: std::ops::RangeInclusive<u32> = 12..=57_600;

/// Matches the whole of `bytes`.
pub(super) fn walk(bytes: &[u8]) -> Result<Vec<PageFacts<'_>>, Violation> {
    let mut cursor = Cursor { bytes, at: 0 };
    cursor.expect(HEADER)?;
    let mut pages = Vec::new();
    // where each object begins, in the order of their numbers from 3 on
    let mut offsets = Vec::new();
    let mut id = 3u32;
    while !cursor.sees(b"2 0 obj\n") {
        pages.push(page(&mut cursor, id, &mut offsets)?);
        id = id.saturating_add(3);
    }
    if pages.is_empty() {
        return Err(cursor.bad("pdf: no pages"));
    }
    let tree = cursor.at;
    let kids = pages
        .iter()
        .map(|page| format!("{} 0 R", page.id))
        .collect::<Vec<_>>()
        .join(" ");
    let count = pages.len();
    cursor.line(&format!(
        "2 0 obj\n<<\n  /Type /Pages\n  /Kids [{kids}]\n  /Count {count}\n>>\nendobj\n\n"
    ))?;
    let catalog = cursor.at;
    cursor.expect(b"1 0 obj\n<<\n  /Type /Catalog\n  /Pages 2 0 R\n>>\nendobj\n\n")?;
    let table = cursor.at;
    let size = offsets
        .len()
        .saturating_add(FIXED_OBJECTS)
        .saturating_add(1);
    cursor.line(&format!("xref\n0 {size}\n0000000000 65535 f\r\n"))?;
    for offset in [catalog, tree].into_iter().chain(offsets) {
        cursor.line(&format!("{offset:010} 00000 n\r\n"))?;
    }
    cursor.line(&format!(
        "trailer\n<<\n  /Size {size}\n  /Root 1 0 R\n>>\nstartxref\n{table}\n%%EOF"
    ))?;
    cursor.end()?;
    Ok(pages)
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
        "{id} 0 obj\n<<\n  /Type /Page\n  /Parent 2 0 R\n  /MediaBox [0 0 "
    ))?;
    let width_quarters = cursor.quarters()?;
    cursor.expect(b" ")?;
    let height_quarters = cursor.quarters()?;
    cursor.line(&format!(
        "]\n  /Contents {content_id} 0 R\n  /Resources <<\n    /XObject <<\n      /Im0 {image_id} 0 R\n    >>\n  >>\n>>\nendobj\n\n"
    ))?;

    let (width, height) = (spell(width_quarters), spell(height_quarters));
    let operators = format!("q\n{width} 0 0 {height} 0 0 cm\n/Im0 Do\nQ");
    offsets.push(cursor.at);
    let length = operators.len();
    cursor.line(&format!(
        "{content_id} 0 obj\n<<\n  /Length {length}\n>>\nstream\n"
    ))?;
    let content = cursor.take(length)?;
    if content != operators.as_bytes() {
        return Err(cursor.bad("pdf: content stream"));
    }
    cursor.expect(b"\nendstream\nendobj\n\n")?;

    offsets.push(cursor.at);
    let image = image(cursor, image_id)?;
    Ok(PageFacts {
        id,
        width_quarters,
        height_quarters,
        content,
        image,
    })
}

fn image<'a>(cursor: &mut Cursor<'a>, id: u32) -> Result<ImageFacts<'a>, Violation> {
    cursor.line(&format!("{id} 0 obj\n<<\n  /Length "))?;
    let length = cursor.number(u32::MAX)?;
    cursor.expect(b"\n  /Type /XObject\n  /Subtype /Image\n  /Filter ")?;
    let is_jpeg = cursor.either(b"/DCTDecode", b"/FlateDecode")?;
    cursor.expect(b"\n  /Width ")?;
    let width_px = cursor.number(MAX_SIDE_PX)?;
    cursor.expect(b"\n  /Height ")?;
    let height_px = cursor.number(MAX_SIDE_PX)?;
    cursor.expect(b"\n  /ColorSpace ")?;
    let is_grey = cursor.either(b"/DeviceGray", b"/DeviceRGB")?;
    cursor.expect(b"\n  /BitsPerComponent ")?;
    let bits = cursor.number(8)?;
    if !matches!((bits, is_grey, is_jpeg), (1 | 4, true, false) | (8, _, _)) {
        return Err(cursor.bad("pdf: bits a component"));
    }
    cursor.expect(b"\n>>\nstream\n")?;
    let offset = cursor.at;
    let data = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    cursor.expect(b"\nendstream\nendobj\n\n")?;
    Ok(ImageFacts {
        offset,
        data,
        is_jpeg,
        width_px,
        height_px,
        components: if is_grey { 1 } else { 3 },
        bits: u8::try_from(bits).unwrap_or(8),
    })
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

    /// `true` for `yes`, `false` for `no`.
    fn either(&mut self, yes: &[u8], no: &[u8]) -> Result<bool, Violation> {
        let is_yes = self.sees(yes);
        self.expect(if is_yes { yes } else { no })?;
        Ok(is_yes)
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
