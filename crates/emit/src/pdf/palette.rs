//! A page in at most 256 colours.

use super::census::{Census, Colour};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Entries that an index of eight bits can tell apart.
const MOST_ENTRIES: usize = 256;

/// How far a colour may be moved, in levels of each channel, where there is little contrast around
/// it: steps of five levels do not show as bands.
const FLAT_TOLERANCE: u8 = 2;

/// How far a colour may be moved that occurs at edges only: from black to white, two levels between
/// them are enough for soft letters.
const EDGE_TOLERANCE: u8 = 42;

/// A colour is ink when at least one in so many pixels at edges has it.
const INK_SHARE: u64 = 16;

const WHITE: Colour = [u8::MAX; 3];
const BLACK: Colour = [0; 3];

/// How much of a page a palette keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// All but what is beside an edge.
    Flat,
    /// Edges as well.
    All,
}

/// Colours, and which of them stands for each colour of the page.
#[derive(Debug)]
pub(super) struct Palette {
    /// Darkest first, white last.
    pub(super) entries: Vec<Colour>,
    index: HashMap<Colour, u8>,
}

impl Palette {
    /// A palette of at most 256 entries, or `None` when the page needs more.
    ///
    /// Flat colours come first, the most frequent ones as they are; so paper and ink keep their
    /// colour, and whatever is faint stays as faint as it was.
    pub(super) fn of(census: &Census, keep: Keep) -> Option<Self> {
        let colours = census.colours.as_deref()?;
        let at_edges = match keep {
            Keep::Flat => EDGE_TOLERANCE,
            Keep::All => FLAT_TOLERANCE,
        };
        // white is the last entry of every palette, so that palettes have one spelling
        let mut entries = vec![WHITE];
        let mut flat: Vec<_> = colours.iter().filter(|(_, n)| n.flat > 0).collect();
        flat.sort_by_key(|(_, n)| Reverse(n.flat));
        for (colour, _) in flat {
            if nearest(&entries, *colour).is_none_or(|(away, _)| away > FLAT_TOLERANCE) {
                entries.push(*colour);
            }
            if entries.len() > MOST_ENTRIES {
                return None;
            }
        }
        let edges: Vec<_> = colours.iter().filter(|(_, n)| n.flat == 0).collect();
        // the ink of letters that are too thin to have an inside keeps its colour
        let total = edges
            .iter()
            .fold(0u64, |sum, (_, n)| sum.saturating_add(n.edge));
        let is_ink = |count: u64| count.saturating_mul(INK_SHARE) >= total;
        let mut inks: Vec<_> = edges.iter().filter(|(_, n)| is_ink(n.edge)).collect();
        inks.sort_by_key(|(_, n)| Reverse(n.edge));
        for (colour, _) in inks {
            if nearest(&entries, *colour).is_none_or(|(away, _)| away > at_edges) {
                entries.push(*colour);
            }
        }
        cover(
            &mut entries,
            edges.iter().map(|(c, _)| *c).collect(),
            at_edges,
        )?;
        if entries == [WHITE] {
            // so that an empty page is one of black and white
            entries.push(BLACK);
        }
        entries.sort_by_key(|colour| (luma(*colour), *colour));
        let index = colours
            .iter()
            .filter_map(|(colour, _)| {
                let (_, at) = nearest(&entries, *colour)?;
                Some((*colour, u8::try_from(at).ok()?))
            })
            .collect();
        Some(Self { entries, index })
    }

    /// Bits an index: 1, 2, 4 or 8.
    pub(super) fn bits(&self) -> u8 {
        match self.entries.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        }
    }

    /// Whether there is no other colour than greys.
    pub(super) fn is_grey(&self) -> bool {
        self.entries.iter().all(|[r, g, b]| r == g && g == b)
    }

    /// Whether there is nothing but black and white.
    pub(super) fn is_bilevel(&self) -> bool {
        self.entries == [BLACK, WHITE]
    }

    /// The entry that stands for `colour`, which must be one of the page.
    pub(super) fn index_of(&self, colour: Colour) -> u8 {
        self.index.get(&colour).copied().unwrap_or_default()
    }
}

/// Adds entries until each of `colours` is within `tolerance` of one: from the darkest on, always
/// the lightest colour that is still near enough, so that few are needed.
fn cover(entries: &mut Vec<Colour>, mut colours: Vec<Colour>, tolerance: u8) -> Option<()> {
    colours.sort_by_key(|colour| (luma(*colour), *colour));
    colours.retain(|colour| nearest(entries, *colour).is_none_or(|(away, _)| away > tolerance));
    while let Some(darkest) = colours.first().copied() {
        let entry = colours
            .iter()
            .rev()
            .find(|colour| distance(**colour, darkest) <= tolerance)
            .copied()
            .unwrap_or(darkest);
        entries.push(entry);
        if entries.len() > MOST_ENTRIES {
            return None;
        }
        colours.retain(|colour| distance(*colour, entry) > tolerance);
    }
    Some(())
}

/// The largest difference of any channel.
fn distance(a: Colour, b: Colour) -> u8 {
    let [r, g, blue] = [0usize, 1, 2].map(|channel| {
        let of = |colour: Colour| colour.get(channel).copied().unwrap_or_default();
        of(a).abs_diff(of(b))
    });
    r.max(g).max(blue)
}

/// The entry that is nearest to `colour`, and how far away it is.
fn nearest(entries: &[Colour], colour: Colour) -> Option<(u8, usize)> {
    let measured = entries.iter().enumerate();
    measured
        .map(|(at, entry)| (distance(*entry, colour), at))
        .min()
}

/// Brightness, in tenths of a level (ITU-R BT.601, rounded): good enough to sort by.
fn luma([r, g, b]: Colour) -> u32 {
    let weigh = |level: u8, weight: u32| u32::from(level).saturating_mul(weight);
    weigh(r, 3)
        .saturating_add(weigh(g, 6))
        .saturating_add(weigh(b, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::census::Count;

    fn census(flat: &[Colour], edge: &[Colour]) -> Census {
        let count =
            |colours: &[Colour], count| colours.iter().map(|c| (*c, count)).collect::<Vec<_>>();
        let mut colours = count(flat, Count { flat: 9, edge: 3 });
        colours.extend(count(edge, Count { flat: 0, edge: 9 }));
        Census {
            colours: Some(colours),
            changes: 0,
            total: 1,
        }
    }

    #[test]
    fn soft_letters_have_four_levels() {
        let soft: Vec<Colour> = (1u8..=254).map(|level| [level; 3]).collect();
        let page = census(&[[0; 3], WHITE], &soft);
        let palette = Palette::of(&page, Keep::Flat).unwrap();
        assert_eq!(palette.entries, [[0; 3], [85; 3], [170; 3], WHITE]);
        assert_eq!(palette.bits(), 2);
        for colour in soft {
            let kept = palette.entries[usize::from(palette.index_of(colour))];
            assert!(distance(kept, colour) <= EDGE_TOLERANCE, "{colour:?}");
        }
    }

    #[test]
    fn thin_letters_keep_their_ink() {
        let mut page = census(
            &[WHITE],
            &(1u8..=254).map(|level| [level; 3]).collect::<Vec<_>>(),
        );
        let ink = Count { flat: 0, edge: 900 };
        page.colours.as_mut().unwrap().insert(0, ([0; 3], ink));
        let palette = Palette::of(&page, Keep::Flat).unwrap();
        assert_eq!(palette.entries, [[0; 3], [85; 3], [170; 3], WHITE]);
    }

    #[test]
    fn faint_colours_stay() {
        let faint = [[250; 3], [240; 3], [10, 0, 0], [0, 10, 0]];
        let palette = Palette::of(&census(&faint, &[]), Keep::Flat).unwrap();
        for colour in faint {
            assert!(palette.entries.contains(&colour), "{colour:?}");
            assert_eq!(
                palette.entries[usize::from(palette.index_of(colour))],
                colour
            );
        }
    }

    #[test]
    fn what_is_flat_moves_by_two_levels_at_most() {
        let ramp: Vec<Colour> = (0u8..=255).map(|level| [level, 9, 255 - level]).collect();
        let palette = Palette::of(&census(&ramp, &[]), Keep::Flat).unwrap();
        for colour in ramp {
            let kept = palette.entries[usize::from(palette.index_of(colour))];
            assert!(distance(kept, colour) <= FLAT_TOLERANCE, "{colour:?}");
        }
    }

    #[test]
    fn a_busy_page_keeps_its_edges() {
        let soft: Vec<Colour> = (1u8..=254).map(|level| [level; 3]).collect();
        let palette = Palette::of(&census(&[[0; 3]], &soft), Keep::All).unwrap();
        for colour in soft {
            let kept = palette.entries[usize::from(palette.index_of(colour))];
            assert!(distance(kept, colour) <= FLAT_TOLERANCE, "{colour:?}");
        }
    }

    #[test]
    fn more_than_256_are_too_many() {
        let many: Vec<Colour> = (0u8..=255)
            .map(|level| [level, level / 16 * 16, 0])
            .collect();
        assert!(Palette::of(&census(&many, &[]), Keep::Flat).is_some());
        let many: Vec<Colour> = (0u8..=255)
            .flat_map(|a| [[a, a % 4 * 60, 0], [a, 0, a % 3 * 90]])
            .collect();
        assert!(Palette::of(&census(&many, &[]), Keep::Flat).is_none());
        assert!(Palette::of(&census(&[], &many), Keep::All).is_none());
    }
}
