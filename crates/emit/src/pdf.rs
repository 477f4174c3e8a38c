//! PDF (ISO 32000-1) of pages that are pictures, mostly one each, or shapes, with invisible text over them.
//!
//! A page is encoded as soon as it is put, and a few of them side by side, so that memory holds
//! little more than compressed pictures. The
//! profile is `docs/profiles/pdf.md`; `mugai_verify` accepts exactly what is written here.

mod bilevel;
mod census;
mod cff;
mod contrast;
mod deflate;
mod drawing;
mod file;
mod ink;
mod layer;
mod letters;
mod outlines;
mod palette;
mod picture;
mod plain;
mod shelf;
mod split;
mod ways;

use crate::studio::Work;
use file::{CATALOG, File, PAGE_TREE};
use letters::Letters;
use mugai_core::contents::Link;
use mugai_core::drawing::{Blend, Drawing, Mix};
use mugai_core::{Contents, Draft, Layer, Page, Piece, Purpose, Refusal, Spool, Writer};
use outlines::Outlines;
use pdf_writer::writers::Catalog;
use pdf_writer::{Finish, Name, Ref};
use picture::Picture;
use shelf::Shelf;
use std::collections::{BTreeSet, VecDeque};

/// Pages that fit one file: what `/Kids` as one flat array is still good for.
const MAX_PAGES: usize = 100_000;

/// Resolution of pictures that do not tell their size on paper.
const DEFAULT_DPI: u32 = 150;

/// The shortest and the longest side of a page, in thousandths of a point: a viewer's own limits
/// are 3 and 14,400 points (ISO 32000-1 annex C.2).
const SIDE_MILLIPOINTS: std::ops::RangeInclusive<u32> = 3_000..=14_400_000;

/// A writer of PDF files, in memory.
#[must_use]
pub fn writer() -> Box<dyn Writer> {
    writer_to(Spool::memory())
}

/// A writer of PDF files, which are put into `spool` as they grow: memory holds the pages at work.
#[must_use]
pub fn writer_to(spool: Spool) -> Box<dyn Writer> {
    Box::new(PdfWriter {
        file: File::new(spool),
        pages: Vec::new(),
        coming: VecDeque::new(),
        letters: Letters::default(),
        outlines: Outlines::default(),
        shelf: Shelf::default(),
        mixes: BTreeSet::new(),
        contents: None,
    })
}

struct PdfWriter {
    file: File,
    pages: Vec<Sheet>,
    /// Pages that are being encoded, behind those that are in the file.
    coming: VecDeque<Coming>,
    letters: Letters,
    outlines: Outlines,
    shelf: Shelf,
    mixes: BTreeSet<Mix>,
    contents: Option<Contents>,
}

/// A page of pixels on its way into the file.
struct Coming {
    /// Thousandths of a point.
    size: (u32, u32),
    layer: Layer,
    shown: Work<Vec<Shown>>,
}

/// A picture of a page of pixels.
struct Shown {
    picture: Picture,
    /// Pixels across and down.
    size: (u32, u32),
    /// The operands of `cm` that place it.
    place: String,
}

impl Shown {
    /// What there is to be seen on `page`; nothing for a blank one.
    fn of(page: &Page) -> Result<Vec<Self>, Refusal> {
        let pixels = (page.width_px(), page.height_px());
        // blank paper is no part of the picture, and a blank page has none
        let Some(area) = ink::area(page) else {
            return Ok(Vec::new());
        };
        let size = (area.width(), area.height());
        let total = u64::from(pixels.0).saturating_mul(u64::from(pixels.1));
        let part = if size == pixels {
            None
        } else {
            page.cut(area.left, area.top, size.0, size.1)
        };
        let paper = size_millipoints(page);
        let paper = (hundredths(paper.0), hundredths(paper.1));
        let parts = Picture::sheet(part.as_ref().unwrap_or(page), total)?;
        let shown = parts.into_iter().map(|(place, picture)| Self {
            picture,
            size: (place.width(), place.height()),
            place: ink::place(place.moved((area.left, area.top)), pixels, paper),
        });
        Ok(shown.collect())
    }
}

/// A page whose content is in the file.
struct Sheet {
    /// Thousandths of a point.
    size: (u32, u32),
    content: Ref,
    links: Vec<Link>,
}

impl Writer for PdfWriter {
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Page(page) if page.purpose() == Purpose::Sheet => self.page(page),
            Piece::Page(page) => {
                self.shelf.put(page);
                Ok(())
            }
            Piece::Drawing(drawing) => self.drawing(&drawing),
            Piece::Contents(contents) => {
                self.contents = Some(*contents);
                Ok(())
            }
            Piece::Text(_)
            | Piece::Row(_)
            | Piece::Markup(_)
            | Piece::Envelope(_)
            | Piece::Child(_) => Err(Refusal::internal("pdf: only pages are written")),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Draft, Refusal> {
        self.all_arrive()?;
        let count = i32::try_from(self.pages.len())
            .ok()
            .filter(|count| *count > 0)
            .ok_or(Refusal::malformed("pdf: no pages"))?;
        let pages = self.page_objects()?;
        let [letters, plain] = self.letters.write(&mut self.file)?;
        let outlines = self.outlines.write(&mut self.file)?;
        let way = match &self.contents {
            Some(contents) => ways::write(contents, &pages, &self.pages, &mut self.file)?,
            None => None,
        };
        let mut tree = self.file.object().indirect(Ref::new(PAGE_TREE)).dict();
        tree.pair(Name(b"Type"), Name(b"Pages"));
        tree.insert(Name(b"Kids"))
            .array()
            .items(pages.iter().copied());
        tree.pair(Name(b"Count"), count);
        // pages inherit what they draw with
        let mut resources = tree.insert(Name(b"Resources")).dict();
        let pictures = self.shelf.listed();
        if !pictures.is_empty() {
            let mut list = resources.insert(Name(b"XObject")).dict();
            for number in pictures {
                list.pair(Name(shelf::name(*number).as_bytes()), Ref::new(*number));
            }
        }
        let fonts = [(b"F0", letters), (b"F1", outlines), (b"F2", plain)];
        if fonts.iter().any(|(_, id)| id.is_some()) {
            let mut list = resources.insert(Name(b"Font")).dict();
            for (name, id) in fonts {
                if let Some(id) = id {
                    list.pair(Name(name), id);
                }
            }
        }
        if !self.mixes.is_empty() {
            let mut list = resources.insert(Name(b"ExtGState")).dict();
            for mix in &self.mixes {
                let mut state = list.insert(Name(mix_name(*mix).as_bytes())).dict();
                // 255ths as thousandths
                let alpha = f32::from(thousandths(mix.alpha)) / 1000.0;
                state.pair(Name(b"ca"), alpha).pair(Name(b"CA"), alpha);
                state.pair(Name(b"BM"), Name(blend_name(mix.blend).as_bytes()));
            }
        }
        resources.finish();
        tree.finish();
        let mut catalog = self
            .file
            .object()
            .indirect(Ref::new(CATALOG))
            .start::<Catalog<'_>>();
        catalog.pages(Ref::new(PAGE_TREE));
        if let Some(way) = way {
            catalog.pair(Name(b"Outlines"), way);
        }
        if let Some(contents) = &self.contents {
            ways::labels(contents, pages.len(), &mut catalog)?;
        }
        catalog.finish();
        self.file.finish()
    }
}

impl PdfWriter {
    fn page(&mut self, mut page: Page) -> Result<(), Refusal> {
        self.coming.push_back(Coming {
            size: size_millipoints(&page),
            layer: page.take_layer(),
            shown: Work::begin(page, Shown::of),
        });
        while self
            .coming
            .front()
            .is_some_and(|coming| coming.shown.is_done())
        {
            self.arrive()?;
        }
        Ok(())
    }

    /// Writes the first of the pages that are being encoded.
    fn arrive(&mut self) -> Result<(), Refusal> {
        let Some(Coming { size, layer, shown }) = self.coming.pop_front() else {
            return Ok(());
        };
        let mut operators = Vec::new();
        for shown in shown.wait()? {
            let file = &mut self.file;
            let number = self.shelf.write(file, &shown.picture, shown.size, None);
            operators.push(format!(
                "q {} cm/{} Do\nQ",
                shown.place,
                shelf::name(number)
            ));
        }
        self.sheet(size, operators.join("\n").into_bytes(), &layer)
    }

    /// Writes all pages that are being encoded.
    fn all_arrive(&mut self) -> Result<(), Refusal> {
        while !self.coming.is_empty() {
            self.arrive()?;
        }
        Ok(())
    }

    fn drawing(&mut self, drawing: &Drawing) -> Result<(), Refusal> {
        self.all_arrive()?;
        self.outlines.take(drawing.glyphs());
        let content = drawing::operators(drawing, self)?;
        self.sheet(
            drawing.size_millipoints(),
            content.into_bytes(),
            drawing.layer(),
        )
    }

    /// A page of `size` thousandths of a point that is drawn by `operators`, with text over it.
    fn sheet(
        &mut self,
        size: (u32, u32),
        operators: Vec<u8>,
        layer: &Layer,
    ) -> Result<(), Refusal> {
        if self.pages.len() >= MAX_PAGES {
            return Err(Refusal::unsupported("pdf: more pages than one file holds"));
        }
        let mut operators = operators;
        let height_tenths = hundredths(size.1).div_euclid(10);
        if let Some(text) = layer::operators(layer.runs(), height_tenths, &mut self.letters) {
            operators.extend_from_slice(text.as_bytes());
        }
        let content = self.file.id();
        self.file.stream(content, &operators)?;
        self.pages.push(Sheet {
            size,
            content,
            links: layer.links().to_vec(),
        });
        Ok(())
    }

    /// Writes the pages, which know each other's numbers.
    fn page_objects(&mut self) -> Result<Vec<Ref>, Refusal> {
        let ids: Vec<Ref> = self.pages.iter().map(|_| self.file.id()).collect();
        for (id, sheet) in ids.iter().zip(&self.pages) {
            let (width, height) = size_pt(sheet.size);
            let mut dict = self.file.object().indirect(*id).dict();
            dict.pair(Name(b"Type"), Name(b"Page"))
                .pair(Name(b"Parent"), Ref::new(PAGE_TREE));
            dict.insert(Name(b"MediaBox"))
                .array()
                .items([0.0, 0.0, width, height]);
            dict.pair(Name(b"Contents"), sheet.content);
            if !sheet.links.is_empty() {
                let mut list = dict.insert(Name(b"Annots")).array();
                for link in &sheet.links {
                    ways::link(link, sheet, &ids, &self.pages, &mut list)?;
                }
            }
            dict.finish();
        }
        Ok(ids)
    }
}

/// The name of a graphics state: `G128N`.
fn mix_name(mix: Mix) -> String {
    let letter = blend_name(mix.blend);
    format!("G{}{letter}", mix.alpha)
}

/// The name of a blend mode (ISO 32000-2, 11.3.5).
const fn blend_name(blend: Blend) -> &'static str {
    match blend {
        Blend::Normal => "Normal",
        Blend::Multiply => "Multiply",
        Blend::Screen => "Screen",
        Blend::Overlay => "Overlay",
        Blend::Darken => "Darken",
        Blend::Lighten => "Lighten",
    }
}

/// A level of 255 in thousandths.
fn thousandths(level: u8) -> u16 {
    let doubled = u16::from(level).saturating_mul(100);
    // 1000 / 255 is 200 / 51, rounded
    doubled.saturating_mul(2).saturating_add(25).div_euclid(51)
}

/// Width and height on paper in thousandths of a point, as the source tells or at [`DEFAULT_DPI`].
fn size_millipoints(page: &Page) -> (u32, u32) {
    let from_px = |px: u32| px.saturating_mul(72_000).div_euclid(DEFAULT_DPI);
    page.size_millipoints()
        .unwrap_or_else(|| (from_px(page.width_px()), from_px(page.height_px())))
}

/// Width and height on paper in points.
fn size_pt((width, height): (u32, u32)) -> (f32, f32) {
    (points(width), points(height))
}

/// Thousandths of a point as points, in hundredths: numbers that have one spelling.
fn points(millipoints: u32) -> f32 {
    let hundredths = hundredths(millipoints);
    let (whole, rest) = (hundredths.div_euclid(100), hundredths.rem_euclid(100));
    // the nearest float, which is spelled with as few digits again
    let spelled = format!("{whole}.{rest:02}");
    spelled.parse().unwrap_or_default()
}

/// Thousandths of a point as hundredths, in the range of pages.
fn hundredths(millipoints: u32) -> u32 {
    let clamped = millipoints.clamp(*SIDE_MILLIPOINTS.start(), *SIDE_MILLIPOINTS.end());
    clamped.saturating_add(5).div_euclid(10)
}
