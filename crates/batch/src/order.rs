//! Gives results of parallel work back in the order of their inputs.

use std::collections::BTreeMap;

/// Holds what came early until its turn.
#[derive(Debug)]
pub(crate) struct Reorder<T> {
    next: usize,
    early: BTreeMap<usize, T>,
}

impl<T> Reorder<T> {
    pub(crate) const fn new() -> Self {
        Self {
            next: 0,
            early: BTreeMap::new(),
        }
    }

    /// Takes result `index` and calls `each` for all whose turn has come.
    pub(crate) fn push<E>(
        &mut self,
        index: usize,
        item: T,
        mut each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.early.insert(index, item);
        while let Some(item) = self.early.remove(&self.next) {
            self.next = self.next.saturating_add(1);
            each(item)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_leave_in_the_order_of_their_inputs() {
        let mut order = Reorder::new();
        let mut seen = Vec::new();
        for index in [2, 0, 3, 1] {
            order
                .push(index, index, |item| {
                    seen.push(item);
                    Ok::<(), ()>(())
                })
                .unwrap();
        }
        assert_eq!(seen, [0, 1, 2, 3]);
    }
}
