//! The first means: the file is matched byte by byte against the one spelling that we write.
//!
//! Nothing is skipped and nothing is optional, so there is no place in which a byte could hide.

use super::content::{self, Content, spell};
use super::film::Film;
use super::layer::{DESCENDANT, DESCRIPTOR, Face, PROGRAM_BYTES, WIDTHS};
use super::picture::{Coding, ImageFacts, Palette, Space};
use super::shapes::BLENDS;
use super::{Data, FileFacts, FontFacts, MAX_SIDE_PX, OutlineFacts, PageFacts, ways};
use mugai_core::Violation;
use std::collections::BTreeSet;

pub(super) const HEADER: &[u8] = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n";
/// Sides of a page in hundredths of a point: 3 to 14,400 points.
const SIDES: std::ops::RangeInclusive<u32> = 300..=1_440_000;
/// The widest glyph, in thousandths of the em, and the furthest side of the box around them.
const MAX_EM: i64 = 16_000;

/// Matches the whole of a file.
pub(super) fn walk<'a>(film: &Film<'a>) -> Result<FileFacts<'a>, Violation> {
    let mut cursor = Cursor::of(film.bytes);
    cursor.expect(HEADER)?;
    // where each object begins, in the order of their numbers from 3 on
    let mut offsets = Vec::new();
    let (contents, images) = streams(&mut cursor, &mut offsets)?;
    let first = next_id(&offsets);
    let mut pages = Vec::new();
    for (number, content) in (0u32..).zip(contents) {
        let id = first.saturating_add(number);
        pages.push(page(&mut cursor, id, content, film, &mut offsets)?);
    }
    ways::check_links(&pages)?;
    let all: Vec<&Content> = pages.iter().map(|page| &page.content).collect();
    let is_said = |face| all.iter().any(|content| content.says(face));
    let letters = if is_said(Face::Wide) {
        Some(font(&mut cursor, &mut offsets)?)
    } else {
        None
    };
    let plain = if is_said(Face::Plain) {
        Some(plain_font(&mut cursor, &mut offsets)?)
    } else {
        None
    };
    let outlines = if all.iter().any(|content| !content.runs.is_empty()) {
        Some(drawn_font(&mut cursor, &mut offsets)?)
    } else {
        None
    };
    let ways = ways::read(&mut cursor, &pages, &mut offsets)?;
    let listed = listed(&images, &all).ok_or(cursor.bad("pdf: pictures and who shows them"))?;
    let tree = cursor.at;
    let kids = spaced(pages.iter().map(|page| page.id));
    let count = pages.len();
    let fonts = [
        letters.as_ref().map(|font| font.id),
        outlines.as_ref().map(|font| font.id),
        plain,
    ];
    let resources = resources(&listed, fonts, &all);
    cursor.line(&format!(
        "2 0 obj\n<</Type/Pages/Kids[{kids}]/Count {count}/Resources<<{resources}>>>>\nendobj\n"
    ))?;
    let catalog = cursor.at;
    cursor.expect(b"1 0 obj\n<</Type/Catalog/Pages 2 0 R")?;
    if let Some(root) = ways.root {
        cursor.line(&format!("/Outlines {root} 0 R"))?;
    }
    let has_labels = ways::labels(&mut cursor, pages.len())?;
    cursor.expect(b">>\nendobj\n")?;
    let table = cursor.at;
    let size = next_id(&offsets);
    cursor.line(&format!("xref\n0 {size}\n0000000000 65535 f\r\n"))?;
    let count = offsets.len().saturating_add(2);
    for offset in [catalog, tree].into_iter().chain(offsets) {
        cursor.line(&format!("{offset:010} 00000 n\r\n"))?;
    }
    cursor.line(&format!(
        "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF"
    ))?;
    cursor.end()?;
    Ok(FileFacts {
        pages,
        images,
        letters,
        plain,
        outlines,
        ways,
        has_labels,
        count,
    })
}

/// The pictures, and the contents with their numbers, in the order of the file.
type Streams<'a> = (Vec<(u32, Data<'a>)>, Vec<ImageFacts<'a>>);

fn streams<'a>(
    cursor: &mut Cursor<'a>,
    offsets: &mut Vec<usize>,
) -> Result<Streams<'a>, Violation> {
    let (mut contents, mut images) = (Vec::new(), Vec::new());
    loop {
        let id = next_id(offsets);
        let head = format!("{id} 0 obj\n<</Length ");
        if !cursor.sees(head.as_bytes()) {
            break;
        }
        if cursor.sees_picture(&head) {
            offsets.push(cursor.at);
            images.push(image(cursor, id)?);
        } else {
            contents.push((id, flate_stream(cursor, id, "", offsets)?));
        }
    }
    if contents.is_empty() {
        return Err(cursor.bad("pdf: no pages"));
    }
    Ok((contents, images))
}

/// The number of the next object; the first two come last.
pub(super) fn next_id(offsets: &[usize]) -> u32 {
    u32::try_from(offsets.len())
        .unwrap_or(u32::MAX)
        .saturating_add(3)
}

fn spaced(ids: impl Iterator<Item = u32>) -> String {
    ids.map(|id| format!("{id} 0 R"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The pictures that pages show; `None` unless each picture is shown or is the mask of one, and
/// nothing else is.
fn listed(images: &[ImageFacts<'_>], pages: &[&Content]) -> Option<Vec<u32>> {
    let shown: BTreeSet<u32> = pages.iter().flat_map(|c| c.shown.iter().copied()).collect();
    let masks: BTreeSet<u32> = images.iter().filter_map(|image| image.mask).collect();
    let mut listed = Vec::new();
    for image in images {
        let is_mask = masks.contains(&image.id);
        if is_mask == shown.contains(&image.id) || is_mask != image.can_be_mask(is_mask) {
            return None;
        }
        if !is_mask {
            listed.push(image.id);
        }
    }
    (listed.len() == shown.len() && listed.len().saturating_add(masks.len()) == images.len())
        .then_some(listed)
}

/// What pages draw with.
fn resources(listed: &[u32], fonts: [Option<u32>; 3], pages: &[&Content]) -> String {
    let names: Vec<String> = listed.iter().map(|id| format!("/I{id} {id} 0 R")).collect();
    let fonts: Vec<String> = ["F0", "F1", "F2"]
        .into_iter()
        .zip(fonts)
        .filter_map(|(name, id)| id.map(|id| format!("/{name} {id} 0 R")))
        .collect();
    let mixes: BTreeSet<(u8, usize)> = pages.iter().flat_map(|c| c.mixes.iter().copied()).collect();
    let mixes: Vec<String> = mixes.into_iter().map(mix).collect();
    let lists = [("XObject", names), ("Font", fonts), ("ExtGState", mixes)].into_iter();
    let lists: Vec<String> = lists
        .filter(|(_, list)| !list.is_empty())
        .map(|(kind, list)| format!("/{kind}<<{}>>", list.concat()))
        .collect();
    lists.concat()
}

/// A graphics state: `/G128Normal<</ca 0.502/CA 0.502/BM/Normal>>`.
fn mix((alpha, blend): (u8, usize)) -> String {
    let name = BLENDS.get(blend).copied().unwrap_or_default();
    // 255ths as thousandths, rounded
    let thousandths = u32::from(alpha)
        .saturating_mul(200)
        .saturating_add(25)
        .div_euclid(51);
    let digits = format!("{thousandths:03}");
    let digits = digits.trim_end_matches('0');
    let level = match thousandths {
        0 => String::from("0"),
        1000 => String::from("1"),
        _ => format!("0.{digits}"),
    };
    format!("/G{alpha}{name}<</ca {level}/CA {level}/BM/{name}>>")
}

/// The objects of the font of the text over the pages.
fn font<'a>(cursor: &mut Cursor<'a>, offsets: &mut Vec<usize>) -> Result<FontFacts<'a>, Violation> {
    let id = next_id(offsets);
    let [descendant, descriptor, program, glyphs, meanings] =
        [1, 2, 3, 4, 5].map(|more| id.saturating_add(more));
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{descendant} 0 obj\n{DESCENDANT}{descriptor} 0 R/CIDToGIDMap {glyphs}{WIDTHS}"
    ))?;
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{descriptor} 0 obj\n{DESCRIPTOR}{program} 0 R>>\nendobj\n"
    ))?;
    let length = format!("/Length1 {PROGRAM_BYTES}");
    let [program, glyphs, meanings] = [(program, length.as_str()), (glyphs, ""), (meanings, "")]
        .map(|(id, more)| flate_stream(cursor, id, more, offsets));
    let facts = FontFacts {
        id,
        program: program?,
        glyphs: glyphs?,
        meanings: meanings?,
    };
    type0(cursor, id, "Mugai", meanings_id(id, 5), offsets)?;
    Ok(facts)
}

/// The font of Latin letters, which viewers have.
fn plain_font(cursor: &mut Cursor<'_>, offsets: &mut Vec<usize>) -> Result<u32, Violation> {
    let id = next_id(offsets);
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{id} 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\n"
    ))?;
    Ok(id)
}

fn meanings_id(id: u32, more: u32) -> u32 {
    id.saturating_add(more)
}

/// A composite font, whose parts have the numbers behind it.
fn type0(
    cursor: &mut Cursor<'_>,
    id: u32,
    name: &str,
    meanings: u32,
    offsets: &mut Vec<usize>,
) -> Result<(), Violation> {
    // it stands in the file where its number says
    let place = usize::try_from(id.saturating_sub(3)).unwrap_or(usize::MAX);
    offsets.insert(place.min(offsets.len()), cursor.at);
    let descendant = id.saturating_add(1);
    cursor.line(&format!(
        "{id} 0 obj\n<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H\
         /DescendantFonts[{descendant} 0 R]/ToUnicode {meanings} 0 R>>\nendobj\n"
    ))
}

/// The objects of the font of drawn pages.
fn drawn_font<'a>(
    cursor: &mut Cursor<'a>,
    offsets: &mut Vec<usize>,
) -> Result<OutlineFacts<'a>, Violation> {
    let id = next_id(offsets);
    let [descendant, descriptor, program, meanings] =
        [1, 2, 3, 4].map(|more| id.saturating_add(more));
    type0(cursor, id, "MugaiOutlines", meanings, offsets)?;
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{descendant} 0 obj\n<</Type/Font/Subtype/CIDFontType0/BaseFont/MugaiOutlines\
         /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
         /FontDescriptor {descriptor} 0 R/DW 0/W[1["
    ))?;
    let widths = cursor.list(0..=MAX_EM)?;
    cursor.expect(b"]>>\nendobj\n")?;
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{descriptor} 0 obj\n<</Type/FontDescriptor/FontName/MugaiOutlines/Flags 4/FontBBox["
    ))?;
    let bounds = cursor.list(-MAX_EM..=MAX_EM)?;
    let bounds = *bounds
        .as_array::<4>()
        .ok_or(cursor.bad("pdf: box of a font"))?;
    cursor.line(&format!(
        "/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 700/StemV 80/FontFile3 {program} 0 R>>\nendobj\n"
    ))?;
    let program = flate_stream(cursor, program, "/Subtype/CIDFontType0C", offsets)?;
    Ok(OutlineFacts {
        id,
        widths,
        bounds,
        program,
        meanings: flate_stream(cursor, meanings, "", offsets)?,
    })
}

/// A compressed stream with `more` in its dictionary.
fn flate_stream<'a>(
    cursor: &mut Cursor<'a>,
    id: u32,
    more: &str,
    offsets: &mut Vec<usize>,
) -> Result<Data<'a>, Violation> {
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
    (content_id, (offset, data)): (u32, Data<'a>),
    film: &Film<'a>,
    offsets: &mut Vec<usize>,
) -> Result<PageFacts<'a>, Violation> {
    offsets.push(cursor.at);
    cursor.line(&format!(
        "{id} 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 "
    ))?;
    let width = cursor.side()?;
    cursor.expect(b" ")?;
    let height = cursor.side()?;
    cursor.line(&format!("]/Contents {content_id} 0 R"))?;
    let links = ways::links(cursor)?;
    cursor.expect(b">>\nendobj\n")?;
    Ok(PageFacts {
        id,
        size: (width, height),
        content_id,
        data,
        links,
        content: content::read(&film.data((offset, data))?, (width, height), offset)?,
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
    let space = if cursor.skips(b"/ImageMask true") {
        Space::Stencil
    } else {
        cursor.expect(b"/ColorSpace")?;
        space(cursor)?
    };
    cursor.expect(b"/BitsPerComponent ")?;
    let bits = cursor.number(8)?;
    let mask = if cursor.skips(b"/SMask ") {
        let mask = cursor.number(id.saturating_sub(1))?;
        cursor.expect(b" 0 R")?;
        Some(mask)
    } else {
        None
    };
    cursor.expect(b">>\nstream\n")?;
    let offset = cursor.at;
    let data = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    cursor.expect(b"\nendstream\nendobj\n")?;
    let facts = ImageFacts {
        id,
        offset,
        data,
        coding,
        width_px,
        height_px,
        space,
        bits: u8::try_from(bits).unwrap_or(8),
        mask,
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

/// A place in the file.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn bad(&self, rule: &'static str) -> Violation {
        Violation::at(rule, self.at)
    }

    pub(super) fn sees(&self, text: &[u8]) -> bool {
        self.rest().starts_with(text)
    }

    pub(super) fn expect(&mut self, text: &[u8]) -> Result<(), Violation> {
        if !self.sees(text) {
            return Err(self.bad("pdf: not as we write it"));
        }
        self.at = self.at.saturating_add(text.len());
        Ok(())
    }

    pub(super) fn line(&mut self, text: &str) -> Result<(), Violation> {
        self.expect(text.as_bytes())
    }

    /// Goes on behind `text` where it stands here.
    pub(super) fn skips(&mut self, text: &[u8]) -> bool {
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

    /// Whether a dictionary of a picture stands behind `head` and a number.
    fn sees_picture(&self, head: &str) -> bool {
        let rest = self.rest().get(head.len()..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
        let behind = rest.get(digits.count()..).unwrap_or_default();
        behind.starts_with(b"/Type/XObject")
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Violation> {
        let taken = self
            .rest()
            .get(..length)
            .ok_or(self.bad("pdf: length past the end"))?;
        self.at = self.at.saturating_add(length);
        Ok(taken)
    }

    /// Whole numbers in `range`, each in its one spelling, up to `]`, which is passed.
    pub(super) fn list(
        &mut self,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Vec<i64>, Violation> {
        let start = self.at;
        let bad = || Violation::at("pdf: list of numbers", start);
        let length = self.rest().iter().position(|byte| *byte == b']');
        let length = length.ok_or_else(bad)?;
        let text = self.take(length)?;
        self.expect(b"]")?;
        std::str::from_utf8(text)
            .ok()
            .and_then(|text| {
                text.split(' ')
                    .map(super::layer::whole)
                    .map(|number| number.filter(|number| range.contains(number)))
                    .collect()
            })
            .ok_or_else(bad)
    }

    /// A number from 1 to `most`, without sign or leading zero.
    pub(super) fn number(&mut self, most: u32) -> Result<u32, Violation> {
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

    /// A side of a page, as `spell` writes it, in hundredths of a point.
    fn side(&mut self) -> Result<u32, Violation> {
        let bad = self.bad("pdf: size of a page");
        let rest = self.rest().iter();
        let length = rest.take_while(|b| b.is_ascii_digit() || **b == b'.');
        let text = self.take(length.count())?;
        let read = |text: &[u8]| {
            let text = std::str::from_utf8(text).ok()?;
            let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
            let rest = if rest.len() > 2 { None } else { Some(rest) }?;
            format!("{whole}{rest:0<2}").parse::<u32>().ok()
        };
        read(text)
            .filter(|side| SIDES.contains(side) && spell(*side).as_bytes() == text)
            .ok_or(bad)
    }

    /// One whole number in `range`, in its one spelling.
    pub(super) fn whole(&mut self, range: std::ops::RangeInclusive<i64>) -> Result<i64, Violation> {
        let bad = self.bad("pdf: number");
        let sign = usize::from(self.sees(b"-"));
        let digits = self.rest().iter().skip(sign);
        let count = digits.take_while(|b| b.is_ascii_digit()).count();
        let text = self.take(count.saturating_add(sign))?;
        std::str::from_utf8(text)
            .ok()
            .and_then(super::layer::whole)
            .filter(|number| range.contains(number))
            .ok_or(bad)
    }

    /// Everything up to the end of `mark`, which is passed.
    pub(super) fn until(&mut self, mark: &[u8]) -> Result<&'a [u8], Violation> {
        let found = self.rest().windows(mark.len()).position(|w| w == mark);
        match found {
            Some(place) => self.take(place.saturating_add(mark.len())),
            None => Err(self.bad("pdf: not as we write it")),
        }
    }

    /// The text in `range`.
    pub(super) fn text(&self, range: std::ops::Range<usize>) -> Result<String, Violation> {
        let bytes = self.bytes.get(range).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|_| self.bad("pdf: not as we write it"))
    }

    /// Checks that `spelled` stands in `range`, and nothing else.
    pub(super) fn compare(
        &self,
        range: std::ops::Range<usize>,
        spelled: &str,
    ) -> Result<(), Violation> {
        let start = range.start;
        if self.bytes.get(range) == Some(spelled.as_bytes()) {
            Ok(())
        } else {
            Err(Violation::at("pdf: not as we write it", start))
        }
    }

    fn end(&self) -> Result<(), Violation> {
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err(self.bad("pdf: bytes after the end"))
        }
    }
}
