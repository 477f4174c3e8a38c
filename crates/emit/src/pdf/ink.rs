//! The part of a page that is not white, and where its picture is placed.

use mugai_core::Page;

/// How much paper stays around the ink, in pixels: as far as the search for edges looks.
const MARGIN: u32 = 2;
/// Places are written in ten thousandths of a point.
const UNITS: u64 = 100;

/// Where something is on a page, in pixels; the last two are behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    right: u32,
    bottom: u32,
}

impl Area {
    /// From the pixel `left` and `top` on, up to the one before `right` and `bottom`.
    pub(super) const fn of((left, top): (u32, u32), (right, bottom): (u32, u32)) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// The same place, seen from a page of which this one begins at `(left, top)`.
    pub(super) const fn moved(self, (left, top): (u32, u32)) -> Self {
        Self {
            left: self.left.saturating_add(left),
            top: self.top.saturating_add(top),
            right: self.right.saturating_add(left),
            bottom: self.bottom.saturating_add(top),
        }
    }

    pub(super) const fn width(self) -> u32 {
        self.right.saturating_sub(self.left)
    }

    pub(super) const fn height(self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }
}

/// The box around all that is not white, with some paper around it; `None` for a blank page.
pub(super) fn area(page: &Page) -> Option<Area> {
    let channels = page.format().bytes();
    let width = usize::try_from(page.width_px()).ok()?;
    let length = width.checked_mul(channels)?;
    let rows = page.pixels().chunks_exact(length.max(1));
    let mut found: Option<[usize; 4]> = None;
    for (at, row) in rows.enumerate() {
        let is_ink = |byte: &u8| *byte != u8::MAX;
        let Some(first) = row.iter().position(is_ink) else {
            continue;
        };
        let last = row.iter().rposition(is_ink).unwrap_or(first);
        let [left, top, right, _] = found.unwrap_or([first, at, last, at]);
        found = Some([left.min(first), top, right.max(last), at]);
    }
    let [left, top, right, bottom] = found?;
    let column = |byte: usize| u32::try_from(byte.checked_div(channels)?).ok();
    let behind = |at: u32, side: u32| at.saturating_add(1).saturating_add(MARGIN).min(side);
    Some(Area {
        left: column(left)?.saturating_sub(MARGIN),
        top: u32::try_from(top).ok()?.saturating_sub(MARGIN),
        right: behind(column(right)?, page.width_px()),
        bottom: behind(u32::try_from(bottom).ok()?, page.height_px()),
    })
}

/// The operands of `cm` that place a picture of `area` on a page of `pixels` across and down that is
/// `paper` hundredths of a point.
///
/// Each side is a fiftieth of a pixel further inside than it is: viewers enlarge a picture to all the
/// pixels that it touches, and rounded up by a hair it would be resampled.
pub(super) fn place(area: Area, pixels: (u32, u32), paper: (u32, u32)) -> String {
    let side = |from: u32, to: u32, pixels: u32, paper: u32| {
        let paper = u64::from(paper).saturating_mul(UNITS);
        let pixels = u64::from(pixels).max(1);
        let at = |pixel: u32| u64::from(pixel).saturating_mul(paper).div_euclid(pixels);
        let inset = paper.div_euclid(pixels.saturating_mul(50)).max(1);
        let start = at(from).saturating_add(inset);
        let end = at(to).saturating_sub(inset);
        (start, end.saturating_sub(start).max(1))
    };
    let (left, width) = side(area.left, area.right, pixels.0, paper.0);
    let below = |row: u32| pixels.1.saturating_sub(row);
    let (bottom, height) = side(below(area.bottom), below(area.top), pixels.1, paper.1);
    let [width, height, left, bottom] = [width, height, left, bottom].map(decimal);
    format!("{width} 0 0 {height} {left} {bottom}")
}

/// Ten thousandths in their one spelling: `595.28`, `.5`, `0`.
fn decimal(units: u64) -> String {
    let (whole, rest) = (units.div_euclid(10_000), units.rem_euclid(10_000));
    let digits = format!("{rest:04}");
    match (whole, digits.trim_end_matches('0')) {
        (whole, "") => whole.to_string(),
        (0, digits) => format!(".{digits}"),
        (whole, digits) => format!("{whole}.{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Limits, PixelFormat};

    fn page(format: PixelFormat, ink: &[(usize, usize)]) -> Page {
        let budget = Budget::new(Limits {
            bytes: 0,
            pixels: 1_000,
            parts: 0,
            depth: 0,
            steps: 0,
        });
        let mut pixels = Vec::new();
        for y in 0..10 {
            for x in 0..20 {
                let level = if ink.contains(&(x, y)) { 3 } else { 255 };
                pixels.extend(std::iter::repeat_n(level, format.bytes()));
            }
        }
        let canvas = Page::start(20, 10, format, &budget).unwrap();
        canvas.fill(pixels).unwrap()
    }

    #[test]
    fn the_box_of_ink_has_two_pixels_around_it() {
        for format in [PixelFormat::Grey8, PixelFormat::Rgb8] {
            assert_eq!(area(&page(format, &[])), None);
            let found = area(&page(format, &[(5, 6), (15, 4)])).unwrap();
            assert_eq!(
                [found.left, found.top, found.right, found.bottom],
                [3, 2, 18, 9]
            );
            let found = area(&page(format, &[(0, 0), (19, 9)])).unwrap();
            assert_eq!((found.width(), found.height()), (20, 10));
        }
    }

    #[test]
    fn places_are_a_hair_inside_of_the_pixels() {
        let all = Area {
            left: 0,
            top: 0,
            right: 1275,
            bottom: 1650,
        };
        let part = Area {
            left: 100,
            top: 50,
            right: 200,
            bottom: 60,
        };
        let letter = ((1275, 1650), (61_200, 79_200));
        assert_eq!(
            place(all, letter.0, letter.1),
            "611.9808 0 0 791.9808 .0096 .0096"
        );
        assert_eq!(
            place(part, letter.0, letter.1),
            "47.9808 0 0 4.7808 48.0096 763.2096"
        );
    }
}
