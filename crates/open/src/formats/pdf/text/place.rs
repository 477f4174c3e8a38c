//! Where glyphs stand, in pixels of the drawn page.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// A glyph that is seen.
#[derive(Clone, Debug)]
pub(in crate::formats::pdf) struct Glyph {
    /// What it means; empty where that is not known or was said by the glyph before.
    pub(in crate::formats::pdf) text: Box<str>,
    /// Where the base line begins; of vertical writing the middle of the upper edge.
    pub(in crate::formats::pdf) at: (f64, f64),
    /// Where the line goes, of length one.
    pub(in crate::formats::pdf) along: (f64, f64),
    /// Height of the font.
    pub(in crate::formats::pdf) size: f64,
    /// How far the glyph itself goes.
    pub(in crate::formats::pdf) advance: f64,
    /// Whether it is written from above.
    pub(in crate::formats::pdf) vertical: bool,
}

impl Glyph {
    /// Where `other` begins, along the line and across it.
    pub(in crate::formats::pdf) fn offset(&self, other: &Self) -> (f64, f64) {
        let (x, y) = (other.at.0 - self.at.0, other.at.1 - self.at.1);
        (
            x * self.along.0 + y * self.along.1,
            y * self.along.0 - x * self.along.1,
        )
    }
}

/// Takes out what is drawn twice at one place, as shadows and bold letters are made.
pub(in crate::formats::pdf) fn without_doubles(glyphs: &mut Vec<Glyph>) {
    let mut singles = Singles::default();
    // the last one lies above the others and is seen whole, so that what belongs together stays together
    glyphs.reverse();
    glyphs.retain(|glyph| singles.is_new(glyph));
    glyphs.reverse();
}

/// Tells glyphs that are drawn twice at one place.
#[derive(Default)]
pub(in crate::formats::pdf) struct Singles {
    /// Texts by their hashes: each is looked for in nine places.
    hashes: RandomState,
    taken: HashSet<(u64, i64, i64)>,
}

impl Singles {
    /// Whether `glyph` is the first one of its text here; blanks always are.
    pub(in crate::formats::pdf) fn is_new(&mut self, glyph: &Glyph) -> bool {
        let Self { hashes, taken } = self;
        if glyph.text.trim().is_empty() {
            return true;
        }
        let unit = (glyph.size * 0.05).max(0.5);
        let (x, y) = (whole(glyph.at.0 / unit), whole(glyph.at.1 / unit));
        let text = hashes.hash_one(&glyph.text);
        let near = |dx: i64, dy: i64| (text, x.saturating_add(dx), y.saturating_add(dy));
        // a place beside a border of two squares is looked for in the next one too
        let is_double = (-1..=1).any(|dx| (-1..=1).any(|dy| taken.contains(&near(dx, dy))));
        taken.insert(near(0, 0));
        !is_double
    }
}

/// A count as a number of the plane.
pub(in crate::formats::pdf) fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The whole pixel that a side lies in; 0 for what lies before the first one.
pub(in crate::formats::pdf) fn floor(side: f64) -> usize {
    usize::try_from(whole(side)).unwrap_or(0)
}

/// The next whole number below.
pub(in crate::formats::pdf) fn whole(side: f64) -> i64 {
    let limit = 1e15;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "clamped, and there is no checked conversion from floats"
    )]
    let whole = side.floor().clamp(-limit, limit) as i64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(text: &str, x: f64) -> Glyph {
        Glyph {
            text: text.into(),
            at: (x, 10.0),
            along: (1.0, 0.0),
            size: 20.0,
            advance: 10.0,
            vertical: false,
        }
    }

    #[test]
    fn shadows_are_one_letter_and_neighbours_are_two() {
        let mut glyphs = vec![
            glyph("l", 10.0),
            glyph("l", 11.0),
            glyph("l", 16.5),
            glyph("m", 16.5),
        ];
        without_doubles(&mut glyphs);
        let kept: Vec<f64> = glyphs.iter().map(|g| g.at.0).collect();
        assert_eq!(kept, [11.0, 16.5, 16.5]);
    }

    #[test]
    fn numbers_that_are_none_stay_harmless() {
        for (side, expected) in [
            (f64::NAN, 0),
            (f64::INFINITY, 1_000_000_000_000_000),
            (-0.5, 0),
        ] {
            assert_eq!(floor(side), expected);
        }
        assert_eq!(whole(-0.5), -1);
    }
}
