//! Pictures in metafiles: device-independent bitmaps ([MS-WMF] 2.2.2.9).

use super::single;
use crate::formats::raster::cursor::Cursor;
use image::ImageDecoder;
use image::codecs::bmp::BmpDecoder;
use mugai_core::{Budget, Refusal, Resource};
use tiny_skia::{IntSize, Pixmap, PremultipliedColorU8, Transform};

/// The longest side of a picture in a drawing, in pixels.
const MAX_SIDE: u32 = 16_000;

/// What the header of a bitmap says.
struct Header {
    width: u32,
    height: u32,
    top_down: bool,
    bits: u16,
    compression: u32,
    /// Whether four bytes a pixel are blue, green, red and one more.
    plain: bool,
}

/// Where red, green and blue are in four bytes, as all programs write them.
const MASKS: [u32; 3] = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff];

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::little(bytes, 0);
        let size = cursor.u32()?;
        if size == 12 {
            let (width, height) = (cursor.u16()?, cursor.u16()?);
            cursor.u16()?;
            return Some(Self {
                width: u32::from(width),
                height: u32::from(height),
                top_down: false,
                bits: cursor.u16()?,
                compression: 0,
                plain: false,
            });
        }
        let (width, height) = (cursor.u32()?, cursor.u32()?.cast_signed());
        cursor.u16()?;
        let (bits, compression) = (cursor.u16()?, cursor.u32()?);
        let mut masks = cursor.to(40);
        let mut mask = || masks.u32();
        let plain = compression == 0
            || compression == 3 && MASKS.iter().all(|known| mask() == Some(*known));
        (size >= 40).then_some(Self {
            plain: bits == 32 && plain,
            width,
            height: height.unsigned_abs(),
            top_down: height < 0,
            bits,
            compression,
        })
    }
}

/// A bitmap of which header and rows are apart, as a picture; `None` for one that is broken.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn picture(
    header: &[u8],
    rows: &[u8],
    alpha: bool,
    budget: &Budget,
) -> Result<Option<Pixmap>, Refusal> {
    let Some(head) = Header::read(header) else {
        return Ok(None);
    };
    let sides = 1..=MAX_SIDE;
    if !sides.contains(&head.width) || !sides.contains(&head.height) {
        return Ok(None);
    }
    let pixels = u64::from(head.width).saturating_mul(u64::from(head.height));
    budget.charge(Resource::Bytes, pixels.saturating_mul(8))?;
    budget.charge(Resource::Steps, pixels)?;
    if head.plain {
        return Ok(whole(&head, rows, alpha));
    }
    Ok(decoded(header, rows, budget))
}

/// Rows of four bytes a pixel: blue, green, red, and alpha, multiplied already.
fn whole(head: &Header, rows: &[u8], alpha: bool) -> Option<Pixmap> {
    let mut picture = Pixmap::new(head.width, head.height)?;
    let width = usize::try_from(head.width).ok()?;
    let length = width.checked_mul(4)?;
    let lines = picture.pixels_mut().chunks_exact_mut(width);
    let last = usize::try_from(head.height).ok()?.checked_sub(1)?;
    for (place, line) in lines.enumerate() {
        let from = if head.top_down {
            place
        } else {
            last.saturating_sub(place)
        };
        let at = from.saturating_mul(length);
        let row = rows.get(at..at.saturating_add(length)).unwrap_or_default();
        for (pixel, raw) in line.iter_mut().zip(row.chunks_exact(4)) {
            let &[blue, green, red, above] = raw else {
                continue;
            };
            let above = if alpha { above } else { 255 };
            let (red, green, blue) = (red.min(above), green.min(above), blue.min(above));
            if let Some(colour) = PremultipliedColorU8::from_rgba(red, green, blue, above) {
                *pixel = colour;
            }
        }
    }
    Some(picture)
}

/// All other forms, by the reader of BMP.
fn decoded(header: &[u8], rows: &[u8], budget: &Budget) -> Option<Pixmap> {
    let length = header.len().saturating_add(rows.len());
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    budget.charge(Resource::Bytes, length).ok()?;
    // the decoder wants both in one piece
    let mut bytes = header.to_vec();
    bytes.extend_from_slice(rows);
    let decoder = BmpDecoder::new_without_file_header(std::io::Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE {
        return None;
    }
    let colours = usize::from(decoder.color_type().bytes_per_pixel());
    let mut samples = vec![255; usize::try_from(decoder.total_bytes()).ok()?];
    // what is missing of rows that end early stays white
    let _ = decoder.read_image(&mut samples);
    let mut out = Vec::new();
    for pixel in samples.chunks_exact(colours) {
        match *pixel {
            [grey] => out.extend_from_slice(&[grey, grey, grey, 255]),
            [red, green, blue] | [red, green, blue, _] => {
                out.extend_from_slice(&[red, green, blue, 255]);
            }
            _ => return None,
        }
    }
    Pixmap::from_vec(out, IntSize::from_wh(width, height)?)
}

/// A bitmap whose rows follow its header and its colours.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn packed(bytes: &[u8], budget: &Budget) -> Result<Option<Pixmap>, Refusal> {
    let colours = || {
        let mut cursor = Cursor::little(bytes, 0);
        let size = cursor.size()?;
        let head = Header::read(bytes)?;
        // the header of twelve bytes has no such field
        let used = (size >= 36).then(|| Cursor::little(bytes, 32).size());
        let mut used = used.flatten().unwrap_or(0);
        if used == 0 && head.bits <= 8 {
            used = 1usize << head.bits;
        }
        let each = if size == 12 { 3 } else { 4 };
        let masks = if size == 40 && head.compression == 3 {
            12
        } else {
            0
        };
        size.checked_add(used.checked_mul(each)?)?
            .checked_add(masks)
    };
    match colours().and_then(|end| bytes.split_at_checked(end)) {
        Some((header, rows)) => picture(header, rows, false, budget),
        None => Ok(None),
    }
}

/// The part of a picture that is drawn: left, top, width and height in its pixels.
pub(super) fn cut(
    picture: Pixmap,
    (left, top, width, height): (i32, i32, i32, i32),
) -> Option<Pixmap> {
    let sides = (
        i32::try_from(picture.width()).ok()?,
        i32::try_from(picture.height()).ok()?,
    );
    if (left, top) == (0, 0) && (width, height) == sides {
        return Some(picture);
    }
    let rect = tiny_skia::IntRect::from_xywh(
        left,
        top,
        u32::try_from(width).ok()?,
        u32::try_from(height).ok()?,
    )?;
    let all = tiny_skia::IntRect::from_xywh(0, 0, picture.width(), picture.height())?;
    picture.clone_rect(rect.intersect(&all)?)
}

/// A picture that is drawn much smaller than it is, made smaller by a whole factor: one pixel of many is
/// no picture.
pub(super) fn shrink(picture: &Pixmap, to: Transform) -> Option<(Pixmap, f32)> {
    let across = to.sx.hypot(to.ky).min(to.kx.hypot(to.sy));
    let factor = (2u32..=16)
        .rev()
        .find(|factor| across * single(i64::from(*factor)) <= 1.0)?;
    let width = picture.width().checked_div(factor)?;
    let height = picture.height().checked_div(factor)?;
    let mut small = Pixmap::new(width.max(1), height.max(1))?;
    let step = usize::try_from(factor).ok()?;
    let row = usize::try_from(picture.width()).ok()?;
    let columns = usize::try_from(small.width()).ok()?;
    let source = picture.data();
    for (place, pixel) in small.data_mut().chunks_exact_mut(4).enumerate() {
        let (y, x) = (place.checked_div(columns)?, place.checked_rem(columns)?);
        let mut sums = [0u32; 4];
        let mut count = 0u32;
        for dy in 0..step {
            let at = y
                .saturating_mul(step)
                .saturating_add(dy)
                .saturating_mul(row)
                .saturating_add(x.saturating_mul(step))
                .saturating_mul(4);
            let run = source.get(at..at.saturating_add(step.saturating_mul(4)));
            for from in run.unwrap_or_default().chunks_exact(4) {
                count = count.saturating_add(1);
                for (sum, part) in sums.iter_mut().zip(from) {
                    *sum = sum.saturating_add(u32::from(*part));
                }
            }
        }
        for (part, sum) in pixel.iter_mut().zip(sums) {
            *part = u8::try_from(sum.checked_div(count).unwrap_or(0)).unwrap_or(u8::MAX);
        }
    }
    Some((small, single(i64::from(factor))))
}
