//! What lies invisibly over a page: text that can be read on it, and links.

use crate::budget::{Budget, Resource};
use crate::contents::Link;
use crate::refusal::Refusal;
use crate::text::Line;

/// The most runs of one page.
pub const MAX_RUNS: usize = 50_000;
/// The most links of one page.
pub const MAX_LINKS: usize = 5_000;
/// The most characters of one run.
pub const MAX_RUN_CHARS: usize = 2_000;
/// The furthest place from the corner of a page and the largest letters, in tenths of a point.
pub const MAX_TENTHS: u32 = 144_000;

/// How the square of a direction's length may differ from a million.
const UNIT_SQUARED: std::ops::RangeInclusive<i32> = 980_000..=1_020_000;

/// Letters that stand on one straight line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    at: (u32, u32),
    direction: (i16, i16),
    size: u32,
    text: Line,
    advances: Vec<u16>,
}

impl Run {
    /// Letters of `size` that begin `at` and go in `direction`.
    ///
    /// `at` is the beginning of the base line in tenths of a point from the left and the *upper*
    /// edge of the page, `size` the height of the letters in tenths of a point, `direction` a vector
    /// in thousandths, of length one, whose second number grows *downwards*; `advances` say for each
    /// character of `text` how far the next one is, in thousandths of `size`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for an empty text, another number of advances than of characters, a
    /// direction of another length, or numbers over [`MAX_TENTHS`] and [`MAX_RUN_CHARS`].
    pub fn new(
        at: (u32, u32),
        direction: (i16, i16),
        size: u32,
        text: Line,
        advances: Vec<u16>,
    ) -> Result<Self, Refusal> {
        let count = text.as_str().chars().count();
        if count == 0 || count > MAX_RUN_CHARS || count != advances.len() {
            return Err(Refusal::malformed("layer: characters and their places"));
        }
        let square = |side: i16| i32::from(side).saturating_mul(i32::from(side));
        let length = square(direction.0).saturating_add(square(direction.1));
        if !UNIT_SQUARED.contains(&length) {
            return Err(Refusal::malformed("layer: direction"));
        }
        let places = [at.0, at.1, size];
        if size == 0 || places.iter().any(|place| *place > MAX_TENTHS) {
            return Err(Refusal::malformed("layer: place or size"));
        }
        Ok(Self {
            at,
            direction,
            size,
            text,
            advances,
        })
    }

    /// The beginning of the base line: tenths of a point from the left and the upper edge.
    #[must_use]
    pub const fn at(&self) -> (u32, u32) {
        self.at
    }

    /// Where the letters go, in thousandths; the second number grows downwards.
    #[must_use]
    pub const fn direction(&self) -> (i16, i16) {
        self.direction
    }

    /// Height of the letters, in tenths of a point: 1 to [`MAX_TENTHS`].
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &Line {
        &self.text
    }

    /// For each character how far the next one is, in thousandths of [`Self::size`].
    #[must_use]
    pub fn advances(&self) -> &[u16] {
        &self.advances
    }

    /// Bytes that it takes of a purse.
    fn price(&self) -> usize {
        let places = self.advances.len().saturating_mul(2);
        self.text
            .as_str()
            .len()
            .saturating_add(places)
            .saturating_add(size_of::<Self>())
    }
}

/// The runs and links of one page, paid for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    runs: Vec<Run>,
    links: Vec<Link>,
}

impl Layer {
    /// Pays for `runs`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more than [`MAX_RUNS`], [`Refusal::Overrun`] when the purse does
    /// not hold their bytes.
    pub fn new(runs: Vec<Run>, budget: &Budget) -> Result<Self, Refusal> {
        if runs.len() > MAX_RUNS {
            return Err(Refusal::malformed("layer: more runs than a page has"));
        }
        let price = runs
            .iter()
            .fold(0usize, |sum, run| sum.saturating_add(run.price()));
        budget.charge_len(Resource::Bytes, price)?;
        Ok(Self {
            runs,
            links: Vec::new(),
        })
    }

    /// The same with `links`, which are paid for.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more than [`MAX_LINKS`] or one without an area,
    /// [`Refusal::Overrun`] when the purse does not hold their bytes.
    pub fn with_links(self, links: Vec<Link>, budget: &Budget) -> Result<Self, Refusal> {
        if links.len() > MAX_LINKS || !links.iter().all(Link::is_in_range) {
            return Err(Refusal::malformed("layer: links"));
        }
        let prices = links.iter().map(Link::price);
        let price = prices.fold(0usize, usize::saturating_add);
        budget.charge_len(Resource::Bytes, price)?;
        Ok(Self { links, ..self })
    }

    /// The links.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The runs, in the order in which they are read.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    fn run(at: (u32, u32), direction: (i16, i16), size: u32, advances: usize) -> Option<Run> {
        let text = Line::clean("市役所").0;
        Run::new(at, direction, size, text, vec![1000; advances]).ok()
    }

    #[test]
    fn runs_are_narrow() {
        assert!(run((0, MAX_TENTHS), (1000, 0), 105, 3).is_some());
        assert!(run((0, 0), (707, -707), 1, 3).is_some());
        for (at, direction, size, advances) in [
            ((0, 0), (1000, 0), 105, 2),
            ((0, 0), (1000, 0), 0, 3),
            ((0, 0), (1000, 0), MAX_TENTHS + 1, 3),
            ((MAX_TENTHS + 1, 0), (1000, 0), 105, 3),
            ((0, 0), (0, 0), 105, 3),
            ((0, 0), (1000, 1000), 105, 3),
            ((0, 0), (i16::MIN, i16::MIN), 105, 3),
        ] {
            assert!(run(at, direction, size, advances).is_none());
        }
        assert!(Run::new((0, 0), (1000, 0), 1, Line::default(), Vec::new()).is_err());
        let long = "a".repeat(MAX_RUN_CHARS + 1);
        let advances = vec![500; long.len()];
        assert!(Run::new((0, 0), (1000, 0), 1, Line::clean(&long).0, advances).is_err());
    }

    #[test]
    fn a_layer_is_paid_for() {
        let purse = |bytes| {
            Budget::new(Limits {
                bytes,
                pixels: 0,
                parts: 0,
                depth: 0,
                steps: 0,
            })
        };
        let runs = vec![run((0, 0), (1000, 0), 105, 3).unwrap()];
        assert!(Layer::new(runs.clone(), &purse(1_000)).is_ok());
        assert!(Layer::new(runs, &purse(15)).is_err());
    }
}
