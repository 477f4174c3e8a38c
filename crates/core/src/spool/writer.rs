//! Writing something that may become large.

use super::{LOST, Place, Spool, Spooled};
use crate::refusal::Refusal;

/// A file is written so many bytes at a time.
const BUFFER: usize = 256 << 10;

/// Takes bytes one behind the other: into memory, and once there is much of it (4 MiB) into a file where one can be had.
///
/// What goes wrong is told at the end: until then more is taken, and nothing is done with it.
#[derive(Debug)]
pub struct SpoolWriter {
    spool: Spool,
    /// What is not in the file yet.
    buffer: Vec<u8>,
    /// The file, and how many bytes are in it.
    file: Option<Place>,
    /// No file is to be had: all of it stays in memory.
    in_memory: bool,
    failed: bool,
}

impl Default for SpoolWriter {
    fn default() -> Self {
        Self::new(Spool::memory())
    }
}

impl SpoolWriter {
    /// One that puts what is large into `spool`.
    #[must_use]
    pub const fn new(spool: Spool) -> Self {
        Self {
            spool,
            buffer: Vec::new(),
            file: None,
            in_memory: false,
            failed: false,
        }
    }

    /// How many bytes there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        let written = self.file.as_ref().map_or(0, |(_, length)| *length);
        let written = usize::try_from(written).unwrap_or(usize::MAX);
        written.saturating_add(self.buffer.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes `bytes`.
    pub fn put(&mut self, bytes: &[u8]) {
        if self.failed {
            return;
        }
        let waits = self.buffer.len().saturating_add(bytes.len());
        let fits = match &self.file {
            Some(_) => waits <= BUFFER,
            None => self.in_memory || self.spool.holds(waits),
        };
        if fits {
            self.buffer.extend_from_slice(bytes);
            return;
        }
        if self.file.is_none() {
            let file = self.spool.create();
            self.in_memory = file.is_none();
            self.file = file.map(|file| (file, 0));
        }
        if self.in_memory {
            self.buffer.extend_from_slice(bytes);
        } else if self.flush().and_then(|()| self.write(bytes)).is_none() {
            self.failed = true;
        }
    }

    /// Puts what waits into the file.
    fn flush(&mut self) -> Option<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.write(&buffer)?;
        if buffer.capacity() <= 2 * BUFFER {
            self.buffer = buffer;
            self.buffer.clear();
        }
        Some(())
    }

    fn write(&mut self, bytes: &[u8]) -> Option<()> {
        let (file, length) = self.file.as_mut()?;
        file.write(*length, bytes)?;
        *length = length.checked_add(u64::try_from(bytes.len()).ok()?)?;
        Some(())
    }

    /// All of it.
    ///
    /// # Errors
    /// [`Refusal::Internal`] where the file could not be written.
    pub fn finish(mut self) -> Result<Spooled, Refusal> {
        if self.failed {
            return Err(LOST);
        }
        if self.file.is_none() {
            return Ok(Spooled::new(self.buffer));
        }
        self.flush().ok_or(LOST)?;
        let (file, length) = self.file.ok_or(LOST)?;
        let length = usize::try_from(length).map_err(|_| LOST)?;
        Ok(Spooled::in_file(file, 0, length))
    }
}
