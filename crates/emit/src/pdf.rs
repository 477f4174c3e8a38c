//! PDF (ISO 32000-1) of pages that are one picture each, with invisible text over it.
//!
//! A page is encoded as soon as it is put, so that memory holds compressed pictures only. The
//! profile is `docs/profiles/pdf.md`; `mugai_verify` accepts exactly what is written here.

mod bilevel;
mod census;
mod contrast;
mod deflate;
mod layer;
mod letters;
mod palette;
mod picture;

use letters::Letters;
use mugai_core::Page;
use mugai_core::{Draft, Piece, Refusal, Target, Writer};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Settings};
use picture::{Coding, Colours, Picture};

/// No blanks but those that are needed: in short files they would be most of it.
const SPELLING: Settings = Settings { pretty: false };

/// Object numbers that are the same in every file; pages follow with three objects each.
/// Where pages have text, the first object is its font and the catalog is the last.
const CATALOG: i32 = 1;
const FONT: i32 = 1;
const PAGE_TREE: i32 = 2;
const FIRST_PAGE: i32 = 3;
const OBJECTS_PER_PAGE: i32 = 3;

/// Pages that fit one file: what `/Kids` as one flat array is still good for.
const MAX_PAGES: usize = 100_000;

/// Resolution of pictures that do not tell their size on paper.
const DEFAULT_DPI: u32 = 150;

/// The shortest and the longest side of a page, in thousandths of a point: a viewer's own limits
/// are 3 and 14,400 points (ISO 32000-1 annex C.2).
const SIDE_MILLIPOINTS: std::ops::RangeInclusive<u32> = 3_000..=14_400_000;

/// A writer of PDF files.
#[must_use]
pub fn writer() -> Box<dyn Writer> {
    Box::new(PdfWriter {
        pdf: Pdf::with_settings(SPELLING),
        pages: Vec::new(),
        letters: Letters::default(),
    })
}

struct PdfWriter {
    pdf: Pdf,
    pages: Vec<Ref>,
    letters: Letters,
}

impl Writer for PdfWriter {
    fn put(&mut self, piece: &Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Page(page) => self.page(page),
            Piece::Text(_)
            | Piece::Row(_)
            | Piece::Markup(_)
            | Piece::Envelope(_)
            | Piece::Child(_) => Err(Refusal::internal("pdf: only pages are written")),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Draft, Refusal> {
        let count = i32::try_from(self.pages.len())
            .ok()
            .filter(|count| *count > 0)
            .ok_or(Refusal::malformed("pdf: no pages"))?;
        let catalog = self.font()?;
        let mut tree = self.pdf.pages(Ref::new(PAGE_TREE));
        tree.kids(self.pages.iter().copied()).count(count);
        tree.finish();
        self.pdf.catalog(catalog).pages(Ref::new(PAGE_TREE));
        Ok(Draft::new(Target::Pdf, self.pdf.finish()))
    }
}

impl PdfWriter {
    fn page(&mut self, page: &Page) -> Result<(), Refusal> {
        let ids = self.next_ids()?;
        let [page_id, content_id, image_id] = ids.map(Ref::new);
        let (width, height) = size_pt(page);
        let picture = Picture::encode(page)?;

        let mut dict = self.pdf.page(page_id);
        dict.parent(Ref::new(PAGE_TREE))
            .media_box(Rect::new(0.0, 0.0, width, height))
            .contents(content_id);
        let mut resources = dict.resources();
        resources.x_objects().pair(Name(b"Im0"), image_id);
        // in tenths of a point
        let height_tenths = tenths(page);
        let text = layer::operators(page.layer().runs(), height_tenths, &mut self.letters);
        if text.is_some() {
            resources.fonts().pair(Name(b"F0"), Ref::new(FONT));
        }
        resources.finish();
        dict.finish();

        let mut content = Content::with_settings(SPELLING);
        content
            .save_state()
            .transform([width, 0.0, 0.0, height, 0.0, 0.0])
            .x_object(Name(b"Im0"))
            .restore_state();
        match text {
            Some(text) => {
                let mut operators = content.finish().into_vec();
                operators.extend_from_slice(text.as_bytes());
                self.pdf
                    .stream(content_id, &deflate::compress(&operators)?)
                    .filter(Filter::FlateDecode);
            }
            None => {
                self.pdf.stream(content_id, &content.finish());
            }
        }

        self.picture(image_id, page, &picture);
        self.pages.push(page_id);
        Ok(())
    }

    fn picture(&mut self, id: Ref, page: &Page, picture: &Picture) {
        // both sides are at most MAX_SIDE_PX
        let width = i32::try_from(page.width_px()).unwrap_or(i32::MAX);
        let height = i32::try_from(page.height_px()).unwrap_or(i32::MAX);
        let mut image = self.pdf.image_xobject(id, &picture.data);
        match picture.coding {
            Coding::Flate => {
                image.filter(Filter::FlateDecode);
            }
            Coding::Jpeg => {
                image.filter(Filter::DctDecode);
            }
            Coding::Fax => {
                image.filter(Filter::CcittFaxDecode);
                image.decode_parms().k(-1).columns(width);
            }
        }
        image.width(width).height(height);
        let space = image.color_space();
        match &picture.colours {
            Colours::Grey => space.device_gray(),
            Colours::Rgb => space.device_rgb(),
            Colours::GreyPalette(entries) => {
                space.indexed(Name(b"DeviceGray"), last(entries.len()), entries);
            }
            Colours::RgbPalette(entries) => {
                space.indexed(
                    Name(b"DeviceRGB"),
                    last(entries.len().div_euclid(3)),
                    entries,
                );
            }
        }
        image.bits_per_component(i32::from(picture.bits));
        image.finish();
    }

    /// Writes the font, where there is text, and tells the number of the catalog.
    fn font(&mut self) -> Result<Ref, Refusal> {
        if self.letters.is_empty() {
            return Ok(Ref::new(CATALOG));
        }
        let next = i32::try_from(self.pages.len())
            .unwrap_or(i32::MAX)
            .saturating_mul(OBJECTS_PER_PAGE)
            .saturating_add(FIRST_PAGE);
        let number = |more: i32| Ref::new(next.saturating_add(more));
        let objects = [0, 1, 2, 3, 4].map(number);
        let catalog = number(5);
        self.letters.write(&mut self.pdf, Ref::new(FONT), objects)?;
        Ok(catalog)
    }

    fn next_ids(&self) -> Result<[i32; 3], Refusal> {
        if self.pages.len() >= MAX_PAGES {
            return Err(Refusal::unsupported("pdf: more pages than one file holds"));
        }
        let index = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        let first = index
            .saturating_mul(OBJECTS_PER_PAGE)
            .saturating_add(FIRST_PAGE);
        Ok([first, first.saturating_add(1), first.saturating_add(2)])
    }
}

/// The highest index of a palette of `count` entries, 1 to 256.
fn last(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX).saturating_sub(1)
}

/// Width and height on paper in thousandths of a point, as the source tells or at [`DEFAULT_DPI`].
fn size_millipoints(page: &Page) -> (u32, u32) {
    let from_px = |px: u32| px.saturating_mul(72_000).div_euclid(DEFAULT_DPI);
    page.size_millipoints()
        .unwrap_or_else(|| (from_px(page.width_px()), from_px(page.height_px())))
}

/// Width and height on paper in points.
fn size_pt(page: &Page) -> (f32, f32) {
    let (width, height) = size_millipoints(page);
    (points(width), points(height))
}

/// Height on paper in tenths of a point.
fn tenths(page: &Page) -> u32 {
    let (_, height) = size_millipoints(page);
    quarters(height).saturating_mul(5).div_euclid(2)
}

/// Thousandths of a point as whole and half points: what a page of paper is cut to, in numbers that
/// have one spelling.
fn points(millipoints: u32) -> f32 {
    // at most 57,600 quarters: exact in a u16
    f32::from(u16::try_from(quarters(millipoints)).unwrap_or(u16::MAX)) / 4.0
}

fn quarters(millipoints: u32) -> u32 {
    let clamped = millipoints.clamp(*SIDE_MILLIPOINTS.start(), *SIDE_MILLIPOINTS.end());
    clamped.saturating_add(125).div_euclid(250)
}
