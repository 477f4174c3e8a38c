//! Texts of a drawing, as outlines of letters of the fonts of this machine.

use super::paint::Painter;
use super::single;
use super::state::{Brush, Font, Place};
use crate::formats::symbols::Symbols;
use mugai_core::Refusal;
use mugai_core::cx::{FontFace, FontNeed, Script, Strokes};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider as _};
use tiny_skia::{BlendMode, PathBuilder, Point, Transform};

/// The most letters of one call.
const MAX_LETTERS: usize = 16_384;
/// Steps of work a letter.
const LETTER: usize = 512;

/// How a text hangs on its place ([MS-WMF] 2.1.2.3).
const UPDATE: u32 = 1;
const RIGHT: u32 = 2;
const CENTRE: u32 = 6;
const BOTTOM: u32 = 8;
const BASELINE: u32 = 24;

/// The faces that were asked for.
pub(super) struct Letters<'a> {
    fonts: &'a dyn mugai_core::Fonts,
    known: Vec<(FontNeed, Option<FontFace>)>,
    missing: u32,
}

impl<'a> Letters<'a> {
    pub(super) fn new(fonts: &'a dyn mugai_core::Fonts) -> Self {
        Self {
            fonts,
            known: Vec::new(),
            missing: 0,
        }
    }

    /// How many texts could not be drawn.
    pub(super) const fn missing(&self) -> u32 {
        self.missing
    }

    pub(super) const fn lose(&mut self) {
        self.missing = self.missing.saturating_add(1);
    }

    fn face(&mut self, need: FontNeed) -> Option<FontFace> {
        if let Some((_, face)) = self.known.iter().find(|(of, _)| *of == need) {
            return face.clone();
        }
        let face = self.fonts.find(need);
        self.known.push((need, face.clone()));
        face
    }
}

/// A text with its place.
pub(super) struct Words<'t> {
    pub(super) text: &'t str,
    pub(super) at: Place,
    /// Advances in logical units, one a letter; none for those of the font.
    pub(super) advances: &'t [f32],
}

/// Which letters the Latin faces do not have.
const fn is_far(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{ffef}' | '\u{20000}'..)
}

/// Letters of one face, as an outline in pixels.
struct Pen<'b> {
    builder: &'b mut PathBuilder,
    to: Transform,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Point {
        super::paint::near(self.to, (x, y))
    }
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let at = self.at(x, y);
        self.builder.move_to(at.x, at.y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let at = self.at(x, y);
        self.builder.line_to(at.x, at.y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (c, at) = (self.at(cx, cy), self.at(x, y));
        self.builder.quad_to(c.x, c.y, at.x, at.y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (c, d, at) = (self.at(cx0, cy0), self.at(cx1, cy1), self.at(x, y));
        self.builder.cubic_to(c.x, c.y, d.x, d.y, at.x, at.y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}

/// A letter and the face that has it.
struct Glyph {
    far: bool,
    id: skrifa::GlyphId,
    advance: f32,
}

impl Painter<'_> {
    /// Draws a text.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn words(&mut self, words: &Words<'_>) -> Result<(), Refusal> {
        let count = words.text.chars().count();
        if count == 0 || count > MAX_LETTERS {
            return Ok(());
        }
        self.charge(count.saturating_mul(LETTER))?;
        if self.told.is_some() {
            let is_seen = self.is_in_sight(words, count);
            if let Some(told) = self.told.as_mut().filter(|_| is_seen) {
                told.say(words.at.1, words.text);
            }
            return Ok(());
        }
        let font = self.state.font;
        let strokes = if font.serif {
            Strokes::Serif
        } else {
            Strokes::Sans
        };
        let need = |script| FontNeed {
            bold: font.bold,
            // letters are leaned below, whatever the face
            ..FontNeed::regular(script, strokes)
        };
        let near = self.letters.face(need(Script::Latin));
        let far = self.letters.face(need(Script::Japanese));
        let far = far.or_else(|| near.clone());
        let (Some(near), Some(far)) = (near.or_else(|| far.clone()), far) else {
            self.lose_letters();
            return Ok(());
        };
        let near_bytes: &[u8] = (*near.0).as_ref();
        let far_bytes: &[u8] = (*far.0).as_ref();
        let (Ok(near), Ok(far)) = (
            FontRef::from_index(near_bytes, near.1),
            FontRef::from_index(far_bytes, far.1),
        ) else {
            self.lose_letters();
            return Ok(());
        };
        self.run(words, &font, (&near, &far))
    }

    /// The height of letters in pixels, where a line is `cell` times as high; `None` where they are too small or too
    /// large to be drawn.
    fn em(&self, cell: f32) -> Option<f32> {
        let to = self.to_pixels();
        let down = to.kx.hypot(to.sy);
        let em = match self.state.font.height {
            height if height < 0.0 => -height * down,
            height if height > 0.0 => height * down / cell,
            _ => 16.0 * down,
        };
        (0.5..4_000.0).contains(&em).then_some(em)
    }

    /// Whether a text may be seen on a picture that is not drawn: its letters have a size, and wherever they hang and
    /// are turned to, they reach the picture and what is left of it by clips that are rectangles.
    fn is_in_sight(&self, words: &Words<'_>, count: usize) -> bool {
        let Some(em) = self.em(1.0) else {
            return false;
        };
        let (Some(told), to) = (&self.told, self.to_pixels()) else {
            return false;
        };
        let place = if self.state.align & UPDATE == 0 {
            words.at
        } else {
            self.state.at
        };
        let origin = self.at(place);
        let advances: f32 = words.advances.iter().map(|advance| advance.abs()).sum();
        let letters = single(i64::try_from(count).unwrap_or(i64::MAX)) * em;
        let reach = letters.max(advances * to.sx.hypot(to.ky)).max(em * 1.5);
        let [mut left, mut top, mut right, mut bottom] = [0.0, 0.0, told.sides.0, told.sides.1];
        if let Some(area) = self.state.clip.area {
            (left, top) = (area[0].max(left), area[1].max(top));
            (right, bottom) = (area[2].min(right), area[3].min(bottom));
        }
        left < right
            && top < bottom
            && origin.x + reach > left
            && origin.x - reach < right
            && origin.y + reach > top
            && origin.y - reach < bottom
    }

    fn run(
        &mut self,
        words: &Words<'_>,
        font: &Font,
        (near, far): (&FontRef<'_>, &FontRef<'_>),
    ) -> Result<(), Refusal> {
        let to = self.to_pixels();
        // letters stand upright whichever way the units go
        let across = to.sx.hypot(to.ky);
        let metrics = near.metrics(Size::new(1.0), LocationRef::default());
        let (ascent, descent) = (metrics.ascent, -metrics.descent);
        let cell = (ascent + descent).max(0.1);
        let Some(em) = self.em(cell) else {
            return Ok(());
        };
        let glyphs = shape(words, font, (near, far), em, across);
        let total: f32 = glyphs.iter().map(|glyph| glyph.advance).sum();
        let run = self.hang(words.at, total, (ascent * em, descent * em));
        self.behind(run, total, (ascent * em, descent * em))?;
        let mut builder = PathBuilder::new();
        let slant = if font.italic { 0.2 } else { 0.0 };
        let mut x = 0.0;
        for glyph in &glyphs {
            let face = if glyph.far { far } else { near };
            if let Some(outline) = face.outline_glyphs().get(glyph.id) {
                let to = run
                    .pre_translate(x, 0.0)
                    .pre_concat(Transform::from_row(1.0, 0.0, slant, -1.0, 0.0, 0.0));
                let settings = DrawSettings::unhinted(Size::new(em), LocationRef::default());
                let mut pen = Pen {
                    builder: &mut builder,
                    to,
                };
                // a glyph that is broken is not drawn
                let _ = outline.draw(settings, &mut pen);
            }
            x += glyph.advance;
        }
        for (on, height) in [(font.underline, 0.12), (font.strike, -0.28)] {
            if on {
                bar(
                    &mut builder,
                    run,
                    total,
                    (height * em, (em * 0.06).max(1.0)),
                );
            }
        }
        self.charge(builder.len().saturating_mul(8))?;
        if let Some(outline) = builder.finish() {
            if self.in_path {
                self.path.push_path(&outline);
            } else {
                let ink = Brush::Solid(self.state.text);
                let winding = std::mem::replace(&mut self.state.winding, true);
                let done = self.fill_with(&outline, &ink, BlendMode::SourceOver);
                self.state.winding = winding;
                done?;
            }
        }
        if self.state.align & UPDATE != 0 && across > 0.0 {
            self.state.at.0 += total / across;
        }
        Ok(())
    }

    /// Where a run of the given length begins, and how it is turned, in pixels.
    fn hang(&self, at: Place, total: f32, (up, down): (f32, f32)) -> Transform {
        let to = self.to_pixels();
        let angle = single(i64::from(self.state.font.escapement)) / 10.0;
        let turn = if to.sx == 0.0 && to.ky != 0.0 {
            to.ky.atan2(to.sx).to_degrees()
        } else {
            0.0
        };
        let align = self.state.align;
        let place = if align & UPDATE == 0 {
            at
        } else {
            self.state.at
        };
        let origin = self.at(place);
        let back = match align & CENTRE {
            CENTRE => total / 2.0,
            RIGHT => total,
            _ => 0.0,
        };
        let drop = match align & BASELINE {
            BASELINE => 0.0,
            BOTTOM => -down,
            _ => up,
        };
        Transform::from_translate(origin.x, origin.y)
            .pre_rotate(turn - angle)
            .pre_translate(-back, drop)
    }

    /// The ground of a text that is opaque.
    fn behind(
        &mut self,
        run: Transform,
        total: f32,
        (up, down): (f32, f32),
    ) -> Result<(), Refusal> {
        if !self.state.opaque || self.in_path || self.state.font.escapement != 0 {
            return Ok(());
        }
        let mut builder = PathBuilder::new();
        bar(&mut builder, run, total, (-up, up + down));
        match builder.finish() {
            Some(outline) => {
                let ground = Brush::Solid(self.state.back);
                self.fill_with(&outline, &ground, BlendMode::SourceOver)
            }
            None => Ok(()),
        }
    }
}

/// A bar along a run: how far below the line it begins, and its height.
fn bar(builder: &mut PathBuilder, run: Transform, total: f32, (top, height): (f32, f32)) {
    let corners = [
        (0.0, top),
        (total, top),
        (total, top + height),
        (0.0, top + height),
    ];
    for (place, corner) in corners.into_iter().enumerate() {
        let at = super::paint::near(run, corner);
        if place == 0 {
            builder.move_to(at.x, at.y);
        } else {
            builder.line_to(at.x, at.y);
        }
    }
    builder.close();
}

/// Which glyphs of which face a text is, and how far each moves on.
fn shape(
    words: &Words<'_>,
    font: &Font,
    (near, far): (&FontRef<'_>, &FontRef<'_>),
    em: f32,
    across: f32,
) -> Vec<Glyph> {
    let size = Size::new(em);
    let metrics = [
        near.glyph_metrics(size, LocationRef::default()),
        far.glyph_metrics(size, LocationRef::default()),
    ];
    let maps = [near.charmap(), far.charmap()];
    let one = |(place, letter): (usize, char)| {
        let mut letter = font.symbols.letter(letter);
        // of the symbols, faces for text have some
        let is_drawn = !letter.is_whitespace() && !letter.is_control();
        let is_symbol = font.symbols != Symbols::None && is_drawn;
        if is_symbol && maps.iter().all(|map| map.map(letter).is_none()) {
            letter = '•';
        }
        let id = |far: bool| maps.get(usize::from(far)).and_then(|map| map.map(letter));
        let (far, id) = match (is_far(letter), id(false), id(true)) {
            (true, _, Some(id)) | (false, None, Some(id)) => (true, id),
            (_, Some(id), _) => (false, id),
            (_, None, None) => (false, skrifa::GlyphId::NOTDEF),
        };
        let natural = metrics
            .get(usize::from(far))
            .and_then(|metrics| metrics.advance_width(id))
            .unwrap_or(em / 2.0);
        let given = words.advances.get(place).map(|advance| advance * across);
        Glyph {
            far,
            // past the last glyph of any face: nothing is drawn
            id: if letter.is_whitespace() || letter.is_control() {
                skrifa::GlyphId::new(u32::MAX)
            } else {
                id
            },
            advance: given.unwrap_or(natural),
        }
    };
    words.text.chars().enumerate().map(one).collect()
}
