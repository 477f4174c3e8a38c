//! Bitmaps of enhanced metafiles.

use super::{Record, SHORT};
use crate::formats::metafile::dib;
use crate::formats::metafile::paint::Painter;
use crate::formats::metafile::state::{self, Brush, Object, Place, Raster};
use mugai_core::Refusal;
use std::rc::Rc;
use tiny_skia::BlendMode;

/// A pattern brush, or an object without looks where its picture is broken.
pub(super) fn pattern(
    painter: &Painter<'_>,
    header: &[u8],
    rows: &[u8],
) -> Result<Object, Refusal> {
    let picture = dib::picture(header, rows, false, painter.budget())?;
    Ok(match picture {
        Some(picture) => Object::Brush(Brush::Pattern(Rc::new(picture))),
        None => Object::Other,
    })
}

/// What a call says about its two rectangles and its bitmap.
struct Call {
    to: (Place, Place),
    from: (i32, i32, i32, i32),
    /// Where offset and length of the header are told, and those of the rows.
    named: [usize; 4],
    raster: Raster,
    alpha: bool,
    opacity: f32,
    /// The source is counted from below.
    upwards: bool,
}

impl Call {
    fn read(kind: u32, record: Record<'_>) -> Result<Self, Refusal> {
        let plain = Raster::Picture(BlendMode::SourceOver);
        let four = |at: usize| {
            Ok::<_, Refusal>((
                record.i32(at)?,
                record.i32(at.saturating_add(4))?,
                record.i32(at.saturating_add(8))?,
                record.i32(at.saturating_add(12))?,
            ))
        };
        if kind == 80 || kind == 81 {
            let from = four(32)?;
            let size = if kind == 81 {
                record.place(72)?
            } else {
                (record.side(40)?, record.side(44)?)
            };
            let raster = if kind == 81 {
                state::raster(record.u32(68)?)
            } else {
                plain
            };
            return Ok(Self {
                to: (record.place(24)?, size),
                from,
                named: [48, 52, 56, 60],
                raster,
                alpha: false,
                opacity: 1.0,
                upwards: true,
            });
        }
        let (to, code) = ((record.place(24)?, record.place(32)?), record.u32(40)?);
        let (left, top) = (record.i32(44)?, record.i32(48)?);
        let blends = kind == 114;
        let (wide, high) = if kind == 76 {
            (record.i32(32)?, record.i32(36)?)
        } else {
            (record.i32(100)?, record.i32(104)?)
        };
        let [_, _, constant, format] = code.to_le_bytes();
        Ok(Self {
            to,
            from: (left, top, wide, high),
            named: [84, 88, 92, 96],
            raster: if matches!(kind, 76 | 77) {
                state::raster(code)
            } else {
                plain
            },
            alpha: blends && format & 1 == 1,
            opacity: if blends {
                f32::from(constant) / 255.0
            } else {
                1.0
            },
            upwards: false,
        })
    }
}

pub(super) fn play(
    painter: &mut Painter<'_>,
    kind: u32,
    record: Record<'_>,
) -> Result<(), Refusal> {
    let call = Call::read(kind, record)?;
    let [header, header_length, rows, rows_length] = call.named;
    if !matches!(call.raster, Raster::Picture(_)) || record.size(header_length)? == 0 {
        return painter.block(call.to, call.raster);
    }
    let header = record.named(header, header_length)?;
    let rows = record.named(rows, rows_length)?;
    let made = dib::picture(header, rows, call.alpha, painter.budget())?;
    let Some(picture) = made else {
        return Ok(());
    };
    let (left, mut top, wide, high) = call.from;
    let height = i32::try_from(picture.height()).map_err(|_| SHORT)?;
    if call.upwards {
        top = height.saturating_sub(top).saturating_sub(high);
    }
    let (wide, high) = (wide.saturating_abs(), high.saturating_abs());
    let part = dib::cut(picture, (left.max(0), top.max(0), wide, high));
    match part {
        Some(part) => painter.picture(&part, call.to, call.raster, call.opacity),
        None => Ok(()),
    }
}
