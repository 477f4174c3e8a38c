//! A ZIP file of one form only (APPNOTE 6.3.10): no extra field, no comment, no data descriptor, one
//! time for all.

use flate2::{Compression, write::DeflateEncoder};
use mugai_core::Refusal;
use std::io::Write as _;

/// Measured: higher levels cost more time than they save.
const LEVEL: u32 = 6;
/// Of texts in archives, which may be large: a third of the time for a fifth more bytes.
const FAST: u32 = 1;
/// The first of January 1980.
const DATE: u16 = 0x21;

/// Names are UTF-8 (4.4.4, bit 11).
const UTF8: u16 = 1 << 11;

pub(crate) struct Zip {
    flags: u16,
    level: u32,
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    /// A package: its names are ASCII.
    pub(crate) const fn new() -> Self {
        Self {
            flags: 0,
            level: LEVEL,
            out: Vec::new(),
            directory: Vec::new(),
            count: 0,
        }
    }

    /// An archive: it says that its names are UTF-8, and is packed fast.
    pub(crate) const fn archive() -> Self {
        Self {
            flags: UTF8,
            level: FAST,
            out: Vec::new(),
            directory: Vec::new(),
            count: 0,
        }
    }

    pub(crate) fn stored(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        self.entry(name, 0, crc32fast::hash(bytes), bytes, bytes.len())
    }

    pub(crate) fn deflated(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let packed = deflate(bytes, self.level)?;
        self.entry(name, 8, crc32fast::hash(bytes), &packed, bytes.len())
    }

    fn entry(
        &mut self,
        name: &str,
        method: u16,
        crc: u32,
        packed: &[u8],
        size: usize,
    ) -> Result<(), Refusal> {
        let offset = length(self.out.len())?;
        let mut shared = Vec::new();
        // version needed, flags, method, time, date
        for field in [20, self.flags, method, 0, DATE] {
            shared.extend_from_slice(&field.to_le_bytes());
        }
        for field in [crc, length(packed.len())?, length(size)?] {
            shared.extend_from_slice(&field.to_le_bytes());
        }
        shared.extend_from_slice(&short(name.len())?.to_le_bytes());
        shared.extend_from_slice(&[0, 0]);
        self.out.extend_from_slice(b"PK\x03\x04");
        self.out.extend_from_slice(&shared);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(packed);
        self.directory.extend_from_slice(b"PK\x01\x02\x14\0");
        self.directory.extend_from_slice(&shared);
        // comment, disk, attributes
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.count = self.count.checked_add(1).ok_or(TOO_LARGE)?;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>, Refusal> {
        let mut out = self.out;
        let start = length(out.len())?;
        let size = length(self.directory.len())?;
        out.extend_from_slice(&self.directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        for _ in 0..2 {
            out.extend_from_slice(&self.count.to_le_bytes());
        }
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&start.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        Ok(out)
    }
}

const TOO_LARGE: Refusal = Refusal::malformed("ooxml: too large for a ZIP file");

fn length(length: usize) -> Result<u32, Refusal> {
    u32::try_from(length).map_err(|_| TOO_LARGE)
}

fn short(length: usize) -> Result<u16, Refusal> {
    u16::try_from(length).map_err(|_| TOO_LARGE)
}

/// Raw data (RFC 1951).
fn deflate(bytes: &[u8], level: u32) -> Result<Vec<u8>, Refusal> {
    // writing into memory does not fail
    let failed = |_| Refusal::internal("ooxml: the compressor failed");
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).map_err(failed)?;
    encoder.finish().map_err(failed)
}
