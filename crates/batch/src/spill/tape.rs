//! Bytes that are written at the end, and read anywhere.

use crate::spill::{Scratch, temporary};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How much is kept in memory before it goes to the file.
const TAIL: usize = 1 << 15;

/// How much is read at a time where it is read one after the other.
const WINDOW: usize = 1 << 12;

/// Bytes that grow at their end.
#[derive(Debug)]
pub(crate) struct Tape {
    scratch: Scratch,
    file: Option<File>,
    /// Bytes in the file.
    spilled: u64,
    /// The bytes behind those.
    tail: Vec<u8>,
}

/// A length that is in memory as one in a file.
fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn past_end() -> io::Error {
    io::Error::other("temporary file: nothing there")
}

impl Tape {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            scratch: scratch.clone(),
            file: None,
            spilled: 0,
            tail: Vec::new(),
        }
    }

    pub(crate) const fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> u64 {
        self.spilled.saturating_add(wide(self.tail.len()))
    }

    /// Writes bytes behind the others and tells where they begin.
    ///
    /// # Errors
    /// What the system says: no temporary file, a full disk.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        if self.tail.len().saturating_add(bytes.len()) > TAIL {
            self.spill()?;
        }
        let at = self.len();
        self.tail.extend_from_slice(bytes);
        Ok(at)
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.tail.is_empty() {
            return Ok(());
        }
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(self.scratch.file()?),
        };
        if crate::fail::due("spill") {
            return Err(temporary(&rustix::io::Errno::NOSPC.into()));
        }
        let written = file.write_all_at(&self.tail, self.spilled);
        written.map_err(|error| temporary(&error))?;
        self.spilled = self.len();
        self.tail.clear();
        Ok(())
    }

    /// Gives back the memory of a tape that is written, where it has a file.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn seal(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            self.spill()?;
            self.tail = Vec::new();
        }
        Ok(())
    }

    /// Fills `into` with the bytes at `at`.
    ///
    /// # Errors
    /// What the system says; that there are not as many.
    pub(crate) fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let before = usize::try_from(self.spilled.saturating_sub(at)).unwrap_or(usize::MAX);
        let (from_file, from_tail) = into.split_at_mut(before.min(into.len()));
        if let (false, Some(file)) = (from_file.is_empty(), &self.file) {
            let read = file.read_exact_at(from_file, at);
            read.map_err(|error| temporary(&error))?;
        }
        if !from_tail.is_empty() {
            let begin = usize::try_from(at.saturating_sub(self.spilled)).ok();
            let end = begin.and_then(|begin| begin.checked_add(from_tail.len()));
            let bytes = begin.zip(end).and_then(|(b, e)| self.tail.get(b..e));
            from_tail.copy_from_slice(bytes.ok_or_else(past_end)?);
        }
        Ok(())
    }

    /// Writes over bytes that were appended at once.
    ///
    /// # Errors
    /// What the system says; that they are not there.
    pub(crate) fn patch(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let end = at.checked_add(wide(bytes.len())).ok_or_else(past_end)?;
        if let (true, Some(file)) = (end <= self.spilled, &self.file) {
            let written = file.write_all_at(bytes, at);
            return written.map_err(|error| temporary(&error));
        }
        let begin = at.checked_sub(self.spilled).ok_or_else(past_end)?;
        let begin = usize::try_from(begin).map_err(io::Error::other)?;
        let end = begin.checked_add(bytes.len()).ok_or_else(past_end)?;
        let place = self.tail.get_mut(begin..end).ok_or_else(past_end)?;
        place.copy_from_slice(bytes);
        Ok(())
    }
}

/// Reads a tape mostly forwards, some kilobytes at a time.
#[derive(Debug, Default)]
pub(crate) struct Window {
    at: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// The `length` bytes at `at`.
    ///
    /// # Errors
    /// As for [`Tape::read`].
    pub(crate) fn get(&mut self, tape: &Tape, at: u64, length: usize) -> io::Result<&[u8]> {
        let begin = self.place(at, length);
        let begin = if let Some(begin) = begin {
            begin
        } else {
            let left = usize::try_from(tape.len().saturating_sub(at)).unwrap_or(usize::MAX);
            self.bytes.resize(length.max(WINDOW.min(left)), 0);
            tape.read(at, &mut self.bytes)?;
            self.at = at;
            0
        };
        let end = begin.saturating_add(length);
        self.bytes.get(begin..end).ok_or_else(past_end)
    }

    /// Where in the window they are, if they are.
    fn place(&self, at: u64, length: usize) -> Option<usize> {
        let begin = usize::try_from(at.checked_sub(self.at)?).ok()?;
        (begin.checked_add(length)? <= self.bytes.len()).then_some(begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_in_memory_and_in_the_file() {
        let mut tape = Tape::new(&Scratch::default());
        let mut all = Vec::new();
        for number in 0..20_000u32 {
            let bytes = number
                .to_be_bytes()
                .repeat(1 + usize::try_from(number % 5).unwrap());
            assert_eq!(tape.append(&bytes).unwrap(), wide(all.len()));
            all.extend(bytes);
        }
        assert!(tape.spilled > 0 && !tape.tail.is_empty());
        assert_eq!(tape.len(), wide(all.len()));
        let edge = usize::try_from(tape.spilled).unwrap();
        let mut window = Window::default();
        for (at, length) in [
            (0, 9),
            (edge - 5, 10),
            (edge, 4),
            (all.len() - 4, 4),
            (3, 70_000),
        ] {
            let mut got = vec![0; length];
            tape.read(wide(at), &mut got).unwrap();
            assert_eq!(got, all[at..at + length]);
            assert_eq!(window.get(&tape, wide(at), length).unwrap(), got);
        }
        assert!(tape.read(wide(all.len()) - 3, &mut [0; 4]).is_err());
        for at in [0, edge] {
            tape.patch(wide(at), &[9; 4]).unwrap();
            let mut got = [0; 4];
            tape.read(wide(at), &mut got).unwrap();
            assert_eq!(got, [9; 4]);
        }
        assert!(tape.patch(wide(all.len()), &[1]).is_err());
        tape.seal().unwrap();
        assert_eq!(tape.len(), wide(all.len()));
        let mut got = vec![0; 100];
        tape.read(wide(all.len()) - 100, &mut got).unwrap();
        assert_eq!(got, all[all.len() - 100..]);
    }
}
