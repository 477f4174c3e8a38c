//! The way through a document: bookmarks, the names of its pages, and links.
//!
//! All of it is text and places, and where a route keeps links, addresses of pages and mail addresses.
//! Nothing in it acts.

use crate::budget::{Budget, Resource};
use crate::markup::is_address;
use crate::refusal::Refusal;
use crate::text::Line;

/// The most bookmarks of one document.
pub const MAX_ENTRIES: usize = 20_000;
/// The most levels of bookmarks.
pub const MAX_LEVELS: u8 = 32;
/// The most characters of a bookmark.
pub const MAX_TITLE: usize = 300;
/// The most pages that have names.
pub const MAX_LABELS: usize = 100_000;
/// The most characters of the name of a page.
pub const MAX_LABEL: usize = 40;
/// The furthest place on a page, in points.
pub const MAX_POINTS: u16 = 14_400;

/// A place in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spot {
    /// The page, counted from 0.
    pub page: u32,
    /// How far below the upper edge of the page, in points.
    pub down: u16,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// To a place in the document.
    Spot(Spot),
    /// To a page or a mail address, in the spelling of [`is_address`].
    Address(Box<str>),
}

/// A part of a page that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Left, top, right and bottom, in points from the left upper corner; at most [`MAX_POINTS`].
    pub area: [u16; 4],
    /// Where it leads.
    pub to: Way,
}

impl Link {
    /// Whether it has an area, on the largest page that there is, and leads where links may.
    pub(crate) fn is_in_range(&self) -> bool {
        let [left, top, right, bottom] = self.area;
        let leads = match &self.to {
            Way::Spot(_) => true,
            Way::Address(address) => is_address(address),
        };
        leads && left < right && top < bottom && right <= MAX_POINTS && bottom <= MAX_POINTS
    }

    /// Bytes that it takes of a purse.
    pub(crate) fn price(&self) -> usize {
        let address = match &self.to {
            Way::Spot(_) => 0,
            Way::Address(address) => address.len(),
        };
        size_of::<Self>().saturating_add(address)
    }
}

/// A bookmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How deep it stands; the first one at 0, each at most one deeper than the one before.
    pub level: u8,
    /// What it says: 1 to [`MAX_TITLE`] characters.
    pub title: Line,
    /// Where it leads, if anywhere.
    pub to: Option<Spot>,
}

/// Bookmarks and names of pages, paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    entries: Vec<Entry>,
    labels: Vec<Line>,
}

impl Contents {
    /// Bookmarks in the order in which they are shown, and a name for each page or for none.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for levels that are skipped, empty titles and what is over the limits;
    /// [`Refusal::Overrun`] when the purse does not hold its bytes.
    pub fn new(entries: Vec<Entry>, labels: Vec<Line>, budget: &Budget) -> Result<Self, Refusal> {
        let bad = Refusal::malformed("contents: out of range");
        if entries.len() > MAX_ENTRIES || labels.len() > MAX_LABELS {
            return Err(bad);
        }
        let is_long = |line: &Line, most: usize| line.as_str().chars().count() > most;
        let mut deepest = 0u8;
        for entry in &entries {
            if entry.level > deepest
                || entry.level >= MAX_LEVELS
                || entry.title.is_empty()
                || is_long(&entry.title, MAX_TITLE)
            {
                return Err(bad);
            }
            deepest = entry.level.saturating_add(1);
        }
        if labels.iter().any(|label| is_long(label, MAX_LABEL)) {
            return Err(bad);
        }
        let lines = entries.iter().map(|entry| &entry.title).chain(&labels);
        let price = lines.fold(0usize, |sum, line| {
            sum.saturating_add(line.as_str().len()).saturating_add(24)
        });
        budget.charge_len(Resource::Bytes, price)?;
        Ok(Self { entries, labels })
    }

    /// The bookmarks.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The names of all pages in their order; empty where they are counted from 1.
    #[must_use]
    pub fn labels(&self) -> &[Line] {
        &self.labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    fn entry(level: u8, title: &str) -> Entry {
        Entry {
            level,
            title: Line::clean(title).0,
            to: None,
        }
    }

    fn contents(entries: Vec<Entry>) -> Result<Contents, Refusal> {
        let budget = Budget::new(Limits {
            bytes: 1_000,
            pixels: 0,
            parts: 0,
            depth: 0,
            steps: 0,
        });
        Contents::new(entries, Vec::new(), &budget)
    }

    #[test]
    fn no_level_is_skipped_and_no_title_is_empty() {
        assert!(contents(vec![entry(0, "a"), entry(1, "b"), entry(0, "c")]).is_ok());
        assert!(contents(vec![entry(1, "a")]).is_err());
        assert!(contents(vec![entry(0, "a"), entry(2, "b")]).is_err());
        assert!(contents(vec![entry(0, "")]).is_err());
        assert!(contents(vec![entry(0, &"x".repeat(MAX_TITLE + 1))]).is_err());
        assert!(contents(vec![entry(0, "x"); 100]).is_err(), "the purse");
    }

    #[test]
    fn links_have_an_area_on_a_page() {
        let link = |area| Link {
            area,
            to: Way::Spot(Spot { page: 0, down: 0 }),
        };
        assert!(link([0, 0, 1, 1]).is_in_range());
        for (address, leads) in [("https://a.jp/", true), ("file:///c:/x", false)] {
            let to = Way::Address(address.into());
            let area = [0, 0, 1, 1];
            assert_eq!(Link { area, to }.is_in_range(), leads, "{address}");
        }
        for area in [[1, 0, 1, 1], [0, 2, 1, 1], [0, 0, 14_401, 1]] {
            assert!(!link(area).is_in_range(), "{area:?}");
        }
    }
}
