//! Bytes that lie elsewhere and are read place by place.

use std::borrow::Cow;

/// Bytes that need not be here as a whole: an input or a draft that the other side of a process boundary holds.
///
/// Whoever reads only some places of a large file takes no more memory than these.
pub trait Places {
    /// How many bytes there are.
    fn length(&self) -> usize;

    /// Fills `into` with the bytes from byte `at` on; `None` where there are not so many, or nobody hands them out
    /// any more.
    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()>;

    /// All of them, where they are here already.
    fn here(&self) -> Option<&[u8]> {
        None
    }
}

impl Places for &[u8] {
    fn length(&self) -> usize {
        self.len()
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        let end = at.checked_add(into.len())?;
        into.copy_from_slice(self.get(at..end)?);
        Some(())
    }

    fn here(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// All of `places`, with a copy only where they are not here; `None` as for [`Places::read`].
pub fn whole(places: &mut dyn Places) -> Option<Cow<'_, [u8]>> {
    if places.here().is_none() {
        let mut all = vec![0; places.length()];
        places.read(0, &mut all)?;
        return Some(Cow::Owned(all));
    }
    places.here().map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that are not here.
    struct Far(Vec<u8>);

    impl Places for Far {
        fn length(&self) -> usize {
            self.0.len()
        }

        fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
            self.0.as_slice().read(at, into)
        }
    }

    #[test]
    fn places_lie_within() {
        let bytes = [1, 2, 3, 4];
        let mut two = [0; 2];
        let mut places = &bytes[..];
        assert_eq!(places.read(1, &mut two), Some(()));
        assert_eq!(two, [2, 3]);
        assert_eq!(places.read(3, &mut two), None);
        assert_eq!(places.read(usize::MAX, &mut two), None);
        assert_eq!(two, [2, 3]);
    }

    #[test]
    fn the_whole_is_copied_only_where_it_is_elsewhere() {
        let bytes = vec![5; 100];
        assert!(matches!(whole(&mut bytes.as_slice()), Some(Cow::Borrowed(all)) if all == bytes));
        assert!(matches!(whole(&mut Far(bytes.clone())), Some(Cow::Owned(all)) if all == bytes));
    }
}
