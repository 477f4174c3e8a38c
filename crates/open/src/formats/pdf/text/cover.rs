//! What is painted over later: a coarse map of the last opaque paint.

use super::Pixels;
use super::place::{float, floor};
use hayro::kurbo::Rect;
use std::ops::Range;

/// Pixels a side of a cell.
const CELL: usize = 4;
/// The same, to reckon with.
pub(in crate::formats::pdf) const CELL_PX: f64 = 4.0;

/// The area of the largest letters, in pixels.
const MAX_LETTER: f64 = 40_000.0;

/// For each cell of the page the number of the last paint that covers all of it.
pub(super) struct Cover {
    cells: Vec<u32>,
    /// Where there are letters.
    lettered: Vec<bool>,
    columns: usize,
    rows: usize,
}

impl Cover {
    pub(super) fn of(pixels: Pixels<'_>) -> Self {
        let (columns, rows) = (pixels.columns.div_ceil(CELL), pixels.rows.div_ceil(CELL));
        Self {
            cells: vec![0; columns.saturating_mul(rows)],
            lettered: vec![false; columns.saturating_mul(rows)],
            columns,
            rows,
        }
    }

    /// The cells that `area` touches, row by row.
    fn touched(&self, area: Rect) -> impl Iterator<Item = Range<usize>> + use<> {
        let size = float(CELL);
        let columns = floor(area.x0 / size)..floor((area.x1 / size).ceil()).min(self.columns);
        let rows = floor(area.y0 / size)..floor((area.y1 / size).ceil()).min(self.rows);
        let width = self.columns;
        rows.map(move |row| {
            let start = row.saturating_mul(width);
            start.saturating_add(columns.start)..start.saturating_add(columns.end)
        })
    }

    /// A letter stands in `area`. Those that are larger than any letter are taken to be everywhere.
    pub(super) fn letter(&mut self, area: Rect) {
        if area.area() > MAX_LETTER {
            self.lettered.fill(true);
            return;
        }
        for range in self.touched(area) {
            if let Some(cells) = self.lettered.get_mut(range) {
                cells.fill(true);
            }
        }
    }

    /// Whether there is a letter in `area`.
    pub(super) fn has_letters(&self, area: Rect) -> bool {
        let mut ranges = self.touched(area);
        ranges.any(|range| {
            self.lettered
                .get(range)
                .is_some_and(|cells| cells.contains(&true))
        })
    }

    /// Paint number `order` covers `area`, in pixels. What drawing costs is 16 times this.
    pub(super) fn paint(&mut self, area: Rect, order: u32) {
        let size = float(CELL);
        let first = |side: f64| floor((side / size).ceil());
        let end = |side: f64, most: usize| floor(side / size).min(most);
        let columns = first(area.x0)..end(area.x1, self.columns);
        let rows = first(area.y0)..end(area.y1, self.rows);
        if columns.is_empty() {
            return;
        }
        for row in rows {
            let start = row.saturating_mul(self.columns);
            let range = start.saturating_add(columns.start)..start.saturating_add(columns.end);
            if let Some(cells) = self.cells.get_mut(range) {
                cells.fill(order);
            }
        }
    }

    /// Whether all of `area` that is on the page was painted over after paint number `order`.
    pub(super) fn hides_all(&self, area: Rect, order: u32) -> bool {
        let size = float(CELL);
        // a line without a width is drawn on both sides of where it is
        let line = |side: f64| if side > 0.0 { 0.0 } else { 1.0 };
        let area = area.inflate(line(area.width()), line(area.height()));
        let columns = floor(area.x0 / size)..floor((area.x1 / size).ceil()).min(self.columns);
        let rows = floor(area.y0 / size)..floor((area.y1 / size).ceil()).min(self.rows);
        rows.into_iter().all(|row| {
            let start = row.saturating_mul(self.columns);
            let range = start.saturating_add(columns.start)..start.saturating_add(columns.end);
            let cells = self.cells.get(range).unwrap_or_default();
            cells.iter().all(|cell| *cell > order)
        })
    }

    /// The cells within `area` that were painted over after paint number `order`, in pixels.
    pub(super) fn later(&self, area: Rect, order: u32) -> impl Iterator<Item = Rect> + '_ {
        let size = float(CELL);
        let columns = floor(area.x0 / size)..floor((area.x1 / size).ceil()).min(self.columns);
        let rows = floor(area.y0 / size)..floor((area.y1 / size).ceil()).min(self.rows);
        rows.flat_map(move |row| {
            let start = row.saturating_mul(self.columns);
            let range = start.saturating_add(columns.start)..start.saturating_add(columns.end);
            let cells = self.cells.get(range).unwrap_or_default();
            let first = columns.start;
            cells
                .iter()
                .enumerate()
                .filter(move |(_, cell)| **cell > order)
                .map(move |(place, _)| {
                    let (x, y) = (float(first.saturating_add(place)) * size, float(row) * size);
                    Rect::new(x, y, x + size, y + size)
                })
        })
    }

    /// Whether half or more of `area` was painted over after paint number `order`.
    pub(super) fn hides(&self, area: Rect, order: u32) -> bool {
        let size = float(CELL);
        let columns = floor(area.x0 / size)..floor((area.x1 / size).ceil()).min(self.columns);
        let rows = floor(area.y0 / size)..floor((area.y1 / size).ceil()).min(self.rows);
        let (mut later, mut all) = (0usize, 0usize);
        for row in rows {
            let start = row.saturating_mul(self.columns);
            let range = start.saturating_add(columns.start)..start.saturating_add(columns.end);
            for cell in self.cells.get(range).unwrap_or_default() {
                all = all.saturating_add(1);
                later = later.saturating_add(usize::from(*cell > order));
            }
        }
        all > 0 && later.saturating_mul(2) >= all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_on_the_border_of_cells_are_hidden_by_paint_alone() {
        let pixels = Pixels {
            rgba: &[],
            columns: 100,
            rows: 50,
        };
        let mut cover = Cover::of(pixels);
        let across = Rect::new(8.0, 20.0, 60.0, 20.0);
        let down = Rect::new(20.0, 8.0, 20.0, 40.0);
        let point = Rect::new(20.0, 20.0, 20.0, 20.0);
        for line in [across, down, point] {
            assert!(!cover.hides_all(line, 1), "{line:?}");
        }
        cover.paint(Rect::new(4.0, 4.0, 64.0, 48.0), 2);
        for line in [across, down, point] {
            assert!(cover.hides_all(line, 1), "{line:?}");
        }
    }

    #[test]
    fn only_later_paint_hides_and_only_what_it_covers() {
        let pixels = Pixels {
            rgba: &[],
            columns: 100,
            rows: 50,
        };
        let mut cover = Cover::of(pixels);
        cover.paint(Rect::new(9.0, 9.0, 61.0, 31.0), 5);
        let inside = Rect::new(20.0, 12.0, 30.0, 26.0);
        assert!(cover.hides(inside, 4));
        assert!(!cover.hides(inside, 5));
        assert!(!cover.hides(Rect::new(62.0, 12.0, 70.0, 26.0), 4));
        assert!(!cover.hides(Rect::new(-20.0, -9.0, -10.0, -1.0), 4));
        cover.paint(Rect::new(-1e12, -1e12, 1e12, 1e12), 6);
        assert!(cover.hides(Rect::new(90.0, 40.0, 200.0, 90.0), 5));
    }
}
