//! The threads that jobs run on, and the queue before them.
//!
//! A thread that is done takes the next job itself. Were jobs handed to it by the runtime, it would
//! idle between any two of them until two other threads had been woken.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// So many threads. Jobs are begun in the order of asking.
#[derive(Debug)]
pub(super) struct Crew {
    queue: Arc<Queue>,
    all: u64,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    changed: Condvar,
    busy: AtomicU64,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Arc<Slot>>,
    /// Threads without a job: only for them is it worth asking the kernel to wake one.
    idle: usize,
    closed: bool,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

/// A job that has not begun; empty once it has, or was called off.
type Slot = Mutex<Option<Box<dyn FnOnce() + Send>>>;

impl Crew {
    /// # Errors
    /// When there are no threads to be had.
    pub(super) fn start(many: u16) -> io::Result<Self> {
        let crew = Self {
            queue: Arc::default(),
            all: many.into(),
        };
        for _ in 0..many {
            let queue = Arc::clone(&crew.queue);
            let thread = std::thread::Builder::new().name("mugai-job".to_owned());
            thread.spawn(move || queue.work())?;
        }
        Ok(crew)
    }

    /// Puts a job at the end of the queue.
    pub(super) fn order<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Ordered<T> {
        let (to, result) = oneshot::channel();
        let work = move || {
            // nobody may want it any longer
            let _ = to.send(job());
        };
        let slot: Arc<Slot> = Arc::new(Mutex::new(Some(Box::new(work))));
        let mut jobs = self.queue.lock();
        jobs.waiting.push_back(Arc::clone(&slot));
        let is_awaited = jobs.idle > 0;
        drop(jobs);
        if is_awaited {
            self.queue.changed.notify_one();
        }
        Ordered { slot, result }
    }

    /// How many threads are at work, and how many there are.
    pub(super) fn in_use(&self) -> (u64, u64) {
        (self.queue.busy.load(Ordering::Relaxed), self.all)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
    }
}

impl Queue {
    /// The queue. A panic elsewhere leaves it whole: each change of it is one step.
    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(slot) = self.next() {
            let job = take(&slot);
            drop(slot);
            if let Some(job) = job {
                self.busy.fetch_add(1, Ordering::Relaxed);
                // a job that panics leaves its caller without a result, and the thread whole
                let _ = catch_unwind(AssertUnwindSafe(job));
                self.busy.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    fn next(&self) -> Option<Arc<Slot>> {
        let mut jobs = self.lock();
        loop {
            if let Some(next) = jobs.waiting.pop_front() {
                return Some(next);
            }
            if jobs.closed {
                return None;
            }
            jobs.idle = jobs.idle.saturating_add(1);
            let woken = self.changed.wait(jobs);
            jobs = woken.unwrap_or_else(PoisonError::into_inner);
            jobs.idle = jobs.idle.saturating_sub(1);
        }
    }
}

fn take(slot: &Slot) -> Option<Box<dyn FnOnce() + Send>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A job that was ordered. One that has not begun when this is dropped never does, and all that it
/// holds is given back at once.
pub(crate) struct Ordered<T> {
    slot: Arc<Slot>,
    /// What comes of it; an error when it panicked or was called off.
    pub(crate) result: oneshot::Receiver<T>,
}

impl<T> Ordered<T> {
    /// Calls it off; false when it has begun.
    pub(crate) fn call_off(&self) -> bool {
        take(&self.slot).is_some()
    }
}

impl<T> Drop for Ordered<T> {
    fn drop(&mut self) {
        self.call_off();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn jobs_are_done_in_order_and_a_panic_ends_one_alone() {
        let crew = Crew::start(1).unwrap();
        let (done, order) = mpsc::channel();
        let mut ordered = Vec::new();
        for number in 0..5 {
            let done = done.clone();
            ordered.push(crew.order(move || {
                assert_ne!(number, 2, "a job that panics, as it should");
                done.send(number).unwrap();
                number
            }));
        }
        for (number, mut job) in ordered.into_iter().enumerate() {
            let end = (&mut job.result).await;
            assert_eq!(end.ok(), (number != 2).then_some(number));
        }
        drop(done);
        assert_eq!(order.iter().collect::<Vec<_>>(), [0, 1, 3, 4]);
    }

    #[tokio::test]
    async fn what_is_called_off_gives_back_what_it_holds() {
        let crew = Crew::start(1).unwrap();
        let (open, shut) = mpsc::channel::<()>();
        let mut first = crew.order(move || shut.recv().is_err());
        let held = Arc::new(());
        let holds = Arc::clone(&held);
        let second = crew.order(move || drop(holds));
        drop(second);
        assert_eq!(Arc::strong_count(&held), 1);
        drop(open);
        assert!((&mut first.result).await.unwrap());
        assert!(!first.call_off());
    }
}
