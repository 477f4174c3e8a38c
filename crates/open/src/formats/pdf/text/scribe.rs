//! Writes down where each glyph of a page lands.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and vectors are floats, whose arithmetic has no side effects"
)]

use super::super::collections::{self, GETA};
use super::super::trace::share_of;
use super::Pixels;
use super::actual::{Actual, MAX_ACTUAL_BYTES, MAX_SPAN_BYTES};
use super::codes::Codes;
pub(in crate::formats::pdf) use super::cover::CELL_PX;
use super::cover::Cover;
use super::ink::{colour_of, has_ink};
use super::lines::Lines;
use super::place::{Glyph, float, floor, whole};
use super::shape::{Own, Shape, linear};
use super::strings::text_string;
use hayro::hayro_interpret::font::{Glyph as PdfGlyph, GlyphRun, PositionedGlyph};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint,
    RasterImage, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Vec2};
use hayro_syntax::object::{Dict, String as PdfString};
use std::collections::HashMap;

/// The most glyphs of one page that are read: a page of a newspaper has 20,000.
const MAX_GLYPHS: usize = 200_000;
/// The most shapes of one page that are looked at for whether they are seen.
const MAX_SHAPES: usize = 20_000;
/// The most characters that one glyph may mean.
const MAX_MEANING: usize = 8;
/// Letters smaller than this, in pixels, cannot be read.
const MIN_SIZE: f64 = 2.0;
/// Units of the em in which glyphs are drawn.
const EM: f64 = 1000.0;

/// One glyph.
pub(in crate::formats::pdf) struct Mark {
    pub(super) text: Box<str>,
    at: Point,
    along: Vec2,
    size: f64,
    advance: f64,
    vertical: bool,
    /// Where the shape begins, which in vertical writing is elsewhere.
    origin: Point,
    shape: usize,
    /// Its colour, where it is painted in one and as it is.
    paint: Option<[u8; 3]>,
    /// Whether it is painted at all.
    pub(super) is_painted: bool,
    /// Whether the font has no shape for it.
    pub(super) is_lacking: bool,
    order: u32,
    /// The text that the file says stands for this and its neighbours.
    pub(in crate::formats::pdf) span: Option<usize>,
}

impl Mark {
    pub(in crate::formats::pdf) fn glyph(&self, text: Box<str>) -> Glyph {
        Glyph {
            text,
            at: (self.at.x, self.at.y),
            along: (self.along.x, self.along.y),
            size: self.size,
            advance: self.advance,
            vertical: self.vertical,
        }
    }
}

/// All that was written down.
pub(in crate::formats::pdf) struct Written {
    pub(in crate::formats::pdf) marks: Vec<Mark>,
    /// Whether there were more glyphs.
    pub(in crate::formats::pdf) is_cut: bool,
    shapes: Vec<Shape>,
    cover: Cover,
}

impl Written {
    /// Whether all of `area` was painted over after paint number `order`, or lies off the page.
    pub(in crate::formats::pdf) fn is_covered(&self, area: Rect, order: u32) -> bool {
        self.cover.hides_all(area, order)
    }

    /// Paints over all of `area`, whose sides are multiples of [`CELL_PX`] or those of the page, last of all.
    pub(in crate::formats::pdf) fn cover_all(&mut self, area: Rect) {
        let end = |side: f64| (side / CELL_PX).ceil() * CELL_PX;
        let area = Rect::new(area.x0, area.y0, end(area.x1), end(area.y1));
        self.cover.paint(area, u32::MAX);
    }

    /// The squares within `area` that were painted over after paint number `order`.
    pub(in crate::formats::pdf) fn covered(
        &self,
        area: Rect,
        order: u32,
    ) -> impl Iterator<Item = Rect> + '_ {
        self.cover.later(area, order)
    }

    /// Whether `mark` draws anything.
    pub(in crate::formats::pdf) fn has_shape(&self, mark: &Mark) -> bool {
        let shape = self.shapes.get(mark.shape);
        shape.is_some_and(|shape| shape.area.is_some())
    }

    /// Pixels of the page that have to be looked at to tell whether `mark` is seen.
    pub(in crate::formats::pdf) fn pixels_of(&self, mark: &Mark, pixels: Pixels<'_>) -> usize {
        let area = self.shapes.get(mark.shape).and_then(|shape| shape.area);
        let page = Rect::new(0.0, 0.0, float(pixels.columns), float(pixels.rows));
        let area = area.map(|area| (area + mark.origin.to_vec2()).intersect(page));
        area.map_or(0, |area| floor(area.width() * area.height()))
    }

    /// Whether `mark` is seen on the drawn page. Blanks are taken as they are.
    pub(in crate::formats::pdf) fn is_seen(&self, mark: &Mark, pixels: Pixels<'_>) -> bool {
        let is_blank = mark.text.trim().is_empty() && !mark.text.is_empty();
        let Some(shape) = self.shapes.get(mark.shape) else {
            return false;
        };
        let Some(area) = shape.area else {
            return is_blank;
        };
        mark.size >= MIN_SIZE
            && shape.is_seen(mark.origin, mark.paint, pixels)
            && !self.cover.hides(area + mark.origin.to_vec2(), mark.order)
    }
}

/// What tells a shape from others.
type Known = (u128, [i64; 4], Option<[u8; 4]>);

/// A device that draws nothing.
pub(in crate::formats::pdf) struct Scribe<'s, 'a> {
    codes: &'s mut Codes<'a>,
    marks: Vec<Mark>,
    actual: Vec<Actual>,
    /// Bytes of such texts that were read.
    told: usize,
    /// Open marked content; where it has a text of its own, which.
    spans: Vec<Option<usize>>,
    shapes: Vec<Shape>,
    /// By the glyph, its size and angle, and where it is a small drawing, its colour.
    known: HashMap<Known, usize>,
    cover: Cover,
    order: u32,
    /// What paint is cut to; `None` within borders that are no rectangle.
    clips: Vec<Option<Rect>>,
    groups: Vec<Group>,
    /// What pictures fill of their places, by what they are made of: a page may show one a thousand times.
    shares: HashMap<u128, Option<(f64, f64)>>,
    is_cut: bool,
    whole_page: Rect,
}

/// A group that is open.
struct Group {
    /// It is painted as it is.
    is_plain: bool,
    /// It blends with nothing.
    is_normal: bool,
    opacity: f32,
}

impl<'s, 'a> Scribe<'s, 'a> {
    pub(in crate::formats::pdf) fn new(codes: &'s mut Codes<'a>, pixels: Pixels<'_>) -> Self {
        let (width, height) = (float(pixels.columns), float(pixels.rows));
        Self {
            codes,
            marks: Vec::new(),
            actual: Vec::new(),
            told: 0,
            spans: Vec::new(),
            shapes: Vec::new(),
            known: HashMap::new(),
            cover: Cover::of(pixels),
            order: 0,
            clips: Vec::new(),
            groups: Vec::new(),
            shares: HashMap::new(),
            is_cut: false,
            whole_page: Rect::new(0.0, 0.0, width, height),
        }
    }

    /// What was written down, and the texts that stand for stretches of it.
    pub(in crate::formats::pdf) fn finish(self) -> (Written, Vec<Actual>) {
        let written = Written {
            marks: self.marks,
            is_cut: self.is_cut,
            shapes: self.shapes,
            cover: self.cover,
        };
        (written, self.actual)
    }

    fn is_plain(&self) -> bool {
        self.groups.iter().all(|group| group.is_plain)
    }

    /// Opaque paint over `area`, as far as it is not cut.
    fn paint_over(&mut self, area: Rect) {
        let clip = self.clips.last().copied().unwrap_or(Some(self.whole_page));
        if let Some(clip) = clip.filter(|_| self.is_plain()) {
            let area = area.intersect(clip);
            if area.is_finite() && area.width() > 0.0 && area.height() > 0.0 {
                self.cover.paint(area, self.order);
            }
        }
    }

    fn fill(&mut self, path_area: Option<Rect>, props: &DrawProps<'a>, mode: &DrawMode) {
        self.order = self.order.saturating_add(1);
        let is_filled = matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..));
        if let Some(area) = path_area
            && is_filled
            && props.soft_mask.is_none()
            && is_normal(props.blend_mode)
            && matches!(&props.paint, Paint::Color(colour) if colour.to_rgba().to_rgba8()[3] == 255)
            && keeps_rectangles(props.transform)
        {
            self.paint_over(props.transform.transform_rect_bbox(area));
        }
    }

    /// A run of glyphs begins.
    pub(in crate::formats::pdf) fn next_run(&mut self) {
        self.order = self.order.saturating_add(1);
    }

    /// The number of the last paint.
    pub(in crate::formats::pdf) const fn order(&self) -> u32 {
        self.order
    }

    /// Writes down one glyph and tells the number of its mark, if it got one.
    pub(in crate::formats::pdf) fn mark(
        &mut self,
        glyph: &PositionedGlyph<'a>,
        mode: WritingMode,
        props: &DrawProps<'a>,
        draw: &DrawMode,
    ) -> Option<usize> {
        let index = self.marks.len();
        if index >= MAX_GLYPHS {
            self.is_cut = true;
            return None;
        }
        self.glyph(glyph, mode, props, draw);
        (self.marks.len() > index).then_some(index)
    }

    fn glyph(
        &mut self,
        glyph: &PositionedGlyph<'a>,
        mode: WritingMode,
        props: &DrawProps<'a>,
        draw: &DrawMode,
    ) {
        let matrix = props.transform * glyph.transform();
        if !matrix.is_finite() {
            return;
        }
        let origin = matrix * Point::ORIGIN;
        let vertical = mode == WritingMode::Vertical;
        let right = matrix * Point::new(EM, 0.0) - origin;
        let up = matrix * Point::new(0.0, EM) - origin;
        let Some(shape) = self.shape(glyph, matrix, props) else {
            return;
        };
        let mut size = up.hypot();
        let mut advance = match &**glyph {
            PdfGlyph::Outline(outline) => outline.advance_width().map(f64::from),
            PdfGlyph::Type3(glyph) => glyph.advance_width().map(f64::from),
        }
        .unwrap_or(0.0)
            / EM
            * right.hypot();
        if let (PdfGlyph::Type3(_), Some(area)) = (
            &**glyph,
            self.shapes.get(shape).and_then(|shape| shape.area),
        ) {
            // these fonts have an em of their own choice
            let height = area.height().max(area.width() / 2.0);
            if size > height * 6.0 || size < height {
                size = height * 1.3;
            }
            advance = advance.clamp(area.width() / 2.0, area.width() * 2.0);
        }
        let (at, along) = if vertical {
            advance = size;
            (origin + right / 2.0 + up * 0.88, -up)
        } else {
            (origin, right)
        };
        if !(size.is_finite() && size > 0.0 && along.hypot() > 0.0) {
            return;
        }
        let text = self.meaning(glyph, vertical);
        let is_lacking = match &**glyph {
            PdfGlyph::Outline(outline) => self.codes.faces.lack(outline, &text),
            PdfGlyph::Type3(_) => false,
        };
        let span = self.spans.last().copied().flatten();
        let is_small_drawing = matches!(&**glyph, PdfGlyph::Type3(_));
        if let Some(area) = self.shapes.get(shape).and_then(|shape| shape.area) {
            self.cover.letter(area + origin.to_vec2());
        }
        self.marks.push(Mark {
            text,
            at,
            along: along.normalize(),
            size,
            advance,
            vertical,
            origin,
            shape,
            paint: self.colour(shape, props, draw),
            is_painted: !matches!(draw, DrawMode::Invisible)
                && (is_small_drawing || has_ink(props, self.opacity())),
            is_lacking,
            order: self.order,
            span,
        });
    }

    /// The colour that the inside of a glyph moves towards, where it is known.
    fn colour(&self, shape: usize, props: &DrawProps<'a>, draw: &DrawMode) -> Option<[u8; 3]> {
        let is_mixed = !is_normal(props.blend_mode) || !self.groups.iter().all(|g| g.is_normal);
        if is_mixed {
            return None;
        }
        match (self.shapes.get(shape)?.own, &props.paint, draw) {
            (Some(Own::One(own)), _, _) => Some(own),
            (None, Paint::Color(colour), DrawMode::Fill(_)) => {
                let [r, g, b, _] = colour.to_rgba().to_rgba8();
                Some([r, g, b])
            }
            _ => None,
        }
    }

    /// How much of the paint is left by the open groups, of 1.
    fn opacity(&self) -> f32 {
        self.groups.iter().map(|group| group.opacity).product()
    }

    /// A picture was drawn; `shown` tells of a picture that may hide what is in that area which part of its sides
    /// has pixels.
    pub(in crate::formats::pdf) fn picture(
        &mut self,
        image: &Image<'a, '_>,
        props: &ImageDrawProps<'a>,
        shown: impl FnOnce(&RasterImage<'_>, &dyn Fn() -> bool) -> Option<(f64, f64)>,
    ) {
        self.order = self.order.saturating_add(1);
        let Image::Raster(raster) = image else {
            return;
        };
        let dict = raster.stream().dict();
        let has_holes = [b"SMask".as_slice(), b"Mask", b"SMaskInData"]
            .iter()
            .any(|key| dict.contains_key(*key));
        let is_opaque = !has_holes
            && self.is_plain()
            && props.soft_mask.is_none()
            && is_normal(props.blend_mode)
            && keeps_rectangles(props.transform);
        if !is_opaque {
            return;
        }
        let (width, height) = (f64::from(raster.width()), f64::from(raster.height()));
        let part = |across: f64, down: f64| {
            let area = Rect::new(0.0, 0.0, width * across, height * down);
            props.transform.transform_rect_bbox(area)
        };
        let whole = part(1.0, 1.0).intersect(self.whole_page);
        // what cannot be decoded is not drawn, and may end early
        if let Some((across, down)) = shown(raster, &|| self.cover.has_letters(whole)) {
            self.paint_over(part(across.min(1.0), down.min(1.0)));
        }
    }

    fn shape(
        &mut self,
        glyph: &PositionedGlyph<'a>,
        matrix: Affine,
        props: &DrawProps<'a>,
    ) -> Option<usize> {
        let origin = matrix * Point::ORIGIN;
        let [right_x, right_y, up_x, up_y, ..] = matrix.as_coeffs();
        let (key, ink) = match &**glyph {
            PdfGlyph::Outline(outline) => (outline.identifier().cache_key(), None),
            PdfGlyph::Type3(glyph) => (glyph.cache_key(), Some(colour_of(&props.paint))),
        };
        let key = (
            key,
            [right_x, right_y, up_x, up_y].map(|side| whole(side * EM * 16.0)),
            ink.flatten(),
        );
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        if self.shapes.len() >= MAX_SHAPES {
            self.is_cut = true;
            return None;
        }
        let shape = match &**glyph {
            PdfGlyph::Outline(outline) => Shape::of(&(linear(matrix) * outline.outline())),
            PdfGlyph::Type3(inner) => {
                let mut lines = Lines::of(self.opacity());
                inner.interpret(&mut lines, props.transform, glyph.transform(), &props.paint);
                lines.shape(origin.to_vec2())
            }
        };
        let index = self.shapes.len();
        self.shapes.push(shape);
        self.known.insert(key, index);
        Some(index)
    }

    /// What a glyph means; empty where nobody knows.
    fn meaning(&mut self, glyph: &PositionedGlyph<'a>, vertical: bool) -> Box<str> {
        let told = glyph.as_unicode();
        let is_private = matches!(told, Some(BfString::Char('\u{f0000}'..)));
        let said = match &**glyph {
            // our tables have such characters, and so may the document's own
            PdfGlyph::Outline(outline) if is_private => {
                let meant = self.codes.meaning(outline, vertical);
                if !meant.is_empty() {
                    return meant;
                }
                let is_ours = self.codes.faces.draw(outline);
                told.map(|entry| collections::told(entry, is_ours))
            }
            PdfGlyph::Outline(_) | PdfGlyph::Type3(_) => {
                told.map(|entry| collections::told(entry, !is_private))
            }
        };
        let is_known = |c| !matches!(c, '\0'..='\u{8}' | '\u{fffd}' | GETA);
        if let Some(said) = said
            && said.chars().count() <= MAX_MEANING
            && said.chars().all(is_known)
        {
            return said.into_boxed_str();
        }
        match &**glyph {
            PdfGlyph::Outline(outline) => self.codes.meaning(outline, vertical),
            PdfGlyph::Type3(_) => Box::default(),
        }
    }
}

impl<'a> Device<'a> for Scribe<'_, 'a> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.fill(rectangle(path), &props, mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        self.fill(Some(rect.abs()), &props, mode);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let outer = self.clips.last().copied().unwrap_or(Some(self.whole_page));
        let inner = rectangle(&clip.path);
        self.clips.push(
            outer
                .zip(inner)
                .map(|(outer, inner)| outer.intersect(inner)),
        );
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        let outer = self.clips.last().copied().unwrap_or(Some(self.whole_page));
        self.clips
            .push(outer.map(|outer| outer.intersect(rect.abs())));
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        self.groups.push(Group {
            is_plain: opacity > 0.998 && mask.is_none() && is_normal(blend_mode),
            is_normal: is_normal(blend_mode),
            opacity,
        });
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.order = self.order.saturating_add(1);
        for glyph in run.glyphs() {
            if self.marks.len() >= MAX_GLYPHS {
                self.is_cut = true;
                return;
            }
            self.glyph(glyph, run.writing_mode(), &props, mode);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        // it is decoded once more only where it may hide letters
        let mut shares = std::mem::take(&mut self.shares);
        self.picture(&image, &props, |raster, has_letters| {
            let share = || {
                *shares
                    .entry(raster.cache_key())
                    .or_insert_with(|| share_of(raster))
            };
            has_letters().then(share).flatten()
        });
        self.shares = shares;
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let outer = self.spans.last().copied().flatten();
        let is_wanted = outer.is_none() && self.told < MAX_ACTUAL_BYTES;
        let properties = properties.filter(|_| is_wanted);
        let actual = properties.and_then(|dict| dict.get::<PdfString<'_>>(b"ActualText"));
        let length = |text: &PdfString<'_>| text.as_bytes().len();
        self.told = (self.told).saturating_add(actual.as_ref().map_or(0, length));
        let actual = actual.filter(|text| length(text) <= MAX_SPAN_BYTES);
        let text = actual.map(|text| text_string(text.as_bytes()));
        // what cannot be shown, as a soft hyphen, stands for nothing
        let text = text.filter(|text| {
            !mugai_core::Text::clean(text).0.is_blank() && self.actual.len() < MAX_GLYPHS
        });
        self.spans.push(match (outer, text) {
            (None, Some(text)) => {
                let index = self.actual.len();
                self.actual.push(Actual::of(text.into_boxed_str()));
                Some(index)
            }
            (outer, _) => outer,
        });
    }

    fn end_marked_content(&mut self) {
        self.spans.pop();
    }
}

pub(super) fn is_normal(mode: BlendMode) -> bool {
    mode == BlendMode::Normal
}

/// Whether rectangles stay rectangles along the sides of the page.
fn keeps_rectangles(transform: Affine) -> bool {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    (b == 0.0 && c == 0.0) || (a == 0.0 && d == 0.0)
}

/// The rectangle that `path` is, if it is one.
fn rectangle(path: &BezPath) -> Option<Rect> {
    let mut corners: Vec<Point> = Vec::new();
    for element in path.elements() {
        match element {
            PathEl::MoveTo(point) if corners.is_empty() => corners.push(*point),
            PathEl::LineTo(point) if (1..5).contains(&corners.len()) => corners.push(*point),
            PathEl::ClosePath if corners.len() >= 4 => {}
            PathEl::MoveTo(_)
            | PathEl::LineTo(_)
            | PathEl::QuadTo(..)
            | PathEl::CurveTo(..)
            | PathEl::ClosePath => return None,
        }
    }
    let [a, b, c, d] = *corners.first_chunk::<4>()?;
    if corners.get(4).is_some_and(|last| *last != a) {
        return None;
    }
    let near = |one: f64, other: f64| (one - other).abs() < 0.01;
    let upright = near(a.x, b.x) && near(b.y, c.y) && near(c.x, d.x) && near(d.y, a.y);
    let flat = near(a.y, b.y) && near(b.x, c.x) && near(c.y, d.y) && near(d.x, a.x);
    (upright || flat).then(|| Rect::from_points(a, c))
}
