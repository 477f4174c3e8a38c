//! Metafiles: drawings told as calls of GDI ([MS-EMF] 12.1, [MS-WMF] 18.0).
//!
//! They are played on a canvas of our own, and what is seen becomes a picture. Calls that print, run,
//! tell something to a driver or name a file do not exist here; comments are not read, so that drawings
//! of GDI+ alone are refused.

mod cost;
mod dib;
mod emf;
mod letters;
mod paint;
mod state;
mod symbols;
mod wmf;

use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Page, Piece, PixelFormat, Refusal, Resource, Treatment};
use paint::Painter;
use tiny_skia::Transform;

/// The reader of metafiles: EMF and WMF.
pub(super) struct Metafile;

impl Format for Metafile {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Metafile,
            reference: "[MS-EMF] 12.1, [MS-WMF] 18.0",
            treatments: &[Treatment::Flatten],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if emf::is(head) || wmf::is(head) {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len() / 8)?;
        if emf::is(input) {
            emf::open(input, cx)
        } else {
            wmf::open(input, cx)
        }
    }
}

/// Pixels an inch of the picture, and the most of them on a side.
const DPI: f32 = 192.0;
const MAX_SIDE: f32 = 2_400.0;
/// Smaller pictures are drawn larger: icons of objects are looked at closely.
const MIN_SIDE: f32 = 96.0;

/// The picture of a drawing.
struct Frame {
    /// Its sides on paper, in inches.
    inches: (f32, f32),
    /// From the units of the drawing's device to the sides of the picture, as 0 to 1.
    to_unit: Transform,
}

/// Draws on a canvas that is paid for, and puts what is seen.
fn draw(
    frame: &Frame,
    cx: &mut Cx<'_>,
    play: impl FnOnce(&mut Painter<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let (wide, high) = frame.inches;
    let longest = wide.max(high);
    if !(wide > 0.0 && high > 0.0 && longest.is_finite() && frame.to_unit.is_finite()) {
        return Err(Refusal::malformed("metafile: a picture without sides"));
    }
    let scale = DPI
        .min(MAX_SIDE / longest)
        .max((MIN_SIDE / longest).min(DPI * 4.0));
    let (width, height) = (side(wide * scale), side(high * scale));
    let canvas = Page::start(width, height, PixelFormat::Rgb8, cx.budget())?;
    let millipoints = |inches: f32| whole(inches * 72_000.0, 20_000_000.0);
    let canvas = canvas.with_size_millipoints(millipoints(wide), millipoints(high));
    // the canvas and a mask of it
    cx.charge_len(Resource::Bytes, canvas.byte_len().saturating_mul(3))?;
    let base = frame
        .to_unit
        .post_scale(single(i64::from(width)), single(i64::from(height)));
    let mut painter = Painter::new((width, height), base, cx)?;
    play(&mut painter)?;
    let (pixels, missing) = painter.finish();
    cx.note_times(mugai_core::FindingCode::PdfFontMissing, missing);
    cx.put(Piece::Page(canvas.fill(pixels)?))
}

/// A side in whole pixels, at least one.
fn side(pixels: f32) -> u32 {
    whole(pixels.round(), MAX_SIDE).max(1)
}

/// A number that is not negative, up to `most`.
fn whole(number: f32, most: f32) -> u32 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped, and there is no checked conversion from floats"
    )]
    let whole = number.clamp(0.0, most) as u32;
    whole
}

/// A whole number as a float; the last bits of large ones do not matter to what is drawn.
fn single(number: i64) -> f32 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "coordinates: a float is precise enough for what is drawn"
    )]
    let single = number as f32;
    single
}

#[cfg(test)]
mod tests;
