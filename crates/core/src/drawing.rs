//! One page as shapes: outlines that are filled or stroked, pictures, and glyphs, in a closed
//! vocabulary that no program, name or address fits into.
//!
//! Places are in hundredths of a point from the left *upper* corner of the page; the second
//! number grows downwards. The outline of a glyph is in thousandths of its em and grows upwards, as
//! in fonts. Pictures come before the drawing that shows them, each as a
//! [`Page`](crate::Page) with a [`Purpose`](crate::page::Purpose), and are told by their number in
//! the part; so are glyphs, which the first drawing that shows them brings along.

mod numbers;
mod path;

use crate::budget::{Budget, Resource};
use crate::layer::Layer;
use crate::refusal::Refusal;
use crate::text::Line;
pub use numbers::Numbers;
pub use path::{MAX_PLACE, Path, Place, Segment};

/// The most steps of one page.
pub const MAX_STEPS: usize = 500_000;
/// The most borders that stand within each other.
pub const MAX_CLIPS: usize = 200;
/// The most glyphs of one run.
pub const MAX_GLYPHS: usize = 100_000;
/// The furthest point of a glyph's outline from its origin, in thousandths of the em.
pub const MAX_EM: i32 = 16_000;
/// The longest advance of a glyph, in thousandths of the em.
pub const MAX_ADVANCE: u16 = 16_000;
/// The most characters that one glyph means.
pub const MAX_MEANING: usize = 32;
/// The most lengths of a dash pattern.
pub const MAX_DASHES: usize = 16;

/// What lies inside of an outline that crosses itself (ISO 32000-2, 8.5.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Where the outline winds around.
    NonZero,
    /// Where it is crossed an odd number of times.
    EvenOdd,
}

/// How paint meets what lies below (ISO 32000-2, 11.3.5); the number is its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Blend {
    /// It covers it.
    Normal,
    /// Levels are multiplied.
    Multiply,
    /// Their complements are multiplied.
    Screen,
    /// Either, by the level below.
    Overlay,
    /// The darker one.
    Darken,
    /// The lighter one.
    Lighten,
}

impl Blend {
    /// Every mode, in the order of their wire tags.
    pub const ALL: [Self; 6] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Darken,
        Self::Lighten,
    ];
}

/// How paint lies on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mix {
    /// Opacity: 255 is opaque, 0 is not painted.
    pub alpha: u8,
    /// How it meets what lies below.
    pub blend: Blend,
}

impl Mix {
    /// Opaque paint that covers.
    pub const SOLID: Self = Self {
        alpha: u8::MAX,
        blend: Blend::Normal,
    };
}

/// A colour and how it lies on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ink {
    /// Red, green and blue, sRGB.
    pub rgb: [u8; 3],
    /// How it lies.
    pub mix: Mix,
}

/// The ends of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cap {
    /// Cut at the end.
    Butt,
    /// Half a circle.
    Round,
    /// Half a square.
    Square,
}

/// The corners of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    /// To the point.
    Miter,
    /// Round.
    Round,
    /// Cut off.
    Bevel,
}

/// What lines are drawn with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pen {
    /// Width in hundredths of a point, 0 for the thinnest line that there is; at most [`MAX_PLACE`].
    pub width: u32,
    /// Ends.
    pub cap: Cap,
    /// Corners.
    pub join: Join,
    /// How long a point may be, in hundredths of the width: 100 to 100,000.
    pub miter: u32,
    /// Lengths of dashes and gaps in hundredths of a point, at most [`MAX_DASHES`], not all 0.
    pub dashes: Vec<u32>,
    /// Where in the pattern a line begins, in hundredths of a point.
    pub phase: u32,
}

/// A transform: `x' = a x + c y + e`, `y' = b x + d y + f`, each at most [`MAX_PLACE`] from 0.
pub type Matrix = [i32; 6];

/// A glyph and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its number: glyphs of a part are counted from 0 in the order in which drawings bring them.
    pub glyph: u32,
    /// Its origin on the page.
    pub at: Place,
}

/// One step of a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// What follows is cut to the inside of an outline, until the [`Step::Unclip`] for it.
    Clip(Path, Rule),
    /// The last border that stands ends.
    Unclip,
    /// The inside of an outline is painted.
    Fill(Path, Rule, Ink),
    /// An outline is drawn along.
    Stroke(Path, Pen, Ink),
    /// A picture fills the unit square, whose first row is at `y = 0`.
    Picture {
        /// Number of the picture.
        picture: u32,
        /// Number of the mask that tells its opacity.
        mask: Option<u32>,
        /// From the unit square to the page.
        matrix: Matrix,
        /// How it lies on the page.
        mix: Mix,
    },
    /// The black pixels of a stencil are painted; it fills the unit square as pictures do.
    Stencil {
        /// Number of the stencil.
        picture: u32,
        /// From the unit square to the page.
        matrix: Matrix,
        /// The paint.
        ink: Ink,
    },
    /// Glyphs are painted.
    Glyphs {
        /// From the em to the page: right and up, in hundredths of a point.
        matrix: [i32; 4],
        /// The paint.
        ink: Ink,
        /// The glyphs, 1 to [`MAX_GLYPHS`].
        glyphs: Vec<Placed>,
    },
}

/// The outline of a character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glyph {
    outline: Path,
    advance: u16,
    meaning: String,
}

impl Glyph {
    /// A glyph that means `meaning`, which is empty where that is not known.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for an outline further than [`MAX_EM`] from its origin, an advance
    /// over [`MAX_ADVANCE`], or a meaning that is no clean line of at most [`MAX_MEANING`] characters.
    pub fn new(outline: Path, advance: u16, meaning: String) -> Result<Self, Refusal> {
        let bad = Refusal::malformed("drawing: glyph");
        if outline.reach() > MAX_EM || advance > MAX_ADVANCE {
            return Err(bad);
        }
        // a blank is a meaning, though no line
        let is_blank = meaning == " ";
        if meaning.chars().count() > MAX_MEANING || !(is_blank || Line::check(&meaning).is_ok()) {
            return Err(bad);
        }
        Ok(Self {
            outline,
            advance,
            meaning,
        })
    }

    /// Its outline, filled by [`Rule::NonZero`]; empty for blanks.
    #[must_use]
    pub const fn outline(&self) -> &Path {
        &self.outline
    }

    /// How far the next one is, in thousandths of the em.
    #[must_use]
    pub const fn advance(&self) -> u16 {
        self.advance
    }

    /// What it means; empty where that is not known.
    #[must_use]
    pub fn meaning(&self) -> &str {
        &self.meaning
    }
}

/// One page as shapes, paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    size: (u32, u32),
    layer: Layer,
    glyphs: Vec<Glyph>,
    steps: Vec<Step>,
}

impl Drawing {
    /// A page of `size` thousandths of a point that brings `glyphs` along and is drawn by `steps`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a side of 0 or over 20,000,000, borders that are not closed or
    /// were never opened, and numbers out of their ranges; [`Refusal::Overrun`] when the purse does
    /// not hold its bytes.
    pub fn new(
        size: (u32, u32),
        layer: Layer,
        glyphs: Vec<Glyph>,
        steps: Vec<Step>,
        budget: &Budget,
    ) -> Result<Self, Refusal> {
        let sides = 1..=20_000_000;
        if !(sides.contains(&size.0) && sides.contains(&size.1)) || steps.len() > MAX_STEPS {
            return Err(Refusal::malformed("drawing: size"));
        }
        let mut open = 0usize;
        for step in &steps {
            match step {
                Step::Clip(..) => open = open.saturating_add(1),
                Step::Unclip => {
                    open = open
                        .checked_sub(1)
                        .ok_or(Refusal::malformed("drawing: border never opened"))?;
                }
                Step::Fill(..)
                | Step::Stroke(..)
                | Step::Picture { .. }
                | Step::Stencil { .. }
                | Step::Glyphs { .. } => {}
            }
            if open > MAX_CLIPS || !step.is_in_range() {
                return Err(Refusal::malformed("drawing: step out of its range"));
            }
        }
        if open > 0 {
            return Err(Refusal::malformed("drawing: border never closed"));
        }
        let price = steps.iter().map(Step::price);
        let glyph_price = glyphs
            .iter()
            .map(|glyph| glyph.outline.price().saturating_add(glyph.meaning.len()));
        let price = price.chain(glyph_price).fold(0usize, |sum, more| {
            sum.saturating_add(more).saturating_add(24)
        });
        budget.charge_len(Resource::Bytes, price)?;
        Ok(Self {
            size,
            layer,
            glyphs,
            steps,
        })
    }

    /// Width and height on paper in thousandths of a point.
    #[must_use]
    pub const fn size_millipoints(&self) -> (u32, u32) {
        self.size
    }

    /// What can be read on the page beside its glyphs.
    #[must_use]
    pub const fn layer(&self) -> &Layer {
        &self.layer
    }

    /// Glyphs that no drawing before it brought along.
    #[must_use]
    pub fn glyphs(&self) -> &[Glyph] {
        &self.glyphs
    }

    /// The steps, in the order in which they are drawn.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl Step {
    fn is_in_range(&self) -> bool {
        let near = |numbers: &[i32]| {
            numbers
                .iter()
                .all(|number| number.unsigned_abs() <= MAX_PLACE.unsigned_abs())
        };
        match self {
            Self::Clip(..) | Self::Unclip => true,
            Self::Fill(path, ..) => !path.is_empty(),
            Self::Stroke(path, pen, _) => !path.is_empty() && pen.is_in_range(),
            Self::Picture { matrix, .. } | Self::Stencil { matrix, .. } => near(matrix),
            Self::Glyphs { matrix, glyphs, .. } => {
                let [a, b, c, d] = matrix.map(i64::from);
                let area = a.saturating_mul(d).saturating_sub(b.saturating_mul(c));
                near(matrix)
                    && area != 0
                    && (1..=MAX_GLYPHS).contains(&glyphs.len())
                    && glyphs
                        .iter()
                        .all(|placed| near(&[placed.at.0, placed.at.1]))
            }
        }
    }

    fn price(&self) -> usize {
        match self {
            Self::Clip(path, _) | Self::Fill(path, ..) => path.price(),
            Self::Stroke(path, pen, _) => {
                let dashes = pen.dashes.len().saturating_mul(4);
                path.price().saturating_add(dashes).saturating_add(24)
            }
            Self::Unclip => 1,
            Self::Picture { .. } | Self::Stencil { .. } => 48,
            Self::Glyphs { glyphs, .. } => glyphs.len().saturating_mul(12).saturating_add(32),
        }
    }
}

impl Pen {
    fn is_in_range(&self) -> bool {
        let most = MAX_PLACE.unsigned_abs();
        let dashes_fit = self.dashes.len() <= MAX_DASHES
            && self.dashes.iter().all(|length| *length <= most)
            && (self.dashes.is_empty() || self.dashes.iter().any(|length| *length > 0));
        self.width <= most
            && (100..=100_000).contains(&self.miter)
            && dashes_fit
            && self.phase <= most
            && (self.phase == 0 || !self.dashes.is_empty())
    }
}

#[cfg(test)]
mod tests;
