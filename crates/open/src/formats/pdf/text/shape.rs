//! Whether the shape of a glyph is seen in the drawn pixels.
//!
//! Along the outline of a glyph there are pairs of points, one just inside and one just outside. A
//! glyph is seen when the two differ at a quarter of the pairs or more, and in the direction of its
//! own colour where that is known. So white letters on white, letters that are clipped away, off the
//! page or painted over are not seen, whatever the file did to hide them; a line that crosses them
//! does not make them seen either.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and vectors are floats, whose arithmetic has no side effects"
)]

use super::Pixels;
use super::place::{float, floor};
use hayro::kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape as _};

/// Pairs that are looked at.
const PAIRS: usize = 12;
/// One of so many pairs has to differ: in dense letters, many outside points lie on the next stroke.
const SHARE: usize = 4;
/// How far inside and outside the points of a pair are, in pixels.
const INSIDE: f64 = 0.4;
const OUTSIDE: f64 = 1.1;
/// What two levels of a channel have to differ by, of 255.
const CONTRAST: i16 = 10;
/// Segments of an outline that are looked at; more have only the largest letters of ornaments.
const MAX_SEGMENTS: usize = 2_000;
/// Curves become lines that are so near, in pixels.
const FLAT: f64 = 0.2;

/// A glyph at one size and angle, its beginning at 0, 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pairs: Vec<[Point; 2]>,
    /// `None` where nothing is drawn.
    pub(super) area: Option<Rect>,
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
        }
    }

    /// A shape of which only the area is known.
    pub(super) fn within(area: Rect) -> Self {
        Self {
            pairs: Vec::new(),
            area: area.is_finite().then_some(area),
        }
    }

    /// Whether it is seen at `at`; `paint` is its colour, where it has one of its own.
    pub(super) fn is_seen(&self, at: Point, paint: Option<[u8; 3]>, pixels: Pixels<'_>) -> bool {
        if self.pairs.len() < 3 {
            return self.area.is_some_and(|area| is_uneven(area, at, pixels));
        }
        let shift = at.to_vec2();
        let differing = self
            .pairs
            .iter()
            .filter(|[inside, outside]| {
                let (Some(inside), Some(outside)) = (
                    pixel(*inside + shift, pixels),
                    pixel(*outside + shift, pixels),
                ) else {
                    return false;
                };
                match paint {
                    Some(paint) => {
                        distance(outside, paint).saturating_sub(distance(inside, paint)) >= CONTRAST
                    }
                    None => distance(inside, outside) >= CONTRAST,
                }
            })
            .count();
        differing.saturating_mul(SHARE) >= self.pairs.len()
    }
}

/// Whether the pixels of `area`, and those around it, are of more than one colour.
fn is_uneven(area: Rect, at: Point, pixels: Pixels<'_>) -> bool {
    let area = (area + at.to_vec2()).inflate(1.0, 1.0);
    if area.x1 <= 0.0 || area.y1 <= 0.0 {
        return false;
    }
    let columns = floor(area.x0)..floor(area.x1.ceil()).min(pixels.columns);
    let rows = floor(area.y0)..floor(area.y1.ceil()).min(pixels.rows);
    let mut first = None;
    for row in rows {
        let start = row.saturating_mul(pixels.columns);
        let range = start.saturating_add(columns.start)..start.saturating_add(columns.end);
        for [r, g, b, _] in pixels.rgba.get(range).unwrap_or_default() {
            let first = *first.get_or_insert([*r, *g, *b]);
            if distance(first, [*r, *g, *b]) >= CONTRAST {
                return true;
            }
        }
    }
    false
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
fn pairs(lines: &[(Point, Point)]) -> Vec<[Point; 2]> {
    let length: f64 = lines.iter().map(|(a, b)| a.distance(*b)).sum();
    let step = length / float(PAIRS);
    if !step.is_finite() || step < 0.05 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut next = step / 2.0;
    let mut walked = 0.0;
    for (a, b) in lines {
        let side = a.distance(*b);
        while next <= walked + side && found.len() < PAIRS {
            let at = a.lerp(*b, (next - walked) / side.max(1e-9));
            let along = (*b - *a) / side.max(1e-9);
            let across = hayro::kurbo::Vec2::new(-along.y, along.x);
            let is_inside = |sign: f64| winding(at + across * (0.3 * sign), lines) != 0;
            match (is_inside(1.0), is_inside(-1.0)) {
                (true, false) => found.push([at + across * INSIDE, at - across * OUTSIDE]),
                (false, true) => found.push([at - across * INSIDE, at + across * OUTSIDE]),
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
