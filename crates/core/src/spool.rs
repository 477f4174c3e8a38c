//! Large things that are in the making or wait: in memory while they are small, else where somebody keeps them for us.
//!
//! This crate does no I/O. Whoever does hands a [`SpoolFolder`] in; without one everything is in memory.

mod kept;
mod writer;

pub use kept::Spooled;
pub use writer::SpoolWriter;

use crate::refusal::Refusal;
use kept::Counted;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where it was put it cannot be put, or is not any more: a full disk, most likely.
pub(crate) const LOST: Refusal = Refusal::internal("spool: a file that cannot be written or read");

/// When things are put elsewhere; all in bytes.
#[derive(Clone, Copy)]
struct Bounds {
    /// How much of one job waits in memory before more of it is put elsewhere.
    in_memory: usize,
    /// Smaller things are never put elsewhere: there would be many of them.
    small: usize,
    /// How much of one thing in the making is held in memory.
    written: usize,
}

const PAYING: Bounds = Bounds {
    in_memory: 16 << 20,
    small: 16 << 10,
    written: 4 << 20,
};

const ALWAYS: Bounds = Bounds {
    in_memory: 0,
    small: 1,
    written: 0,
};

/// A file without a name: nobody else finds it, and it goes with the last one who has it.
pub trait SpoolFile: Send + Sync + fmt::Debug {
    /// Writes all of `bytes` from byte `at` on; `None` where that cannot be done.
    fn write(&self, at: u64, bytes: &[u8]) -> Option<()>;

    /// Fills `into` with the bytes from byte `at` on; `None` where they are not there.
    fn read(&self, at: u64, into: &mut [u8]) -> Option<()>;
}

/// Where such files are made.
pub trait SpoolFolder: Send + Sync + fmt::Debug {
    /// A new file; `None` where none can be made, and memory has to do.
    fn create(&self) -> Option<Arc<dyn SpoolFile>>;
}

/// Where the large things of one job are kept. A clone is the same place.
#[derive(Clone, Default)]
pub struct Spool(Option<Arc<Shared>>);

/// A file, and a place in it.
type Place = (Arc<dyn SpoolFile>, u64);

struct Shared {
    folder: Arc<dyn SpoolFolder>,
    bounds: Bounds,
    /// How many bytes of the job wait in memory.
    waiting: Arc<AtomicUsize>,
    /// One file for all that is put away whole, and its end. Small things would be too many files.
    heap: Mutex<Option<Place>>,
}

impl Spool {
    /// A place in `folder`.
    #[must_use]
    pub fn new(folder: Arc<dyn SpoolFolder>) -> Self {
        Self::within(folder, PAYING)
    }

    /// A place in `folder` for everything, however small. This makes sense in tests.
    #[must_use]
    pub fn always(folder: Arc<dyn SpoolFolder>) -> Self {
        Self::within(folder, ALWAYS)
    }

    fn within(folder: Arc<dyn SpoolFolder>, bounds: Bounds) -> Self {
        Self(Some(Arc::new(Shared {
            folder,
            bounds,
            waiting: Arc::default(),
            heap: Mutex::new(None),
        })))
    }

    /// Memory, and nothing else.
    #[must_use]
    pub const fn memory() -> Self {
        Self(None)
    }

    /// Whether one thing of `length` bytes that is being written is held in memory.
    #[must_use]
    pub fn holds(&self, length: usize) -> bool {
        let shared = self.0.as_ref();
        shared.is_none_or(|shared| length <= shared.bounds.written)
    }

    /// A new file of its own.
    pub(crate) fn create(&self) -> Option<Arc<dyn SpoolFile>> {
        self.0.as_ref()?.folder.create()
    }

    /// Keeps something that waits for a while: in memory, or, where much of the job waits there already, in a file.
    ///
    /// # Errors
    /// [`Refusal::Internal`] where it was put and has not arrived.
    pub fn keep(&self, waits: Spooled) -> Result<Spooled, Refusal> {
        let Some(shared) = &self.0 else {
            return Ok(waits);
        };
        let Some(bytes) = waits.here() else {
            return Ok(waits);
        };
        let length = bytes.len();
        if length < shared.bounds.small {
            return Ok(waits);
        }
        let most = shared.bounds.in_memory;
        let fits = |waiting: usize| waiting.checked_add(length).filter(|sum| *sum <= most);
        let account = &shared.waiting;
        let booked = account.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits);
        if booked.is_ok() {
            return Ok(waits.counted(Counted::new(Arc::clone(account), length)));
        }
        match shared.put_away(bytes)? {
            Some((file, at)) => Ok(Spooled::in_file(file, at, length)),
            None => Ok(waits),
        }
    }
}

impl Shared {
    /// Writes `bytes` behind what was put away before; `None` where there is no file to be had.
    fn put_away(&self, bytes: &[u8]) -> Result<Option<Place>, Refusal> {
        let mut heap = self.heap.lock().unwrap_or_else(PoisonError::into_inner);
        if heap.is_none() {
            *heap = self.folder.create().map(|file| (file, 0));
        }
        let Some((file, end)) = heap.as_mut() else {
            return Ok(None);
        };
        let at = *end;
        file.write(at, bytes).ok_or(LOST)?;
        let length = u64::try_from(bytes.len()).map_err(|_| LOST)?;
        *end = at.checked_add(length).ok_or(LOST)?;
        Ok(Some((Arc::clone(file), at)))
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.0.as_ref().map(|shared| &shared.folder);
        f.debug_tuple("Spool").field(&folder).finish()
    }
}

#[cfg(test)]
mod tests;
