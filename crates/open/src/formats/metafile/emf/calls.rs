//! What each record does.

use super::{Closed, Record, SHORT, arc, brush, ellipse, pictures, round, texts};
use crate::formats::metafile::clip::Join;
use crate::formats::metafile::paint::Painter;
use crate::formats::metafile::state::{self, Object, Pen, Place};
use mugai_core::Refusal;
use tiny_skia::{FillRule, Path, PathBuilder, Transform};

/// Plays one record ([MS-EMF] 2.1.1).
pub(super) fn play(
    painter: &mut Painter<'_>,
    kind: u32,
    record: Record<'_>,
) -> Result<(), Refusal> {
    match kind {
        2..=8 | 85..=91 => lines(painter, kind, record),
        9..=12 | 17..=30 | 33..=36 | 57..=61 | 67 | 68 | 75 => remember(painter, kind, record),
        37..=40 | 82 | 94 | 95 | 93 | 48 | 49 | 99 | 122 => objects(painter, kind, record),
        42..=47 | 54 | 55 => shapes(painter, kind, record),
        62 => painter.paint_path(true, false),
        63 => painter.paint_path(true, true),
        64 => painter.paint_path(false, true),
        76 | 77 | 80 | 81 | 114 | 116 => pictures::play(painter, kind, record),
        71 => fill_region(painter, record),
        // arcs by angles, lines and curves in turn: not drawn, and missing in a path
        41 | 56 | 92 => {
            painter.path_lost |= painter.in_path;
            Ok(())
        }
        83 | 84 | 108 => texts::play(painter, kind, record),
        _ => Ok(()),
    }
}

fn remember(painter: &mut Painter<'_>, kind: u32, record: Record<'_>) -> Result<(), Refusal> {
    match kind {
        9 => painter.state.window.1 = record.place(8)?,
        10 => painter.state.window.0 = record.place(8)?,
        11 => painter.state.viewport.1 = record.place(8)?,
        12 => painter.state.viewport.0 = record.place(8)?,
        17 => painter.state.mode = record.u32(8)?,
        18 => painter.state.opaque = record.u32(8)? == 2,
        19 => painter.state.winding = record.u32(8)? == 2,
        20 => painter.state.blend = state::blend(record.u32(8)?),
        22 => painter.state.align = record.u32(8)?,
        24 => painter.state.text = state::colour(record.u32(8)?),
        25 => painter.state.back = state::colour(record.u32(8)?),
        26 => return painter.offset_clip(record.place(8)?),
        27 => move_to(painter, record.place(8)?),
        28 => painter.keep_clip(),
        29 => {
            let (from, to) = (record.place(8)?, record.place(16)?);
            return painter.exclude(from, to);
        }
        30 => {
            let (from, to) = (record.place(8)?, record.place(16)?);
            return painter.clip_to(from, to);
        }
        33 => return painter.save(),
        34 => painter.restore(record.i32(8)?),
        35 => painter.state.world = transform(record)?,
        36 => {
            let (by, how) = (transform(record)?, record.u32(32)?);
            let world = painter.state.world;
            painter.state.world = match how {
                1 => Transform::identity(),
                2 => world.pre_concat(by),
                3 => world.post_concat(by),
                4 => by,
                _ => world,
            };
        }
        57 => painter.state.clockwise = record.u32(8)? == 2,
        59 => {
            painter.in_path = true;
            painter.path_lost = false;
            painter.path = PathBuilder::new();
        }
        60 => painter.in_path = false,
        61 => painter.path.close(),
        67 => return clip_path(painter, record.u32(8)?),
        68 => {
            painter.take_path();
        }
        75 => return clip_region(painter, record),
        _ => {}
    }
    Ok(())
}

fn transform(record: Record<'_>) -> Result<Transform, Refusal> {
    let part = |place: usize| record.float(place.saturating_mul(4).saturating_add(8));
    let made = Transform::from_row(part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, part(5)?);
    Ok(made)
}

/// Clips to the path that was made. One that is not known in full clips nothing: what is hidden by mistake is not seen
/// by anybody.
fn clip_path(painter: &mut Painter<'_>, mode: u32) -> Result<(), Refusal> {
    let path = painter.take_path();
    let Some(join) = Join::of(mode) else {
        return Ok(());
    };
    if painter.path_lost {
        if join == Join::Copy {
            painter.unclip();
        }
        return Ok(());
    }
    let rule = painter.state.rule();
    painter.clip_path(path.as_ref(), rule, join)
}

/// The rectangles of a region, in units of the device ([MS-EMF] 2.2.24).
fn region(painter: &Painter<'_>, data: Record<'_>) -> Result<Option<Path>, Refusal> {
    let count = data.size(8)?;
    let corners = data.places(32, count.checked_mul(2).ok_or(SHORT)?, false)?;
    painter.charge(count.saturating_mul(64))?;
    let mut builder = PathBuilder::new();
    for pair in corners.chunks_exact(2) {
        if let [from, to] = pair
            && let Some(outline) = painter.device_rectangle(*from, *to)
        {
            builder.push_path(&outline);
        }
    }
    Ok(builder.finish())
}

fn clip_region(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let (length, mode) = (record.size(8)?, record.u32(12)?);
    let Some(join) = Join::of(mode) else {
        return Ok(());
    };
    if length == 0 {
        // without a region, all clips are taken back, and no other mode means anything ([MS-EMF] 2.3.2.2)
        if join == Join::Copy {
            painter.unclip();
        }
        return Ok(());
    }
    let data = Record {
        bytes: record.bytes.get(16..).ok_or(SHORT)?,
    };
    if data.size(8)? == 1 && matches!(join, Join::And | Join::Copy) {
        let (from, to) = (data.place(32)?, data.place(40)?);
        if join == Join::Copy {
            painter.unclip();
        }
        return painter.clip_to_device(from, to);
    }
    let outline = region(painter, data)?;
    painter.clip_path(outline.as_ref(), FillRule::Winding, join)
}

fn fill_region(painter: &mut Painter<'_>, record: Record<'_>) -> Result<(), Refusal> {
    let number = record.u32(28)?;
    let data = Record {
        bytes: record.bytes.get(32..).ok_or(SHORT)?,
    };
    let (Some(outline), Some(Object::Brush(brush))) = (
        region(painter, data)?,
        painter.objects.get(&number).cloned(),
    ) else {
        return Ok(());
    };
    painter.fill_with(&outline, &brush, tiny_skia::BlendMode::SourceOver)
}

fn move_to(painter: &mut Painter<'_>, place: Place) {
    painter.state.at = place;
    if painter.in_path {
        let at = painter.at(place);
        painter.path.move_to(at.x, at.y);
    }
}

/// Lines, polygons and curves.
fn lines(painter: &mut Painter<'_>, kind: u32, record: Record<'_>) -> Result<(), Refusal> {
    let short = kind >= 85;
    let count = record.size(24)?;
    match kind {
        7 | 8 | 90 | 91 => return many(painter, matches!(kind, 8 | 91), short, record),
        _ => {}
    }
    let places = record.places(28, count, short)?;
    painter.charge(count)?;
    match kind {
        3 | 86 => {
            let outline = painter.lines(places.into_iter(), true);
            painter.shape(outline, true, true)
        }
        4 | 87 => {
            let outline = painter.lines(places.into_iter(), false);
            painter.shape(outline, false, true)
        }
        2 | 85 => {
            let outline = curves(painter, None, &places);
            painter.shape(outline, false, true)
        }
        5 | 88 => further(painter, &places, true),
        6 | 89 => further(painter, &places, false),
        _ => Ok(()),
    }
}

/// Lines or curves from where the pen is.
fn further(painter: &mut Painter<'_>, places: &[Place], curved: bool) -> Result<(), Refusal> {
    let from = painter.state.at;
    if let Some(last) = places.last() {
        painter.state.at = *last;
    }
    if painter.in_path {
        follow(painter, from, places, curved);
        return Ok(());
    }
    let outline = if curved {
        curves(painter, Some(from), places)
    } else {
        painter.lines(std::iter::once(from).chain(places.iter().copied()), false)
    };
    painter.shape(outline, false, true)
}

/// Goes on with the path that is being made.
fn follow(painter: &mut Painter<'_>, from: Place, places: &[Place], curved: bool) {
    let to = painter.to_pixels();
    let at = |place: Place| crate::formats::metafile::paint::near(to, place);
    if painter.path.is_empty() {
        let start = at(from);
        painter.path.move_to(start.x, start.y);
    }
    if !curved {
        for place in places {
            let p = at(*place);
            painter.path.line_to(p.x, p.y);
        }
        return;
    }
    for three in places.chunks_exact(3) {
        if let [a, b, c] = three {
            let (a, b, c) = (at(*a), at(*b), at(*c));
            painter.path.cubic_to(a.x, a.y, b.x, b.y, c.x, c.y);
        }
    }
}

/// Curves of three places each, behind the first or behind `from`.
fn curves(painter: &Painter<'_>, from: Option<Place>, places: &[Place]) -> Option<Path> {
    let to = painter.to_pixels();
    let at = |place: Place| crate::formats::metafile::paint::near(to, place);
    let (start, rest) = if let Some(start) = from {
        (start, places)
    } else {
        let (start, rest) = places.split_first()?;
        (*start, rest)
    };
    let mut builder = PathBuilder::new();
    let start = at(start);
    builder.move_to(start.x, start.y);
    for three in rest.chunks_exact(3) {
        if let [a, b, c] = three {
            let (a, b, c) = (at(*a), at(*b), at(*c));
            builder.cubic_to(a.x, a.y, b.x, b.y, c.x, c.y);
        }
    }
    builder.finish()
}

/// Several lines or polygons at once.
fn many(
    painter: &mut Painter<'_>,
    closed: bool,
    short: bool,
    record: Record<'_>,
) -> Result<(), Refusal> {
    let (groups, total) = (record.size(24)?, record.size(28)?);
    let length = groups.checked_mul(4).ok_or(SHORT)?;
    let start = length.checked_add(32).ok_or(SHORT)?;
    if start > record.bytes.len() {
        return Err(SHORT);
    }
    let places = record.places(start, total, short)?;
    painter.charge(total)?;
    let mut rest = places.as_slice();
    let mut builder = PathBuilder::new();
    for group in 0..groups {
        let count = record.size(group.saturating_mul(4).saturating_add(32))?;
        let (own, after) = rest.split_at_checked(count).ok_or(SHORT)?;
        rest = after;
        if let Some(outline) = painter.lines(own.iter().copied(), closed) {
            builder.push_path(&outline);
        }
    }
    painter.shape(builder.finish(), closed, true)
}

fn shapes(painter: &mut Painter<'_>, kind: u32, record: Record<'_>) -> Result<(), Refusal> {
    if kind == 54 {
        let to = record.place(8)?;
        return further(painter, &[to], false);
    }
    let bounds = (record.place(8)?, record.place(16)?);
    let outline = match kind {
        42 => ellipse(painter, bounds),
        43 => painter.rectangle(bounds.0, bounds.1),
        44 => round(painter, bounds, record.place(24)?),
        45..=47 | 55 => {
            let (start, end) = (record.place(24)?, record.place(32)?);
            let rays = if painter.state.clockwise {
                (end, start)
            } else {
                (start, end)
            };
            let closed = match kind {
                46 => Closed::Chord,
                47 => Closed::Pie,
                _ => Closed::Open,
            };
            arc(painter, bounds, rays, closed)
        }
        _ => None,
    };
    painter.shape(outline, !matches!(kind, 45 | 55), true)
}

/// Pens, brushes and fonts: made, selected, thrown away.
fn objects(painter: &mut Painter<'_>, kind: u32, record: Record<'_>) -> Result<(), Refusal> {
    let number = record.u32(8)?;
    let object = match kind {
        37 => {
            painter.select(number);
            return Ok(());
        }
        40 => {
            painter.objects.remove(&number);
            return Ok(());
        }
        38 => Object::Pen(Pen {
            style: record.u32(12)?,
            width: record.side(16)?,
            colour: state::colour(record.u32(24)?),
        }),
        95 => Object::Pen(Pen {
            style: record.u32(28)?,
            // the width of a cosmetic pen is in pixels of the device
            width: if record.u32(28)? & 0x1_0000 == 0 {
                0.0
            } else {
                record.side(32)?
            },
            colour: state::colour(record.u32(40)?),
        }),
        39 => Object::Brush(brush(record.u32(12)?, record.u32(16)?, record.u32(20)?)),
        93 | 94 => {
            let (header, rows) = (record.named(16, 20)?, record.named(24, 28)?);
            pictures::pattern(painter, header, rows)?
        }
        82 => Object::Font(texts::font(record)?),
        _ => Object::Other,
    };
    painter.make(number, object)
}
