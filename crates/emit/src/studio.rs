//! Pages encoded, and files packed, on threads beside the one that takes them: encoding a page takes longer than
//! drawing it does, and packing a text as long as reading it.
//!
//! What comes of them depends on nothing but themselves, so that nobody can tell from a file on how
//! many threads it was made.

use mugai_core::{Page, Refusal};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::{self, JoinHandle};

/// Smaller pictures, in bytes, are encoded faster than a thread starts.
const LEAST_BYTES: usize = 64 << 10;
/// How many bytes of pictures and files wait on threads in this process, so that its memory does not grow with
/// the size of its pages: ten sheets of A4 in colour at 150 dpi.
const MOST_BYTES: usize = 64 << 20;

/// The thread of a page came to no good end.
const LOST: Refusal = Refusal::internal("pdf: a page was lost");

/// Bytes on threads of this process, and how many threads there are.
static BYTES: AtomicUsize = AtomicUsize::new(0);
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Asked for once: the answer is put together from several files.
static CORES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

/// Something that is made of a page.
pub(crate) enum Work<T> {
    /// It is here.
    Done(Result<T, Refusal>),
    /// It is being made.
    Away(JoinHandle<Result<T, Refusal>>),
}

impl<T: Send + 'static> Work<T> {
    /// Has `make` work on `page`, beside the caller where a thread is free.
    pub(crate) fn begin(page: Page, make: fn(&Page) -> Result<T, Refusal>) -> Self {
        let bytes = page.pixels().len();
        let Some(place) = (bytes >= LEAST_BYTES).then(|| Place::take(bytes)).flatten() else {
            return Self::Done(make(&page));
        };
        let page = Arc::new(page);
        let theirs = Arc::clone(&page);
        let builder = thread::Builder::new().name("mugai-page".to_owned());
        let sent = builder.spawn(move || {
            let result = make(&theirs);
            // the place is free once the pixels are gone
            drop(theirs);
            drop(place);
            result
        });
        // a machine that has no thread to spare is no reason to refuse a page
        sent.map_or_else(|_| Self::Done(make(&page)), Self::Away)
    }

    /// Whether nobody would have to wait for it.
    pub(crate) fn is_done(&self) -> bool {
        match self {
            Self::Done(_) => true,
            Self::Away(thread) => thread.is_finished(),
        }
    }

    /// What was made, to be used more than once.
    ///
    /// # Errors
    /// As of [`Work::wait`].
    pub(crate) fn look(&mut self) -> Result<&T, Refusal> {
        if matches!(self, Self::Away(_)) {
            let work = std::mem::replace(self, Self::Done(Err(LOST)));
            *self = Self::Done(work.wait());
        }
        match self {
            Self::Done(made) => made.as_ref().map_err(Clone::clone),
            Self::Away(_) => Err(LOST),
        }
    }

    /// What was made, once it is.
    ///
    /// # Errors
    /// What `make` says; [`Refusal::Internal`] where the thread was lost.
    pub(crate) fn wait(self) -> Result<T, Refusal> {
        match self {
            Self::Done(made) => made,
            Self::Away(thread) => thread.join().unwrap_or(Err(LOST)),
        }
    }
}

/// The right to a thread for so many bytes, as long as it is held.
#[derive(Debug)]
pub struct Place(usize);

impl Place {
    /// A place; `None` where all processors have work of this kind, or too many bytes are on their way.
    #[must_use]
    pub fn take(bytes: usize) -> Option<Self> {
        let cores = *CORES;
        let more = |held: &AtomicUsize, add: usize, most: usize| {
            let add = |now: usize| now.checked_add(add).filter(|sum| *sum <= most);
            held.fetch_update(Ordering::AcqRel, Ordering::Acquire, add)
                .is_ok()
        };
        if cores < 2 || !more(&THREADS, 1, cores) {
            return None;
        }
        if more(&BYTES, bytes, MOST_BYTES) {
            return Some(Self(bytes));
        }
        THREADS.fetch_sub(1, Ordering::AcqRel);
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        BYTES.fetch_sub(self.0, Ordering::AcqRel);
        THREADS.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Limits, PixelFormat};

    const LIMITS: Limits = Limits {
        bytes: 0,
        pixels: 1 << 20,
        parts: 0,
        depth: 0,
        steps: 0,
    };

    fn page(side: u32) -> Page {
        let canvas = Page::start(side, side, PixelFormat::Rgb8, &Budget::new(LIMITS)).unwrap();
        let length = usize::try_from(side.pow(2).checked_mul(3).unwrap()).unwrap();
        canvas.fill(vec![7; length]).unwrap()
    }

    #[test]
    fn what_is_made_comes_back_from_wherever_it_was_made() {
        let sum = |page: &Page| Ok(page.pixels().iter().map(|byte| u64::from(*byte)).sum());
        for side in [1u32, 100, 300] {
            let work: Vec<Work<u64>> = (0..20).map(|_| Work::begin(page(side), sum)).collect();
            for work in work {
                let expected = u64::from(side).pow(2).checked_mul(21).unwrap();
                assert_eq!(work.wait(), Ok(expected));
            }
        }
    }

    #[test]
    fn a_thread_that_is_lost_is_a_refusal() {
        let lost = |_: &Page| -> Result<(), Refusal> { panic!("on purpose") };
        let thread = thread::Builder::new().spawn(move || lost(&page(1)));
        let work = Work::Away(thread.unwrap());
        assert!(work.wait().is_err_and(|refusal| refusal.is_alarm()));
    }
}
