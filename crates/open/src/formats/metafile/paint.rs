//! The canvas, and what is drawn on it.

use super::Lines;
use super::letters::Letters;
use super::state::{Brush, Object, Pen, Place, Raster, State};
use super::{dib, single};
use mugai_core::{Budget, Cx, Page, Refusal, Resource};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tiny_skia::{
    BlendMode, Color, FilterQuality, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pattern,
    Pixmap, PixmapPaint, Point, Rect, Shader, SpreadMode, Stroke, StrokeDash, Transform,
};

/// How far from the canvas, in pixels, anything may be.
pub(super) const FAR: f32 = 16_000.0;
/// How far corners of pictures may be: of a map of which one street is shown, for instance.
const FARTHEST: f32 = 1e6;
/// The most states that are saved, and the most objects.
const MAX_SAVED: usize = 256;
/// The most masks that saved states hold.
const MAX_MASKS: usize = 16;
const MAX_OBJECTS: usize = 65_536;
/// The thinnest line, in pixels and in parts of an inch: programs draw none below a pixel of theirs, and a picture has more
/// of them than a screen.
const HAIR: f32 = 1.2;
const HAIRS_AN_INCH: f32 = 120.0;

const TOO_MANY: Refusal = Refusal::malformed("metafile: too many objects or saved states");

/// The same picture, with nothing where it is white.
fn without_white(picture: &Pixmap) -> Pixmap {
    let mut bare = picture.clone();
    for pixel in bare.data_mut().as_chunks_mut::<4>().0 {
        if *pixel == [u8::MAX; 4] {
            *pixel = [0; 4];
        }
    }
    bare
}

/// Plays calls on a canvas.
pub(super) struct Painter<'a> {
    pub(super) pixmap: Pixmap,
    /// Whether there is paper below all that is drawn.
    is_opaque: bool,
    budget: &'a Budget,
    pub(super) letters: Letters<'a>,
    pub(super) state: State,
    saved: Vec<State>,
    masks_paid: usize,
    pub(super) objects: BTreeMap<u32, Object>,
    /// From the device of the drawing to pixels.
    pub(super) base: Transform,
    /// The width of the thinnest line, in pixels.
    hair: f32,
    /// Units of the device in a millimetre.
    pub(super) millimetre: Place,
    /// Whether calls draw into a path.
    pub(super) in_path: bool,
    pub(super) path: PathBuilder,
    /// Whether something of the path that is being made could not be made out.
    pub(super) path_lost: bool,
    /// The letters, where only these are asked for.
    pub(super) told: Option<Lines>,
    /// The mask of the last area that was clipped to.
    pub(super) area: Option<([f32; 4], Rc<Mask>)>,
}

impl<'a> Painter<'a> {
    pub(super) fn new(
        (width, height): (u32, u32),
        base: Transform,
        cx: &Cx<'a>,
    ) -> Result<Self, Refusal> {
        let mut pixmap =
            Pixmap::new(width, height).ok_or(Refusal::internal("metafile: a canvas"))?;
        let is_opaque = !cx.hints().shown;
        if is_opaque {
            pixmap.fill(Color::WHITE);
        }
        Ok(Self {
            pixmap,
            is_opaque,
            budget: cx.budget(),
            letters: Letters::new(cx.fonts()),
            state: State::default(),
            saved: Vec::new(),
            masks_paid: 0,
            objects: BTreeMap::new(),
            base,
            hair: HAIR,
            millimetre: (1.0, 1.0),
            in_path: false,
            path: PathBuilder::new(),
            path_lost: false,
            told: None,
            area: None,
        })
    }

    /// States how many pixels an inch of the picture has.
    pub(super) fn pixels_an_inch(&mut self, pixels: f32) {
        self.hair = HAIR.max(pixels / HAIRS_AN_INCH);
    }

    /// The pixels on white paper: red, green and blue.
    pub(super) fn on_white(&self) -> Vec<u8> {
        let pixels = self.pixmap.data().as_chunks::<4>().0.iter();
        let drawn = pixels.flat_map(|[red, green, blue, covers]| {
            [red, green, blue].map(|sample| {
                if *covers < Page::LEAST_COVER {
                    u8::MAX
                } else {
                    sample.saturating_add(!covers)
                }
            })
        });
        drawn.collect()
    }

    /// How much each pixel covers, unless all of them cover all.
    pub(super) fn opacity(&self) -> Option<Vec<u8>> {
        let covers = || {
            let pixels = self.pixmap.data().as_chunks::<4>().0.iter();
            pixels.map(|[.., covers]| Page::cover(*covers))
        };
        covers()
            .any(|covers| covers != u8::MAX)
            .then(|| covers().collect())
    }

    /// Lays paper below what is drawn so far where an operation reckons with its colour, if it reaches the canvas: its
    /// bounds, and how far it goes beyond them.
    fn lay_paper(&mut self, blend: BlendMode, bounds: Rect, beyond: f32) {
        let (wide, high) = (self.pixmap.width(), self.pixmap.height());
        let (wide, high) = (single(i64::from(wide)), single(i64::from(high)));
        let reaches = bounds.left() - beyond < wide
            && bounds.top() - beyond < high
            && bounds.right() + beyond > 0.0
            && bounds.bottom() + beyond > 0.0;
        let reckons = matches!(blend, BlendMode::Difference | BlendMode::Screen);
        if self.is_opaque || !reckons || !reaches {
            return;
        }
        self.is_opaque = true;
        let paper = Paint {
            shader: Shader::SolidColor(Color::WHITE),
            blend_mode: BlendMode::DestinationOver,
            ..Paint::default()
        };
        if let Some(all) = Rect::from_xywh(0.0, 0.0, wide, high) {
            self.pixmap
                .fill_rect(all, &paper, Transform::identity(), None);
        }
    }

    pub(super) fn charge(&self, steps: usize) -> Result<(), Refusal> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.budget.charge(Resource::Steps, steps)
    }

    pub(super) const fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// From logical units to pixels.
    pub(super) fn to_pixels(&self) -> Transform {
        self.state.to_device(self.millimetre).post_concat(self.base)
    }

    /// A place in pixels.
    pub(super) fn at(&self, place: Place) -> Point {
        near(self.to_pixels(), place)
    }

    /// The scale from logical units to pixels.
    pub(super) fn scale(&self) -> f32 {
        let t = self.to_pixels();
        (t.sx * t.sy - t.kx * t.ky).abs().sqrt()
    }

    pub(super) fn save(&mut self) -> Result<(), Refusal> {
        let masks = self.saved.iter().flat_map(|state| {
            let masks = [&state.clip.mask, &state.meta.mask].into_iter().flatten();
            masks.map(Rc::as_ptr)
        });
        // a mask is as large as the canvas, and is shared by the states that were saved with it
        let masks = masks.collect::<BTreeSet<_>>().len();
        if self.saved.len() >= MAX_SAVED || masks >= MAX_MASKS {
            return Err(TOO_MANY);
        }
        // as many as were there at once are paid for
        let more = masks.saturating_sub(self.masks_paid);
        let bytes = more.saturating_mul(self.pixmap.data().len() / 4);
        self.budget.charge_len(Resource::Bytes, bytes)?;
        self.masks_paid = self.masks_paid.max(masks);
        self.charge(self.saved.len())?;
        self.saved.push(self.state.clone());
        Ok(())
    }

    /// Restores a state: -1 the last, -2 the one before, or the first for 1.
    pub(super) fn restore(&mut self, which: i32) {
        let length = i32::try_from(self.saved.len()).unwrap_or(i32::MAX);
        let place = if which < 0 {
            length.saturating_add(which)
        } else {
            which.saturating_sub(1)
        };
        if let Ok(place) = usize::try_from(place)
            && place < self.saved.len()
        {
            self.saved.truncate(place.saturating_add(1));
            self.state = self.saved.pop().unwrap_or_default();
        }
    }

    pub(super) fn make(&mut self, number: u32, object: Object) -> Result<(), Refusal> {
        if self.objects.len() >= MAX_OBJECTS {
            return Err(TOO_MANY);
        }
        self.objects.insert(number, object);
        Ok(())
    }

    /// Selects what was made, or one of the things that are always there ([MS-EMF] 2.1.31).
    pub(super) fn select(&mut self, number: u32) {
        let grey = |level: u8| Brush::Solid(Color::from_rgba8(level, level, level, 255));
        let pen = |colour, style| {
            Object::Pen(Pen {
                colour,
                width: 0.0,
                style,
            })
        };
        let object = match number {
            0x8000_0000 => Some(Object::Brush(grey(255))),
            0x8000_0001 => Some(Object::Brush(grey(192))),
            0x8000_0002 => Some(Object::Brush(grey(128))),
            0x8000_0003 => Some(Object::Brush(grey(64))),
            0x8000_0004 => Some(Object::Brush(grey(0))),
            0x8000_0005 => Some(Object::Brush(Brush::Null)),
            0x8000_0006 => Some(pen(Color::WHITE, 0)),
            0x8000_0007 => Some(pen(Color::BLACK, 0)),
            0x8000_0008 => Some(pen(Color::BLACK, 5)),
            0x8000_000a..=0x8000_0011 => Some(Object::Font(State::default().font)),
            _ => self.objects.get(&number).cloned(),
        };
        match object {
            Some(Object::Pen(pen)) => self.state.pen = pen,
            Some(Object::Brush(brush)) => self.state.brush = brush,
            Some(Object::Font(font)) => self.state.font = font,
            Some(Object::Other) | None => {}
        }
    }

    /// Draws an outline: into the path that is being made, or at once.
    pub(super) fn shape(
        &mut self,
        outline: Option<Path>,
        fill: bool,
        stroke: bool,
    ) -> Result<(), Refusal> {
        let Some(outline) = outline else {
            return Ok(());
        };
        self.charge(outline.len().saturating_mul(8))?;
        if self.in_path {
            self.path.push_path(&outline);
            return Ok(());
        }
        if fill {
            self.fill(&outline)?;
        }
        if stroke {
            self.stroke(&outline)?;
        }
        Ok(())
    }

    /// Fills or strokes the path that was made, which is gone then.
    pub(super) fn paint_path(&mut self, fill: bool, stroke: bool) -> Result<(), Refusal> {
        let path = self.take_path();
        self.shape(path, fill, stroke)
    }

    /// The path that was made, which is gone then.
    pub(super) fn take_path(&mut self) -> Option<Path> {
        self.in_path = false;
        std::mem::replace(&mut self.path, PathBuilder::new()).finish()
    }

    /// Counts a text that no font is there for, which is missing in a path too.
    pub(super) const fn lose_letters(&mut self) {
        self.letters.lose();
        self.path_lost |= self.in_path;
    }

    pub(super) fn fill(&mut self, outline: &Path) -> Result<(), Refusal> {
        let brush = self.state.brush.clone();
        let Some(blend) = self.state.blend else {
            return Ok(());
        };
        self.fill_with(outline, &brush, blend)
    }

    pub(super) fn fill_with(
        &mut self,
        outline: &Path,
        brush: &Brush,
        blend_mode: BlendMode,
    ) -> Result<(), Refusal> {
        let Some(rule_out) = self.mask()? else {
            return Ok(());
        };
        self.charge_area(outline, 2.0)?;
        self.charge_edges(outline, 0.0)?;
        let rule = self.state.rule();
        let hatched;
        let shader = match brush {
            Brush::Null => return Ok(()),
            Brush::Solid(colour) => Shader::SolidColor(*colour),
            Brush::Hatch(colour, kind) => {
                let behind = self.state.opaque.then_some(self.state.back);
                hatched = hatch(*colour, *kind, behind);
                let Some(hatched) = &hatched else {
                    return Ok(());
                };
                tiled(hatched, 1.5)
            }
            Brush::Pattern(picture) => tiled(picture, self.device_scale().max(0.1)),
        };
        self.lay_paper(blend_mode, outline.bounds(), 0.0);
        let paint = Paint {
            shader,
            blend_mode,
            anti_alias: true,
            force_hq_pipeline: false,
        };
        self.pixmap
            .fill_path(outline, &paint, rule, Transform::identity(), rule_out.get());
        Ok(())
    }

    fn device_scale(&self) -> f32 {
        (self.base.sx * self.base.sy).abs().sqrt()
    }

    pub(super) fn stroke(&mut self, outline: &Path) -> Result<(), Refusal> {
        let pen = self.state.pen;
        let (Some(blend_mode), false) = (self.state.blend, pen.is_null()) else {
            return Ok(());
        };
        let Some(mask) = self.mask()? else {
            return Ok(());
        };
        let width = (pen.width * self.scale()).clamp(self.hair, FAR);
        let dash = pen.dashes().and_then(|lengths| {
            let lengths = lengths.iter().map(|length| length * width.max(1.5));
            StrokeDash::new(lengths.collect(), 0.0)
        });
        if dash.is_some() {
            self.charge(outline.len().saturating_mul(4_000))?;
        }
        self.charge_area(outline, 8.0)?;
        // two edges along each line
        self.charge_edges(outline, width)?;
        self.charge_edges(outline, width)?;
        self.lay_paper(blend_mode, outline.bounds(), width);
        let line_cap = match pen.style & 0xf00 {
            0x100 => LineCap::Square,
            0x200 => LineCap::Butt,
            _ => LineCap::Round,
        };
        let line_join = match pen.style & 0xf000 {
            0x1000 => LineJoin::Bevel,
            0x2000 => LineJoin::Miter,
            _ => LineJoin::Round,
        };
        let stroke = Stroke {
            width,
            line_cap,
            line_join,
            dash,
            ..Stroke::default()
        };
        let paint = Paint {
            shader: Shader::SolidColor(pen.colour),
            blend_mode,
            anti_alias: true,
            force_hq_pipeline: false,
        };
        self.pixmap
            .stroke_path(outline, &paint, &stroke, Transform::identity(), mask.get());
        Ok(())
    }

    /// A picture, drawn into a parallelogram of logical units: a corner, and the two sides from it.
    pub(super) fn picture(
        &mut self,
        picture: &Pixmap,
        (corner, size): (Place, Place),
        raster: Raster,
        opacity: f32,
    ) -> Result<(), Refusal> {
        let Some(mask) = self.mask()? else {
            return Ok(());
        };
        let (wide, high) = (
            single(i64::from(picture.width())),
            single(i64::from(picture.height())),
        );
        let Raster::Picture(blend_mode) = raster else {
            return Ok(());
        };
        let to = self
            .to_pixels()
            .pre_translate(corner.0, corner.1)
            .pre_scale(size.0 / wide, size.1 / high);
        let shrunk = dib::shrink(picture, to);
        let (picture, to) = match &shrunk {
            Some((smaller, factor)) => (smaller, to.pre_scale(*factor, *factor)),
            None => (picture, to),
        };
        let canvas = (self.pixmap.width(), self.pixmap.height());
        if !to.is_valid() || !reaches(to, (wide, high), canvas) {
            return Ok(());
        }
        let area = (to.sx * to.sy - to.kx * to.ky).abs() * wide * high;
        let canvas =
            single(i64::from(self.pixmap.width())) * single(i64::from(self.pixmap.height()));
        self.charge_pixels(area.min(canvas) / 2.0)?;
        if let Some(all) = Rect::from_xywh(0.0, 0.0, 1.0, 1.0) {
            self.lay_paper(blend_mode, all, 0.0);
        }
        // white leaves everything as it is, also what is not there
        let bare = if blend_mode == BlendMode::Multiply && !self.is_opaque {
            self.budget
                .charge_len(Resource::Bytes, picture.data().len())?;
            Some(without_white(picture))
        } else {
            None
        };
        let picture = bare.as_ref().unwrap_or(picture);
        let paint = PixmapPaint {
            opacity,
            blend_mode,
            quality: FilterQuality::Bilinear,
        };
        self.pixmap
            .draw_pixmap(0, 0, picture.as_ref(), &paint, to, mask.get());
        Ok(())
    }

    /// Fills a rectangle of logical units as a raster operation says.
    pub(super) fn block(
        &mut self,
        (corner, size): (Place, Place),
        raster: Raster,
    ) -> Result<(), Refusal> {
        let (brush, blend) = match raster {
            Raster::Brush(blend) => (self.state.brush.clone(), blend),
            Raster::Fill(colour) => (Brush::Solid(colour), BlendMode::SourceOver),
            Raster::Picture(_) | Raster::Nothing => return Ok(()),
        };
        let far = (corner.0 + size.0, corner.1 + size.1);
        match self.rectangle(corner, far) {
            Some(outline) => self.fill_with(&outline, &brush, blend),
            None => Ok(()),
        }
    }

    /// The outline of a rectangle of logical units.
    pub(super) fn rectangle(&self, from: Place, to: Place) -> Option<Path> {
        let corners = [from, (to.0, from.1), to, (from.0, to.1)];
        self.lines(corners.into_iter(), true)
    }

    /// The outline of a line of logical units.
    pub(super) fn lines(&self, places: impl Iterator<Item = Place>, close: bool) -> Option<Path> {
        let to = self.to_pixels();
        let mut builder = PathBuilder::new();
        for place in places {
            let Point { x, y } = near(to, place);
            if builder.is_empty() {
                builder.move_to(x, y);
            } else {
                builder.line_to(x, y);
            }
        }
        if close {
            builder.close();
        }
        builder.finish()
    }

    /// The outline of a rectangle of the device.
    pub(super) fn device_rectangle(&self, from: Place, to: Place) -> Option<Path> {
        let (a, b) = (near(self.base, from), near(self.base, to));
        Rect::from_ltrb(a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y))
            .map(PathBuilder::from_rect)
    }
}

/// A place in pixels, not further from the canvas than makes sense.
pub(super) fn near(to: Transform, (x, y): Place) -> Point {
    let mut point = Point::from_xy(x, y);
    to.map_point(&mut point);
    let bound = |side: f32| {
        if side.is_nan() {
            0.0
        } else {
            side.clamp(-FAR, FAR)
        }
    };
    Point::from_xy(bound(point.x), bound(point.y))
}

/// Whether a picture of `wide` by `high` pixels may be seen on the canvas, and its corners are where
/// one can reckon with them.
fn reaches(to: Transform, (wide, high): (f32, f32), canvas: (u32, u32)) -> bool {
    let mut corners =
        [(0.0, 0.0), (wide, 0.0), (wide, high), (0.0, high)].map(|(x, y)| Point::from_xy(x, y));
    to.map_points(&mut corners);
    let within = |of: fn(&Point) -> f32, side: u32| {
        let sides = corners.iter().map(of);
        let (least, most) = sides.fold((f32::MAX, f32::MIN), |(least, most), side| {
            (least.min(side), most.max(side))
        });
        least > -FARTHEST && most < FARTHEST && most > 0.0 && least < single(i64::from(side))
    };
    within(|corner| corner.x, canvas.0) && within(|corner| corner.y, canvas.1)
}

fn tiled(picture: &Pixmap, scale: f32) -> Shader<'_> {
    Pattern::new(
        picture.as_ref(),
        SpreadMode::Repeat,
        FilterQuality::Nearest,
        1.0,
        Transform::from_scale(scale, scale),
    )
}

/// One tile of a hatch ([MS-WMF] 2.1.1.12).
fn hatch(colour: Color, kind: u32, behind: Option<Color>) -> Option<Pixmap> {
    let mut tile = Pixmap::new(8, 8)?;
    tile.fill(behind.unwrap_or(Color::TRANSPARENT));
    let ink = colour.premultiply().to_color_u8();
    for (place, pixel) in tile.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (place & 7, place >> 3);
        let on = match kind {
            0 => y == 4,
            1 => x == 4,
            2 => x == y,
            3 => x.saturating_add(y) == 7,
            4 => x == 4 || y == 4,
            5 => x == y || x.saturating_add(y) == 7,
            _ => false,
        };
        if on {
            *pixel = ink;
        }
    }
    Some(tile)
}
