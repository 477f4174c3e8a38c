//! Shared memory of fixed size: the input goes to a worker in one arena, its answer comes in another.
//!
//! Both are sealed memory files that are read and written by position, never mapped: no pointer of
//! ours reaches memory that a worker can change under it, and the whole crate needs no `unsafe`.

use rustix::fs::{
    FallocateFlags, MemfdFlags, SealFlags, fallocate, fcntl_add_seals, ftruncate, memfd_create,
};
use rustix::io::{Errno, pread, pwrite, pwritev};
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// How much memory an idle arena or buffer may keep, in bytes. What is above goes back at once;
/// giving all of it back would cost a page fault for every 4 KiB of the next part.
pub(crate) const KEEP_BYTES: usize = 16 << 20;

/// What old inputs are wiped with.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// The arena of inputs: ours to write, the worker's to read.
pub(crate) struct InputArena {
    writable: OwnedFd,
    readable: File,
    used: usize,
}

impl InputArena {
    /// An arena of `size` bytes. It is sparse: only what was written takes memory.
    ///
    /// # Errors
    /// What the kernel says; without `/proc` there is no read-only description to be had.
    pub(crate) fn new(size: u64) -> io::Result<Self> {
        let writable = sealed("mugai-input", size)?;
        // a second description of the same file, so that the worker's descriptor cannot write
        let path = format!("/proc/self/fd/{}", writable.as_raw_fd());
        let readable = File::open(path)?;
        Ok(Self {
            writable,
            readable,
            used: 0,
        })
    }

    /// The worker's side.
    pub(crate) const fn readable(&self) -> &File {
        &self.readable
    }

    /// Writes `pieces` one behind the other from the beginning, and wipes what is left of an older
    /// input.
    ///
    /// # Errors
    /// What the kernel says, out of memory above all.
    pub(crate) fn fill(&mut self, pieces: &[&[u8]]) -> io::Result<()> {
        let length = |sum: usize, piece: &&[u8]| sum.saturating_add(piece.len());
        let end = pieces.iter().fold(0, length);
        let older = self.used;
        self.used = end.max(older);
        // small inputs, and what has to be wiped behind them, are one call
        let stale = older.saturating_sub(end).min(ZEROS.len());
        let zeros = ZEROS.get(..stale).unwrap_or_default();
        let all = pieces.iter().copied().chain([zeros]);
        let slices: Vec<IoSlice<'_>> = all.clone().map(IoSlice::new).collect();
        let mut done = pwritev(&self.writable, &slices, 0)?;
        let mut at = 0usize;
        for piece in all {
            let skip = done.min(piece.len());
            done = done.saturating_sub(skip);
            let rest = piece.get(skip..).unwrap_or_default();
            write_at(&self.writable, rest, offset(at.saturating_add(skip)))?;
            at = at.saturating_add(piece.len());
        }
        self.wipe(at, older)?;
        self.used = end;
        Ok(())
    }

    /// Wipes everything, for an input that goes another way.
    ///
    /// # Errors
    /// What the kernel says.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        if self.used > 0 {
            self.wipe(0, self.used)?;
            self.used = 0;
        }
        Ok(())
    }

    /// Wipes the first `length` bytes.
    ///
    /// # Errors
    /// What the kernel says.
    pub(crate) fn forget(&self, length: usize) -> io::Result<()> {
        self.wipe(0, length.min(self.used))
    }

    /// Gives memory back above [`KEEP_BYTES`].
    pub(crate) fn trim(&mut self) -> io::Result<()> {
        if self.used > KEEP_BYTES {
            self.punch(KEEP_BYTES, self.used)?;
            self.used = KEEP_BYTES;
        }
        Ok(())
    }

    fn wipe(&self, from: usize, to: usize) -> io::Result<()> {
        let mut at = from;
        while at < to {
            let count = to.saturating_sub(at).min(ZEROS.len());
            let zeros = ZEROS.get(..count).unwrap_or(&ZEROS);
            write_at(&self.writable, zeros, offset(at))?;
            at = at.saturating_add(count);
        }
        Ok(())
    }

    fn punch(&self, from: usize, to: usize) -> io::Result<()> {
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        // up to the end of a page, of whatever size, for only whole pages go back
        let end = to.checked_next_multiple_of(64 << 10).unwrap_or(to);
        let length = offset(end.saturating_sub(from));
        fallocate(&self.writable, flags, offset(from), length)?;
        Ok(())
    }
}

/// An arena for answers, of `window` bytes: a worker can fill no more, whatever it does.
///
/// # Errors
/// What the kernel says.
pub(crate) fn answer_arena(window: u32) -> io::Result<OwnedFd> {
    sealed("mugai-answer", u64::from(window))
}

fn sealed(name: &str, size: u64) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // kernels before 6.3 do not know files that can never be executed
    let file = match memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(name, flags)?,
        other => other?,
    };
    ftruncate(&file, size)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(file)
}

/// Reads all of `buffer` from byte `at` on.
///
/// # Errors
/// What the kernel says; `UnexpectedEof` when the file ends early.
pub(crate) fn read_at(file: impl AsFd, buffer: &mut [u8], at: u64) -> io::Result<()> {
    let mut rest = buffer;
    let mut at = at;
    while !rest.is_empty() {
        let count = match pread(&file, &mut *rest, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(Errno::INTR) => continue,
            other => other?,
        };
        rest = rest.get_mut(count..).unwrap_or_default();
        at = at.saturating_add(offset(count));
    }
    Ok(())
}

/// Writes all of `bytes` from byte `at` on.
///
/// # Errors
/// What the kernel says; `WriteZero` when nothing more fits.
pub(crate) fn write_at(file: impl AsFd, bytes: &[u8], at: u64) -> io::Result<()> {
    let mut rest = bytes;
    let mut at = at;
    while !rest.is_empty() {
        let count = match pwrite(&file, rest, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(Errno::INTR) => continue,
            other => other?,
        };
        rest = rest.get(count..).unwrap_or_default();
        at = at.saturating_add(offset(count));
    }
    Ok(())
}

/// A length in memory as an offset in a file; both have 64 bits wherever this runs.
fn offset(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_older_input_is_left() {
        let mut arena = InputArena::new(1 << 30).unwrap();
        for size in [10, 60_000, 300_000] {
            arena.fill(&[b"head", &vec![7; size]]).unwrap();
            arena.fill(&[b"h", b"bo", b"", b"dy"]).unwrap();
            let mut seen = vec![1; size + 4];
            read_at(arena.readable(), &mut seen, 0).unwrap();
            assert_eq!(&seen[..5], b"hbody");
            assert!(seen[5..].iter().all(|b| *b == 0));
        }
        arena.clear().unwrap();
        let mut seen = [1; 5];
        read_at(arena.readable(), &mut seen, 0).unwrap();
        assert_eq!(seen, [0; 5]);
    }

    #[test]
    fn what_is_to_be_forgotten_is_gone_and_nothing_else() {
        let mut arena = InputArena::new(1 << 20).unwrap();
        arena.fill(&[b"secret", b"part"]).unwrap();
        arena.forget(6).unwrap();
        let mut seen = [1; 10];
        read_at(arena.readable(), &mut seen, 0).unwrap();
        assert_eq!(&seen, b"\0\0\0\0\0\0part");
    }

    #[test]
    fn memory_above_the_kept_amount_goes_back() {
        let mut arena = InputArena::new(1 << 30).unwrap();
        arena.fill(&[&vec![7; KEEP_BYTES + 100_000]]).unwrap();
        arena.trim().unwrap();
        let blocks = rustix::fs::fstat(arena.readable()).unwrap().st_blocks;
        assert!(usize::try_from(blocks).unwrap() * 512 <= KEEP_BYTES);
    }

    #[test]
    fn the_workers_side_cannot_write_and_no_side_can_change_the_size() {
        let arena = InputArena::new(4096).unwrap();
        assert!(write_at(arena.readable(), b"x", 0).is_err());
        assert!(write_at(&arena.writable, b"x", 4096).is_err());
        assert!(ftruncate(&arena.writable, 8192).is_err());
        let answer = answer_arena(4096).unwrap();
        assert!(write_at(&answer, &[1; 4097], 0).is_err());
        assert!(ftruncate(&answer, 0).is_err());
        assert!(read_at(&answer, &mut [0; 10], 4090).is_err());
    }
}
