//! Takes a page apart into the shapes that it is drawn with.
//!
//! A device of the interpreter that draws nothing: it writes down fills, strokes, borders, pictures
//! and glyphs in the closed vocabulary of [`mugai_core::drawing`]. What that cannot say makes the
//! page unsayable, and it becomes pixels instead. The scribe of [`super::text`] goes along, so that
//! it is known of each glyph what it means and whether it is seen.
#![expect(
    clippy::many_single_char_names,
    reason = "the entries of a transform have these names"
)]
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

mod groups;
mod paths;
mod pictures;
mod regions;
mod shading;

use super::text::Actual;
use super::text::scribe::{Scribe, Written};
use groups::Groups;
use hayro::hayro_interpret::font::{Glyph as PdfGlyph, GlyphRun, OutlineGlyph, PositionedGlyph};
use hayro::hayro_interpret::hayro_cmap::WritingMode;
use hayro::hayro_interpret::pattern::Pattern;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, FillRule, Image, ImageDrawProps, Paint,
    SoftMask, StrokeProps,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _};
use hayro_syntax::object::Dict;
use mugai_core::drawing::{Ink, MAX_CLIPS, MAX_STEPS, Path, Place, Rule, Step};
use paths::is_around;
pub(super) use paths::{outline_of, place_of, stroked};
pub(super) use pictures::{Album, share_of};
pub(super) use regions::Regions;
use std::collections::HashMap;

/// Glyphs are drawn in an em of so many units.
const EM: f64 = 1000.0;

/// What tracing a page needs beside the page.
pub(super) struct Tracing<'t> {
    /// From pixels to hundredths of a point.
    pub(super) page: Affine,
    /// Pictures of the document.
    pub(super) album: &'t mut Album,
}

/// One thing on the page.
pub(super) struct Item {
    pub(super) what: What,
    /// Where it is, in pixels.
    pub(super) area: Rect,
    /// The number of its paint.
    pub(super) order: u32,
    /// It is a part of the glyph with this mark, and goes where that is not seen.
    pub(super) mark: Option<usize>,
}

pub(super) enum What {
    /// A step as it is.
    Step(Step),
    /// Glyphs that have no numbers yet.
    Glyphs {
        matrix: [i32; 4],
        ink: Ink,
        glyphs: Vec<Letter>,
    },
}

/// A glyph: number of its outline on this page, where it stands, and its mark.
pub(super) type Letter = (usize, Place, usize);

/// An outline of a font.
pub(super) struct Outline {
    /// What tells it from others in the document.
    pub(super) key: u128,
    /// In thousandths of the em, upwards.
    pub(super) path: Path,
    pub(super) advance: u16,
    /// Around the path.
    pub(super) reach: Rect,
}

/// A page that was taken apart.
pub(super) struct Traced {
    /// What is on it, from below; `None` where that cannot be said.
    pub(super) items: Option<Vec<Item>>,
    pub(super) outlines: Vec<Outline>,
    pub(super) written: Written,
    pub(super) actual: Vec<Actual>,
    /// Marks whose glyphs are no letters of the drawing: small drawings and strokes.
    pub(super) drawn: Vec<usize>,
    /// Parts of the page that are to be taken from the drawn page.
    pub(super) regions: Regions,
}

/// A border that stands.
struct Border {
    /// `None` where it cuts nothing.
    path: Option<(Path, Rule)>,
    is_drawn: bool,
    area: Rect,
}

pub(super) struct Tracer<'s, 'a, 't> {
    scribe: Scribe<'s, 'a>,
    tracing: Tracing<'t>,
    target: Rect,
    items: Vec<Item>,
    is_unsayable: bool,
    regions: Regions,
    borders: Vec<Border>,
    /// The border that ended with the last item.
    ended: Option<(Path, Rule)>,
    groups: Groups,
    outlines: Vec<Outline>,
    known: HashMap<u128, Option<usize>>,
    drawn: Vec<usize>,
    /// Whether the scribe has not counted yet what is drawn.
    is_ahead: bool,
    /// The mark of the glyph that is being drawn as a small drawing.
    inside: Option<usize>,
}

impl<'s, 'a, 't> Tracer<'s, 'a, 't> {
    pub(super) fn new(scribe: Scribe<'s, 'a>, target: Rect, tracing: Tracing<'t>) -> Self {
        Self {
            scribe,
            tracing,
            target,
            items: Vec::new(),
            is_unsayable: false,
            regions: Regions::default(),
            borders: Vec::new(),
            ended: None,
            groups: Groups::default(),
            outlines: Vec::new(),
            known: HashMap::new(),
            drawn: Vec::new(),
            is_ahead: false,
            inside: None,
        }
    }

    pub(super) fn finish(mut self) -> Traced {
        while !self.borders.is_empty() {
            self.unclip();
        }
        let (written, actual) = self.scribe.finish();
        let is_whole = !self.is_unsayable && !written.is_cut;
        Traced {
            items: is_whole.then_some(self.items),
            outlines: self.outlines,
            written,
            actual,
            drawn: self.drawn,
            regions: self.regions,
        }
    }

    fn cannot_say(&mut self) {
        self.is_unsayable = true;
        self.items.clear();
    }

    /// What of `area` can be seen within the borders; `None` where nothing can.
    fn within(&self, area: Rect) -> Option<Rect> {
        let border = self
            .borders
            .last()
            .map_or(self.target, |border| border.area);
        let left = area.x0.max(border.x0);
        let top = area.y0.max(border.y0);
        let right = area.x1.min(border.x1);
        let bottom = area.y1.min(border.y1);
        // lines have no width of their own
        (left <= right && top <= bottom).then(|| Rect::new(left, top, right, bottom))
    }

    /// Puts `what` on the page, within the borders that stand.
    fn put(&mut self, what: What, area: Rect) {
        if self.is_unsayable {
            return;
        }
        let mut depth = 0usize;
        let ended = self.ended.take();
        for index in 0..self.borders.len() {
            let Some(border) = self.borders.get_mut(index) else {
                break;
            };
            let Some(path) = &border.path else { continue };
            depth = depth.saturating_add(1);
            if std::mem::replace(&mut border.is_drawn, true) {
                continue;
            }
            // the same border again: it goes on
            let is_same = ended.as_ref() == Some(path)
                && matches!(
                    self.items.last().map(|item| &item.what),
                    Some(What::Step(Step::Unclip))
                );
            if is_same {
                self.items.pop();
                continue;
            }
            let step = Step::Clip(path.0.clone(), path.1);
            let area = border.area;
            self.items.push(self.item(What::Step(step), area));
        }
        if depth > MAX_CLIPS || self.items.len() >= MAX_STEPS {
            self.cannot_say();
            return;
        }
        self.items.push(self.item(what, area));
    }

    fn item(&self, what: What, area: Rect) -> Item {
        Item {
            what,
            area,
            order: self.scribe.order().saturating_add(u32::from(self.is_ahead)),
            mark: self.inside,
        }
    }

    fn clip(&mut self, path: &BezPath, rule: Rule) {
        let area = path.bounding_box();
        let inner = self.within(area).unwrap_or(Rect::ZERO);
        let cuts = !is_around(path, self.target);
        let path = if cuts {
            let traced = outline_of(&(self.tracing.page * path), 1.0);
            if traced.is_none() {
                self.cannot_say();
            }
            traced.map(|path| (path, rule))
        } else {
            None
        };
        self.borders.push(Border {
            path,
            is_drawn: false,
            area: inner,
        });
    }

    fn unclip(&mut self) {
        let Some(border) = self.borders.pop() else {
            return;
        };
        if border.is_drawn && !self.is_unsayable {
            self.items
                .push(self.item(What::Step(Step::Unclip), border.area));
            self.ended = border.path;
        }
    }

    fn fill(&mut self, path: &BezPath, props: &DrawProps<'a>, rule: Rule) {
        let path = props.transform * path;
        let Some(area) = self.within(path.bounding_box()) else {
            return;
        };
        match &props.paint {
            Paint::Color(colour) => {
                let [r, g, b, alpha] = colour.to_rgba().to_rgba8();
                let Some(mix) = self.mix(props.soft_mask.is_some(), props.blend_mode, alpha) else {
                    self.cannot_say_in(area);
                    return;
                };
                match outline_of(&(self.tracing.page * path), 1.0) {
                    Some(path) if path.is_empty() || alpha == 0 => {}
                    Some(path) => {
                        let ink = Ink {
                            rgb: [r, g, b],
                            mix,
                        };
                        self.put(What::Step(Step::Fill(path, rule, ink)), area);
                    }
                    None => self.cannot_say(),
                }
            }
            Paint::Pattern(pattern) => {
                let Some(mix) = self.mix(props.soft_mask.is_some(), props.blend_mode, u8::MAX)
                else {
                    self.cannot_say_in(area);
                    return;
                };
                match &**pattern {
                    Pattern::Shading(shading) => self.shade(&path, rule, shading, area, mix),
                    Pattern::Tiling(_) => self.cannot_say_in(area),
                }
            }
        }
    }

    fn stroke(&mut self, path: &BezPath, props: &DrawProps<'a>, pen: &StrokeProps) {
        let Paint::Color(colour) = &props.paint else {
            let outline = stroked(path, pen);
            self.fill(&outline, props, Rule::NonZero);
            return;
        };
        let reach = f64::from(pen.line_width) * f64::from(pen.miter_limit.max(1.5));
        let area = props
            .transform
            .transform_rect_bbox(path.bounding_box().inflate(reach, reach));
        let Some(area) = self.within(area) else {
            return;
        };
        let [r, g, b, alpha] = colour.to_rgba().to_rgba8();
        let Some(mix) = self.mix(props.soft_mask.is_some(), props.blend_mode, alpha) else {
            self.cannot_say_in(area);
            return;
        };
        let whole = self.tracing.page * props.transform;
        let Some(pen) = paths::pen(pen, whole) else {
            // the pen is no circle on the page
            let outline = stroked(path, pen);
            self.fill(&outline, props, Rule::NonZero);
            return;
        };
        match outline_of(&(whole * path), 1.0) {
            Some(path) if path.is_empty() || alpha == 0 => {}
            Some(path) => {
                let ink = Ink {
                    rgb: [r, g, b],
                    mix,
                };
                self.put(What::Step(Step::Stroke(path, pen, ink)), area);
            }
            None => self.cannot_say(),
        }
    }

    fn paint(&mut self, path: &BezPath, props: &DrawProps<'a>, mode: &DrawMode) {
        match mode {
            DrawMode::Fill(rule) => self.fill(path, props, rule_of(*rule)),
            DrawMode::Stroke(pen) => self.stroke(path, props, pen),
            DrawMode::FillAndStroke(rule, pen) => {
                self.fill(path, props, rule_of(*rule));
                self.stroke(path, props, pen);
            }
            DrawMode::Invisible => {}
        }
    }

    fn glyph(
        &mut self,
        glyph: &PositionedGlyph<'a>,
        writing: WritingMode,
        props: &DrawProps<'a>,
        mode: &DrawMode,
    ) {
        let mark = self.scribe.mark(glyph, writing, props, mode);
        let (Some(mark), false) = (mark, matches!(mode, DrawMode::Invisible)) else {
            return;
        };
        match &**glyph {
            PdfGlyph::Outline(outline) => {
                let is_letter = matches!(mode, DrawMode::Fill(_))
                    && matches!(props.paint, Paint::Color(_))
                    && self.letter(outline, glyph.transform(), props, mark);
                if !is_letter {
                    let path = glyph.transform() * outline.outline();
                    self.as_drawing(mark, |tracer| tracer.paint(&path, props, mode));
                }
            }
            PdfGlyph::Type3(inner) => self.as_drawing(mark, |tracer| {
                inner.interpret(tracer, props.transform, glyph.transform(), &props.paint);
            }),
        }
    }

    /// Draws the glyph of `mark` by what it is made of.
    fn as_drawing(&mut self, mark: usize, draw: impl FnOnce(&mut Self)) {
        let outer = self.inside.replace(mark);
        self.drawn.push(mark);
        draw(self);
        self.inside = outer;
    }

    /// Puts a glyph as a letter; `false` where it is no outline that a font can hold.
    fn letter(
        &mut self,
        outline: &OutlineGlyph,
        place: Affine,
        props: &DrawProps<'a>,
        mark: usize,
    ) -> bool {
        let Paint::Color(colour) = &props.paint else {
            return false;
        };
        let matrix = self.tracing.page * props.transform * place;
        let [a, b, c, d, x, y] = matrix.as_coeffs();
        let linear = [a, b, c, d].map(|side| paths::whole(side * EM));
        let [Some(a), Some(b), Some(c), Some(d)] = linear else {
            return false;
        };
        let area = i64::from(a) * i64::from(d) - i64::from(b) * i64::from(c);
        let (Some(at), true) = (place_of(Point::new(x, y), 1.0), area != 0) else {
            return false;
        };
        let Some(index) = self.outline(outline) else {
            return false;
        };
        let [r, g, b_, alpha] = colour.to_rgba().to_rgba8();
        let Some(mix) = self.mix(props.soft_mask.is_some(), props.blend_mode, alpha) else {
            let shape = props.transform * place * outline.outline();
            self.cannot_say_in(shape.bounding_box());
            // it is among the pixels, and is read beside them
            self.drawn.push(mark);
            return true;
        };
        let ink = Ink {
            rgb: [r, g, b_],
            mix,
        };
        let matrix = [a, b, c, d];
        let letter = (index, at, mark);
        let origin = Rect::from_center_size(props.transform * place * Point::ORIGIN, (1.0, 1.0));
        let is_of_group = self.items.len() > self.groups.start();
        if let Some(Item {
            what:
                What::Glyphs {
                    matrix: before,
                    ink: in_ink,
                    glyphs,
                },
            area,
            ..
        }) = self.items.last_mut()
            && (*before, *in_ink) == (matrix, ink)
            && is_of_group
            && glyphs.len() < mugai_core::drawing::MAX_GLYPHS
            && self
                .borders
                .iter()
                .all(|border| border.is_drawn || border.path.is_none())
        {
            glyphs.push(letter);
            *area = area.union(origin);
            return true;
        }
        let glyphs = vec![letter];
        self.put(
            What::Glyphs {
                matrix,
                ink,
                glyphs,
            },
            origin,
        );
        true
    }

    /// The number of an outline on this page.
    fn outline(&mut self, outline: &OutlineGlyph) -> Option<usize> {
        let key = outline.identifier().cache_key();
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let path = paths::letter(&outline.outline());
        let advance = outline.advance_width().unwrap_or(0.0);
        let advance = paths::advance(advance);
        let index = path.map(|path| {
            self.outlines.push(Outline {
                key,
                reach: regions::around(&path),
                path,
                advance,
            });
            self.outlines.len().saturating_sub(1)
        });
        self.known.insert(key, index);
        index
    }
}

impl<'a> Device<'a> for Tracer<'_, 'a, '_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        if self.inside.is_none() {
            self.scribe.draw_path(path, props.clone(), mode);
        }
        self.paint(path, &props, mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        if self.inside.is_none() {
            self.scribe.draw_rect(rect, props.clone(), mode);
        }
        self.paint(&rect.to_path(0.1), &props, mode);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.scribe.push_clip_path(clip);
        self.clip(&clip.path, rule_of(clip.fill));
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.scribe.push_clip_rect(rect);
        self.clip(&rect.to_path(0.1), Rule::NonZero);
    }

    fn pop_clip(&mut self) {
        self.scribe.pop_clip();
        self.unclip();
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend_mode: BlendMode,
    ) {
        let is_plain = mask.is_none() && blend_mode == BlendMode::Normal;
        self.scribe
            .push_transparency_group(opacity, mask, blend_mode);
        if self.groups.begin(opacity, self.items.len(), is_plain) {
            // what the group paints comes behind what there is: a border that goes on would take its first thing back
            self.ended = None;
        }
    }

    fn pop_transparency_group(&mut self) {
        self.scribe.pop_transparency_group();
        if let Err(start) = self.groups.end(&mut self.items) {
            self.cannot_say_since(start);
        }
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.scribe.next_run();
        for glyph in run.glyphs() {
            self.glyph(glyph, run.writing_mode(), &props, mode);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.is_ahead = self.inside.is_none();
        self.picture(&image, &props);
        self.is_ahead = false;
        if self.inside.is_none() {
            let album = &self.tracing.album;
            self.scribe
                .picture(&image, &props, |raster, _| album.shown(raster));
        }
    }

    fn begin_marked_content(&mut self, tag: &[u8], properties: Option<&Dict<'_>>) {
        self.scribe.begin_marked_content(tag, properties);
    }

    fn end_marked_content(&mut self) {
        self.scribe.end_marked_content();
    }
}

const fn rule_of(rule: FillRule) -> Rule {
    match rule {
        FillRule::NonZero => Rule::NonZero,
        FillRule::EvenOdd => Rule::EvenOdd,
    }
}
