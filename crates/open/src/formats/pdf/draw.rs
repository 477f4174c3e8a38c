//! Pages into pixels, one at a time.

use super::collections;
use super::fonts::{AbsentFonts, Faces};
use super::text::{Pixels, Text};
use super::views::{self, Views};
use super::walk::Seen;
use super::ways::Ways;
use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning, TransformExt};
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use hayro_syntax::Pdf as Document;
use hayro_syntax::page::Page as Sheet;
use mugai_core::{Cx, FindingCode, Layer, Page, Piece, PixelFormat, Refusal, Resource};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The most pixels of one page: with four bytes in the drawing and up to three in the page, what
/// fits a worker. A0 at 150 dpi has 35 million.
const MAX_PAGE_PX: f64 = 36_000_000.0;
/// The longest side of a page in pixels (see `Page::start`).
const MAX_SIDE_PX: f64 = 30_000.0;
/// The lowest resolution that a page is drawn at, in dots per inch: the largest page that the
/// standard knows (14,400 points) still fits.
const MIN_DPI: f64 = 24.0;
/// Points per inch.
const POINTS: f64 = 72.0;
/// The longest side on paper that is stated, in points (ISO 32000-1 annex C.2).
const MAX_SIDE_PT: f64 = 14_400.0;

/// Draws all pages and puts them.
pub(super) fn draw(views: &Views, seen: &Seen, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let kit = Kit::of(&seen.fonts, cx);
    let mut ways = Ways::of(&views.document, seen.addresses);
    for block in views.blocks() {
        let again = views.open(&block)?;
        let drawn = again.as_ref().unwrap_or(&views.document);
        draw_block(&views.document, (drawn, block), &kit, &mut ways, cx)?;
    }
    cx.end_pages();
    kit.note(cx);
    cx.end_turns();
    ways.put(cx)
}

/// Draws the pages of `block` of one opening of the document.
fn draw_block<'a>(
    document: &'a Document,
    (drawn, block): (&Document, Range<usize>),
    kit: &Kit,
    ways: &mut Ways<'a>,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let mut easel = Easel::of(kit);
    let mut text = cx.params().text_layer.then(|| Text::of(drawn, kit.faces()));
    let pages = document.pages();
    for index in block {
        let sheet = views::sheet(document, index)?;
        let is_own = cx.turn(index, pages.len())?;
        let to_come = pages.len().saturating_sub(index);
        // the first opening must not read the content of its pages, which it would keep
        let shown = views::sheet(drawn, index)?;
        let size = Size::of(shown, share_of(to_come, cx), f64::from(cx.params().dpi), cx)?;
        if !is_own {
            // what other pages depend on: the purse, and which links are kept
            cx.charge(Resource::Pixels, size.area())?;
            ways.layer(Layer::default(), sheet, index, cx)?;
            continue;
        }
        let transform = size.transform(shown);
        easel.paint(shown, &size, transform);
        let layer = match &mut text {
            Some(text) => {
                let pixels = easel.pixels(&size);
                let said = text.read(shown, transform, &easel.settings, pixels, cx)?;
                Layer::new(said.runs(pixels, size.paper, cx)?, cx.budget())?
            }
            None => Layer::default(),
        };
        let layer = ways.layer(layer, sheet, index, cx)?;
        let page = easel.page(&size, layer, cx)?;
        cx.put(Piece::Page(page))?;
    }
    Ok(())
}

/// What each of `pages` pages may have of the pixels that are left.
pub(super) fn share_of(pages: usize, cx: &Cx<'_>) -> u64 {
    let pages = u64::try_from(pages).unwrap_or(u64::MAX);
    let left = cx.budget().left().pixels;
    left.checked_div(pages).unwrap_or(0)
}

fn settings(faces: &Arc<Faces>, broken: &Arc<AtomicU32>) -> InterpreterSettings {
    let (faces, broken) = (Arc::clone(faces), Arc::clone(broken));
    InterpreterSettings {
        font_resolver: Arc::new(move |query| Some(faces.resolve(query))),
        cmap_resolver: Arc::new(collections::table),
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                broken.fetch_add(1, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    }
}

/// A page in pixels and on paper.
pub(super) struct Size {
    /// Pixels across.
    columns: u16,
    /// Pixels down.
    rows: u16,
    /// Pixels a unit of the page's own space.
    scale: (f64, f64),
    /// Thousandths of a point.
    pub(super) paper: (u32, u32),
}

impl Size {
    /// Chooses the resolution of `sheet`, `wanted` dots per inch and `share` pixels at most.
    pub(super) fn of(
        sheet: &Sheet<'_>,
        share: u64,
        wanted: f64,
        cx: &mut Cx<'_>,
    ) -> Result<Self, Refusal> {
        let unit = sheet.raw().get::<f32>(b"UserUnit").map_or(1.0, f64::from);
        let unit = if unit.is_finite() && unit > 0.0 {
            unit
        } else {
            1.0
        };
        let (width, height) = sheet.render_dimensions();
        let (width, height) = (f64::from(width), f64::from(height));
        let (width_pt, height_pt) = (width * unit, height * unit);
        // exact as f64 up to 2^53, and larger purses do not count here
        let share = f64::from(u32::try_from(share).unwrap_or(u32::MAX));
        let by_area = (share.min(MAX_PAGE_PX) / (width_pt * height_pt)).sqrt() * POINTS;
        let by_side = MAX_SIDE_PX / width_pt.max(height_pt) * POINTS;
        let own = super::scanned::dpi(sheet, (width_pt, height_pt), cx)?;
        let wanted = own.map_or(wanted, |own| wanted.min(own));
        let mut dpi = by_area.min(by_side);
        if dpi >= wanted {
            dpi = wanted;
        } else if dpi >= MIN_DPI {
            cx.note(FindingCode::PdfPageScaled);
        } else {
            return Err(Refusal::Overrun {
                resource: Resource::Pixels,
                limit: cx.budget().limits().pixels,
            });
        }
        let sides = [width_pt, height_pt].map(|side| as_written(side) * dpi / POINTS);
        let [mut columns, mut rows] = sides.map(|side| pixels(side.ceil()));
        if f64::from(columns) * f64::from(rows) > share.min(MAX_PAGE_PX) {
            [columns, rows] = sides.map(|side| pixels(side.floor()));
        }
        let shrink = (MAX_SIDE_PT / width_pt.max(height_pt)).min(1.0);
        Ok(Self {
            columns,
            rows,
            scale: (f64::from(columns) / width, f64::from(rows) / height),
            paper: (
                millipoints(width_pt * shrink),
                millipoints(height_pt * shrink),
            ),
        })
    }

    /// Pixels of the page.
    pub(super) fn area(&self) -> u64 {
        u64::from(self.columns).saturating_mul(u64::from(self.rows))
    }

    /// From the page's own space to pixels.
    pub(super) fn transform(&self, sheet: &Sheet<'_>) -> Affine {
        let upright = sheet.initial_transform(true).to_kurbo();
        upright.then_scale_non_uniform(self.scale.0, self.scale.1)
    }
}

/// A side as the output will state it and viewers will read it: hundredths of a point, as a float of 32
/// bits. A page has as many pixels as they take for it, so that they show them as they are.
fn as_written(points: f64) -> f64 {
    format!("{points:.2}")
        .parse::<f32>()
        .map_or(points, f64::from)
}

/// A side in whole pixels, at least one.
fn pixels(side: f64) -> u16 {
    let rounded = side.clamp(1.0, MAX_SIDE_PX);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 1 to 30,000, and there is no checked conversion from floats"
    )]
    let whole = rounded as u16;
    whole
}

/// Points as thousandths, at least one.
fn millipoints(points: f64) -> u32 {
    let rounded = (points * 1000.0).round().clamp(1.0, MAX_SIDE_PT * 1000.0);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 1 to 14,400,000, and there is no checked conversion from floats"
    )]
    let whole = rounded as u32;
    whole
}

/// What one opening of a document is drawn with, page after page.
pub(super) struct Easel<'a> {
    context: RenderContext,
    pixmap: Pixmap,
    resources: Resources,
    cache: RenderCache<'a>,
    /// How the document is interpreted.
    pub(super) settings: InterpreterSettings,
}

/// What is the same for all openings of a document.
pub(super) struct Kit {
    faces: Arc<Faces>,
    broken: Arc<AtomicU32>,
}

impl Kit {
    /// For a document that does not bring the fonts `absent`.
    pub(super) fn of(absent: &AbsentFonts, cx: &Cx<'_>) -> Self {
        Self {
            faces: Faces::fetch(cx.fonts(), absent),
            broken: Arc::new(AtomicU32::new(0)),
        }
    }

    /// The faces that stand in for fonts.
    pub(super) fn faces(&self) -> Arc<Faces> {
        Arc::clone(&self.faces)
    }

    /// Tells what went wrong while drawing.
    pub(super) fn note(&self, cx: &mut Cx<'_>) {
        cx.note_times(FindingCode::PdfFontMissing, self.faces.missing());
        cx.note_times(
            FindingCode::PdfImageBroken,
            self.broken.load(Ordering::Relaxed),
        );
    }
}

impl<'a> Easel<'a> {
    /// For one opening of a document.
    pub(super) fn of(kit: &Kit) -> Self {
        Self {
            context: RenderContext::new(1, 1),
            pixmap: Pixmap::new(1, 1),
            resources: Resources::default(),
            cache: RenderCache::new(),
            settings: settings(&kit.faces, &kit.broken),
        }
    }

    /// Draws `sheet` onto white.
    pub(super) fn paint(&mut self, sheet: &'a Sheet<'a>, size: &Size, transform: Affine) {
        let (width, height) = (size.columns, size.rows);
        self.context.reset_and_resize(width, height);
        self.pixmap.resize(width, height);
        let render = RenderSettings::default();
        render_into(
            sheet,
            &self.cache,
            &self.settings,
            &render,
            &mut self.context,
            transform,
        );
        self.context.flush();
        self.context.render_with(
            &mut self.pixmap,
            &mut self.resources,
            RasterizerSettings {
                target_init: TargetInit::Clear(WHITE),
                ..RasterizerSettings::default()
            },
        );
    }

    /// The drawing, to be looked at.
    pub(super) fn pixels(&self, size: &Size) -> Pixels<'_> {
        Pixels {
            rgba: self.pixmap.data_as_u8_slice().as_chunks::<4>().0,
            columns: usize::from(size.columns),
            rows: usize::from(size.rows),
        }
    }

    /// The drawing as a page, grey where all of it is.
    pub(super) fn page(&self, size: &Size, layer: Layer, cx: &mut Cx<'_>) -> Result<Page, Refusal> {
        // opaque from the start, so that what is premultiplied is what it was
        let rgba = self.pixmap.data_as_u8_slice().as_chunks::<4>().0;
        let is_grey = rgba.iter().all(|[r, g, b, _]| r == g && g == b);
        let format = if is_grey {
            PixelFormat::Grey8
        } else {
            PixelFormat::Rgb8
        };
        let (width, height) = (u32::from(size.columns), u32::from(size.rows));
        let canvas = Page::start(width, height, format, cx.budget())?
            .with_size_millipoints(size.paper.0, size.paper.1)
            .with_layer(layer);
        let bytes: Vec<u8> = if is_grey {
            rgba.iter().map(|[grey, ..]| *grey).collect()
        } else {
            rgba.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
        };
        if bytes.iter().all(|byte| *byte == u8::MAX) {
            cx.note(FindingCode::PdfPageBlank);
        }
        canvas.fill(bytes)
    }
}
