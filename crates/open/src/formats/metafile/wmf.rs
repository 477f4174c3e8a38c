//! Windows metafiles ([MS-WMF]).

use super::emf::{Closed, arc, brush, round};
use super::letters::Words;
use super::paint::Painter;
use super::state::{self, Brush, Font, Object, Pen, Place, Raster};
use super::{Frame, Lines, dib, draw};
use crate::formats::raster::cursor::Cursor;
use crate::formats::rtf::of_font;
use crate::formats::symbols::Symbols;
use mugai_core::{Cx, Refusal};
use std::rc::Rc;
use tiny_skia::{BlendMode, PathBuilder, Transform};

const PLACEABLE: &[u8] = b"\xd7\xcd\xc6\x9a";
const MAX_RECORDS: usize = 2_000_000;
const SHORT: Refusal = Refusal::malformed("wmf: a record is too short");

pub(super) fn is(input: &[u8]) -> bool {
    input.starts_with(PLACEABLE) || is_header(input)
}

/// In memory or on disk, a header of nine words, version 1 or 3 ([MS-WMF] 2.3.2.2).
fn is_header(input: &[u8]) -> bool {
    matches!(input.get(..6), Some([1 | 2, 0, 9, 0, 0, 1 | 3]))
}

/// What a record holds behind its length and its code.
#[derive(Clone, Copy)]
struct Record<'a> {
    code: u16,
    bytes: &'a [u8],
}

impl<'a> Record<'a> {
    /// The word at a place, counted in words.
    fn word(self, at: usize) -> Result<u16, Refusal> {
        let place = at.checked_mul(2).ok_or(SHORT)?;
        Cursor::little(self.bytes, place).u16().ok_or(SHORT)
    }

    fn side(self, at: usize) -> Result<f32, Refusal> {
        self.word(at).map(|word| f32::from(word.cast_signed()))
    }

    /// A place that is told as records do it: the vertical side first.
    fn place(self, at: usize) -> Result<Place, Refusal> {
        Ok((self.side(at.saturating_add(1))?, self.side(at)?))
    }

    fn long(self, at: usize) -> Result<u32, Refusal> {
        let (low, high) = (self.word(at)?, self.word(at.saturating_add(1))?);
        Ok(u32::from(low) | u32::from(high) << 16)
    }

    /// Bottom, right, top and left.
    fn bounds(self, at: usize) -> Result<(Place, Place), Refusal> {
        let to = self.place(at)?;
        Ok((self.place(at.saturating_add(2))?, to))
    }

    /// `count` places, the horizontal side first.
    fn places(self, at: usize, count: usize) -> Result<Vec<Place>, Refusal> {
        let mut places = Vec::new();
        for place in 0..count {
            let at = place
                .checked_mul(2)
                .and_then(|n| n.checked_add(at))
                .ok_or(SHORT)?;
            places.push((self.side(at)?, self.side(at.saturating_add(1))?));
        }
        Ok(places)
    }

    fn from(self, word: usize) -> &'a [u8] {
        self.bytes.get(word.saturating_mul(2)..).unwrap_or_default()
    }
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<Record<'a>> {
    let mut cursor = Cursor::little(rest, 0);
    let length = cursor.size()?.checked_mul(2)?;
    let code = cursor.u16()?;
    let (record, after) = rest.split_at_checked(length)?;
    *rest = after;
    // the last one has no content, and code 0
    (code != 0).then_some(())?;
    let bytes = record.get(6..)?;
    Some(Record { code, bytes })
}

/// Opens a metafile.
///
/// # Errors
/// [`Refusal::Malformed`] without a header or a picture, [`Refusal::Overrun`].
pub(super) fn open(input: &[u8], told: Option<&mut Lines>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let mut body = input;
    let mut placed = None;
    if let Some(rest) = input.strip_prefix(PLACEABLE) {
        placed = Some(placeable(rest).ok_or(SHORT)?);
        body = input.get(22..).ok_or(SHORT)?;
    }
    if !is_header(body) {
        return Err(Refusal::malformed("wmf: header"));
    }
    let records = body.get(18..).ok_or(SHORT)?;
    let window = window(records);
    let (from, size) = match (window, placed) {
        (Some((from, size)), _) if size.0 != 0.0 && size.1 != 0.0 => (from, size),
        (_, Some((from, size, _))) => (from, size),
        _ => return Err(Refusal::malformed("wmf: a picture without sides")),
    };
    let inches = match placed {
        Some((_, size, inch)) => (size.0.abs() / inch, size.1.abs() / inch),
        // without a word about it, twentieths of points
        None => (size.0.abs() / 1440.0, size.1.abs() / 1440.0),
    };
    let frame = Frame {
        inches,
        to_unit: Transform::from_translate(-from.0, -from.1).post_scale(1.0 / size.0, 1.0 / size.1),
    };
    draw(&frame, told, cx, |painter| {
        // the picture is the first window; what later ones say is counted against it
        painter.state.mode = 8;
        painter.state.window = (from, size);
        painter.state.viewport = (from, size);
        let mut rest = records;
        let mut count = 0usize;
        while let Some(record) = next(&mut rest) {
            painter.charge(16usize.saturating_add(record.bytes.len() / 16))?;
            count = count.saturating_add(1);
            if count > MAX_RECORDS {
                return Err(Refusal::malformed("wmf: more than two million records"));
            }
            match play(painter, record) {
                Err(refusal) if refusal == SHORT => {}
                other => other?,
            }
        }
        Ok(())
    })
}

/// The picture of a placeable file, and its units in an inch ([MS-WMF] 2.3.2.3).
fn placeable(rest: &[u8]) -> Option<(Place, Place, f32)> {
    let mut cursor = Cursor::little(rest, 2);
    let mut side = || cursor.u16().map(|side| f32::from(side.cast_signed()));
    let (left, top, right, bottom) = (side()?, side()?, side()?, side()?);
    let inch = f32::from(cursor.u16()?).max(1.0);
    Some(((left, top), (right - left, bottom - top), inch))
}

/// The first window that is told of.
fn window(records: &[u8]) -> Option<(Place, Place)> {
    let mut rest = records;
    let mut from = (0.0, 0.0);
    for _ in 0..256 {
        let record = next(&mut rest)?;
        match record.code {
            0x020b => from = record.place(0).ok()?,
            0x020c => {
                let size = record.place(0).ok()?;
                // the place of the window may be told behind its size
                let ahead = next(&mut rest).filter(|record| record.code == 0x020b);
                let from = ahead
                    .and_then(|record| record.place(0).ok())
                    .unwrap_or(from);
                return Some((from, size));
            }
            _ => {}
        }
    }
    None
}

/// Plays one record ([MS-WMF] 2.1.1.1).
fn play(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    match record.code {
        0x00f7 | 0x0142 | 0x01f9 | 0x02fa | 0x02fb | 0x02fc | 0x06ff => make(painter, record),
        0x0521 | 0x0a32 => text(painter, record),
        0x0940 | 0x0b41 | 0x0f43 | 0x061d | 0x0d33 => bitmap(painter, record),
        0x0213 | 0x0324 | 0x0325 | 0x0418 | 0x041b | 0x0538 | 0x061c | 0x0817 | 0x081a | 0x0830 => {
            shape(painter, record)
        }
        _ => remember(painter, record),
    }
}

fn remember(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    match record.code {
        0x001e => return painter.save(),
        0x0127 => painter.restore(i32::from(record.word(0)?.cast_signed())),
        0x0102 => painter.state.opaque = record.word(0)? == 2,
        0x0104 => painter.state.blend = state::blend(u32::from(record.word(0)?)),
        0x0106 => painter.state.winding = record.word(0)? == 2,
        0x012e => painter.state.align = u32::from(record.word(0)?),
        0x0201 => painter.state.back = state::colour(record.long(0)?),
        0x0209 => painter.state.text = state::colour(record.long(0)?),
        0x020b => painter.state.window.0 = record.place(0)?,
        0x020c => painter.state.window.1 = record.place(0)?,
        0x0214 => painter.state.at = record.place(0)?,
        0x0416 => {
            let (from, to) = record.bounds(0)?;
            return painter.clip_to(from, to);
        }
        0x0415 => {
            let (from, to) = record.bounds(0)?;
            return painter.exclude(from, to);
        }
        0x0220 => return painter.offset_clip(record.place(0)?),
        // regions are told in pixels of the device that they were made on, of which nothing is known: none is made, and
        // none is selected but the whole, so that nothing is hidden by mistake
        0x012c => painter.unclip(),
        0x012d => painter.select(u32::from(record.word(0)?)),
        0x01f0 => {
            painter.objects.remove(&u32::from(record.word(0)?));
        }
        _ => {}
    }
    Ok(())
}

/// Makes an object, which takes the lowest number that is free.
fn make(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let object = match record.code {
        0x02fa => Object::Pen(Pen {
            style: u32::from(record.word(0)?),
            width: record.side(1)?,
            colour: state::colour(record.long(3)?),
        }),
        0x02fc => Object::Brush(brush(
            u32::from(record.word(0)?),
            record.long(1)?,
            u32::from(record.word(3)?),
        )),
        0x02fb => Object::Font(font(record)?),
        0x0142 => match dib::packed(record.from(2), painter.budget())? {
            Some(picture) => Object::Brush(Brush::Pattern(Rc::new(picture))),
            None => Object::Other,
        },
        _ => Object::Other,
    };
    let free = (0u32..).zip(painter.objects.keys());
    let taken = free.take_while(|(number, key)| number == *key).count();
    painter.charge(taken)?;
    let number = u32::try_from(taken).map_err(|_| SHORT)?;
    painter.make(number, object)
}

/// A font ([MS-WMF] 2.2.1.2).
fn font(record: Record<'_>) -> Result<Font, Refusal> {
    let byte = |at: usize| record.bytes.get(at).copied().unwrap_or(0);
    let charset = byte(13);
    let raw = record.from(9);
    let raw = raw.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = encoding(charset).decode_without_bom_handling(raw).0;
    let font = Font {
        height: record.side(0)?,
        escapement: i32::from(record.word(2)?.cast_signed()),
        bold: record.word(4)? >= 600,
        italic: byte(10) != 0,
        underline: byte(11) != 0,
        strike: byte(12) != 0,
        serif: false,
        charset,
        symbols: Symbols::None,
    };
    Ok(font.named(&name, byte(17)))
}

fn encoding(charset: u8) -> &'static encoding_rs::Encoding {
    of_font(i32::from(charset)).unwrap_or(encoding_rs::WINDOWS_1252)
}

fn shape(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let (outline, fill) = match record.code {
        0x0213 => {
            let (from, to) = (painter.state.at, record.place(0)?);
            painter.state.at = to;
            (painter.lines([from, to].into_iter(), false), false)
        }
        0x0324 | 0x0325 => {
            let places = record.places(1, usize::from(record.word(0)?))?;
            painter.charge(places.len())?;
            let closed = record.code == 0x0324;
            (painter.lines(places.into_iter(), closed), closed)
        }
        0x0538 => (polygons(painter, record)?, true),
        0x0418 => {
            let (from, to) = record.bounds(0)?;
            (
                round(painter, (from, to), (to.0 - from.0, to.1 - from.1)),
                true,
            )
        }
        0x041b => {
            let (from, to) = record.bounds(0)?;
            (painter.rectangle(from, to), true)
        }
        0x061c => (round(painter, record.bounds(2)?, record.place(0)?), true),
        code => {
            let closed = match code {
                0x081a => Closed::Pie,
                0x0830 => Closed::Chord,
                _ => Closed::Open,
            };
            let rays = (record.place(2)?, record.place(0)?);
            let outline = arc(painter, record.bounds(4)?, rays, closed);
            (outline, closed != Closed::Open)
        }
    };
    painter.shape(outline, fill, true)
}

fn polygons(painter: &Painter<'_>, record: Record<'_>) -> Result<Option<tiny_skia::Path>, Refusal> {
    let groups = usize::from(record.word(0)?);
    let mut at = groups.saturating_add(1);
    let mut builder = PathBuilder::new();
    for group in 0..groups {
        let count = usize::from(record.word(group.saturating_add(1))?);
        let places = record.places(at, count)?;
        painter.charge(count)?;
        at = at.saturating_add(count.saturating_mul(2));
        if let Some(outline) = painter.lines(places.into_iter(), true) {
            builder.push_path(&outline);
        }
    }
    Ok(builder.finish())
}

/// Texts, with or without the distances of their letters.
fn text(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let (at, count, start, options) = if record.code == 0x0521 {
        let count = usize::from(record.word(0)?);
        let behind = count.div_ceil(2).saturating_add(1);
        (record.place(behind)?, count, 1, 0)
    } else {
        let options = record.word(3)?;
        let start = if options & 6 == 0 { 4 } else { 8 };
        (
            record.place(0)?,
            usize::from(record.word(2)?),
            start,
            options,
        )
    };
    if options & 2 != 0 && start == 8 {
        let from = (record.side(4)?, record.side(5)?);
        let to = (record.side(6)?, record.side(7)?);
        if let Some(outline) = painter.rectangle(from, to) {
            let ground = Brush::Solid(painter.state.back);
            painter.fill_with(&outline, &ground, BlendMode::SourceOver)?;
        }
    }
    let raw = record.from(start).get(..count).ok_or(SHORT)?;
    let encoding = encoding(painter.state.font.charset);
    let text = encoding.decode_without_bom_handling(raw).0;
    let distances = start.saturating_add(count.div_ceil(2));
    let mut given = Vec::new();
    if record.code == 0x0a32 {
        // distances may be told in pairs, across and down
        let each = if options & 0x2000 == 0 { 1 } else { 2 };
        for place in (0..count).map(|place| place.saturating_mul(each)) {
            match record.side(distances.saturating_add(place)) {
                Ok(distance) => given.push(distance),
                Err(_) => break,
            }
        }
    }
    let advances = per_letter(&text, &given, encoding);
    painter.words(&Words {
        text: &text,
        at,
        advances: &advances,
    })
}

/// Distances are told a byte; letters of two bytes have two.
fn per_letter(text: &str, given: &[f32], encoding: &'static encoding_rs::Encoding) -> Vec<f32> {
    let mut sums = Vec::new();
    let mut rest = given;
    for letter in text.chars() {
        let mut buffer = [0; 4];
        let bytes = encoding.encode(letter.encode_utf8(&mut buffer)).0.len();
        let Some((own, after)) = rest.split_at_checked(bytes) else {
            break;
        };
        sums.push(own.iter().sum());
        rest = after;
    }
    sums
}

/// Bitmaps, and fills without one.
fn bitmap(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let raster = if record.code == 0x0d33 {
        Raster::Picture(BlendMode::SourceOver)
    } else {
        state::raster(record.long(0)?)
    };
    let four = |at: usize| {
        // height, width, vertical place, horizontal place
        let size = record.place(at)?;
        Ok::<_, Refusal>((record.place(at.saturating_add(2))?, size))
    };
    if record.code == 0x061d {
        return painter.block(four(2)?, raster);
    }
    let whole = |at: usize| Ok::<_, Refusal>(i32::from(record.word(at)?.cast_signed()));
    // without a bitmap there is a word more
    match (record.code, record.bytes.len().div_euclid(2)) {
        (0x0940, 9) => return painter.block(four(5)?, raster),
        (0x0b41, 11) => return painter.block(four(7)?, raster),
        _ => {}
    }
    let (from, to, behind) = match record.code {
        0x0940 => {
            let size = (whole(5)?, whole(4)?);
            ((whole(3)?, whole(2)?, size.0, size.1), four(4)?, 8)
        }
        0x0b41 => ((whole(5)?, whole(4)?, whole(3)?, whole(2)?), four(6)?, 10),
        0x0f43 => ((whole(6)?, whole(5)?, whole(4)?, whole(3)?), four(7)?, 11),
        _ => (
            (whole(4)?, whole(3)?, whole(6)?, whole(5)?),
            (record.place(7)?, record.place(5)?),
            9,
        ),
    };
    if !matches!(raster, Raster::Picture(_)) {
        return painter.block(to, raster);
    }
    let made = dib::packed(record.from(behind), painter.budget())?;
    let (left, top, wide, high) = from;
    let size = (wide.saturating_abs(), high.saturating_abs());
    let part = made.and_then(|picture| {
        let height = i32::try_from(picture.height()).ok()?;
        // calls that name a bitmap count its rows from below, those that copy from a device (DIBBITBLT, DIBSTRETCHBLT) from
        // above: masks of icons have a second half below that is not meant
        let top = if matches!(record.code, 0x0940 | 0x0b41) {
            top
        } else {
            height.saturating_sub(top).saturating_sub(size.1)
        };
        dib::cut(picture, (left.max(0), top.max(0), size.0, size.1))
    });
    match part {
        Some(part) => painter.picture(&part, to, raster, 1.0),
        None => Ok(()),
    }
}
