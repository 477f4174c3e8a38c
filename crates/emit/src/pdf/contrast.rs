//! Where on a page neighbours differ so much that the eye sees the edge and not its levels.

use mugai_core::Page;

/// How far around a pixel its neighbours are looked at, in pixels: a soft edge is at most as wide.
const RADIUS: usize = 2;

/// How far apart the darkest and the lightest neighbour are, in levels of one channel, from which on
/// a pixel counts as lying at an edge: three eighths of the way from black to white.
const EDGE: u8 = 96;

/// Calls `see` with each row of the page from the top: its pixels, and for each byte of them 1 where
/// that channel has an edge, else 0.
pub(super) fn rows(page: &Page, mut see: impl FnMut(&[u8], &[u8])) {
    let channels = page.format().bytes();
    let width = usize::try_from(page.width_px()).unwrap_or(usize::MAX);
    let length = width.saturating_mul(channels).max(1);
    let margin = RADIUS.saturating_mul(channels);
    let padded = length.saturating_add(margin).saturating_add(margin);
    let rows: Vec<&[u8]> = page.pixels().chunks_exact(length).collect();
    // outside of the page nothing is dark and nothing is light
    let mut low = vec![u8::MAX; padded];
    let mut high = vec![u8::MIN; padded];
    let mut least = vec![0; length];
    let mut most = vec![0; length];
    for (at, row) in rows.iter().enumerate() {
        let around = rows
            .get(at.saturating_sub(RADIUS)..)
            .unwrap_or_default()
            .iter()
            .take(at.min(RADIUS).saturating_add(RADIUS).saturating_add(1));
        inner(&mut low, margin, length).fill(u8::MAX);
        inner(&mut high, margin, length).fill(u8::MIN);
        for other in around {
            fold(inner(&mut low, margin, length), other, u8::min);
            fold(inner(&mut high, margin, length), other, u8::max);
        }
        least.fill(u8::MAX);
        most.fill(u8::MIN);
        for shift in 0..=RADIUS.saturating_mul(2) {
            let from = shift.saturating_mul(channels);
            fold(&mut least, low.get(from..).unwrap_or_default(), u8::min);
            fold(&mut most, high.get(from..).unwrap_or_default(), u8::max);
        }
        for (most, least) in most.iter_mut().zip(&least) {
            *most = u8::from(most.saturating_sub(*least) >= EDGE);
        }
        see(row, &most);
    }
}

/// The part of a padded row that is on the page.
fn inner(padded: &mut [u8], margin: usize, length: usize) -> &mut [u8] {
    padded
        .get_mut(margin..margin.saturating_add(length))
        .unwrap_or_default()
}

/// `into[i] = op(into[i], from[i])`.
fn fold(into: &mut [u8], from: &[u8], op: impl Fn(u8, u8) -> u8) {
    for (into, from) in into.iter_mut().zip(from) {
        *into = op(*into, *from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Limits, PixelFormat};

    fn edges(width: u32, height: u32, format: PixelFormat, pixels: &[u8]) -> Vec<u8> {
        let budget = Budget::new(Limits {
            bytes: 0,
            pixels: 1000,
            parts: 0,
            depth: 0,
            steps: 0,
        });
        let page = Page::start(width, height, format, &budget).unwrap();
        let page = page.fill(pixels.to_vec()).unwrap();
        let mut seen = Vec::new();
        let mut rows_seen = Vec::new();
        rows(&page, |row, edges| {
            rows_seen.extend_from_slice(row);
            seen.extend_from_slice(edges);
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
}
