//! Keys of sixteen bytes with values of sixteen bytes: the newest in memory, the rest in sorted runs
//! that are merged when there are several of one size (O'Neil and others, The log-structured
//! merge-tree, 1996). To look something up reads one page of each run.

use crate::spill::{Scratch, Tape, Window};
use std::collections::BTreeMap;
use std::io;

/// What is looked up: digests, mostly.
pub(crate) type Key = [u8; 16];
/// What is kept under it.
pub(crate) type Value = [u8; 16];

/// Entries that are kept in memory.
const FRESH: usize = 2048;
/// Bytes of an entry.
const ENTRY: usize = 32;
/// Entries of a page.
const PAGE: usize = 128;

/// Sees values that newer ones took the place of.
type Replaced<'a> = &'a mut dyn FnMut(Value) -> io::Result<()>;

/// A map that is mostly in a file.
#[derive(Debug)]
pub(crate) struct Map {
    scratch: Scratch,
    fresh: BTreeMap<Key, Value>,
    /// The oldest and longest first.
    runs: Vec<Run>,
}

/// Entries in the order of their keys, each key once.
#[derive(Debug)]
struct Run {
    tape: Tape,
    entries: u64,
    /// The first key of each page.
    fences: Vec<Key>,
}

fn split(entry: &[u8]) -> Option<(Key, Value)> {
    let (key, value) = entry.split_first_chunk::<16>()?;
    Some((*key, value.try_into().ok()?))
}

impl Run {
    fn new(scratch: &Scratch) -> Self {
        Self {
            tape: Tape::new(scratch),
            entries: 0,
            fences: Vec::new(),
        }
    }

    /// Adds an entry whose key is higher than all others.
    fn append(&mut self, key: Key, value: Value) -> io::Result<()> {
        if self.tape.len().is_multiple_of(PAGE_BYTES) {
            self.fences.push(key);
        }
        let mut entry = [0; ENTRY];
        let (front, back) = entry.split_at_mut(16);
        front.copy_from_slice(&key);
        back.copy_from_slice(&value);
        self.tape.append(&entry)?;
        self.entries = self.entries.saturating_add(1);
        Ok(())
    }

    fn get(&self, key: &Key) -> io::Result<Option<Value>> {
        let above = self.fences.partition_point(|fence| fence <= key);
        let Some(page) = above.checked_sub(1) else {
            return Ok(None);
        };
        let at = u64::try_from(page).unwrap_or(u64::MAX);
        let at = at.saturating_mul(PAGE_BYTES);
        let left = self.tape.len().saturating_sub(at).min(PAGE_BYTES);
        let mut bytes = [0; PAGE * ENTRY];
        let length = usize::try_from(left).map_err(io::Error::other)?;
        let bytes = bytes.get_mut(..length).unwrap_or_default();
        self.tape.read(at, bytes)?;
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let found = entries.binary_search_by(|entry| entry.split_at(16).0.cmp(key.as_slice()));
        let entry = found.ok().and_then(|index| entries.get(index));
        Ok(entry.and_then(|entry| split(entry)).map(|(_, value)| value))
    }
}

/// Bytes of a page.
const PAGE_BYTES: u64 = 4096;
const _: () = assert!(PAGE * ENTRY == 4096, "a page is a page of the system");

/// Reads the entries of a run.
struct Cursor<'a> {
    run: &'a Run,
    at: u64,
    window: Window,
}

impl<'a> Cursor<'a> {
    fn new(run: &'a Run) -> Self {
        Self {
            run,
            at: 0,
            window: Window::default(),
        }
    }

    fn next(&mut self) -> io::Result<Option<(Key, Value)>> {
        if self.at >= self.run.tape.len() {
            return Ok(None);
        }
        let entry = split(self.window.get(&self.run.tape, self.at, ENTRY)?);
        self.at = self.at.saturating_add(32);
        Ok(entry)
    }
}

impl Map {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            scratch: scratch.clone(),
            fresh: BTreeMap::new(),
            runs: Vec::new(),
        }
    }

    /// What is kept under a key.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn get(&self, key: &Key) -> io::Result<Option<Value>> {
        if let Some(value) = self.fresh.get(key) {
            return Ok(Some(*value));
        }
        for run in self.runs.iter().rev() {
            if let Some(value) = run.get(key)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Keeps a value. `replaced` sees, now or later, each value that a newer one takes the place of.
    ///
    /// # Errors
    /// What the system says about a temporary file, or `replaced` does.
    pub(crate) fn put(&mut self, key: Key, value: Value, replaced: Replaced<'_>) -> io::Result<()> {
        if let Some(old) = self.fresh.insert(key, value) {
            replaced(old)?;
        }
        if self.fresh.len() >= FRESH {
            self.spill()?;
            while self.uneven() {
                self.merge(replaced)?;
            }
        }
        Ok(())
    }

    /// Nothing is kept any more.
    pub(crate) fn clear(&mut self) {
        self.fresh.clear();
        self.runs.clear();
    }

    /// Brings all into one run: `replaced` has seen all there is to see then.
    ///
    /// # Errors
    /// As for [`Map::put`].
    pub(crate) fn settle(&mut self, replaced: Replaced<'_>) -> io::Result<()> {
        self.spill()?;
        while self.runs.len() > 1 {
            self.merge(replaced)?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let mut run = Run::new(&self.scratch);
        for (key, value) in std::mem::take(&mut self.fresh) {
            run.append(key, value)?;
        }
        run.tape.seal()?;
        self.runs.push(run);
        Ok(())
    }

    /// Whether the last run is about as long as the one before it: each entry is written a few times
    /// only, and the number of runs grows with the logarithm of theirs.
    fn uneven(&self) -> bool {
        match self.runs.as_slice() {
            [.., long, short] => long.entries < short.entries.saturating_mul(2),
            _ => false,
        }
    }

    /// Makes one of the last two runs.
    fn merge(&mut self, replaced: Replaced<'_>) -> io::Result<()> {
        let (Some(new), Some(old)) = (self.runs.pop(), self.runs.pop()) else {
            return Ok(());
        };
        let mut run = Run::new(&self.scratch);
        let (mut old, mut new) = (Cursor::new(&old), Cursor::new(&new));
        let (mut one, mut two) = (old.next()?, new.next()?);
        loop {
            match (one, two) {
                (Some((key, value)), Some((other, _))) if key < other => {
                    run.append(key, value)?;
                    one = old.next()?;
                }
                (_, Some((key, value))) => {
                    if let Some((same, before)) = one
                        && same == key
                    {
                        replaced(before)?;
                        one = old.next()?;
                    }
                    run.append(key, value)?;
                    two = new.next()?;
                }
                (Some((key, value)), None) => {
                    run.append(key, value)?;
                    one = old.next()?;
                }
                (None, None) => break,
            }
        }
        run.tape.seal()?;
        self.runs.push(run);
        Ok(())
    }

    /// How many keys there are, once all is in one run.
    ///
    /// # Errors
    /// As for [`Map::put`].
    pub(crate) fn count(&mut self, replaced: Replaced<'_>) -> io::Result<u64> {
        self.settle(replaced)?;
        Ok(self.runs.first().map_or(0, |run| run.entries))
    }

    /// All values, by key.
    ///
    /// # Errors
    /// As for [`Map::put`], or what `each` does.
    pub(crate) fn values(
        &mut self,
        replaced: Replaced<'_>,
        mut each: impl FnMut(Value) -> io::Result<()>,
    ) -> io::Result<()> {
        self.settle(replaced)?;
        let Some(run) = self.runs.first() else {
            return Ok(());
        };
        let mut cursor = Cursor::new(run);
        while let Some((_, value)) = cursor.next()? {
            each(value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u64) -> Key {
        crate::key::short(&[number.to_string().as_ref()])
    }

    fn value(number: u64) -> Value {
        u128::from(number).to_be_bytes()
    }

    /// As a map in memory, with every old value told of once.
    #[test]
    fn the_newest_value_is_found_and_all_old_ones_are_told() {
        let mut map = Map::new(&Scratch::default());
        let (mut want, mut old, mut want_old) = (BTreeMap::new(), Vec::new(), Vec::new());
        for number in 0..50_000u64 {
            let key = key(number * 7 % 20_011);
            map.put(key, value(number), &mut |value| {
                old.push(value);
                Ok(())
            })
            .unwrap();
            want_old.extend(want.insert(key, value(number)));
            if number % 997 == 0 {
                assert_eq!(map.get(&key).unwrap(), Some(value(number)));
            }
        }
        assert!(!map.runs.is_empty() && !map.fresh.is_empty());
        for number in 0..20_011 {
            assert_eq!(
                map.get(&key(number)).unwrap(),
                want.get(&key(number)).copied()
            );
        }
        assert_eq!(map.get(&key(20_011)).unwrap(), None);
        let mut note = |value| {
            old.push(value);
            Ok(())
        };
        assert_eq!(
            map.count(&mut note).unwrap(),
            u64::try_from(want.len()).unwrap()
        );
        let mut got = Vec::new();
        map.values(&mut note, |value| {
            got.push(value);
            Ok(())
        })
        .unwrap();
        assert_eq!(got, want.values().copied().collect::<Vec<_>>());
        old.sort_unstable();
        want_old.sort_unstable();
        assert!(old == want_old);
        for number in 0..20_012 {
            assert_eq!(
                map.get(&key(number)).unwrap(),
                want.get(&key(number)).copied()
            );
        }
    }

    /// Keys of a journal that somebody wrote need not be digests.
    #[test]
    fn keys_may_lie_close_together() {
        let mut map = Map::new(&Scratch::default());
        for number in 0..10_000u64 {
            let key = u128::from(number).to_be_bytes();
            map.put(key, value(number), &mut |_| Ok(())).unwrap();
        }
        for number in 0..10_000u64 {
            let key = u128::from(number).to_be_bytes();
            assert_eq!(map.get(&key).unwrap(), Some(value(number)));
        }
        map.clear();
        assert_eq!(map.get(&value(1)).unwrap(), None);
    }
}
