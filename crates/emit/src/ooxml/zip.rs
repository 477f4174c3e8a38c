//! A ZIP file of one form only (APPNOTE 6.3.10): no extra field, no comment, no data descriptor, one
//! time for all.

use flate2::{Compress, Compression, FlushCompress, Status, write::DeflateEncoder};
use mugai_core::{Refusal, Spool, SpoolWriter, Spooled};
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write as _;

/// Measured: six takes nearly twice the time for a twentieth of the bytes.
const LEVEL: u32 = 3;
/// Parts of documents that are this short are packed by fixed codes: tables of their own would be half of what is
/// written, and take most of the time to make and to read.
const SHORT: usize = 1_024;
/// Of texts in archives, which may be large: a third of the time for a fifth more bytes.
pub(crate) const FAST: u32 = 1;
/// How many bytes the compressor is given at a time.
const PIECE: usize = 64 << 10;
/// The first of January 1980.
const DATE: u16 = 0x21;

/// Names are UTF-8 (4.4.4, bit 11).
const UTF8: u16 = 1 << 11;

/// Version 2.0, and 5.1 for AES (4.4.3).
const VERSION: u16 = 20;
const AES_VERSION: u16 = 51;
/// An entry is encrypted (4.4.4, bit 0), with AES (4.4.5).
const ENCRYPTED: u16 = 1;
const AES: u16 = 99;

/// What both headers of an entry say of it, beside lengths.
struct Form<'a> {
    version: u16,
    flags: u16,
    method: u16,
    crc: u32,
    extra: &'a [u8],
}

/// A file as it goes into one.
pub(crate) struct Entry<'a> {
    method: u16,
    crc: u32,
    packed: Cow<'a, [u8]>,
    size: usize,
}

impl<'a> Entry<'a> {
    pub(crate) fn stored(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let packed = bytes.into();
        Self {
            method: 0,
            crc: crc32fast::hash(&packed),
            size: packed.len(),
            packed,
        }
    }

    /// A file that is read but once, wherever it lies.
    pub(crate) fn deflated(content: &Spooled, level: u32) -> Result<Self, Refusal> {
        let failed = |_| Refusal::internal("zip: the compressor failed");
        let mut crc = crc32fast::Hasher::new();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
        content.each(|bytes| {
            crc.update(bytes);
            // in pieces of one size, so that the same bytes come of it wherever they lay
            bytes
                .chunks(PIECE)
                .try_for_each(|piece| encoder.write_all(piece).map_err(failed))
        })?;
        Ok(Self {
            method: 8,
            crc: crc.finalize(),
            packed: Cow::Owned(encoder.finish().map_err(failed)?),
            size: content.len(),
        })
    }

    /// What it is packed into.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.packed).into_owned()
    }

    /// The same with what it is packed into.
    pub(crate) const fn with<'b>(&self, packed: Cow<'b, [u8]>) -> Entry<'b> {
        Entry {
            method: self.method,
            crc: self.crc,
            packed,
            size: self.size,
        }
    }
}

pub(crate) struct Zip {
    flags: u16,
    level: u32,
    out: SpoolWriter,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    /// A package: its names are ASCII.
    pub(crate) const fn new() -> Self {
        Self {
            flags: 0,
            level: LEVEL,
            out: SpoolWriter::new(Spool::memory()),
            directory: Vec::new(),
            count: 0,
        }
    }

    /// An archive, which is put into `spool` as it grows: it says that its names are UTF-8, and is packed fast.
    pub(crate) const fn archive(spool: Spool) -> Self {
        Self {
            flags: UTF8,
            level: FAST,
            out: SpoolWriter::new(spool),
            directory: Vec::new(),
            count: 0,
        }
    }

    pub(crate) fn stored(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        self.put(name, &Entry::stored(bytes))
    }

    pub(crate) fn deflated(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let level = if bytes.len() < SHORT {
            FAST
        } else {
            self.level
        };
        let entry = Entry {
            method: 8,
            crc: crc32fast::hash(bytes),
            packed: Cow::Owned(packed(bytes, level)?),
            size: bytes.len(),
        };
        self.put(name, &entry)
    }

    pub(crate) fn put(&mut self, name: &str, entry: &Entry<'_>) -> Result<(), Refusal> {
        let form = Form {
            version: VERSION,
            flags: self.flags,
            method: entry.method,
            crc: entry.crc,
            extra: &[],
        };
        self.entry(name, &form, &entry.packed, entry.size)
    }

    /// A file of `size` bytes that is encrypted, as `extra` tells.
    pub(crate) fn sealed(
        &mut self,
        name: &str,
        extra: &[u8],
        packed: &[u8],
        size: usize,
    ) -> Result<(), Refusal> {
        let form = Form {
            version: AES_VERSION,
            flags: self.flags | ENCRYPTED,
            method: AES,
            crc: 0,
            extra,
        };
        self.entry(name, &form, packed, size)
    }

    fn entry(
        &mut self,
        name: &str,
        form: &Form<'_>,
        packed: &[u8],
        size: usize,
    ) -> Result<(), Refusal> {
        let offset = length(self.out.len())?;
        let mut shared = Vec::new();
        // version needed, flags, method, time, date
        for field in [form.version, form.flags, form.method, 0, DATE] {
            shared.extend_from_slice(&field.to_le_bytes());
        }
        for field in [form.crc, length(packed.len())?, length(size)?] {
            shared.extend_from_slice(&field.to_le_bytes());
        }
        shared.extend_from_slice(&short(name.len())?.to_le_bytes());
        shared.extend_from_slice(&short(form.extra.len())?.to_le_bytes());
        self.out.put(b"PK\x03\x04");
        self.out.put(&shared);
        self.out.put(name.as_bytes());
        self.out.put(form.extra);
        self.out.put(packed);
        self.directory.extend_from_slice(b"PK\x01\x02");
        self.directory
            .extend_from_slice(&form.version.to_le_bytes());
        self.directory.extend_from_slice(&shared);
        // comment, disk, attributes
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.directory.extend_from_slice(form.extra);
        self.count = self.count.checked_add(1).ok_or(TOO_LARGE)?;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Spooled, Refusal> {
        let mut out = self.out;
        let start = length(out.len())?;
        let size = length(self.directory.len())?;
        out.put(&self.directory);
        out.put(b"PK\x05\x06\0\0\0\0");
        for _ in 0..2 {
            out.put(&self.count.to_le_bytes());
        }
        out.put(&size.to_le_bytes());
        out.put(&start.to_le_bytes());
        out.put(&[0, 0]);
        out.finish()
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
pub(crate) fn deflate(bytes: &[u8], level: u32) -> Result<Vec<u8>, Refusal> {
    // writing into memory does not fail
    let failed = |_| Refusal::internal("ooxml: the compressor failed");
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).map_err(failed)?;
    encoder.finish().map_err(failed)
}

thread_local! {
    /// What packed the part before, by its level: tables of a quarter of a megabyte, made once a thread.
    static PACKERS: RefCell<[Option<Compress>; 10]> = const { RefCell::new([const { None }; 10]) };
}

/// As [`deflate`], for the small files of documents.
fn packed(bytes: &[u8], level: u32) -> Result<Vec<u8>, Refusal> {
    PACKERS.with_borrow_mut(|packers| {
        let place = usize::try_from(level).unwrap_or(usize::MAX);
        let packer = packers
            .get_mut(place)
            .ok_or(Refusal::internal("ooxml: no such level"))?;
        let packer = packer.get_or_insert_with(|| Compress::new(Compression::new(level), false));
        packer.reset();
        pack(packer, bytes)
    })
}

/// The same, with a compressor that is at its beginning.
fn pack(packer: &mut Compress, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let failed = Refusal::internal("ooxml: the compressor failed");
    let mut out = Vec::with_capacity(bytes.len() / 4);
    let mut rest = bytes;
    loop {
        out.reserve((rest.len() / 4).saturating_add(512));
        let before = packer.total_in();
        let status = packer.compress_vec(rest, &mut out, FlushCompress::Finish);
        let taken = packer.total_in().saturating_sub(before);
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        rest = rest.get(taken..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => return Ok(out),
            Ok(Status::Ok | Status::BufError) => {}
            Err(_) => return Err(failed),
        }
    }
}
