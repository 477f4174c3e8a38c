//! Whether the shape of a glyph is seen in the drawn pixels.
//!
//! Along the outline of a glyph there are pairs of points, one just inside and one just outside. A
//! glyph is seen when the two differ at a quarter of the pairs or more, in the direction of its own
//! colour where that is known, and in one direction else; what differs the other way counts against
//! it, so that an uneven ground shows nothing. So white letters on white, letters that are clipped away, off the
//! page or painted over are not seen, whatever the file did to hide them; a line that crosses them
//! does not make them seen either.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and vectors are floats, whose arithmetic has no side effects"
)]

use super::Pixels;
use super::place::{float, floor};
use hayro::hayro_interpret::LumaData;
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape as _, Vec2};
use std::ops::Range;

/// Pairs that are looked at.
const PAIRS: usize = 12;
/// One of so many pairs has to differ: in dense letters, many outside points lie on the next stroke.
const SHARE: usize = 4;
/// How far inside and outside the points of a pair are, in pixels.
const INSIDE: f64 = 0.4;
const OUTSIDE: f64 = 1.1;
/// How far around the outer point another stroke may reach into its pixel, in pixels.
const BESIDE: f64 = 0.7;
/// How far on both sides of an outline it has to be inside and outside, in pixels.
const NEAR: f64 = 0.3;
/// What two levels of a channel have to differ by, of 255.
const CONTRAST: i64 = 10;
const CONTRAST_LEVELS: u8 = super::ink::CONTRAST;
/// Shapes with fewer pairs are looked at by their area.
const MIN_PAIRS: usize = 3;
/// Shapes that are thinner than this, in pixels, leave no ink.
const THIN: f64 = 0.2;
/// How far around a shape without pairs is looked at, in pixels.
const RING: usize = 2;
/// Segments of an outline that are looked at; more have only the largest letters of ornaments.
const MAX_SEGMENTS: usize = 2_000;
/// Curves become lines that are so near, in pixels.
const FLAT: f64 = 0.2;

/// A glyph at one size and angle, its beginning at 0, 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) pairs: Vec<Pair>,
    /// `None` where nothing is drawn.
    pub(super) area: Option<Rect>,
    /// The colour of a small drawing; `None` where it is that of the text.
    pub(super) own: Option<Own>,
}

/// Two points on both sides of an outline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    inside: Point,
    outside: Point,
    /// The next stroke of the glyph is so near to the outer point that this may be darker than the inner one.
    is_dense: bool,
}

impl Pair {
    /// At `at`, with `inwards` one pixel long; `is_inside` tells of points whether the glyph has ink there.
    fn at(at: Point, inwards: Vec2, is_inside: impl Fn(Point) -> bool) -> Self {
        let outside = at - inwards * OUTSIDE;
        let aside = Vec2::new(-inwards.y, inwards.x);
        let near = [Vec2::ZERO, -inwards, aside, -aside];
        Self {
            inside: at + inwards * INSIDE,
            outside,
            is_dense: near.iter().any(|way| is_inside(outside + *way * BESIDE)),
        }
    }

    pub(super) fn moved(self, by: Vec2) -> Self {
        Self {
            inside: self.inside + by,
            outside: self.outside + by,
            ..self
        }
    }
}

/// What a small drawing is painted with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Own {
    One([u8; 3]),
    Several,
}

impl Shape {
    /// The shape of `outline`, in pixels.
    pub(super) fn of(outline: &BezPath) -> Self {
        let area = outline.bounding_box();
        if outline.elements().len() < 2 || !area.is_finite() {
            return Self::default();
        }
        let lines = flatten(outline);
        Self {
            pairs: pairs(&lines),
            area: Some(area),
            own: None,
        }
    }

    /// Whether it is seen at `at`; `paint` is its colour, where it has one of its own.
    pub(super) fn is_seen(&self, at: Point, paint: Option<[u8; 3]>, pixels: Pixels<'_>) -> bool {
        if self.pairs.len() < MIN_PAIRS {
            return self
                .area
                .is_some_and(|area| is_apart(area, at, paint, pixels));
        }
        let shift = at.to_vec2();
        let pairs = self.pairs.iter().map(|pair| {
            let inside = pixel(pair.inside + shift, pixels);
            inside.zip(pixel(pair.outside + shift, pixels))
        });
        if let Some(paint) = paint {
            let way = pairs
                .map(|pair| pair.map_or(0, |(inside, outside)| approach(inside, outside, paint)));
            // in dense letters, outside points lie on the next stroke
            let way = way.zip(&self.pairs).map(
                |(step, pair)| {
                    if pair.is_dense { step.max(0) } else { step }
                },
            );
            let way: Vec<i64> = way.collect();
            let towards = way.iter().filter(|step| **step >= CONTRAST).count();
            let away = way.iter().filter(|step| **step <= -CONTRAST).count();
            return towards.saturating_sub(away).saturating_mul(SHARE) >= way.len()
                && agree(&way, way.len());
        }
        let pairs: Vec<_> = pairs.collect();
        [0, 1, 2].into_iter().any(|channel| {
            let level = |of: [u8; 3]| of.get(channel).map_or(0, |level| i64::from(*level));
            let way = pairs
                .iter()
                .map(|pair| pair.map_or(0, |(inside, outside)| level(inside) - level(outside)));
            let way: Vec<i64> = way.collect();
            let sum: i64 = way.iter().sum();
            let count = i64::try_from(way.len()).unwrap_or(i64::MAX);
            sum.abs() >= CONTRAST.saturating_mul(count) && agree(&way, 5)
        })
    }
}

/// How much nearer to `paint` the inside is than the outside. Where it went beyond, as where a later shadow lies on it,
/// it went no other way.
fn approach(inside: [u8; 3], outside: [u8; 3], paint: [u8; 3]) -> i64 {
    let nearer = i64::from(distance(outside, paint)) - i64::from(distance(inside, paint));
    if nearer >= 0 {
        return nearer;
    }
    let way = |from: u8, to: u8| i64::from(to) - i64::from(from);
    let channels = outside.into_iter().zip(paint).zip(inside);
    let (along, length) = channels.fold((0i64, 0i64), |(along, length), ((from, paint), to)| {
        let direct = way(from, paint);
        (along + direct * way(from, to), length + direct * direct)
    });
    if length > 0 && along >= length {
        0
    } else {
        nearer
    }
}

/// Whether differences have one direction: those of noise have none, and their sum is about the root of the sum of
/// their squares. A quarter of all that are equal, the others being none, has four for `strict`; where `strict` is
/// their number, any that have no opposite pass.
fn agree(differences: &[i64], strict: usize) -> bool {
    let sum: i64 = differences.iter().sum();
    let squares: i64 = differences
        .iter()
        .map(|step| step.saturating_mul(*step))
        .sum();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    sum.saturating_mul(sum).saturating_mul(number(strict))
        >= squares.saturating_mul(number(differences.len()))
}

/// Whether the pixels of `area` differ from those around it, towards `paint` where that is known, and by more than
/// these differ among each other.
fn is_apart(area: Rect, at: Point, paint: Option<[u8; 3]>, pixels: Pixels<'_>) -> bool {
    let area = area + at.to_vec2();
    if area.width().min(area.height()) < THIN || area.x1 <= 0.0 || area.y1 <= 0.0 {
        return false;
    }
    let columns = floor(area.x0)..floor(area.x1.ceil()).min(pixels.columns);
    let rows = floor(area.y0)..floor(area.y1.ceil()).min(pixels.rows);
    let wide = |range: &Range<usize>, end: usize| {
        range.start.saturating_sub(RING)..range.end.saturating_add(RING).min(end)
    };
    let (mut inside, mut around) = ([Mean::default(); 3], [Mean::default(); 3]);
    for row in wide(&rows, pixels.rows) {
        for column in wide(&columns, pixels.columns) {
            let index = row.saturating_mul(pixels.columns).saturating_add(column);
            let Some([r, g, b, _]) = pixels.rgba.get(index) else {
                continue;
            };
            let levels = match paint {
                Some(paint) => [distance([*r, *g, *b], paint), 0, 0],
                None => [*r, *g, *b].map(i16::from),
            };
            let is_inside = rows.contains(&row) && columns.contains(&column);
            let means = if is_inside { &mut inside } else { &mut around };
            for (mean, level) in means.iter_mut().zip(levels) {
                mean.add(f64::from(level));
            }
        }
    }
    inside.iter().zip(&around).any(|(inside, around)| {
        let far = around.mean() - inside.mean();
        let far = if paint.is_some() { far } else { far.abs() };
        let by_chance = 2.0 * around.deviation() / inside.count.max(1.0).sqrt();
        inside.count > 0.0 && around.count > 0.0 && far >= by_chance.max(f64::from(CONTRAST_LEVELS))
    })
}

/// Adds up levels.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Mean {
    fn add(&mut self, level: f64) {
        self.count += 1.0;
        self.sum += level;
        self.squares += level * level;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    /// The standard deviation.
    fn deviation(&self) -> f64 {
        let mean = self.mean();
        (self.squares / self.count.max(1.0) - mean * mean)
            .max(0.0)
            .sqrt()
    }
}

/// Pairs along the edges of what a stencil paints that stands at `place`, on some rows and columns of it.
pub(super) fn edges(stencil: &LumaData, place: Affine) -> Vec<Pair> {
    let side = |side: u32| usize::try_from(side).unwrap_or(0);
    let (width, height) = (side(stencil.width), side(stencil.height));
    let is_painted = |column: usize, row: usize| {
        let index = row.saturating_mul(width).saturating_add(column);
        column < width && row < height && stencil.data.get(index).is_some_and(|level| *level >= 128)
    };
    // each with the direction inwards
    let mut found: Vec<(Point, Vec2)> = Vec::new();
    let mut cross = |length: usize, at: &dyn Fn(usize) -> (bool, Point), along: Vec2| {
        let mut before = false;
        for step in 0..=length {
            let (now, point) = at(step);
            if now != before {
                found.push((point, if now { along } else { -along }));
            }
            before = now;
        }
    };
    for row in evenly(height) {
        let at = |column| {
            (
                is_painted(column, row),
                Point::new(float(column), float(row) + 0.5),
            )
        };
        cross(width, &at, Vec2::new(1.0, 0.0));
    }
    for column in evenly(width) {
        let at = |row| {
            (
                is_painted(column, row),
                Point::new(float(column) + 0.5, float(row)),
            )
        };
        cross(height, &at, Vec2::new(0.0, 1.0));
    }
    let back = place.inverse();
    let is_inside = |point: Point| {
        let point = back * point;
        point.x >= 0.0 && point.y >= 0.0 && is_painted(floor(point.x), floor(point.y))
    };
    let every = found.len().div_ceil(PAIRS).max(1);
    let mut pairs = Vec::new();
    for (point, inwards) in found.into_iter().step_by(every) {
        let at = place * point;
        let inwards = (place * (point + inwards) - at).normalize();
        // as with outlines: where both sides are the same, as in hairlines, nothing is told
        if inwards.is_finite() && is_inside(at + inwards * NEAR) && !is_inside(at - inwards * NEAR)
        {
            pairs.push(Pair::at(at, inwards, is_inside));
        }
    }
    pairs
}

/// Some of `count` rows, at equal distances.
fn evenly(count: usize) -> impl Iterator<Item = usize> {
    let every = count.div_ceil(PAIRS).max(1);
    (every.div_euclid(2)..count).step_by(every)
}

fn pixel(at: Point, pixels: Pixels<'_>) -> Option<[u8; 3]> {
    if at.x < 0.0 || at.y < 0.0 {
        return None;
    }
    let (column, row) = (floor(at.x), floor(at.y));
    if column >= pixels.columns {
        return None;
    }
    let index = row.saturating_mul(pixels.columns).saturating_add(column);
    pixels.rgba.get(index).map(|[r, g, b, _]| [*r, *g, *b])
}

/// The largest difference of a channel.
fn distance(one: [u8; 3], other: [u8; 3]) -> i16 {
    one.into_iter()
        .zip(other)
        .map(|(one, other)| i16::from(one.abs_diff(other)))
        .max()
        .unwrap_or(0)
}

fn flatten(outline: &BezPath) -> Vec<(Point, Point)> {
    let mut lines = Vec::new();
    let (mut start, mut last) = (Point::ORIGIN, Point::ORIGIN);
    hayro::kurbo::flatten(outline.iter(), FLAT, |element| {
        if lines.len() >= MAX_SEGMENTS {
            return;
        }
        match element {
            PathEl::MoveTo(point) => {
                if last != start {
                    lines.push((last, start));
                }
                (start, last) = (point, point);
            }
            PathEl::LineTo(point) | PathEl::QuadTo(_, point) | PathEl::CurveTo(_, _, point) => {
                lines.push((last, point));
                last = point;
            }
            PathEl::ClosePath => {
                if last != start {
                    lines.push((last, start));
                }
                last = start;
            }
        }
    });
    if last != start {
        lines.push((last, start));
    }
    lines
}

/// Pairs at equal distances along the outline.
fn pairs(lines: &[(Point, Point)]) -> Vec<Pair> {
    let length: f64 = lines.iter().map(|(a, b)| a.distance(*b)).sum();
    let step = length / float(PAIRS);
    if !step.is_finite() || step < 0.05 {
        return Vec::new();
    }
    let has_ink = |point: Point| winding(point, lines) != 0;
    let mut found = Vec::new();
    let mut next = step / 2.0;
    let mut walked = 0.0;
    for (a, b) in lines {
        let side = a.distance(*b);
        while next <= walked + side && found.len() < PAIRS {
            let at = a.lerp(*b, (next - walked) / side.max(1e-9));
            let along = (*b - *a) / side.max(1e-9);
            let across = Vec2::new(-along.y, along.x);
            let is_inside = |sign: f64| has_ink(at + across * (NEAR * sign));
            match (is_inside(1.0), is_inside(-1.0)) {
                (true, false) => found.push(Pair::at(at, across, has_ink)),
                (false, true) => found.push(Pair::at(at, -across, has_ink)),
                // a border inside of the shape, or a hairline
                _ => {}
            }
            next += step;
        }
        walked += side;
    }
    found
}

/// How often the lines go around `point`.
fn winding(point: Point, lines: &[(Point, Point)]) -> i32 {
    lines.iter().fold(0i32, |sum, (a, b)| {
        let is_left = (b.x - a.x) * (point.y - a.y) - (point.x - a.x) * (b.y - a.y);
        if a.y <= point.y && b.y > point.y && is_left > 0.0 {
            sum.saturating_add(1)
        } else if a.y > point.y && b.y <= point.y && is_left < 0.0 {
            sum.saturating_sub(1)
        } else {
            sum
        }
    })
}

/// The part of `transform` that does not move.
pub(super) fn linear(transform: Affine) -> Affine {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    Affine::new([a, b, c, d, 0.0, 0.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 40;

    /// A ring 20 pixels wide around 20, 20, as letters have them.
    fn ring() -> Shape {
        let outer = Rect::new(-10.0, -10.0, 10.0, 10.0);
        let inner = Rect::new(-7.0, -7.0, 7.0, 7.0);
        let mut path = outer.to_path(0.1);
        path.extend(
            inner
                .to_path(0.1)
                .reverse_subpaths()
                .elements()
                .iter()
                .copied(),
        );
        Shape::of(&path)
    }

    fn picture(colour: impl Fn(f64, f64) -> u8) -> Vec<[u8; 4]> {
        (0..SIDE * SIDE)
            .map(|at| [colour(float(at % SIDE) + 0.5, float(at / SIDE) + 0.5); 4])
            .collect()
    }

    fn is_ring(x: f64, y: f64) -> bool {
        let far = (x - 20.0).abs().max((y - 20.0).abs());
        (7.0..10.0).contains(&far)
    }

    fn seen(picture: &[[u8; 4]], at: f64, paint: Option<[u8; 3]>) -> bool {
        let pixels = Pixels {
            rgba: picture,
            columns: SIDE,
            rows: SIDE,
        };
        ring().is_seen(Point::new(at, 20.0), paint, pixels)
    }

    #[test]
    fn what_is_drawn_in_its_colour_is_seen() {
        let black = picture(|x, y| [255, 0][usize::from(is_ring(x, y))]);
        let faint = picture(|x, y| [255, 230][usize::from(is_ring(x, y))]);
        let white = picture(|x, y| [0, 255][usize::from(is_ring(x, y))]);
        assert!(seen(&black, 20.0, Some([0; 3])));
        assert!(seen(&black, 20.0, None));
        assert!(seen(&faint, 20.0, Some([230; 3])));
        assert!(seen(&white, 20.0, Some([255; 3])));
    }

    #[test]
    fn noise_shows_nothing_and_hides_nothing() {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let mut by_chance = [0u32; 3];
        for _ in 0..200 {
            let noise: Vec<u8> = (0..SIDE * SIDE).map(|_| next()).collect();
            let ground = |x: f64, y: f64| noise[floor(y) * SIDE + floor(x)];
            let bare = picture(ground);
            let black = picture(|x, y| if is_ring(x, y) { 0 } else { ground(x, y) });
            let paints = [Some([0; 3]), Some([255; 3]), None];
            for (count, paint) in by_chance.iter_mut().zip(paints) {
                *count += u32::from(seen(&bare, 20.0, paint));
            }
            assert!(seen(&black, 20.0, Some([0; 3])));
        }
        // a quarter of the pairs differed at nearly each of them before
        assert!(by_chance.iter().all(|count| *count <= 40), "{by_chance:?}");
    }

    #[test]
    fn what_is_not_there_is_not_seen() {
        let empty = picture(|_, _| 255);
        let black = picture(|x, y| [255, 0][usize::from(is_ring(x, y))]);
        let line = picture(|x, _| [255, 0][usize::from((19.0..21.0).contains(&x))]);
        for paint in [Some([0; 3]), Some([255; 3]), None] {
            assert!(!seen(&empty, 20.0, paint));
            assert!(!seen(&line, 20.0, paint));
            assert!(!seen(&black, 100.0, paint));
            assert!(!seen(&black, -100.0, paint));
        }
        assert!(!seen(&black, 20.0, Some([255; 3])), "of another colour");
    }
}
