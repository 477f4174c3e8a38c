//! Where on a page neighbours differ so much that the eye sees the edge and not its levels.

use mugai_core::Page;

/// How far around a pixel its neighbours are looked at, in pixels: a soft edge is at most as wide.
const RADIUS: usize = 2;

/// How far apart the darkest and the lightest neighbour are, in levels of one channel, from which on
/// a pixel counts as lying at an edge: three eighths of the way from black to white.
const EDGE: u8 = 96;

/// Rows that an edge depends on.
const WINDOW: usize = RADIUS * 2 + 1;

/// What is around the pixels of a row.
pub(super) enum Around<'a> {
    /// All of them have the same colour, and so do their neighbours: there is no edge.
    Nothing,
    /// For each byte of the row 1 where that channel has an edge, else 0.
    Edges(&'a [u8]),
}

/// Calls `see` with each row of the page from the top, and what is around its pixels.
pub(super) fn rows(page: &Page, mut see: impl FnMut(&[u8], Around<'_>)) {
    let channels = page.format().bytes();
    let width = usize::try_from(page.width_px()).unwrap_or(usize::MAX);
    let length = width.saturating_mul(channels).max(1);
    let rows: Vec<&[u8]> = page.pixels().chunks_exact(length).collect();
    let blank: Vec<bool> = rows.iter().map(|row| is_blank(row, channels)).collect();
    let mut lines = Lines::new(length, RADIUS.saturating_mul(channels));
    for (at, row) in rows.iter().enumerate() {
        // beyond the page there is what is at its edge
        let places: [usize; WINDOW] = std::array::from_fn(|place| {
            let below = at.saturating_add(place).saturating_sub(RADIUS);
            below.min(rows.len().saturating_sub(1))
        });
        let around = places.map(|place| rows.get(place).copied().unwrap_or_default());
        let is_blank = |place: &usize| blank.get(*place).copied().unwrap_or_default();
        // of blank rows the first pixel says all
        let first = |row: &[u8]| [0, 1, 2].map(|at| row.get(at).filter(|_| at < channels).copied());
        if places.iter().all(is_blank) && around.iter().all(|other| first(other) == first(row)) {
            see(row, Around::Nothing);
        } else {
            lines.fold(&around);
            see(row, Around::Edges(lines.edges(channels)));
        }
    }
}

/// Whether all pixels of a row are the same.
fn is_blank(row: &[u8], channels: usize) -> bool {
    row.get(channels..)
        .is_some_and(|behind| row.get(..behind.len()) == Some(behind))
}

/// The extremes of a few rows at each of their bytes, with a margin in which nothing is dark and
/// nothing is light, and what comes of them.
struct Lines {
    margin: usize,
    low: Vec<u8>,
    high: Vec<u8>,
    edges: Vec<u8>,
}

impl Lines {
    fn new(length: usize, margin: usize) -> Self {
        let padded = length.saturating_add(margin).saturating_add(margin);
        Self {
            margin,
            low: vec![u8::MAX; padded],
            high: vec![u8::MIN; padded],
            edges: vec![0; length],
        }
    }

    /// The extremes of these rows.
    fn fold(&mut self, rows: &[&[u8]; WINDOW]) {
        let low = self.low.iter_mut().skip(self.margin);
        let high = self.high.iter_mut().skip(self.margin);
        for ((low, high), levels) in low.zip(high).zip(side_by_side(*rows)) {
            *low = least(levels);
            *high = most(levels);
        }
    }

    /// Where the extremes within the radius are far apart.
    fn edges(&mut self, channels: usize) -> &[u8] {
        let [low, high] = [&self.low, &self.high].map(|line| {
            let from = |shift: usize| line.get(shift.saturating_mul(channels)..);
            side_by_side(std::array::from_fn(|shift| from(shift).unwrap_or_default()))
        });
        for (edge, (low, high)) in self.edges.iter_mut().zip(low.zip(high)) {
            *edge = u8::from(most(high).saturating_sub(least(low)) >= EDGE);
        }
        &self.edges
    }
}

/// The bytes of each place of all lines.
fn side_by_side(
    [one, two, three, four, five]: [&[u8]; WINDOW],
) -> impl Iterator<Item = [u8; WINDOW]> + use<'_> {
    let all = one.iter().zip(two).zip(three).zip(four).zip(five);
    all.map(|((((one, two), three), four), five)| [*one, *two, *three, *four, *five])
}

fn least(levels: [u8; WINDOW]) -> u8 {
    levels.into_iter().fold(u8::MAX, u8::min)
}

fn most(levels: [u8; WINDOW]) -> u8 {
    levels.into_iter().fold(u8::MIN, u8::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Limits, PixelFormat};

    fn edges(width: u32, height: u32, format: PixelFormat, pixels: &[u8]) -> Vec<u8> {
        let budget = Budget::new(Limits {
            bytes: 0,
            pixels: 10_000,
            parts: 0,
            depth: 0,
            steps: 0,
        });
        let page = Page::start(width, height, format, &budget).unwrap();
        let page = page.fill(pixels.to_vec()).unwrap();
        let mut seen = Vec::new();
        let mut rows_seen = Vec::new();
        rows(&page, |row, around| {
            rows_seen.extend_from_slice(row);
            match around {
                Around::Nothing => seen.extend(row.iter().map(|_| 0)),
                Around::Edges(edges) => seen.extend_from_slice(edges),
            }
        });
        assert_eq!(rows_seen, pixels);
        seen
    }

    #[test]
    fn two_pixels_around_a_step_are_its_edge() {
        let row = [255, 255, 255, 255, 0, 0, 0, 0];
        let expected = [0, 0, 1, 1, 1, 1, 0, 0];
        assert_eq!(edges(8, 1, PixelFormat::Grey8, &row), expected);
        assert_eq!(edges(1, 8, PixelFormat::Grey8, &row), expected);
    }

    #[test]
    fn faint_steps_are_no_edges() {
        assert_eq!(edges(3, 1, PixelFormat::Grey8, &[255, 160, 255]), [0; 3]);
        assert_eq!(edges(3, 1, PixelFormat::Grey8, &[255, 159, 255]), [1; 3]);
    }

    #[test]
    fn channels_are_looked_at_by_themselves() {
        let pixels = [255, 0, 100, 255, 0, 0, 255, 0, 100];
        let expected = [0, 0, 1].repeat(3);
        assert_eq!(edges(3, 1, PixelFormat::Rgb8, &pixels), expected);
    }

    /// Every byte against every neighbour, as the rule says it.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "places on a page of a few hundred pixels"
    )]
    fn plainly(width: usize, channels: usize, pixels: &[u8]) -> Vec<u8> {
        let length = width * channels;
        let height = pixels.len() / length;
        let near = |at: usize, end: usize| at.saturating_sub(RADIUS)..(at + RADIUS + 1).min(end);
        let edge = |(at, _): (usize, &u8)| {
            let (row, byte) = (at / length, at % length);
            let (column, channel) = (byte / channels, byte % channels);
            let levels = near(row, height).flat_map(|y| {
                near(column, width).map(move |x| pixels[y * length + x * channels + channel])
            });
            let (least, most) = levels.fold((255, 0), |(a, b), level| (level.min(a), level.max(b)));
            u8::from(most - least >= EDGE)
        };
        pixels.iter().enumerate().map(edge).collect()
    }

    #[test]
    fn rows_in_one_go_are_what_the_rule_says() {
        let mut state = 7u32;
        for (width, height) in [(1, 1), (2, 9), (5, 3), (40, 12), (33, 20)] {
            for format in [PixelFormat::Grey8, PixelFormat::Rgb8] {
                let channels = format.bytes();
                // most rows are blank, some nearly
                let pixels: Vec<u8> = (0..width * height * channels)
                    .map(|at| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let row = at / (width * channels);
                        let odd = row % 7 == 3 && state.is_multiple_of(5);
                        if odd { state.to_be_bytes()[0] } else { 200 }
                    })
                    .collect();
                let sides = [width, height].map(|side| u32::try_from(side).unwrap());
                let got = edges(sides[0], sides[1], format, &pixels);
                assert_eq!(got, plainly(width, channels, &pixels), "{width} {height}");
            }
        }
    }
}
