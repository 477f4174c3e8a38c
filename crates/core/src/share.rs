//! The pages of one document, shared among several readers.
//!
//! Every one of them has the whole document and goes through all of its pages, but draws only its own;
//! the pages are put together in their order again. What a reader does on behalf of the others it neither
//! hands over nor puts on its account, so that all together come to what one alone would have come to.

/// Which pages a reader draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Share {
    from: u32,
    every: u16,
    place: u16,
}

impl Share {
    /// From page `from` on, counted from 0, every page that is `place` away from a multiple of `every`; before
    /// it all pages are those of place 0. `None` unless there are at least two places and this is one of them.
    #[must_use]
    pub const fn new(from: u32, every: u16, place: u16) -> Option<Self> {
        if every < 2 || place >= every {
            return None;
        }
        Some(Self { from, every, place })
    }

    /// The first page that is shared.
    #[must_use]
    pub const fn from(self) -> u32 {
        self.from
    }

    /// How many readers share the pages, at least 2.
    #[must_use]
    pub const fn every(self) -> u16 {
        self.every
    }

    /// Which of them this is, from 0 on.
    #[must_use]
    pub const fn place(self) -> u16 {
        self.place
    }

    /// Whether `page` is one of its own.
    #[must_use]
    pub fn holds(self, page: u32) -> bool {
        let Some(beyond) = page.checked_sub(self.from) else {
            return self.place == 0;
        };
        beyond.checked_rem(u32::from(self.every)) == Some(u32::from(self.place))
    }
}

/// The moment before a page: where the reading of a document has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turn {
    /// The next page, counted from 0.
    pub page: u32,
    /// How many there are.
    pub of: u32,
    /// How many readers share the pages from this one on; 1 when one has them all.
    pub every: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_that_of_exactly_one() {
        for every in 2..5u16 {
            let shares: Vec<Share> = (0..every)
                .filter_map(|place| Share::new(7, every, place))
                .collect();
            assert_eq!(shares.len(), usize::from(every));
            for page in 0..40 {
                let holders = shares.iter().filter(|share| share.holds(page));
                let places: Vec<u16> = holders.map(|share| share.place()).collect();
                assert_eq!(places.len(), 1, "{page}");
                if page <= 7 {
                    assert_eq!(places, [0]);
                }
            }
        }
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!(Share::new(0, 0, 0), None);
        assert_eq!(Share::new(0, 1, 0), None);
        assert_eq!(Share::new(0, 2, 2), None);
    }
}
