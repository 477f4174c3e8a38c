//! Merged areas of a sheet, of which no two may meet: programs refuse a workbook where they do.

use super::Area;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Leaves out areas that meet one that begins in the same row or above; the order stays.
///
/// The rows are gone over once from above, with the columns that are taken in each: as many steps as there are areas,
/// times the logarithm of their number.
pub(super) fn part(areas: &mut Vec<Area>) {
    let mut order: Vec<usize> = (0..areas.len()).collect();
    // of those that begin in one row the one that stands first
    order.sort_by_key(|number| areas.get(*number).map(|area| area.rows.0));
    // the last columns that are taken, by the first ones, and where they become free
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let mut ends: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
    let mut kept = vec![false; areas.len()];
    for number in order {
        let Some(area) = areas.get(number) else {
            continue;
        };
        while let Some(Reverse((row, column))) = ends.peek().copied()
            && row < area.rows.0
        {
            ends.pop();
            taken.remove(&column);
        }
        let (first, last) = area.columns;
        let before = taken.range(..=last).next_back();
        if before.is_some_and(|(_, end)| *end >= first) {
            continue;
        }
        taken.insert(first, last);
        ends.push(Reverse((area.rows.1, first)));
        if let Some(kept) = kept.get_mut(number) {
            *kept = true;
        }
    }
    let mut kept = kept.into_iter();
    areas.retain(|_| kept.next() == Some(true));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn meet(one: &Area, other: &Area) -> bool {
        one.rows.0 <= other.rows.1
            && other.rows.0 <= one.rows.1
            && one.columns.0 <= other.columns.1
            && other.columns.0 <= one.columns.1
    }

    fn area() -> impl Strategy<Value = Area> {
        let side =
            || (0u32..12, 0u32..4).prop_map(|(from, more)| (from, from.saturating_add(more)));
        (side(), side()).prop_map(|(rows, columns)| Area { rows, columns })
    }

    proptest! {
        /// No two of what is left meet, what was left out meets one of them, and the order is the same.
        #[test]
        fn none_meet_and_no_more_than_needed_go(all in proptest::collection::vec(area(), 0..40)) {
            let mut left = all.clone();
            part(&mut left);
            for (number, one) in left.iter().enumerate() {
                prop_assert!(left.iter().skip(number.saturating_add(1)).all(|other| !meet(one, other)));
            }
            for area in &all {
                prop_assert!(left.iter().any(|other| meet(area, other)));
            }
            let mut rest = all.iter();
            prop_assert!(left.iter().all(|area| rest.any(|other| other == area)));
        }
    }

    #[test]
    fn as_many_as_a_form_of_squares_has_stay() {
        let square = |number: u32| Area {
            rows: (number / 100, number / 100),
            columns: (number % 100 * 2, number % 100 * 2 + 1),
        };
        let mut all: Vec<Area> = (0..20_000).map(square).collect();
        part(&mut all);
        assert_eq!(all.len(), 20_000);
    }
}
