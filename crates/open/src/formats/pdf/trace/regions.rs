//! Parts of a page that cannot be said in shapes: they become pixels, and lie over all the rest.
//!
//! What is painted below them, and what they were made of, stays as far as it reaches beyond; within, the
//! pixels of the drawn page stand, so that nothing is blended twice.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "points and transforms are floats, whose arithmetic has no side effects"
)]

use super::pictures::{Album, Raw};
use super::{EM, Item, Outline, Tracer, What};
use crate::formats::pdf::text::Pixels;
use crate::formats::pdf::text::place::floor;
use crate::formats::pdf::text::scribe::CELL_PX;
use hayro::kurbo::{Affine, Point, Rect};
use mugai_core::Purpose;
use mugai_core::drawing::{Blend, Matrix, Mix, Path, Step};

/// The most such parts of one page.
const MAX_REGIONS: usize = 24;
/// The largest share of a page that they may have together; from there on all of it becomes pixels.
const MAX_SHARE: f64 = 0.6;
/// A part of more colours than these is stored as photographs are.
const MAX_COLOURS: usize = 4096;

/// The parts of one page, in whole pixels; none lies over another.
#[derive(Debug, Default)]
pub(in crate::formats::pdf) struct Regions(Vec<Rect>);

impl Regions {
    pub(in crate::formats::pdf) fn iter(&self) -> impl Iterator<Item = Rect> {
        self.0.iter().copied()
    }

    /// Whether `area` touches one of them.
    pub(in crate::formats::pdf) fn touch(&self, area: Rect) -> bool {
        self.0.iter().any(|region| region.overlaps(area))
    }

    /// Adds `area`; `false` where they become too many, or too large for a page of `whole`.
    fn add(&mut self, area: Rect, whole: Rect) -> bool {
        let mut area = area;
        // those that it meets become one with it, and the larger one may meet others
        while let Some(met) = self.0.iter().position(|region| region.overlaps(area)) {
            area = area.union(self.0.swap_remove(met));
        }
        self.0.push(area);
        let sum: f64 = self.0.iter().map(Rect::area).sum();
        self.0.len() <= MAX_REGIONS && sum <= MAX_SHARE * whole.area()
    }
}

impl Tracer<'_, '_, '_> {
    /// What is painted in `area`, in pixels, cannot be said: it will be taken from the drawn page.
    pub(super) fn cannot_say_in(&mut self, area: Rect) {
        if self.is_unsayable || !area.is_finite() {
            return;
        }
        let Some(area) = self.within(area) else {
            return;
        };
        // soft edges reach a pixel further; and what lies below is told square by square
        let size = CELL_PX;
        let area = area.inflate(1.0, 1.0);
        let area = Rect::new(
            (area.x0 / size).floor() * size,
            (area.y0 / size).floor() * size,
            (area.x1 / size).ceil() * size,
            (area.y1 / size).ceil() * size,
        )
        .intersect(self.target);
        if area.is_zero_area() {
            return;
        }
        let target = self.target;
        if !self.regions.add(area, target) {
            self.cannot_say();
        }
    }

    /// All that was painted since there were `start` items cannot be said.
    pub(super) fn cannot_say_since(&mut self, start: usize) {
        let [scale, ..] = self.tracing.page.as_coeffs();
        let items = self.items.get(start..).unwrap_or_default();
        let areas = items
            .iter()
            .filter_map(|item| reach(item, &self.outlines, scale));
        if let Some(area) = areas.reduce(|all, area| all.union(area)) {
            self.cannot_say_in(area);
        }
    }
}

/// Where an item is seen at most; `None` where it paints nothing.
fn reach(item: &Item, outlines: &[Outline], scale: f64) -> Option<Rect> {
    match &item.what {
        What::Step(Step::Clip(..) | Step::Unclip) => None,
        What::Step(_) => Some(item.area),
        What::Glyphs { matrix, glyphs, .. } => {
            let [a, b, c, d] = matrix.map(|side| f64::from(side) / EM / scale.max(1e-6));
            let linear = Affine::new([a, b, c, d, 0.0, 0.0]);
            let shapes = glyphs
                .iter()
                .filter_map(|(outline, ..)| outlines.get(*outline));
            let shapes = shapes.map(|outline| linear.transform_rect_bbox(outline.reach));
            let reach = shapes.reduce(|all, shape| all.union(shape))?;
            // from wherever one of them begins
            let area = item.area;
            Some(Rect::new(
                area.x0 + reach.x0,
                area.y0 + reach.y0,
                area.x1 + reach.x1,
                area.y1 + reach.y1,
            ))
        }
    }
}

/// The rectangle around `path`, its first place included; nothing at the origin where it is empty.
pub(super) fn around(path: &Path) -> Rect {
    let places = path
        .places()
        .map(|(x, y)| Point::new(f64::from(x), f64::from(y)));
    let points = places.map(|place| Rect::from_points(place, place));
    points
        .reduce(|all, point| all.union(point))
        .unwrap_or(Rect::ZERO)
}

impl Album {
    /// Takes `regions` of the drawn page, `page` being from pixels to the page: the steps that lay them over it.
    /// `None` where one cannot be taken.
    pub(in crate::formats::pdf) fn snapshots(
        &mut self,
        regions: &Regions,
        pixels: Pixels<'_>,
        page: Affine,
    ) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        for region in regions.iter() {
            let (picture, matrix) = self.snapshot(region, pixels, page)?;
            steps.push(Step::Picture {
                picture,
                mask: None,
                matrix,
                mix: Mix {
                    alpha: u8::MAX,
                    blend: Blend::Normal,
                },
            });
        }
        Some(steps)
    }

    /// The number of a picture of `region`, and where it stands.
    fn snapshot(
        &mut self,
        region: Rect,
        pixels: Pixels<'_>,
        page: Affine,
    ) -> Option<(u32, Matrix)> {
        let (left, top) = (floor(region.x0), floor(region.y0));
        let (columns, rows) = (floor(region.width()), floor(region.height()));
        let mut found = Vec::new();
        for row in pixels
            .rgba
            .chunks(pixels.columns.max(1))
            .skip(top)
            .take(rows)
        {
            found.extend_from_slice(row.get(left..left.checked_add(columns)?)?);
        }
        let is_grey = found.iter().all(|[r, g, b, _]| r == g && g == b);
        let is_photographic = has_many_colours(&found);
        let colours = if is_grey {
            found.iter().map(|[grey, ..]| *grey).collect()
        } else {
            found.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
        };
        let raw = Raw {
            width: u32::try_from(columns).ok()?,
            height: u32::try_from(rows).ok()?,
            colours,
            components: if is_grey { 1 } else { 3 },
            is_photographic,
        };
        if raw.width == 0 || raw.height == 0 || found.len() != columns.checked_mul(rows)? {
            return None;
        }
        let place = page
            * Affine::translate((region.x0, region.y0))
            * Affine::scale_non_uniform(region.width(), region.height());
        let matrix = super::pictures::matrix(place)?;
        Some((self.add(raw, Purpose::Picture)?, matrix))
    }
}

fn has_many_colours(pixels: &[[u8; 4]]) -> bool {
    let mut known = std::collections::BTreeSet::new();
    pixels.iter().any(|[r, g, b, _]| {
        known.insert([*r, *g, *b]);
        known.len() > MAX_COLOURS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_reach_as_far_as_their_outlines() {
        use mugai_core::drawing::{Ink, Segment};
        let corners = [(0, 0), (5_000, 0), (5_000, 700)];
        let mut segments = vec![Segment::Move(corners[0])];
        segments.extend(corners[1..].iter().map(|corner| Segment::Line(*corner)));
        let path = Path::new(segments).unwrap();
        let outline = Outline {
            key: 0,
            reach: around(&path),
            path,
            advance: 5_000,
        };
        let mix = Mix {
            alpha: u8::MAX,
            blend: Blend::Normal,
        };
        // ten points at two pixels a point
        let item = Item {
            what: What::Glyphs {
                matrix: [1_000, 0, 0, -1_000],
                ink: Ink { rgb: [0; 3], mix },
                glyphs: vec![(0, (2_000, 5_000), 0)],
            },
            area: Rect::new(40.0, 100.0, 40.0, 100.0),
            order: 1,
            mark: None,
        };
        let reach = reach(&item, &[outline], 50.0).unwrap();
        assert_eq!(reach, Rect::new(40.0, 86.0, 140.0, 100.0));
    }

    #[test]
    fn parts_that_meet_become_one_and_too_much_of_a_page_is_refused() {
        let whole = Rect::new(0.0, 0.0, 100.0, 100.0);
        let mut regions = Regions::default();
        let area = |x: f64| Rect::new(x, 0.0, x + 10.0, 10.0);
        assert!(regions.add(area(0.0), whole));
        assert!(regions.add(area(20.0), whole));
        assert_eq!(regions.iter().count(), 2);
        // between both
        assert!(regions.add(area(5.0).union(area(15.0)), whole));
        let all: Vec<Rect> = regions.iter().collect();
        assert_eq!(all, [Rect::new(0.0, 0.0, 30.0, 10.0)]);
        assert!(regions.touch(area(25.0)) && !regions.touch(area(40.0)));
        assert!(!regions.add(Rect::new(0.0, 0.0, 100.0, 70.0), whole));
        let mut many = Regions::default();
        let wide = Rect::new(0.0, 0.0, 1e4, 1e4);
        let accepted = (0..40).take_while(|n| many.add(area(f64::from(*n) * 20.0), wide));
        assert_eq!(accepted.count(), MAX_REGIONS);
    }
}
