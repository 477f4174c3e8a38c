//! Bytes that nobody has looked at yet.

use std::ops::Range;
use std::sync::Arc;

/// Bytes that nobody has looked at yet. They can be opened by a worker, and nothing else.
///
/// A clone shares them, and so does a part of them: a large input is in memory once.
#[derive(Clone, Default)]
pub struct Untrusted {
    all: Arc<Vec<u8>>,
    place: Range<usize>,
}

impl Untrusted {
    /// Marks bytes as untrusted.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let place = 0..bytes.len();
        Self {
            all: Arc::new(bytes),
            place,
        }
    }

    /// The bytes, for a worker, a digest or the vault: never for a writer.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.all.get(self.place.clone()).unwrap_or_default()
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.place.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.place.is_empty()
    }

    /// The bytes at `place` in these; `None` where there are not so many.
    ///
    /// They are shared, but for a small part of a large whole, which is copied: it may be needed
    /// long after the rest has gone.
    #[must_use]
    pub fn slice(&self, place: Range<usize>) -> Option<Self> {
        let bytes = self.bytes().get(place.clone())?;
        if bytes.len() < self.all.len() / 2 {
            return Some(Self::new(bytes.to_vec()));
        }
        self.at(place)
    }

    /// The bytes at `place` in these, always shared: for parts that together are the whole.
    #[must_use]
    pub fn share_place(&self, place: Range<usize>) -> Option<Self> {
        self.at(place)
    }

    /// Takes `part` over without a copy where it is borrowed of these bytes, else with one.
    #[must_use]
    pub fn share(&self, part: &[u8]) -> Self {
        let address = |bytes: &[u8]| bytes.as_ptr().addr();
        address(part)
            .checked_sub(address(self.bytes()))
            .and_then(|start| self.at(start..start.checked_add(part.len())?))
            .unwrap_or_else(|| Self::new(part.to_vec()))
    }

    /// Where these bytes stand in `outer`, if they are shared with it.
    #[must_use]
    pub fn place_in(&self, outer: &Self) -> Option<Range<usize>> {
        let start = self.place.start.checked_sub(outer.place.start)?;
        let end = self.place.end.checked_sub(outer.place.start)?;
        (Arc::ptr_eq(&self.all, &outer.all) && end <= outer.len()).then_some(start..end)
    }

    /// Gives the memory back, to be used again, if nothing else shares it.
    #[must_use]
    pub fn into_memory(self) -> Option<Vec<u8>> {
        Arc::try_unwrap(self.all).ok()
    }

    fn at(&self, place: Range<usize>) -> Option<Self> {
        self.bytes().get(place.clone())?;
        let start = self.place.start.checked_add(place.start)?;
        let end = self.place.start.checked_add(place.end)?;
        Some(Self {
            all: Arc::clone(&self.all),
            place: start..end,
        })
    }
}

impl PartialEq for Untrusted {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Untrusted {}

impl std::fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Untrusted({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_shared_only_with_what_they_are_borrowed_of() {
        let all = Untrusted::new((0..100).collect());
        let outer = all.slice(10..90).unwrap();
        for (start, end) in [(0, 80), (0, 0), (80, 80), (3, 7)] {
            let part = outer.share(&outer.bytes()[start..end]);
            assert_eq!(part.bytes(), &outer.bytes()[start..end]);
            assert_eq!(part.place_in(&outer), Some(start..end));
            assert_eq!(part.place_in(&all), Some(10 + start..10 + end));
        }
        // a part of the same memory, and an equal one, but none of these bytes
        for foreign in [
            &all.bytes()[5..20],
            &all.bytes()[85..95],
            &[10, 11][..],
            &[],
        ] {
            let part = outer.share(foreign);
            assert_eq!(part.bytes(), foreign);
            assert_eq!(part.place_in(&outer), None);
        }
        assert_eq!(all.place_in(&outer), None);
    }

    #[test]
    fn slices_lie_within_and_small_ones_let_the_rest_go() {
        let all = Untrusted::new((0..100).collect());
        assert_eq!(all.slice(40..101), None);
        assert_eq!(all.slice(101..101), None);
        let half = all.slice(20..70).unwrap();
        assert_eq!(half.place_in(&all), Some(20..70));
        let small = all.slice(20..69).unwrap();
        assert_eq!(small.bytes(), &all.bytes()[20..69]);
        assert_eq!(small.place_in(&all), None);
        assert_eq!(half.slice(0..51), None);
        let shared = half.share_place(3..4).unwrap();
        assert_eq!(shared.place_in(&all), Some(23..24));
        assert_eq!(half.share_place(50..51), None);
    }

    #[test]
    fn memory_comes_back_when_nobody_shares_it() {
        let all = Untrusted::new(vec![1, 2, 3]);
        let other = all.clone();
        assert_eq!(all.into_memory(), None);
        assert_eq!(other.into_memory(), Some(vec![1, 2, 3]));
    }
}
