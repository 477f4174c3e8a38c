//! What was spooled.

use super::{LOST, SpoolFile};
use crate::places::Places;
use crate::refusal::Refusal;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a file are read so many at a time.
const PIECE: usize = 1 << 20;

/// Bytes in memory or in a file. They do not change; a clone shares them, and so does a part of them.
#[derive(Clone)]
pub struct Spooled {
    lies: Lies,
    place: Range<usize>,
}

#[derive(Clone)]
enum Lies {
    Here(Arc<Here>),
    /// In a file, from that byte on.
    Away(Arc<dyn SpoolFile>, u64),
}

/// Bytes in memory, and who counts them.
struct Here {
    bytes: Vec<u8>,
    /// Says that they are gone once they are.
    _counted: Option<Counted>,
}

/// So many bytes on the account of a job.
pub(super) struct Counted {
    account: Arc<AtomicUsize>,
    bytes: usize,
}

impl Counted {
    /// Bytes that are on `account` already.
    pub(super) const fn new(account: Arc<AtomicUsize>, bytes: usize) -> Self {
        Self { account, bytes }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.account.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

impl Default for Spooled {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl From<Vec<u8>> for Spooled {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl Spooled {
    /// Bytes in memory.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let place = 0..bytes.len();
        let here = Here {
            bytes,
            _counted: None,
        };
        Self {
            lies: Lies::Here(Arc::new(here)),
            place,
        }
    }

    /// The `length` bytes of `file` from byte `at` on.
    #[must_use]
    pub fn in_file(file: Arc<dyn SpoolFile>, at: u64, length: usize) -> Self {
        Self {
            lies: Lies::Away(file, at),
            place: 0..length,
        }
    }

    /// The same, on an account, unless somebody else shares them.
    pub(super) fn counted(self, counted: Counted) -> Self {
        let Self { lies, place } = self;
        let lies = match lies {
            Lies::Here(here) => Lies::Here(match Arc::try_unwrap(here) {
                Ok(Here { bytes, .. }) => Arc::new(Here {
                    bytes,
                    _counted: Some(counted),
                }),
                Err(shared) => shared,
            }),
            away @ Lies::Away(..) => away,
        };
        Self { lies, place }
    }

    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.place.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.place.is_empty()
    }

    /// The bytes, where they are in memory.
    #[must_use]
    pub fn here(&self) -> Option<&[u8]> {
        match &self.lies {
            Lies::Here(here) => Some(here.bytes.get(self.place.clone()).unwrap_or_default()),
            Lies::Away(..) => None,
        }
    }

    /// Fills `into` with the bytes from byte `at` on; `None` where there are not so many, or the file does not give
    /// them back.
    pub fn read(&self, at: usize, into: &mut [u8]) -> Option<()> {
        let end = at.checked_add(into.len())?;
        if end > self.len() {
            return None;
        }
        match &self.lies {
            Lies::Here(_) => into.copy_from_slice(self.here()?.get(at..end)?),
            Lies::Away(file, base) => {
                let at = u64::try_from(self.place.start.checked_add(at)?).ok()?;
                file.read(base.checked_add(at)?, into)?;
            }
        }
        Some(())
    }

    /// All of them in memory, with a copy only where they are in a file.
    ///
    /// # Errors
    /// [`Refusal::Internal`] where the file does not give them back.
    pub fn load(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        if let Some(bytes) = self.here() {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut all = vec![0; self.len()];
        self.read(0, &mut all).ok_or(LOST)?;
        Ok(Cow::Owned(all))
    }

    /// All of them in memory.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn into_vec(self) -> Result<Vec<u8>, Refusal> {
        if let Lies::Here(_) = &self.lies {
            let place = self.place.clone();
            return match self.into_memory() {
                Ok(mut bytes) => {
                    bytes.truncate(place.end);
                    bytes.drain(..place.start.min(bytes.len()));
                    Ok(bytes)
                }
                Err(shared) => Ok(shared.load()?.into_owned()),
            };
        }
        Ok(self.load()?.into_owned())
    }

    /// Hands them to `visit` one behind the other, at most a MiB at a time where they are in a file.
    ///
    /// # Errors
    /// As of [`Spooled::load`]; what `visit` says.
    pub fn each<E: From<Refusal>>(
        &self,
        mut visit: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(bytes) = self.here() {
            return visit(bytes);
        }
        let mut buffer = vec![0; PIECE.min(self.len())];
        let mut at = 0usize;
        while at < self.len() {
            let length = PIECE.min(self.len().saturating_sub(at));
            let piece = buffer.get_mut(..length).ok_or(LOST)?;
            self.read(at, piece).ok_or(LOST)?;
            visit(piece)?;
            at = at.saturating_add(length);
        }
        Ok(())
    }

    /// The bytes at `place` in these, shared; `None` where there are not so many.
    #[must_use]
    pub fn part(&self, place: Range<usize>) -> Option<Self> {
        let start = self.place.start.checked_add(place.start)?;
        let end = self.place.start.checked_add(place.end)?;
        (start <= end && end <= self.place.end).then(|| Self {
            lies: self.lies.clone(),
            place: start..end,
        })
    }

    /// How many bytes stay where they are as long as these do.
    pub(crate) fn shares(&self) -> usize {
        match &self.lies {
            Lies::Here(here) => here.bytes.len(),
            Lies::Away(..) => 0,
        }
    }

    /// Where these bytes stand in `outer`, if they are shared with it.
    #[must_use]
    pub fn place_in(&self, outer: &Self) -> Option<Range<usize>> {
        let same = match (&self.lies, &outer.lies) {
            (Lies::Here(one), Lies::Here(other)) => Arc::ptr_eq(one, other),
            (Lies::Away(one, at), Lies::Away(other, base)) => Arc::ptr_eq(one, other) && at == base,
            (Lies::Here(_), Lies::Away(..)) | (Lies::Away(..), Lies::Here(_)) => false,
        };
        let start = self.place.start.checked_sub(outer.place.start)?;
        let end = self.place.end.checked_sub(outer.place.start)?;
        (same && end <= outer.len()).then_some(start..end)
    }

    /// Gives the memory back, to be used again, if nothing else shares it.
    ///
    /// # Errors
    /// The same bytes, where they are shared or in a file.
    pub fn into_memory(self) -> Result<Vec<u8>, Self> {
        let Self { lies, place } = self;
        match lies {
            Lies::Here(here) => match Arc::try_unwrap(here) {
                Ok(Here { bytes, .. }) => Ok(bytes),
                Err(here) => Err(Self {
                    lies: Lies::Here(here),
                    place,
                }),
            },
            lies @ Lies::Away(..) => Err(Self { lies, place }),
        }
    }

    /// Whether these are the same bytes.
    ///
    /// # Errors
    /// As of [`Spooled::load`].
    pub fn equals(&self, other: &[u8]) -> Result<bool, Refusal> {
        if self.len() != other.len() {
            return Ok(false);
        }
        let (mut same, mut rest) = (true, other);
        self.each(|piece| {
            let (here, behind) = rest.split_at_checked(piece.len()).ok_or(LOST)?;
            same &= here == piece;
            rest = behind;
            Ok::<(), Refusal>(())
        })?;
        Ok(same)
    }
}

impl Places for &Spooled {
    fn length(&self) -> usize {
        self.len()
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        Spooled::read(self, at, into)
    }

    fn here(&self) -> Option<&[u8]> {
        Spooled::here(self)
    }
}

/// Of the same bytes. Those that cannot be read are equal to nothing.
impl PartialEq for Spooled {
    fn eq(&self, other: &Self) -> bool {
        let same = |bytes: Cow<'_, [u8]>| self.equals(&bytes);
        self.len() == other.len() && matches!(other.load().and_then(same), Ok(true))
    }
}

impl Eq for Spooled {}

impl fmt::Debug for Spooled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lies = match &self.lies {
            Lies::Here(_) => "here",
            Lies::Away(..) => "in a file",
        };
        write!(f, "Spooled({} bytes {lies})", self.len())
    }
}
