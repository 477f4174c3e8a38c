//! What a device context remembers: mapping, pen, brush, font, colours, clip.

use crate::formats::symbols::Symbols;
use std::rc::Rc;
use tiny_skia::{BlendMode, Color, FillRule, Mask, Pixmap, Transform};

/// A place in the units of the drawing.
pub(super) type Place = (f32, f32);

/// A pen. Its width is in logical units; 0 is one pixel of the device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub(super) colour: Color,
    pub(super) width: f32,
    pub(super) style: u32,
}

/// The kind of a pen's line, of its ends and of its corners ([MS-EMF] 2.1.25).
const STYLE: u32 = 0xf;
const NULL: u32 = 5;

impl Pen {
    pub(super) const fn is_null(self) -> bool {
        self.style & STYLE == NULL
    }

    /// Lengths of strokes and gaps in widths of the pen.
    pub(super) const fn dashes(self) -> Option<&'static [f32]> {
        match self.style & STYLE {
            1 => Some(&[6.0, 3.0]),
            2 => Some(&[1.5, 1.5]),
            3 => Some(&[5.0, 2.0, 1.5, 2.0]),
            4 => Some(&[5.0, 2.0, 1.5, 2.0, 1.5, 2.0]),
            _ => None,
        }
    }
}

/// What areas are filled with.
#[derive(Clone)]
pub(super) enum Brush {
    Null,
    Solid(Color),
    /// One of the six hatches.
    Hatch(Color, u32),
    Pattern(Rc<Pixmap>),
}

/// A font, as far as it is looked at.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent thing that a file says"
)]
#[derive(Clone, Copy, Debug)]
pub(super) struct Font {
    /// Height of a cell, or of the letters where it is negative; logical units.
    pub(super) height: f32,
    /// Tenths of a degree, against the clock.
    pub(super) escapement: i32,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) underline: bool,
    pub(super) strike: bool,
    pub(super) serif: bool,
    pub(super) charset: u8,
    pub(super) symbols: Symbols,
}

/// Parts of names of fonts with serifs.
const SERIFS: [&str; 14] = [
    "times", "mincho", "明朝", "serif", "georgia", "cambria", "garamond", "century", "roman",
    "batang", "song", "ming", "bookman", "palatino",
];

impl Font {
    /// Told by its name and family ([MS-WMF] 2.2.1.2).
    pub(super) fn named(self, name: &str, family: u8) -> Self {
        let lower = name.to_lowercase();
        let lower = lower.trim_end_matches('\0');
        let sans = lower.contains("sans");
        Self {
            serif: !sans
                && (family & 0xf0 == 0x10 || SERIFS.iter().any(|serif| lower.contains(serif))),
            symbols: Symbols::named(lower),
            ..self
        }
    }
}

/// Something that was made to be selected.
#[derive(Clone)]
pub(super) enum Object {
    Pen(Pen),
    Brush(Brush),
    Font(Font),
    /// Palettes, colour spaces, regions: they take a number.
    Other,
}

/// Where the pen may draw.
#[derive(Clone, Default)]
pub(super) struct Clip {
    /// In pixels: left, top, right, bottom. `None` is everything.
    pub(super) area: Option<[f32; 4]>,
    pub(super) mask: Option<Rc<Mask>>,
}

impl Clip {
    pub(super) fn of(mask: Mask) -> Self {
        Self {
            area: None,
            mask: Some(Rc::new(mask)),
        }
    }

    /// Whether it is the same as another one, and not only equal to it.
    pub(super) fn is(&self, other: &Self) -> bool {
        let mask = match (&self.mask, &other.mask) {
            (Some(own), Some(other)) => Rc::ptr_eq(own, other),
            (None, None) => true,
            _ => false,
        };
        mask && self.area == other.area
    }
}

/// The whole state; it is saved and restored as one.
#[derive(Clone)]
pub(super) struct State {
    pub(super) pen: Pen,
    pub(super) brush: Brush,
    pub(super) font: Font,
    pub(super) text: Color,
    pub(super) back: Color,
    pub(super) opaque: bool,
    pub(super) align: u32,
    pub(super) winding: bool,
    /// Whether arcs go with the clock.
    pub(super) clockwise: bool,
    pub(super) blend: Option<BlendMode>,
    pub(super) at: Place,
    pub(super) mode: u32,
    pub(super) window: (Place, Place),
    pub(super) viewport: (Place, Place),
    pub(super) world: Transform,
    pub(super) clip: Clip,
    /// What all clips are within, whatever is selected.
    pub(super) meta: Clip,
}

impl Default for State {
    fn default() -> Self {
        Self {
            pen: Pen {
                colour: Color::BLACK,
                width: 0.0,
                style: 0,
            },
            brush: Brush::Solid(Color::WHITE),
            font: Font {
                height: 0.0,
                escapement: 0,
                bold: false,
                italic: false,
                underline: false,
                strike: false,
                serif: false,
                charset: 0,
                symbols: Symbols::None,
            },
            text: Color::BLACK,
            back: Color::WHITE,
            opaque: true,
            align: 0,
            winding: false,
            clockwise: false,
            blend: Some(BlendMode::SourceOver),
            at: (0.0, 0.0),
            mode: 1,
            window: ((0.0, 0.0), (1.0, 1.0)),
            viewport: ((0.0, 0.0), (1.0, 1.0)),
            world: Transform::identity(),
            clip: Clip::default(),
            meta: Clip::default(),
        }
    }
}

/// A colour as metafiles write it: red in the lowest byte.
pub(super) fn colour(raw: u32) -> Color {
    let [red, green, blue, _] = raw.to_le_bytes();
    Color::from_rgba8(red, green, blue, 255)
}

/// What a binary operation of pens and brushes is nearest to ([MS-WMF] 2.1.1.2); `None` for the one that
/// draws nothing.
pub(super) const fn blend(operation: u32) -> Option<BlendMode> {
    Some(match operation {
        11 => return None,
        9 => BlendMode::Multiply,
        7 | 10 => BlendMode::Difference,
        15 => BlendMode::Screen,
        _ => BlendMode::SourceOver,
    })
}

/// What a raster operation does with its source ([MS-WMF] 2.1.1.31).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Raster {
    /// The picture is drawn so.
    Picture(BlendMode),
    /// The brush is drawn so.
    Brush(BlendMode),
    Fill(Color),
    Nothing,
}

pub(super) const fn raster(operation: u32) -> Raster {
    match operation {
        0x0088_00c6 => Raster::Picture(BlendMode::Multiply),
        0x00ee_0086 => Raster::Picture(BlendMode::Screen),
        0x0066_0046 => Raster::Picture(BlendMode::Difference),
        0x00f0_0021 => Raster::Brush(BlendMode::SourceOver),
        0x00a0_00c9 => Raster::Brush(BlendMode::Multiply),
        0x005a_0049 => Raster::Brush(BlendMode::Difference),
        0x0000_0042 => Raster::Fill(Color::BLACK),
        0x00ff_0062 => Raster::Fill(Color::WHITE),
        // the destination alone
        0x00aa_0029 => Raster::Nothing,
        _ => Raster::Picture(BlendMode::SourceOver),
    }
}

impl State {
    /// What is inside of an outline that crosses itself.
    pub(super) const fn rule(&self) -> FillRule {
        if self.winding {
            FillRule::Winding
        } else {
            FillRule::EvenOdd
        }
    }

    /// From logical units to those of the device.
    pub(super) fn to_device(&self, millimetre: Place) -> Transform {
        let ((wx, wy), (ww, wh)) = self.window;
        let ((vx, vy), (vw, vh)) = self.viewport;
        let unit = |part: f32| (millimetre.0 * part, -millimetre.1 * part);
        let (sx, sy) = match self.mode {
            2 => unit(0.1),
            3 => unit(0.01),
            4 => unit(0.254),
            5 => unit(0.0254),
            6 => unit(25.4 / 1440.0),
            7 | 8 => {
                let ratio =
                    |view: f32, window: f32| if window == 0.0 { 1.0 } else { view / window };
                let (sx, sy) = (ratio(vw, ww), ratio(vh, wh));
                let least = sx.abs().min(sy.abs());
                if self.mode == 7 {
                    (least.copysign(sx), least.copysign(sy))
                } else {
                    (sx, sy)
                }
            }
            _ => (1.0, 1.0),
        };
        let page = Transform::from_row(sx, 0.0, 0.0, sy, vx - wx * sx, vy - wy * sy);
        self.world.post_concat(page)
    }
}
