//! Deliveries that are being made.

use crate::record::Key;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is being delivered now. A mail server that has lost its patience brings a mail again while it is.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<BTreeSet<Key>>);

/// Deliveries that are under way as long as it is held.
#[derive(Debug)]
pub(crate) struct Way<'a> {
    all: &'a UnderWay,
    keys: BTreeSet<Key>,
}

impl UnderWay {
    /// Begins deliveries; `None` where one of them is under way.
    pub(crate) fn enter(&self, keys: impl Iterator<Item = Key>) -> Option<Way<'_>> {
        let keys: BTreeSet<Key> = keys.collect();
        let mut all = self.locked();
        if !all.is_disjoint(&keys) {
            return None;
        }
        all.extend(&keys);
        drop(all);
        Some(Way { all: self, keys })
    }

    fn locked(&self) -> MutexGuard<'_, BTreeSet<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Way<'_> {
    fn drop(&mut self) {
        let mut all = self.all.locked();
        for key in &self.keys {
            all.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_under_way_twice() {
        let all = UnderWay::default();
        // one recipient may be named twice in one mail
        let first = all.enter([[1; 16], [2; 16], [1; 16]].into_iter()).unwrap();
        assert!(all.enter([[3; 16], [2; 16]].into_iter()).is_none());
        let other = all.enter([[3; 16]].into_iter()).unwrap();
        drop(first);
        assert!(all.enter([[1; 16], [2; 16]].into_iter()).is_some());
        assert!(all.enter([[3; 16]].into_iter()).is_none());
        drop(other);
    }
}
