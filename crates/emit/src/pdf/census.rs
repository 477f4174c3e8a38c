//! Which colours a page has, how often, and whether only at edges.

use super::contrast::{self, Around};
use mugai_core::{Page, PixelFormat};
use std::collections::HashMap;

/// Red, green and blue; of grey pages three times the same.
pub(super) type Colour = [u8; 3];

/// The most colours that are counted: a page with more of them is a picture.
const MOST_COLOURS: usize = 1 << 14;

/// How often a colour occurs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Pixels with little contrast around them.
    pub(super) flat: u64,
    /// Pixels at edges.
    pub(super) edge: u64,
}

/// The colours of a page.
pub(super) struct Census {
    /// Each colour with its count, darkest red first; `None` when there are over [`MOST_COLOURS`].
    pub(super) colours: Option<Vec<(Colour, Count)>>,
    /// Pixels that differ from the one to their left, or begin a row.
    pub(super) changes: u64,
    /// All pixels.
    pub(super) total: u64,
}

impl Census {
    /// Counts the colours of `page`.
    pub(super) fn take(page: &Page) -> Self {
        match page.format() {
            PixelFormat::Grey8 => of_grey(page),
            PixelFormat::Rgb8 => of_colour(page),
        }
    }
}

fn of_grey(page: &Page) -> Census {
    let mut flat = [0u64; 256];
    let mut edge = [0u64; 256];
    let mut changes = 0u64;
    let mut total = 0u64;
    contrast::rows(page, |row, around| {
        let pixels = u64::try_from(row.len()).unwrap_or(u64::MAX);
        total = total.saturating_add(pixels);
        let Around::Edges(edges) = around else {
            let level = row.first().copied().map_or(0, usize::from);
            if let Some(count) = flat.get_mut(level) {
                *count = count.saturating_add(pixels);
            }
            changes = changes.saturating_add(1);
            return;
        };
        let mut left = None;
        for (level, is_edge) in row.iter().zip(edges) {
            let counts = if *is_edge == 0 { &mut flat } else { &mut edge };
            if let Some(count) = counts.get_mut(usize::from(*level)) {
                *count = count.saturating_add(1);
            }
            changes = changes.saturating_add(u64::from(left != Some(level)));
            left = Some(level);
        }
    });
    let colours = (0u8..=u8::MAX)
        .zip(flat.into_iter().zip(edge))
        .filter(|(_, (flat, edge))| flat.saturating_add(*edge) > 0)
        .map(|(level, (flat, edge))| ([level; 3], Count { flat, edge }))
        .collect();
    Census {
        colours: Some(colours),
        changes,
        total,
    }
}

fn of_colour(page: &Page) -> Census {
    let mut counts: HashMap<Colour, Count> = HashMap::new();
    let mut changes = 0u64;
    let mut total = 0u64;
    contrast::rows(page, |row, around| {
        let (row, _) = row.as_chunks::<3>();
        let Around::Edges(edges) = around else {
            let length = u64::try_from(row.len()).unwrap_or(u64::MAX);
            total = total.saturating_add(length);
            changes = changes.saturating_add(1);
            if counts.len() <= MOST_COLOURS
                && let Some(colour) = row.first()
            {
                let count = counts.entry(*colour).or_default();
                count.flat = count.flat.saturating_add(length);
            }
            return;
        };
        let mut pixels = row
            .iter()
            .zip(edges.as_chunks::<3>().0)
            .map(|(colour, edges)| (colour, edges != &[0; 3]))
            .peekable();
        let mut left = None;
        while let Some((colour, is_edge)) = pixels.next() {
            // runs are counted at once
            let mut length = 1u64;
            while pixels.next_if_eq(&(colour, is_edge)).is_some() {
                length = length.saturating_add(1);
            }
            total = total.saturating_add(length);
            changes = changes.saturating_add(u64::from(left != Some(colour)));
            left = Some(colour);
            // one over the limit is enough to know
            if counts.len() > MOST_COLOURS {
                continue;
            }
            let count = counts.entry(*colour).or_default();
            let place = if is_edge {
                &mut count.edge
            } else {
                &mut count.flat
            };
            *place = place.saturating_add(length);
        }
    });
    let colours = (counts.len() <= MOST_COLOURS).then(|| {
        let mut colours: Vec<_> = counts.into_iter().collect();
        colours.sort_unstable_by_key(|(colour, _)| *colour);
        colours
    });
    Census {
        colours,
        changes,
        total,
    }
}
