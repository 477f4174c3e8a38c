//! Bytes that nobody has looked at yet.

use crate::places::Places;
use crate::refusal::Refusal;
use crate::spool::Spooled;
use std::borrow::Cow;
use std::ops::Range;

/// Bytes that nobody has looked at yet. They can be opened by a worker, and nothing else.
///
/// A clone shares them, and so does a part of them: a large input is there once, in memory or in a file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Untrusted(Spooled);

impl Untrusted {
    /// Marks bytes as untrusted.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Spooled::new(bytes))
    }

    /// The bytes, wherever they lie: for a worker, a digest or the vault, never for a writer.
    #[must_use]
    pub const fn content(&self) -> &Spooled {
        &self.0
    }

    /// The bytes in memory, for the same.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn load(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        self.0.load()
    }

    /// The bytes, where they are in memory.
    #[must_use]
    pub fn here(&self) -> Option<&[u8]> {
        self.0.here()
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes at `place` in these; `None` where there are not so many.
    ///
    /// They are shared, but for a small part of a large whole in memory, which is copied: it may be needed
    /// long after the rest has gone.
    #[must_use]
    pub fn slice(&self, place: Range<usize>) -> Option<Self> {
        let part = self.0.part(place)?;
        match part.here() {
            Some(bytes) if bytes.len() < part.shares() / 2 => Some(Self::new(bytes.to_vec())),
            _ => Some(Self(part)),
        }
    }

    /// The bytes at `place` in these, always shared: for parts that together are the whole.
    #[must_use]
    pub fn share_place(&self, place: Range<usize>) -> Option<Self> {
        self.0.part(place).map(Self)
    }

    /// Takes `part` over without a copy where it is borrowed of these bytes, else with one.
    #[must_use]
    pub fn share(&self, part: &[u8]) -> Self {
        let address = |bytes: &[u8]| bytes.as_ptr().addr();
        self.here()
            .and_then(|here| address(part).checked_sub(address(here)))
            .and_then(|start| self.share_place(start..start.checked_add(part.len())?))
            .unwrap_or_else(|| Self::new(part.to_vec()))
    }

    /// Where these bytes stand in `outer`, if they are shared with it.
    #[must_use]
    pub fn place_in(&self, outer: &Self) -> Option<Range<usize>> {
        self.0.place_in(&outer.0)
    }

    /// Gives the memory back, to be used again, if nothing else shares it.
    #[must_use]
    pub fn into_memory(self) -> Option<Vec<u8>> {
        self.0.into_memory().ok()
    }
}

impl From<Spooled> for Untrusted {
    fn from(content: Spooled) -> Self {
        Self(content)
    }
}

impl Places for &Untrusted {
    fn length(&self) -> usize {
        self.len()
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        self.0.read(at, into)
    }

    fn here(&self) -> Option<&[u8]> {
        self.0.here()
    }
}

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
            let part = outer.share(&outer.here().unwrap()[start..end]);
            assert_eq!(part.here().unwrap(), &outer.here().unwrap()[start..end]);
            assert_eq!(part.place_in(&outer), Some(start..end));
            assert_eq!(part.place_in(&all), Some(10 + start..10 + end));
        }
        // a part of the same memory, and an equal one, but none of these bytes
        for foreign in [
            &all.here().unwrap()[5..20],
            &all.here().unwrap()[85..95],
            &[10, 11][..],
            &[],
        ] {
            let part = outer.share(foreign);
            assert_eq!(part.here().unwrap(), foreign);
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
        assert_eq!(small.here().unwrap(), &all.here().unwrap()[20..69]);
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
