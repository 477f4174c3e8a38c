//! Actions, by their numbers.

use super::Mode;
use super::input::{Input, Polygon};
use crate::formats::metafile::emf::{Closed, arc, round};
use crate::formats::metafile::letters::Words;
use crate::formats::metafile::paint::{Painter, near};
use crate::formats::metafile::state::{Brush, Pen, Place, Raster};
use crate::formats::metafile::{dib, single};
use mugai_core::Refusal;
use tiny_skia::{BlendMode, Color, Path, PathBuilder, Point};

/// The pen that draws nothing ([MS-EMF] 2.1.25).
const NULL: u32 = 5;
/// What fonts are marked with whose texts have letters of two bytes.
const WIDE: u8 = 255;
/// Steps that a polygon costs beside its corners.
const POLYGON: usize = 16;

/// Plays an action; one that ends early draws nothing.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn play(
    painter: &mut Painter<'_>,
    kind: u16,
    version: u16,
    mut input: Input<'_>,
) -> Result<(), Refusal> {
    let input = &mut input;
    match kind {
        102..=108 => figure(painter, kind, version, input),
        109..=111 => polygons(painter, kind, version, input),
        112..=115 => text(painter, kind, version, input),
        116..=121 => picture(painter, kind, input),
        125 | 148 => gradient(painter, kind, input),
        127 => wallpaper(painter, input),
        128..=131 => clip(painter, kind, input),
        132..=141 => {
            if kind == 139 {
                painter.save()?;
            } else if kind == 140 {
                painter.restore(-1);
            } else {
                // one that ends early says nothing
                let _ = state(painter, kind, input);
            }
            Ok(())
        }
        142 => transparent(painter, input),
        // comments, and what is told a second time in other actions
        _ => Ok(()),
    }
}

/// A colour: blue in the lowest byte.
fn colour(raw: u32) -> Color {
    let [blue, green, red, _] = raw.to_le_bytes();
    Color::from_rgba8(red, green, blue, 255)
}

/// Changes what is drawn with; `None` for what ends early.
fn state(painter: &mut Painter<'_>, kind: u16, input: &mut Input<'_>) -> Option<()> {
    match kind {
        132 => {
            let colour = colour(input.u32()?);
            let style = if input.u8()? == 0 { NULL } else { 0 };
            painter.state.pen = Pen {
                colour,
                width: 0.0,
                style,
            };
        }
        133 => {
            let colour = colour(input.u32()?);
            painter.state.brush = if input.u8()? == 0 {
                Brush::Null
            } else {
                Brush::Solid(colour)
            };
        }
        134 => painter.state.text = colour(input.u32()?),
        135 => {
            painter.state.back = colour(input.u32()?);
            painter.state.opaque = input.u8()? != 0;
        }
        136 => {
            // as device contexts have it: above, at the line, below
            painter.state.align = match input.u16()? {
                1 => 24,
                2 => 8,
                _ => 0,
            };
        }
        137 => {
            let mode = Mode::read(input)?;
            painter.state.world = mode.transform(painter.state.world);
        }
        138 => font(painter, input)?,
        141 => {
            let inverts = matches!(input.u16()?, 1 | 4);
            painter.state.blend = Some(if inverts {
                BlendMode::Difference
            } else {
                BlendMode::SourceOver
            });
        }
        _ => {}
    }
    Some(())
}

fn font(painter: &mut Painter<'_>, input: &mut Input<'_>) -> Option<()> {
    let (_, mut own) = input.versioned()?;
    let name = own.old_text()?;
    let _style = own.old_text()?;
    let (_, height) = own.place()?;
    let wide = own.u16()? == u16::MAX;
    let family = own.u16()?;
    let _pitch = own.u16()?;
    let weight = own.u16()?;
    let (underline, strike, italic) = (own.u16()?, own.u16()?, own.u16()?);
    let (_language, _width) = (own.u16()?, own.u16()?);
    let turned = own.u16()?.cast_signed();
    let font = &mut painter.state.font;
    font.charset = if wide { WIDE } else { 0 };
    font.height = -height.abs();
    font.escapement = i32::from(turned);
    font.bold = weight >= 7;
    font.italic = italic != 0;
    font.underline = underline != 0;
    font.strike = strike != 0;
    painter.state.font = font.named(&name, if family == 3 { 0x10 } else { 0 });
    Some(())
}

/// Width and kind of a line, where the action says them.
fn line(painter: &Painter<'_>, input: &mut Input<'_>) -> Pen {
    let mut pen = painter.state.pen;
    let mut read = || {
        let (_, mut own) = input.versioned()?;
        Some((own.u16()?, own.side()?))
    };
    if let Some((kind, width)) = read() {
        pen.width = width.max(0.0);
        pen.style = match kind {
            0 => NULL,
            2 if pen.style != NULL => 1,
            _ => pen.style,
        };
    }
    pen
}

/// Draws an outline with another pen.
fn stroke(painter: &mut Painter<'_>, outline: Option<Path>, pen: Pen) -> Result<(), Refusal> {
    let own = std::mem::replace(&mut painter.state.pen, pen);
    let drawn = painter.shape(outline, false, true);
    painter.state.pen = own;
    drawn
}

fn figure(
    painter: &mut Painter<'_>,
    kind: u16,
    version: u16,
    input: &mut Input<'_>,
) -> Result<(), Refusal> {
    let Some((from, to)) = input.rectangle() else {
        return Ok(());
    };
    let closed = match kind {
        102 => {
            let outline = painter.lines([from, to].into_iter(), false);
            let pen = if version >= 2 {
                line(painter, input)
            } else {
                painter.state.pen
            };
            return stroke(painter, outline, pen);
        }
        103 => {
            let outline = painter.rectangle(from, to);
            return painter.shape(outline, true, true);
        }
        104 | 105 => {
            let size = (to.0 - from.0, to.1 - from.1);
            let size = if kind == 104 {
                let corner = input.place().unwrap_or_default();
                ((corner.0 * 2.0).min(size.0), (corner.1 * 2.0).min(size.1))
            } else {
                size
            };
            let outline = round(painter, (from, to), size);
            return painter.shape(outline, true, true);
        }
        106 => Closed::Open,
        107 => Closed::Pie,
        _ => Closed::Chord,
    };
    let Some(ends) = input.rectangle() else {
        return Ok(());
    };
    let outline = arc(painter, (from, to), ends, closed);
    painter.shape(outline, closed != Closed::Open, true)
}

/// Adds a polygon to an outline: three corners of which two are handles are a curve.
fn add(painter: &Painter<'_>, polygon: &Polygon, close: bool, builder: &mut PathBuilder) {
    let to = painter.to_pixels();
    let at = |place: usize| polygon.places.get(place).map(|place| near(to, *place));
    let handle = |place: usize| polygon.handles.get(place).copied().unwrap_or(false);
    let Some(Point { x, y }) = at(0) else {
        return;
    };
    builder.move_to(x, y);
    let mut place = 1usize;
    while let Some(corner) = at(place) {
        let (second, last) = (place.saturating_add(1), place.saturating_add(2));
        // the last corner of one that is closed may be the first
        let end = at(last).or_else(|| at(0).filter(|_| close));
        match (at(second), end) {
            (Some(other), Some(end)) if handle(place) && handle(second) => {
                builder.cubic_to(corner.x, corner.y, other.x, other.y, end.x, end.y);
                place = last.saturating_add(1);
            }
            _ => {
                builder.line_to(corner.x, corner.y);
                place = second;
            }
        }
    }
    if close {
        builder.close();
    }
}

fn outline(painter: &Painter<'_>, all: &[Polygon], close: bool) -> Result<Option<Path>, Refusal> {
    let mut builder = PathBuilder::new();
    for polygon in all {
        painter.charge(POLYGON.saturating_add(polygon.places.len()))?;
        add(painter, polygon, close, &mut builder);
    }
    Ok(builder.finish())
}

fn polygons(
    painter: &mut Painter<'_>,
    kind: u16,
    version: u16,
    input: &mut Input<'_>,
) -> Result<(), Refusal> {
    if kind == 111 {
        let Some(mut all) = input.polygons() else {
            return Ok(());
        };
        if version >= 2 {
            // without them the corners are what is known
            let _ = input.complex(&mut all);
        }
        let outline = outline(painter, &all, true)?;
        return painter.shape(outline, true, true);
    }
    let Some(mut polygon) = input.polygon() else {
        return Ok(());
    };
    let pen = if kind == 109 && version >= 2 {
        line(painter, input)
    } else {
        painter.state.pen
    };
    let has_curves = version >= if kind == 109 { 3 } else { 2 };
    if has_curves
        && input.u8().is_some_and(|has| has != 0)
        && let Some(curved) = input.curved()
    {
        polygon = curved;
    }
    let outline = outline(painter, std::slice::from_ref(&polygon), kind == 110)?;
    if kind == 109 {
        stroke(painter, outline, pen)
    } else {
        painter.shape(outline, true, true)
    }
}

/// A text, its place, and how far its letters are from each other.
fn told(
    kind: u16,
    version: u16,
    wide: bool,
    input: &mut Input<'_>,
) -> Option<(String, Place, Vec<f32>)> {
    let at = if kind == 115 {
        let (from, _) = input.rectangle()?;
        from
    } else {
        input.place()?
    };
    let mut text = input.first_text(wide)?;
    if kind == 114 {
        let _width = input.u32()?;
    }
    let (begin, length) = if kind == 115 {
        let _style = input.u16()?;
        (0, u16::MAX)
    } else {
        (input.u16()?, input.u16()?)
    };
    let mut ends = Vec::new();
    if kind == 113 {
        let count = input.u32()?;
        for _ in 0..count.min(u32::from(u16::MAX)) {
            ends.push(input.side()?);
        }
    }
    if version >= 2 {
        text = input.text()?;
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let from = usize::from(begin).min(units.len());
    let to = from.saturating_add(usize::from(length)).min(units.len());
    let shown = String::from_utf16_lossy(units.get(from..to).unwrap_or_default());
    // each letter ends so far behind the beginning
    let mut advances = Vec::new();
    let (mut place, mut before) = (0usize, 0.0f32);
    for letter in shown.chars() {
        place = place.saturating_add(letter.len_utf16());
        let Some(end) = place.checked_sub(1).and_then(|last| ends.get(last)) else {
            return Some((shown, at, Vec::new()));
        };
        advances.push(end - before);
        before = *end;
    }
    Some((shown, at, advances))
}

fn text(
    painter: &mut Painter<'_>,
    kind: u16,
    version: u16,
    input: &mut Input<'_>,
) -> Result<(), Refusal> {
    let wide = painter.state.font.charset == WIDE;
    match told(kind, version, wide, input) {
        Some((text, at, advances)) => painter.words(&Words {
            text: &text,
            at,
            advances: &advances,
        }),
        None => Ok(()),
    }
}

/// A picture. What follows it is found from the end of the action: a place, a size, and those of the part that is shown.
fn picture(painter: &mut Painter<'_>, kind: u16, input: &Input<'_>) -> Result<(), Refusal> {
    let bytes = input.rest();
    let behind = match kind {
        116 | 119 => 8,
        117 | 120 => 16,
        _ => 32,
    };
    let Some((bytes, behind)) = bytes
        .len()
        .checked_sub(behind)
        .and_then(|end| bytes.split_at_checked(end))
    else {
        return Ok(());
    };
    // a file of a picture, whose header is not needed
    let Some(bitmap) = bytes.strip_prefix(b"BM").and_then(|rest| rest.get(12..)) else {
        return Ok(());
    };
    let Some(picture) = dib::packed(bitmap, painter.budget())? else {
        return Ok(());
    };
    let mut behind = Input::new(behind);
    let Some(at) = behind.place() else {
        return Ok(());
    };
    let sides = || {
        let side = |pixels: u32| single(i64::from(pixels));
        (side(picture.width()), side(picture.height()))
    };
    let size = behind.place().unwrap_or_else(sides);
    let raster = Raster::Picture(BlendMode::SourceOver);
    painter.picture(&picture, (at, size), raster, 1.0)
}

/// A gradient in a rectangle or within polygons, as its middle colour.
fn gradient(painter: &mut Painter<'_>, kind: u16, input: &mut Input<'_>) -> Result<(), Refusal> {
    let outline = if kind == 125 {
        let corners = input.rectangle();
        corners.and_then(|(from, to)| painter.rectangle(from, to))
    } else {
        match input.polygons() {
            Some(all) => outline(painter, &all, true)?,
            None => None,
        }
    };
    match outline.zip(input.middle()) {
        Some((outline, colour)) => {
            painter.fill_with(&outline, &Brush::Solid(colour), BlendMode::SourceOver)
        }
        None => Ok(()),
    }
}

fn wallpaper(painter: &mut Painter<'_>, input: &mut Input<'_>) -> Result<(), Refusal> {
    let mut read = || {
        let corners = input.rectangle()?;
        let (_, mut own) = input.versioned()?;
        let colour = colour(own.u32()?);
        (own.u16()? != 0).then_some((corners, colour))
    };
    let Some(((from, to), colour)) = read() else {
        return Ok(());
    };
    match painter.rectangle(from, to) {
        Some(outline) => painter.fill_with(&outline, &Brush::Solid(colour), BlendMode::SourceOver),
        None => Ok(()),
    }
}

/// What is drawn within: a rectangle, or the box around an area.
fn clip(painter: &mut Painter<'_>, kind: u16, input: &mut Input<'_>) -> Result<(), Refusal> {
    let bounds = match kind {
        128 => {
            painter.unclip();
            input.area()
        }
        129 => input.rectangle(),
        130 => input.area(),
        _ => {
            return match input.place() {
                Some(by) => painter.offset_clip(by),
                None => Ok(()),
            };
        }
    };
    match bounds {
        Some((from, to)) => painter.clip_to(from, to),
        None => Ok(()),
    }
}

/// Areas that one sees through, in hundredths.
fn transparent(painter: &mut Painter<'_>, input: &mut Input<'_>) -> Result<(), Refusal> {
    let Some(all) = input.all_curved() else {
        return Ok(());
    };
    let through = input.u16().unwrap_or(0).min(100);
    let outline = outline(painter, &all, true)?;
    let Brush::Solid(mut colour) = painter.state.brush else {
        return painter.shape(outline, true, true);
    };
    colour.set_alpha(f32::from(100u16.saturating_sub(through)) / 100.0);
    let own = std::mem::replace(&mut painter.state.brush, Brush::Solid(colour));
    let drawn = painter.shape(outline, true, true);
    painter.state.brush = own;
    drawn
}
