//! Sorts more than there is memory for: sorted runs, then merged (Knuth, The Art of Computer
//! Programming, volume 3, section 5.4).

use crate::spill::{Scratch, Tape, Window};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

/// Bytes of records that are sorted in memory at a time.
const RUN: usize = 1 << 17;

/// How many runs are merged at a time: each takes a window of memory.
const FAN: usize = 64;

/// Bytes before a record that tell how long it is.
const HEAD: usize = 4;

/// Collects records, which are bytes and compared as such: numbers in them are big-endian.
#[derive(Debug)]
pub(crate) struct Sorter {
    tape: Tape,
    /// Begin and end of each sorted run.
    runs: Vec<(u64, u64)>,
    /// Records that are in no run yet, and where they begin and end.
    text: Vec<u8>,
    places: Vec<(u32, u32)>,
}

impl Sorter {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            tape: Tape::new(scratch),
            runs: Vec::new(),
            text: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Adds a record, given in pieces.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn push(&mut self, pieces: &[&[u8]]) -> io::Result<()> {
        let index = size_of::<(u32, u32)>().saturating_mul(self.places.len());
        if self.text.len().saturating_add(index) >= RUN {
            self.end_run()?;
        }
        let begin = self.text.len();
        for piece in pieces {
            self.text.extend_from_slice(piece);
        }
        let place = |at: usize| u32::try_from(at).map_err(io::Error::other);
        self.places.push((place(begin)?, place(self.text.len())?));
        Ok(())
    }

    fn end_run(&mut self) -> io::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        let record = |(begin, end): (u32, u32)| {
            let range = usize::try_from(begin).ok()?..usize::try_from(end).ok()?;
            text.get(range)
        };
        self.places.sort_unstable_by_key(|place| record(*place));
        let begin = self.tape.len();
        for place in &self.places {
            put(&mut self.tape, record(*place).unwrap_or_default())?;
        }
        self.runs.push((begin, self.tape.len()));
        self.places.clear();
        self.text = text;
        self.text.clear();
        Ok(())
    }

    /// All records in order.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn sorted(mut self) -> io::Result<Sorted> {
        self.end_run()?;
        let Self {
            mut tape, mut runs, ..
        } = self;
        while runs.len() > FAN {
            let mut merged = Tape::new(tape.scratch());
            let mut fewer = Vec::new();
            for some in runs.chunks(FAN) {
                let mut sorted = Sorted::of(tape, some)?;
                let begin = merged.len();
                while let Some(record) = sorted.next()? {
                    put(&mut merged, &record)?;
                }
                fewer.push((begin, merged.len()));
                tape = sorted.tape;
            }
            (tape, runs) = (merged, fewer);
        }
        Sorted::of(tape, &runs)
    }
}

fn put(tape: &mut Tape, record: &[u8]) -> io::Result<()> {
    let length = u32::try_from(record.len()).map_err(io::Error::other)?;
    tape.append(&length.to_be_bytes())?;
    tape.append(record)?;
    Ok(())
}

/// One run as far as it was read.
#[derive(Debug)]
struct Run {
    at: u64,
    end: u64,
    window: Window,
}

impl Run {
    fn next(&mut self, tape: &Tape) -> io::Result<Option<Vec<u8>>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        head.copy_from_slice(self.window.get(tape, self.at, HEAD)?);
        let at = self.at.saturating_add(4);
        let length = usize::try_from(u32::from_be_bytes(head)).map_err(io::Error::other)?;
        let record = self.window.get(tape, at, length)?.to_vec();
        self.at = at.saturating_add(u64::from(u32::from_be_bytes(head)));
        Ok(Some(record))
    }
}

/// Records in order.
#[derive(Debug)]
pub(crate) struct Sorted {
    tape: Tape,
    runs: Vec<Run>,
    /// The next record of each run.
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Sorted {
    fn of(tape: Tape, runs: &[(u64, u64)]) -> io::Result<Self> {
        let run = |(at, end): &(u64, u64)| Run {
            at: *at,
            end: *end,
            window: Window::default(),
        };
        let mut sorted = Self {
            tape,
            runs: runs.iter().map(run).collect(),
            heads: BinaryHeap::new(),
        };
        for number in 0..sorted.runs.len() {
            sorted.advance(number)?;
        }
        Ok(sorted)
    }

    fn advance(&mut self, number: usize) -> io::Result<()> {
        if let Some(run) = self.runs.get_mut(number)
            && let Some(record) = run.next(&self.tape)?
        {
            self.heads.push(Reverse((record, number)));
        }
        Ok(())
    }

    /// The next record.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(Reverse((record, number))) = self.heads.pop() else {
            return Ok(None);
        };
        self.advance(number)?;
        Ok(Some(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ever other numbers (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
    fn number(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn whatever_was_put_in_comes_out_in_order() {
        // none, one, one run, several, and more than are merged at a time
        for count in [0, 1, 1000, 100_000, 500_000] {
            let mut state = 1;
            let mut records = Sorter::new(&Scratch::default());
            let mut want = Vec::new();
            for _ in 0..count {
                let bytes = (number(&mut state) % 300_000).to_string().into_bytes();
                records
                    .push(&[&bytes[..1], &bytes[1..], b"......."])
                    .unwrap();
                want.push([&bytes[..], b"......."].concat());
            }
            want.sort();
            let mut sorted = records.sorted().unwrap();
            let mut got = Vec::new();
            while let Some(record) = sorted.next().unwrap() {
                got.push(record);
            }
            assert!(got == want, "{count}");
        }
    }

    #[test]
    fn records_may_be_longer_than_any_buffer() {
        let mut records = Sorter::new(&Scratch::default());
        for byte in (0..20u8).rev() {
            records.push(&[&vec![byte; 100_000]]).unwrap();
        }
        let mut sorted = records.sorted().unwrap();
        for byte in 0..20u8 {
            assert_eq!(sorted.next().unwrap(), Some(vec![byte; 100_000]));
        }
        assert_eq!(sorted.next().unwrap(), None);
    }
}
