//! Pages of letters and pictures, taken apart: a picture is stored as pictures are, and the rest keeps the
//! sharp edges of its letters.

use super::ink::Area;
use mugai_core::{Page, PixelFormat};

/// Side of the squares that are looked at, in pixels.
const SIDE: usize = 32;
/// A square of a picture has at least so many colours, of the 256 that are told apart.
const COLOURS: u32 = 48;
/// At least so many percent of its pixels differ from their left one: of letters few do.
const CHANGES: usize = 45;
/// A picture has at least so many such squares,
const LEAST_SQUARES: usize = 9;
/// and they are so many percent of the box around it.
const SHARE: usize = 50;
/// A page with more pictures is left as it is.
const MOST_PICTURES: usize = 16;

/// A box of squares; the last two are behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Squares {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Squares {
    const fn count(self) -> usize {
        let width = self.right.saturating_sub(self.left);
        width.saturating_mul(self.bottom.saturating_sub(self.top))
    }

    /// Whether both touch, or only one square is between them.
    const fn is_near(self, other: Self) -> bool {
        self.left <= other.right.saturating_add(1)
            && other.left <= self.right.saturating_add(1)
            && self.top <= other.bottom.saturating_add(1)
            && other.top <= self.bottom.saturating_add(1)
    }

    fn around(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// The boxes around pictures on a page, none of which touches another; empty where there is nothing to take
/// apart.
pub(super) fn pictures(page: &Page) -> Vec<Area> {
    let width = usize::try_from(page.width_px()).unwrap_or(usize::MAX);
    let height = usize::try_from(page.height_px()).unwrap_or(usize::MAX);
    let (across, down) = (width.div_ceil(SIDE), height.div_ceil(SIDE));
    let Some(found) = squares(page, width, across) else {
        return Vec::new();
    };
    let is_picture = |square: &Squares| {
        let rows = (square.top..square.bottom).filter_map(|row| {
            let start = row.checked_mul(across)?;
            found.get(start.checked_add(square.left)?..start.checked_add(square.right)?)
        });
        let count = rows.flatten().filter(|found| **found).count();
        let share = square.count().saturating_mul(SHARE);
        count >= LEAST_SQUARES && count.saturating_mul(100) >= share
    };
    let boxes = joined(&found, across);
    let pictures: Vec<Squares> = boxes.into_iter().filter(is_picture).collect();
    let all = across.saturating_mul(down);
    let taken = pictures
        .iter()
        .fold(0usize, |sum, picture| sum.saturating_add(picture.count()));
    // a page that is a picture has nothing beside it
    if pictures.len() > MOST_PICTURES || taken.saturating_mul(10) > all.saturating_mul(9) {
        return Vec::new();
    }
    let edge = |square: usize, side: u32| {
        u32::try_from(square.saturating_mul(SIDE)).map_or(side, |at| at.min(side))
    };
    let (width, height) = (page.width_px(), page.height_px());
    let areas = pictures.iter().map(|squares| {
        Area::of(
            (edge(squares.left, width), edge(squares.top, height)),
            (edge(squares.right, width), edge(squares.bottom, height)),
        )
    });
    areas.collect()
}

/// Boxes around squares that were found, joined until none is near another. Row by row from the top; `None` of
/// them are more than a page has squares.
fn joined(found: &[bool], across: usize) -> Vec<Squares> {
    let mut boxes: Vec<Squares> = Vec::new();
    for (top, row) in found.chunks(across.max(1)).enumerate() {
        for (left, _) in row.iter().enumerate().filter(|(_, found)| **found) {
            let mut square = Squares {
                left,
                top,
                right: left.saturating_add(1),
                bottom: top.saturating_add(1),
            };
            // what has grown may have come near to others
            while let Some(near) = boxes.iter().position(|other| other.is_near(square)) {
                square = square.around(boxes.swap_remove(near));
            }
            boxes.push(square);
        }
    }
    boxes
}

/// Which squares of the page are those of a picture, row by row.
fn squares(page: &Page, width: usize, across: usize) -> Option<Vec<bool>> {
    let row_bytes = width.checked_mul(page.format().bytes())?;
    let mut found = Vec::new();
    for rows in page.pixels().chunks(row_bytes.checked_mul(SIDE)?) {
        let mut looks = vec![Look::default(); across];
        for row in rows.chunks(row_bytes) {
            match page.format() {
                PixelFormat::Grey8 => look(&mut looks, row.iter(), |level| *level),
                PixelFormat::Rgb8 => {
                    look(&mut looks, row.as_chunks::<3>().0.iter(), |rgb| mark(*rgb));
                }
            }
        }
        found.extend(looks.iter().map(Look::is_picture));
    }
    Some(found)
}

/// One of 256 marks of a colour, near colours having other ones.
fn mark([red, green, blue]: [u8; 3]) -> u8 {
    red.wrapping_add(green.wrapping_mul(7))
        .wrapping_add(blue.wrapping_mul(29))
}

fn look<'p, P: PartialEq + 'p>(
    looks: &mut [Look],
    row: impl Iterator<Item = &'p P>,
    mark: impl Fn(&P) -> u8,
) {
    let mut row = row.peekable();
    for look in looks {
        let mut left: Option<&P> = None;
        for _ in 0..SIDE {
            let Some(pixel) = row.next() else {
                return;
            };
            look.pixels = look.pixels.saturating_add(1);
            if left != Some(pixel) {
                look.changes = look.changes.saturating_add(1);
                look.see(mark(pixel));
            }
            left = Some(pixel);
        }
    }
}

/// What a square looks like.
#[derive(Clone, Copy, Default)]
struct Look {
    pixels: usize,
    changes: usize,
    marks: [u64; 4],
}

impl Look {
    fn see(&mut self, mark: u8) {
        let (word, bit) = (usize::from(mark >> 6), mark & 63);
        if let Some(word) = self.marks.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn is_picture(&self) -> bool {
        let colours: u32 = self.marks.iter().map(|word| word.count_ones()).sum();
        let changes = self.changes.saturating_mul(100);
        colours >= COLOURS && changes >= self.pixels.saturating_mul(CHANGES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Limits};

    /// White, with noise inside of `boxes` (left, top, right, bottom) and a column of black pixels every eighth.
    fn page(format: PixelFormat, boxes: &[[u32; 4]]) -> Page {
        let budget = Budget::new(Limits {
            bytes: 0,
            pixels: 1 << 20,
            parts: 0,
            depth: 0,
            steps: 0,
        });
        let mut seed = 7u32;
        let mut pixels = Vec::new();
        for y in 0..640u32 {
            for x in 0..800u32 {
                let inside = boxes.iter().any(|[left, top, right, bottom]| {
                    (*left..*right).contains(&x) && (*top..*bottom).contains(&y)
                });
                for _ in 0..format.bytes() {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let [noise, ..] = seed.to_be_bytes();
                    let level = if x.is_multiple_of(8) { 0 } else { 255 };
                    pixels.push(if inside { noise } else { level });
                }
            }
        }
        let canvas = Page::start(800, 640, format, &budget).unwrap();
        canvas.fill(pixels).unwrap()
    }

    fn found(page: &Page) -> Vec<[u32; 4]> {
        let mut areas: Vec<[u32; 4]> = pictures(page)
            .iter()
            .map(|area| {
                let (right, bottom) = (
                    area.left.saturating_add(area.width()),
                    area.top.saturating_add(area.height()),
                );
                [area.left, area.top, right, bottom]
            })
            .collect();
        areas.sort_unstable();
        areas
    }

    #[test]
    fn pictures_among_letters_are_found_with_the_squares_around_them() {
        for format in [PixelFormat::Grey8, PixelFormat::Rgb8] {
            let two = [[64, 64, 320, 256], [480, 352, 800, 640]];
            assert_eq!(found(&page(format, &two)), two);
            // one that begins within a square
            let off = found(&page(format, &[[70, 70, 330, 250]]));
            assert_eq!(off, [[64, 64, 352, 256]]);
        }
    }

    #[test]
    fn pages_that_are_all_letters_or_all_picture_stay_whole() {
        for format in [PixelFormat::Grey8, PixelFormat::Rgb8] {
            assert!(found(&page(format, &[])).is_empty());
            assert!(found(&page(format, &[[0, 0, 800, 640]])).is_empty());
            // a spot is no picture
            assert!(found(&page(format, &[[64, 64, 128, 128]])).is_empty());
        }
    }

    #[test]
    fn pictures_that_are_near_each_other_are_one() {
        let near = [[64, 64, 320, 256], [352, 64, 512, 256]];
        let joined = found(&page(PixelFormat::Grey8, &near));
        assert_eq!(joined, [[64, 64, 512, 256]]);
    }
}
