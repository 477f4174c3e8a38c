//! Outlines in whole numbers.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

use hayro::hayro_interpret::StrokeProps;
use hayro::kurbo::{
    self, Affine, BezPath, ParamCurve, PathEl, PathSeg, Point, Rect, Shape as _, Stroke, StrokeOpts,
};
use mugai_core::drawing::{
    Cap, Join, MAX_ADVANCE, MAX_DASHES, MAX_EM, MAX_PLACE, Path, Pen, Place, Segment,
};

/// How exactly strokes are turned into outlines, in units of their own space.
const TOLERANCE: f64 = 0.05;
/// How far the pen may be from a circle.
const ROUND: f64 = 0.01;

/// A side as a whole number; `None` further than [`MAX_PLACE`] from 0.
pub(super) fn whole(side: f64) -> Option<i32> {
    let rounded = side.round();
    if rounded.is_nan() || rounded.abs() > f64::from(MAX_PLACE) {
        return None;
    }
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "in the range of MAX_PLACE, and there is no checked conversion from floats"
    )]
    let whole = rounded as i32;
    Some(whole)
}

/// A point as a place, `scale` units a unit of it.
pub(in crate::formats::pdf) fn place_of(point: Point, scale: f64) -> Option<Place> {
    Some((whole(point.x * scale)?, whole(point.y * scale)?))
}

/// `path` as an outline; `None` where it goes too far.
pub(in crate::formats::pdf) fn outline_of(path: &BezPath, scale: f64) -> Option<Path> {
    let place = |point: &Point| place_of(*point, scale);
    let mut segments = Vec::new();
    // where a piece begins that nothing has followed yet
    let mut begun: Option<Place> = None;
    let (mut at, mut start) = (Point::ORIGIN, Point::ORIGIN);
    let mut is_closed = true;
    for element in path.elements() {
        if !matches!(element, PathEl::MoveTo(_) | PathEl::ClosePath) {
            if let Some(place) = begun.take() {
                segments.push(Segment::Move(place));
            } else if is_closed {
                segments.push(Segment::Move(place(&start)?));
            }
            is_closed = false;
        }
        match element {
            PathEl::MoveTo(point) => {
                begun = Some(place(point)?);
                (at, start) = (*point, *point);
            }
            PathEl::LineTo(point) => {
                segments.push(Segment::Line(place(point)?));
                at = *point;
            }
            PathEl::QuadTo(bend, point) => {
                // the same curve with two bends
                let first = at + (*bend - at) * (2.0 / 3.0);
                let second = *point + (*bend - *point) * (2.0 / 3.0);
                segments.push(Segment::Curve(
                    place(&first)?,
                    place(&second)?,
                    place(point)?,
                ));
                at = *point;
            }
            PathEl::CurveTo(first, second, point) => {
                segments.push(Segment::Curve(place(first)?, place(second)?, place(point)?));
                at = *point;
            }
            PathEl::ClosePath => {
                if begun.is_none() && !is_closed {
                    segments.push(Segment::Close);
                    is_closed = true;
                }
                at = start;
            }
        }
    }
    Path::new(segments).ok()
}

/// The outline of a letter in thousandths of the em; `None` where no font can hold it.
pub(super) fn letter(path: &BezPath) -> Option<Path> {
    let outline = outline_of(path, 1.0)?;
    let is_near = outline
        .places()
        .all(|(x, y)| x.saturating_abs() <= MAX_EM && y.saturating_abs() <= MAX_EM);
    is_near.then_some(outline)
}

/// How far the next letter is.
pub(super) fn advance(wide: f32) -> u16 {
    let advance = whole(f64::from(wide)).unwrap_or(0);
    u16::try_from(advance).unwrap_or(0).min(MAX_ADVANCE)
}

/// The pen on the page; `None` where it is no circle there.
pub(super) fn pen(pen: &StrokeProps, transform: Affine) -> Option<Pen> {
    let [a, b, c, d, ..] = transform.as_coeffs();
    let scale = a.hypot(b);
    let is_round = (scale - c.hypot(d)).abs() <= ROUND * scale
        && (a * c + b * d).abs() <= ROUND * scale * scale;
    if !is_round {
        return None;
    }
    let length = |length: f32| {
        let whole = whole(f64::from(length) * scale)?;
        u32::try_from(whole).ok()
    };
    let miter = whole(f64::from(pen.miter_limit) * 100.0)?.clamp(100, 100_000);
    let dashes = pen
        .dash_array
        .iter()
        .map(|dash| length(*dash))
        .collect::<Option<Vec<u32>>>()?;
    let is_solid = dashes.iter().all(|dash| *dash == 0);
    if dashes.len() > MAX_DASHES {
        return None;
    }
    let phase = if is_solid {
        0
    } else {
        length(pen.dash_offset)?
    };
    Some(Pen {
        width: length(pen.line_width.max(0.0))?,
        cap: match pen.line_cap {
            kurbo::Cap::Butt => Cap::Butt,
            kurbo::Cap::Round => Cap::Round,
            kurbo::Cap::Square => Cap::Square,
        },
        join: match pen.line_join {
            kurbo::Join::Miter => Join::Miter,
            kurbo::Join::Round => Join::Round,
            kurbo::Join::Bevel => Join::Bevel,
        },
        miter: u32::try_from(miter).ok()?,
        dashes: if is_solid { Vec::new() } else { dashes },
        phase,
    })
}

/// What a pen paints, as an outline to be filled, in the space of `path`.
pub(in crate::formats::pdf) fn stroked(path: &BezPath, pen: &StrokeProps) -> BezPath {
    let style = Stroke {
        width: f64::from(pen.line_width.max(0.0)),
        join: pen.line_join,
        miter_limit: f64::from(pen.miter_limit),
        start_cap: pen.line_cap,
        end_cap: pen.line_cap,
        dash_pattern: pen.dash_array.iter().map(|dash| f64::from(*dash)).collect(),
        dash_offset: f64::from(pen.dash_offset),
    };
    kurbo::stroke(
        path.elements().iter().copied(),
        &style,
        &StrokeOpts::default(),
        TOLERANCE,
    )
}

/// Whether `path` is one upright rectangle around all of `target`.
pub(super) fn is_around(path: &BezPath, target: Rect) -> bool {
    let area = path.bounding_box();
    path.elements().len() <= 6
        && area.contains_rect(target)
        && path.segments().all(|segment| {
            let (start, end) = (segment.eval_start(), segment.eval_end());
            let aside = end - start;
            aside.x.abs() < f64::EPSILON || aside.y.abs() < f64::EPSILON
        })
        && (path.area().abs() - area.area()).abs() < 1e-3 * area.area()
}

/// The ends of a segment.
trait Ends {
    fn eval_start(&self) -> Point;
    fn eval_end(&self) -> Point;
}

impl Ends for PathSeg {
    fn eval_start(&self) -> Point {
        ParamCurve::start(self)
    }

    fn eval_end(&self) -> Point {
        ParamCurve::end(self)
    }
}
