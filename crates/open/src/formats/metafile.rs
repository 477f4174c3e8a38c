//! Metafiles: drawings told as calls of GDI ([MS-EMF] 12.1, [MS-WMF] 18.0), or as actions of StarView.
//!
//! They are played on a canvas of our own, and what is seen becomes a picture. Calls that print, run,
//! tell something to a driver or name a file do not exist here; comments are not read, so that drawings
//! of GDI+ alone are refused.

mod clip;
mod cost;
mod dib;
mod emf;
mod letters;
mod paint;
mod state;
mod svm;
mod wmf;

use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Page, Piece, PixelFormat, Refusal, Resource, Treatment};
use paint::Painter;
use tiny_skia::Transform;

/// The reader of metafiles: EMF, WMF and SVM.
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
        if emf::is(head) || wmf::is(head) || svm::is(head) {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len() / 8)?;
        play(input, None, cx)
    }
}

fn play(input: &[u8], told: Option<&mut Lines>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    if emf::is(input) {
        emf::open(input, told, cx)
    } else if svm::is(input) {
        svm::open(input, told, cx)
    } else {
        wmf::open(input, told, cx)
    }
}

/// The letters of a drawing, as far as they are told as letters; nothing for what is no metafile or is broken.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn text(input: &[u8], cx: &mut Cx<'_>) -> Result<String, Refusal> {
    if !emf::is(input) && !wmf::is(input) && !svm::is(input) {
        return Ok(String::new());
    }
    cx.charge_len(Resource::Steps, input.len() / 8)?;
    let mut told = Lines::default();
    match play(input, Some(&mut told), cx) {
        Err(overrun @ Refusal::Overrun { .. }) => Err(overrun),
        // what came before the fault was seen
        Ok(()) | Err(_) => Ok(told.text),
    }
}

/// Texts of a drawing in the order in which they are drawn; those beside each other are one line.
#[derive(Default)]
struct Lines {
    text: String,
    last: Option<f32>,
    /// The sides of the picture, in pixels, though it is not drawn.
    sides: (f32, f32),
}

impl Lines {
    fn say(&mut self, height: f32, text: &str) {
        let text = text.trim_matches(['\0', '\r', '\n']);
        if text.trim().is_empty() {
            return;
        }
        if self
            .last
            .is_some_and(|last| (last - height).abs() > f32::EPSILON)
        {
            self.text.push('\n');
        } else if self.last.is_some() && text.chars().nth(1).is_some() {
            // letters that come one by one are words already
            self.text.push(' ');
        }
        self.last = Some(height);
        self.text.push_str(text);
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

/// Draws on a canvas that is paid for, and puts what is seen; or tells the letters, and draws on nothing to speak of.
fn draw(
    frame: &Frame,
    told: Option<&mut Lines>,
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
    let sides = (single(i64::from(width)), single(i64::from(height)));
    let base = frame.to_unit.post_scale(sides.0, sides.1);
    if let Some(told) = told {
        let mut painter = Painter::new((1, 1), base, cx)?;
        painter.told = Some(Lines {
            sides,
            ..Lines::default()
        });
        let played = play(&mut painter);
        *told = painter.told.take().unwrap_or_default();
        return played;
    }
    let canvas = Page::start(width, height, PixelFormat::Rgb8, cx.budget())?;
    let millipoints = |inches: f32| whole(inches * 72_000.0, 20_000_000.0);
    let canvas = canvas.with_size_millipoints(millipoints(wide), millipoints(high));
    // the canvas, its opacity and a mask of it
    cx.charge_len(Resource::Bytes, canvas.byte_len().saturating_mul(3))?;
    let mut painter = Painter::new((width, height), base, cx)?;
    painter.pixels_an_inch(scale);
    play(&mut painter)?;
    let missing = painter.letters.missing();
    cx.note_times(mugai_core::FindingCode::PdfFontMissing, missing);
    let opacity = painter.opacity();
    let pixels = painter.on_white();
    let canvas = match opacity {
        Some(opacity) => canvas.with_opacity(opacity),
        None => canvas,
    };
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
