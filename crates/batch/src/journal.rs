//! The journal: an append-only file of JSON lines, each with a checksum.
//!
//! A line is `{"c":"<CRC32C in hex>","r":<record>}`; the checksum is over the bytes of the record.
//! Lines are appended without waiting and made durable by [`Journal::sync`], many at a time. What a
//! crash left behind the last good line is cut off when the journal is opened: the work that it told
//! of is done again.

mod record;

pub(crate) use record::{Event, Known, Read, VERSION};
pub use record::{Made, Placed};

use crc::{CRC_32_ISCSI, Crc, Table};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;

/// CRC-32C (Castagnoli), as in RFC 3720, section 12.1.
const CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// What stands before a record, with its checksum as eight digits in the middle, and behind it.
const BEFORE: &str = "{\"c\":\"";
const BETWEEN: &str = "\",\"r\":";
const AFTER: &str = "}\n";

/// The longest line that is read; a report has at most some thousand parts.
const MOST_BYTES: u64 = 1 << 28;

/// The journal of one output folder.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    length: u64,
}

/// What opening a journal came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Good records.
    pub(crate) records: u64,
    /// Bytes behind the last good record, which were cut off.
    pub(crate) cut: u64,
}

impl Journal {
    /// Reads all good records of `file`, with the offsets of their lines, and cuts off the rest.
    ///
    /// # Errors
    /// What the file system says, and whatever `each` does.
    pub(crate) fn open(
        file: File,
        mut each: impl FnMut(u64, &str) -> io::Result<()>,
    ) -> io::Result<(Self, Opened)> {
        let mut opened = Opened::default();
        let mut length = 0u64;
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = io::Read::take(&mut reader, MOST_BYTES);
            let count = limited.read_until(b'\n', &mut line)?;
            let Some(record) = record_of(&line) else {
                break;
            };
            each(length, record)?;
            length = length.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            opened.records = opened.records.saturating_add(1);
        }
        let whole = file.metadata()?.len();
        opened.cut = whole.saturating_sub(length);
        if opened.cut > 0 {
            file.set_len(length)?;
            file.sync_data()?;
        }
        Ok((Self { file, length }, opened))
    }

    /// Appends a record and returns the offset of its line. It is durable after [`Self::sync`].
    ///
    /// # Errors
    /// What the file system says; nothing of the record is left then.
    pub(crate) fn append(&mut self, event: &impl Serialize) -> io::Result<u64> {
        self.line(&line_of(&serde_json::to_vec(event)?)?)
    }

    /// Appends a record of another journal.
    ///
    /// # Errors
    /// What the file system says; nothing of the record is left then.
    pub(crate) fn append_record(&mut self, record: &str) -> io::Result<u64> {
        self.line(&line_of(record.as_bytes())?)
    }

    fn line(&mut self, line: &[u8]) -> io::Result<u64> {
        let offset = self.length;
        if crate::fail::due("journal-half") {
            let half = line.get(..line.len() / 2).unwrap_or_default();
            let _ = self.file.write_all_at(half, offset);
            crate::fail::die();
        }
        if let Err(error) = self.file.write_all_at(line, offset) {
            // half a line would hide all lines behind it
            self.file.set_len(offset)?;
            return Err(error);
        }
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        self.length = offset.saturating_add(length);
        Ok(offset)
    }

    /// Makes all that was appended durable.
    ///
    /// # Errors
    /// What the file system says; nothing is known about what was appended then.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// A further handle to read with while others append.
    pub(crate) fn reader(&self) -> io::Result<Reader> {
        Ok(Reader(self.file.try_clone()?))
    }
}

/// Reads single records.
#[derive(Debug)]
pub(crate) struct Reader(File);

impl Reader {
    /// The record whose line begins at `offset`.
    ///
    /// # Errors
    /// What the file system says; that there is no good record.
    pub(crate) fn record(&self, offset: u64) -> io::Result<String> {
        let mut line = Vec::new();
        let mut chunk = vec![0u8; 1 << 13];
        let mut at = offset;
        loop {
            let count = self.0.read_at(&mut chunk, at)?;
            let read = chunk.get(..count).unwrap_or_default();
            let end = read.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(count, |end| end.saturating_add(1));
            line.extend_from_slice(read.get(..taken).unwrap_or_default());
            if end.is_some() || count == 0 {
                break;
            }
            at = at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        }
        record_of(&line)
            .map(str::to_owned)
            .ok_or_else(|| io::Error::other("journal: no good record where one was"))
    }
}

fn line_of(record: &[u8]) -> io::Result<Vec<u8>> {
    let sum = CRC32C.checksum(record);
    let mut line = Vec::new();
    write!(line, "{BEFORE}{sum:08x}{BETWEEN}")?;
    line.extend_from_slice(record);
    line.extend_from_slice(AFTER.as_bytes());
    Ok(line)
}

/// The record of a whole line whose checksum is right.
fn record_of(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix(BEFORE)?;
    let (sum, rest) = rest.split_at_checked(8)?;
    let record = rest.strip_prefix(BETWEEN)?.strip_suffix(AFTER)?;
    let sum = u32::from_str_radix(sum, 16).ok()?;
    (CRC32C.checksum(record.as_bytes()) == sum).then_some(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(file: &File) -> (Journal, Opened, Vec<String>) {
        let mut seen = Vec::new();
        let (journal, opened) = Journal::open(file.try_clone().unwrap(), |_, record| {
            seen.push(record.to_owned());
            Ok(())
        })
        .unwrap();
        (journal, opened, seen)
    }

    fn fresh() -> File {
        let file = tempfile::tempfile().unwrap();
        let (mut journal, ..) = open(&file);
        for word in ["one", "two", "three"] {
            journal.append(&word).unwrap();
        }
        file
    }

    fn rewound(file: &File) -> File {
        use std::io::Seek;
        let mut file = file.try_clone().unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, appendix B.4: 32 bytes of zeroes
        assert_eq!(CRC32C.checksum(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn what_was_written_is_read() {
        let file = fresh();
        let (journal, opened, seen) = open(&rewound(&file));
        assert_eq!(seen, ["\"one\"", "\"two\"", "\"three\""]);
        assert_eq!(opened.cut, 0);
        let reader = journal.reader().unwrap();
        assert_eq!(reader.record(0).unwrap(), "\"one\"");
        assert!(reader.record(1).is_err());
    }

    /// Wherever a crash cut the file off, or whichever byte it spoilt, the lines before it count, and
    /// none that was never written appears.
    #[test]
    fn a_torn_tail_is_cut_off() {
        let whole = fresh().metadata().unwrap().len();
        for length in 0..whole {
            let file = fresh();
            file.set_len(length).unwrap();
            let (mut journal, opened, seen) = open(&rewound(&file));
            let all = ["\"one\"", "\"two\"", "\"three\""];
            assert_eq!(seen, all[..seen.len()]);
            assert_eq!(u64::try_from(seen.len()).unwrap(), opened.records);
            journal.append(&"four").unwrap();
            let (_, again, seen) = open(&rewound(&file));
            assert_eq!(again.cut, 0, "{length}");
            assert_eq!(seen.last().unwrap(), "\"four\"");
        }
        for at in 0..whole {
            let file = fresh();
            let mut byte = [0];
            file.read_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 1], at).unwrap();
            let (_, opened, seen) = open(&rewound(&file));
            assert!(opened.cut > 0 && seen.len() < 3, "{at}: {seen:?}");
        }
    }
}
