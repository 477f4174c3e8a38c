//! Metafiles of StarView, which office suites of that family put beside the objects of a document. The form is that of the
//! suite's own sources; no standard has it. What is made of lines, areas and letters is drawn, gradients in the colour
//! in their middle; pictures that are packed are not drawn.

mod actions;
mod input;

use super::paint::Painter;
use super::state::Place;
use super::{Frame, Lines, draw, single};
use crate::formats::raster::cursor::Cursor;
use input::{Input, SHORT};
use mugai_core::{Cx, Refusal};
use tiny_skia::Transform;

const MAGIC: &[u8] = b"VCLMTF";
/// The most actions of one file.
const MAX_ACTIONS: u32 = 2_000_000;
/// A gradient within an outline, and the comment that ends what comes for other programs.
const GRADIENT: u16 = 148;
const COMMENT: u16 = 512;
const GRADIENT_ENDS: &str = "XGRAD_SEQ_END";
/// The unit that is one pixel of a screen, in hundredths of millimetres.
const PIXEL: f32 = 2_540.0 / 96.0;

pub(super) fn is(input: &[u8]) -> bool {
    input.starts_with(MAGIC)
}

/// How units become hundredths of millimetres.
#[derive(Clone, Copy, Debug)]
struct Mode {
    origin: Place,
    scale: Place,
    /// `None` for units of the mode before.
    unit: Option<f32>,
}

impl Mode {
    fn read(input: &mut Input<'_>) -> Option<Self> {
        let mut own = input.versioned()?.1;
        let unit = own.u16()?;
        let origin = own.place()?;
        let mut fraction = || {
            let (above, below) = (own.side()?, own.side()?);
            Some(if below == 0.0 { 1.0 } else { above / below })
        };
        let scale = (fraction()?, fraction()?);
        let unit = match unit {
            0 => 1.0,
            1 => 10.0,
            2 => 100.0,
            3 => 1_000.0,
            4 => 2.54,
            5 => 25.4,
            6 => 254.0,
            7 => 2_540.0,
            8 => 2_540.0 / 72.0,
            9 => 2_540.0 / 1_440.0,
            13 => {
                return Some(Self {
                    origin,
                    scale,
                    unit: None,
                });
            }
            _ => PIXEL,
        };
        Some(Self {
            origin,
            scale,
            unit: Some(unit),
        })
    }

    fn transform(self, before: Transform) -> Transform {
        let unit = self.unit.unwrap_or(1.0);
        let (across, down) = (self.scale.0 * unit, self.scale.1 * unit);
        let own = Transform::from_translate(self.origin.0, self.origin.1).post_scale(across, down);
        match self.unit {
            Some(_) => own,
            None => own.post_concat(before),
        }
    }
}

/// Opens a metafile.
///
/// # Errors
/// [`Refusal::Malformed`] without a header or a picture, [`Refusal::Overrun`].
pub(super) fn open(input: &[u8], told: Option<&mut Lines>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let mut cursor = Cursor::little(input, MAGIC.len());
    let mut header = || -> Option<(Mode, Place, u32, usize)> {
        let _version = cursor.u16()?;
        let length = cursor.size()?;
        let begin = cursor.position();
        let mut own = Input::new(input.get(begin..begin.checked_add(length)?)?);
        let _compression = own.u32()?;
        let mode = Mode::read(&mut own)?;
        let sides = own.place()?;
        Some((mode, sides, own.u32()?, begin.checked_add(length)?))
    };
    let (mode, sides, count, begin) = header().ok_or(SHORT)?;
    let device = mode.transform(Transform::identity());
    let size = (sides.0 * device.sx, sides.1 * device.sy);
    let frame = Frame {
        inches: (size.0 / 2_540.0, size.1 / 2_540.0),
        to_unit: Transform::from_scale(1.0 / size.0, 1.0 / size.1),
    };
    draw(&frame, told, cx, |painter| {
        painter.state.world = device;
        play(painter, input.get(begin..).unwrap_or_default(), count)
    })
}

/// Plays actions up to the end of the file, or of what is whole of it.
fn play(painter: &mut Painter<'_>, input: &[u8], count: u32) -> Result<(), Refusal> {
    let mut input = Input::new(input);
    // behind a gradient within an outline comes the same for programs that know none
    let mut again = false;
    for _ in 0..count.min(MAX_ACTIONS) {
        let Some(kind) = input.u16() else {
            break;
        };
        let Some((version, action)) = input.versioned() else {
            break;
        };
        painter.charge(16usize.saturating_add(action.len() / 8))?;
        if again {
            again = kind != COMMENT || action.clone().old_text().as_deref() != Some(GRADIENT_ENDS);
            continue;
        }
        again = kind == GRADIENT;
        // one that is too short draws nothing
        actions::play(painter, kind, version, action)?;
    }
    Ok(())
}

/// A side of a picture or a place as a number of units.
fn units(number: u32) -> f32 {
    single(i64::from(number.cast_signed()))
}
