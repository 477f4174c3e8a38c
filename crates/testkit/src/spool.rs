//! A job of which everything lies in files, however small it is.

use mugai_core::{
    Opener, Patience, Refusal, Request, Spool, SpoolFile, SpoolFolder, Spooled, Untrusted,
};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A disk in memory that does as it is told, or fails at one step or from one step on. Making, writing and reading
/// a file is a step each.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Steps>);

#[derive(Debug, Default)]
struct Steps {
    taken: AtomicU64,
    /// The one that fails, from 1 on; 0 for none.
    fails_at: AtomicU64,
    onwards: bool,
}

impl Disk {
    /// A disk that fails at its step `at`, and from then on if told so.
    #[must_use]
    pub fn failing(at: u64, onwards: bool) -> Self {
        Self(Arc::new(Steps {
            taken: AtomicU64::new(0),
            fails_at: AtomicU64::new(at),
            onwards,
        }))
    }

    /// Whether it has failed; it does not any more.
    #[must_use]
    pub fn mend(&self) -> bool {
        let at = self.0.fails_at.swap(0, Ordering::Relaxed);
        at > 0 && self.taken() >= at
    }

    /// How many steps were taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    fn step(&self) -> Option<()> {
        let step = self.0.taken.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let at = self.0.fails_at.load(Ordering::Relaxed);
        let fails = at > 0 && (step == at || self.0.onwards && step > at);
        (!fails).then_some(())
    }
}

#[derive(Debug)]
struct File {
    disk: Disk,
    bytes: Mutex<Vec<u8>>,
}

impl SpoolFolder for Disk {
    fn create(&self) -> Option<Arc<dyn SpoolFile>> {
        self.step()?;
        Some(Arc::new(File {
            disk: self.clone(),
            bytes: Mutex::default(),
        }))
    }
}

impl SpoolFile for File {
    fn write(&self, at: u64, bytes: &[u8]) -> Option<()> {
        self.disk.step()?;
        let start = usize::try_from(at).ok()?;
        let end = start.checked_add(bytes.len())?;
        let mut all = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if end > all.len() {
            all.resize(end, 0);
        }
        all.get_mut(start..end)?.copy_from_slice(bytes);
        Some(())
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Option<()> {
        self.disk.step()?;
        let start = usize::try_from(at).ok()?;
        let all = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        into.copy_from_slice(all.get(start..start.checked_add(into.len())?)?);
        Some(())
    }
}

/// Another opener, of whose jobs everything lies in files.
pub struct InFiles<'a> {
    opener: &'a dyn Opener,
    disk: Disk,
}

impl<'a> InFiles<'a> {
    /// One that has `opener` do the work.
    #[must_use]
    pub fn over(opener: &'a dyn Opener) -> Self {
        Self::on(opener, Disk::default())
    }

    /// One whose files lie on `disk`.
    #[must_use]
    pub const fn on(opener: &'a dyn Opener, disk: Disk) -> Self {
        Self { opener, disk }
    }

    /// Bytes in a file.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn file(&self, bytes: Vec<u8>) -> io::Result<Untrusted> {
        let file = self.spool().keep(Spooled::new(bytes));
        let file = file.map_err(|_| io::ErrorKind::StorageFull)?;
        Ok(file.into())
    }
}

impl Opener for InFiles<'_> {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        self.opener.open(request, patience)
    }

    fn open_all(
        &self,
        requests: Vec<Request<'_>>,
        patience: Patience<'_>,
    ) -> Vec<Result<(), Refusal>> {
        self.opener.open_all(requests, patience)
    }

    fn behind(&self) -> Option<&dyn Opener> {
        Some(self.opener)
    }

    fn spool(&self) -> Spool {
        Spool::always(Arc::new(self.disk.clone()))
    }
}

impl std::fmt::Debug for InFiles<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("InFiles").field(&self.disk).finish()
    }
}
