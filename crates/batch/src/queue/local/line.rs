//! The inputs of a plan in the order in which they are worked on, on disk where they are many.

use crate::spill::{Scratch, Sorter, Tape};
use std::collections::BTreeMap;
use std::io;

/// Places by what they cost: the largest first, and among equals the first.
#[derive(Debug)]
pub(super) struct Line {
    /// Cost, as a difference from the largest number, and index: so they are in order as bytes.
    tape: Tape,
    count: u64,
    /// What was taken, as begins and ends of ranges that do not touch. Those are few: one from the
    /// front, and one from wherever smaller ones were taken while a large one waited.
    taken: BTreeMap<u64, u64>,
}

/// Bytes of a place.
const PLACE: u64 = 16;

/// A place that may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) cost: u64,
    pub(super) index: usize,
    at: u64,
}

impl Line {
    /// A line of those that `each` gives: what they cost, and their index.
    ///
    /// # Errors
    /// What the system says about a temporary file, or `each` does.
    pub(super) fn of(
        scratch: &Scratch,
        each: impl FnOnce(&mut dyn FnMut(u64, usize) -> io::Result<()>) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut places = Sorter::new(scratch);
        each(&mut |cost, index| {
            let index = u64::try_from(index).map_err(io::Error::other)?;
            places.push(&[&(!cost).to_be_bytes(), &index.to_be_bytes()])
        })?;
        let (mut sorted, mut tape, mut count) = (places.sorted()?, Tape::new(scratch), 0u64);
        while let Some(place) = sorted.next()? {
            tape.append(&place)?;
            count = count.saturating_add(1);
        }
        tape.seal()?;
        Ok(Self {
            tape,
            count,
            taken: BTreeMap::new(),
        })
    }

    /// Whether all are taken.
    pub(super) fn is_empty(&self) -> bool {
        self.behind(0) >= self.count
    }

    fn place(&self, at: u64) -> io::Result<Place> {
        let (mut cost, mut index) = ([0; 8], [0; 8]);
        let offset = at.saturating_mul(PLACE);
        self.tape.read(offset, &mut cost)?;
        self.tape.read(offset.saturating_add(8), &mut index)?;
        Ok(Place {
            cost: !u64::from_be_bytes(cost),
            index: usize::try_from(u64::from_be_bytes(index)).map_err(io::Error::other)?,
            at,
        })
    }

    /// The first place from `at` on that is not taken.
    fn behind(&self, at: u64) -> u64 {
        let range = self.taken.range(..=at).next_back();
        range.map_or(at, |(_, end)| at.max(*end))
    }

    /// The largest that costs no more than `room`.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(super) fn largest(&self, room: u64) -> io::Result<Option<Place>> {
        let mut low = self.behind(0);
        if low >= self.count {
            return Ok(None);
        }
        let first = self.place(low)?;
        if first.cost <= room {
            return Ok(Some(first));
        }
        // costs fall: the first that fits is between a place that does not and the end
        let mut high = self.count;
        while low < high {
            let middle = low.midpoint(high);
            if self.place(middle)?.cost <= room {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        let at = self.behind(low);
        if at >= self.count {
            return Ok(None);
        }
        self.place(at).map(Some)
    }

    /// Takes a place that [`Self::largest`] gave.
    pub(super) fn take(&mut self, place: Place) {
        let mut begin = place.at;
        let mut end = place.at.saturating_add(1);
        if let Some((before, upto)) = self.taken.range(..=begin).next_back()
            && *upto == begin
        {
            begin = *before;
        }
        if let Some(upto) = self.taken.remove(&end) {
            end = upto;
        }
        self.taken.insert(begin, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Reverse;
    use std::collections::BTreeSet;

    /// As a set in memory gives them out, whatever room there is.
    #[test]
    fn the_largest_that_fits_is_given() {
        for count in [0usize, 1, 50, 20_000] {
            let cost = |index: usize| u64::try_from(index * 7919 % 1009).unwrap();
            let mut set: BTreeSet<_> = (0..count).map(|i| (cost(i), Reverse(i))).collect();
            let mut line = Line::of(&Scratch::default(), |each| {
                (0..count).try_for_each(|index| each(cost(index), index))
            })
            .unwrap();
            let mut step = 0u64;
            while !set.is_empty() {
                assert!(!line.is_empty());
                step += 1;
                let room = if step.is_multiple_of(5) {
                    2000
                } else {
                    step * 31 % 1100
                };
                let want = set.range(..=(room, Reverse(0))).next_back().copied();
                let got = line.largest(room).unwrap();
                assert_eq!(got.map(|place| (place.cost, Reverse(place.index))), want);
                if let (Some(want), Some(got)) = (want, got) {
                    set.remove(&want);
                    line.take(got);
                }
            }
            assert!(line.is_empty());
            assert_eq!(line.largest(u64::MAX).unwrap(), None);
            assert!(line.taken.len() <= 1);
        }
    }
}
