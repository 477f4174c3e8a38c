//! A number of things that can be had, and given back; the number can change.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// So many things. Those who wait for some get them in the order of asking.
#[derive(Debug)]
pub(super) struct Bound {
    free: Arc<Semaphore>,
    all: AtomicUsize,
}

impl Bound {
    pub(super) fn new(all: u64) -> Self {
        let all = count(all);
        Self {
            free: Arc::new(Semaphore::new(all)),
            all: AtomicUsize::new(all),
        }
    }

    /// Some of them, if there are so many now.
    pub(super) fn take(&self, many: u32) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        Arc::clone(&self.free).try_acquire_many_owned(many)
    }

    /// Some of them, as soon as there are so many.
    pub(super) async fn wait(&self, many: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.free).acquire_many_owned(many).await
    }

    /// Changes the number. What is in use stays so: where there are to be less, those that come free
    /// are taken away until it is right. Must be called inside of a tokio runtime, and not twice at
    /// once.
    pub(super) fn resize(&self, all: u64) {
        let all = count(all);
        let before = self.all.swap(all, Ordering::Relaxed);
        self.free.add_permits(all.saturating_sub(before));
        let less = u32::try_from(before.saturating_sub(all)).unwrap_or(u32::MAX);
        if less > 0 {
            let free = Arc::clone(&self.free);
            tokio::spawn(async move {
                // nobody closes it
                if let Ok(taken) = free.acquire_many_owned(less).await {
                    taken.forget();
                }
            });
        }
    }

    /// How many are in use, and how many there are.
    pub(super) fn in_use(&self) -> (u64, u64) {
        let all = self.all.load(Ordering::Relaxed);
        let used = all.saturating_sub(self.free.available_permits());
        (long(used), long(all))
    }
}

fn count(number: u64) -> usize {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    number.min(Semaphore::MAX_PERMITS)
}

fn long(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_in_use_is_taken_away_when_it_comes_free() {
        let bound = Bound::new(4);
        let three = bound.take(3).unwrap();
        bound.resize(2);
        tokio::task::yield_now().await;
        assert!(bound.take(1).is_err());
        drop(three);
        let two = bound.wait(2).await.unwrap();
        assert!(bound.take(1).is_err());
        assert_eq!(bound.in_use(), (2, 2));
        bound.resize(5);
        let three = bound.take(3).unwrap();
        assert!(bound.take(1).is_err());
        drop((two, three));
        assert_eq!(bound.in_use(), (0, 5));
    }
}
