//! Enhanced metafiles ([MS-EMF]).

mod calls;
mod pictures;
mod texts;

use super::paint::Painter;
use super::state::{self, Place};
use super::{Frame, Lines, draw, single};
use crate::formats::raster::cursor::Cursor;
use mugai_core::{Cx, FindingCode, Refusal};
use tiny_skia::{Path, PathBuilder, Point, Transform};

/// The most records of one file.
const MAX_RECORDS: usize = 2_000_000;

pub(super) const SHORT: Refusal = Refusal::malformed("emf: a record is too short");

pub(super) fn is(input: &[u8]) -> bool {
    input.starts_with(&[1, 0, 0, 0]) && input.get(40..44) == Some(b" EMF")
}

/// A record: its whole bytes, and a place in them.
#[derive(Clone, Copy)]
struct Record<'a> {
    bytes: &'a [u8],
}

impl<'a> Record<'a> {
    fn u32(self, at: usize) -> Result<u32, Refusal> {
        Cursor::little(self.bytes, at).u32().ok_or(SHORT)
    }

    fn i32(self, at: usize) -> Result<i32, Refusal> {
        self.u32(at).map(u32::cast_signed)
    }

    fn size(self, at: usize) -> Result<usize, Refusal> {
        Cursor::little(self.bytes, at).size().ok_or(SHORT)
    }

    fn side(self, at: usize) -> Result<f32, Refusal> {
        self.i32(at).map(|side| single(i64::from(side)))
    }

    fn float(self, at: usize) -> Result<f32, Refusal> {
        let value = f32::from_bits(self.u32(at)?);
        Ok(if value.is_finite() { value } else { 0.0 })
    }

    fn place(self, at: usize) -> Result<Place, Refusal> {
        Ok((self.side(at)?, self.side(at.saturating_add(4))?))
    }

    /// Bytes that a record names by offset and length.
    fn named(self, offset: usize, length: usize) -> Result<&'a [u8], Refusal> {
        let (from, length) = (self.size(offset)?, self.size(length)?);
        let end = from.saturating_add(length);
        self.bytes.get(from..end).ok_or(SHORT)
    }

    /// `count` places from `at` on, of four or of two bytes a side.
    fn places(self, at: usize, count: usize, short: bool) -> Result<Vec<Place>, Refusal> {
        let each = if short { 4 } else { 8 };
        let length = count.checked_mul(each).ok_or(SHORT)?;
        let bytes = self.bytes.get(at..at.saturating_add(length)).ok_or(SHORT)?;
        let mut cursor = Cursor::little(bytes, 0);
        let mut side = || {
            if short {
                cursor.u16().map(|side| f32::from(side.cast_signed()))
            } else {
                cursor
                    .u32()
                    .map(|side| single(i64::from(side.cast_signed())))
            }
        };
        let mut places = Vec::new();
        for _ in 0..count {
            places.push((side().ok_or(SHORT)?, side().ok_or(SHORT)?));
        }
        Ok(places)
    }
}

/// Opens an enhanced metafile.
///
/// # Errors
/// [`Refusal::Malformed`] for records that do not end, [`Refusal::Unsupported`] for a drawing of GDI+
/// alone, [`Refusal::Overrun`].
pub(super) fn open(input: &[u8], told: Option<&mut Lines>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let header = Record { bytes: input };
    if is_plus_alone(input) {
        return Err(Refusal::unsupported(
            "metafile: a drawing in comments alone",
        ));
    }
    let (frame, millimetre) = frame(header)?;
    let trailing = header.size(48)? < input.len();
    cx.note_times(FindingCode::ImageTrailing, u32::from(trailing));
    draw(&frame, told, cx, |painter| {
        painter.millimetre = millimetre;
        let mut rest = input;
        let mut count = 0usize;
        while let Some(record) = next(&mut rest)? {
            painter.charge(16usize.saturating_add(record.bytes.len() / 16))?;
            count = count.saturating_add(1);
            if count > MAX_RECORDS {
                return Err(Refusal::malformed("emf: more than two million records"));
            }
            let kind = record.u32(0)?;
            if kind == 14 {
                break;
            }
            match calls::play(painter, kind, record) {
                // a record that is too short draws nothing
                Err(refusal) if refusal == SHORT => {}
                other => other?,
            }
        }
        Ok(())
    })
}

/// The next record; none at the end, or where the file ends early.
fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<Record<'a>>, Refusal> {
    let Some(length) = Cursor::little(rest, 4).size() else {
        return Ok(None);
    };
    if length < 8 {
        return Err(Refusal::malformed("emf: a record of no length"));
    }
    let Some((bytes, after)) = rest.split_at_checked(length) else {
        return Ok(None);
    };
    *rest = after;
    Ok(Some(Record { bytes }))
}

/// The picture, and the units of the device in a millimetre ([MS-EMF] 2.2.9).
fn frame(header: Record<'_>) -> Result<(Frame, Place), Refusal> {
    let (left, top) = header.place(24)?;
    let (right, bottom) = header.place(32)?;
    let (pixels, millimetres) = (header.place(72)?, header.place(80)?);
    let ratio = |pixels: f32, millimetres: f32| {
        if pixels > 0.0 && millimetres > 0.0 {
            pixels / millimetres
        } else {
            96.0 / 25.4
        }
    };
    let units = (
        ratio(pixels.0, millimetres.0),
        ratio(pixels.1, millimetres.1),
    );
    // hundredths of millimetres; without any, what is drawn on
    let (mut from, mut size) = (
        (left / 100.0 * units.0, top / 100.0 * units.1),
        (
            (right - left) / 100.0 * units.0,
            (bottom - top) / 100.0 * units.1,
        ),
    );
    if size.0 <= 0.0 || size.1 <= 0.0 {
        let (left, top) = header.place(8)?;
        let (right, bottom) = header.place(16)?;
        (from, size) = ((left, top), (right - left + 1.0, bottom - top + 1.0));
    }
    let frame = Frame {
        inches: (size.0 / units.0 / 25.4, size.1 / units.1 / 25.4),
        to_unit: Transform::from_translate(-from.0, -from.1).post_scale(1.0 / size.0, 1.0 / size.1),
    };
    Ok((frame, units))
}

/// Whether all that is drawn is in comments of GDI+: its header does not say that the calls beside it draw
/// the same ([MS-EMFPLUS] 2.3.3.3).
fn is_plus_alone(input: &[u8]) -> bool {
    let mut rest = input;
    for _ in 0..8 {
        let Ok(Some(record)) = next(&mut rest) else {
            return false;
        };
        let plus = record.u32(0) == Ok(70) && record.bytes.get(12..16) == Some(b"EMF+");
        if plus && record.bytes.get(16..18) == Some(&[1, 0x40]) {
            return record.bytes.get(18).is_some_and(|flags| flags & 1 == 0);
        }
    }
    false
}

/// The four curves of an ellipse in a rectangle of logical units.
fn ellipse(painter: &Painter<'_>, (from, to): (Place, Place)) -> Option<Path> {
    round(painter, (from, to), (to.0 - from.0, to.1 - from.1))
}

/// How far the handles of a quarter of a circle are from its ends.
const QUARTER: f32 = 0.552_284_8;

/// A rectangle with round corners, of the given width and height.
pub(super) fn round(
    painter: &Painter<'_>,
    ((left, top), (right, bottom)): (Place, Place),
    (wide, high): (f32, f32),
) -> Option<Path> {
    let to = painter.to_pixels();
    let at = |x: f32, y: f32| super::paint::near(to, (x, y));
    let (rx, ry) = (wide / 2.0, high / 2.0);
    let (hx, hy) = (rx * (1.0 - QUARTER), ry * (1.0 - QUARTER));
    let mut builder = PathBuilder::new();
    let curve = |builder: &mut PathBuilder, a: Point, b: Point, c: Point| {
        builder.cubic_to(a.x, a.y, b.x, b.y, c.x, c.y);
    };
    let line = |builder: &mut PathBuilder, p: Point| builder.line_to(p.x, p.y);
    let start = at(left + rx, top);
    builder.move_to(start.x, start.y);
    line(&mut builder, at(right - rx, top));
    curve(
        &mut builder,
        at(right - hx, top),
        at(right, top + hy),
        at(right, top + ry),
    );
    line(&mut builder, at(right, bottom - ry));
    curve(
        &mut builder,
        at(right, bottom - hy),
        at(right - hx, bottom),
        at(right - rx, bottom),
    );
    line(&mut builder, at(left + rx, bottom));
    curve(
        &mut builder,
        at(left + hx, bottom),
        at(left, bottom - hy),
        at(left, bottom - ry),
    );
    line(&mut builder, at(left, top + ry));
    curve(
        &mut builder,
        at(left, top + hy),
        at(left + hx, top),
        at(left + rx, top),
    );
    builder.close();
    builder.finish()
}

/// Lines that an arc is drawn as.
const PIECES: u16 = 48;

/// How an arc is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Open,
    Chord,
    Pie,
}

/// An arc against the clock, from the ray to `start` to the ray to `end`.
pub(super) fn arc(
    painter: &Painter<'_>,
    ((left, top), (right, bottom)): (Place, Place),
    (start, end): (Place, Place),
    closed: Closed,
) -> Option<Path> {
    let (cx, cy) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
    let (rx, ry) = ((right - left) / 2.0, (bottom - top) / 2.0);
    if rx == 0.0 || ry == 0.0 {
        return None;
    }
    let angle = |(x, y): Place| ((cy - y) / ry).atan2((x - cx) / rx);
    let (from, mut to) = (angle(start), angle(end));
    if to <= from {
        to += std::f32::consts::TAU;
    }
    let mut places = Vec::new();
    for piece in 0..=PIECES {
        let at = from + (to - from) * f32::from(piece) / f32::from(PIECES);
        places.push((cx + rx * at.cos(), cy - ry * at.sin()));
    }
    if closed == Closed::Pie {
        places.push((cx, cy));
    }
    painter.lines(places.into_iter(), closed != Closed::Open)
}

/// A brush of a solid colour, a hatch, or none ([MS-EMF] 2.2.12).
pub(super) fn brush(style: u32, colour: u32, hatch: u32) -> state::Brush {
    match style {
        0 => state::Brush::Solid(state::colour(colour)),
        2 => state::Brush::Hatch(state::colour(colour), hatch),
        _ => state::Brush::Null,
    }
}
