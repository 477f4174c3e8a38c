//! Which fences all workers of a pool have had.

use crate::fence::Fences;
use std::sync::atomic::{AtomicU32, Ordering};

/// The fences that no worker was without. They only become fewer.
#[derive(Debug)]
pub(super) struct Standing(AtomicU32);

impl Default for Standing {
    fn default() -> Self {
        Self(AtomicU32::new(Fences::ALL.bits()))
    }
}

impl Standing {
    /// A worker has come up with these.
    pub(super) fn has(&self, fences: Fences) {
        self.0.fetch_and(fences.bits(), Ordering::Relaxed);
    }

    /// Those of `fences` that every worker had.
    pub(super) fn of(&self, fences: Fences) -> Fences {
        let all = Fences::from_bits(self.0.load(Ordering::Relaxed));
        let lacked = Fences::ALL.without(all.unwrap_or(Fences::NONE));
        fences.without(lacked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_lacked_does_not_come_back() {
        let standing = Standing::default();
        assert_eq!(standing.of(Fences::ALL), Fences::ALL);
        standing.has(Fences::ALL.without(Fences::GROUP));
        standing.has(Fences::ALL.without(Fences::LANDLOCK_NET));
        standing.has(Fences::ALL);
        let left = Fences::ALL.without(Fences::GROUP.and(Fences::LANDLOCK_NET));
        assert_eq!(standing.of(Fences::ALL), left);
        assert_eq!(
            standing.of(Fences::GROUP.and(Fences::LIMITS)),
            Fences::LIMITS
        );
    }
}
