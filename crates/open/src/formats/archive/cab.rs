//! Cabinets ([MS-CAB]): stored, MSZIP ([MS-MCI]) and LZX ([MS-PATCH] section 2).
//!
//! # Limitations
//! No cabinets of several volumes; Quantum is unsupported. Files are packed together, so all of them
//! are unpacked at once.

use crate::formats::archive::code_page::{self, Host};
use crate::formats::archive::{self, Member};
use crate::reader::{Format, Sniff, Spec};
use flate2::{Decompress, FlushDecompress, Status};
use lzxd::{Lzxd, WindowSize};
use mugai_core::{Cx, FindingCode, Kind, Refusal, Remark, Resource, Treatment};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The reader of cabinets.
pub(in crate::formats) struct Cab;

const MARK: &[u8] = b"MSCF";
/// Flags of the header (section 2.1): another cabinet before or behind, fields of the maker's own.
const BEFORE: u16 = 1;
const BEHIND: u16 = 2;
const RESERVED: u16 = 4;
/// Folders of files that go on in another cabinet begin here (section 2.3).
const ELSEWHERE: u16 = 0xfffd;
/// The name of a file is UTF-8.
const UTF8: u16 = 0x80;
/// What a block of data unpacks to at most, and what MSZIP looks back over.
const BLOCK: usize = 1 << 15;
/// What a block of data has at most as it is packed (section 2.4).
const MAX_PACKED: usize = BLOCK + 6144;

const SHORT: Refusal = Refusal::malformed("cab: ends early");
const WRONG: Refusal = Refusal::malformed("cab: a broken block");
const VOLUMES: Refusal = Refusal::unsupported("cab: one of several volumes");

impl Format for Cab {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Cab,
            reference: "MS-CAB",
            treatments: &[Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(b"MSCF\0\0\0\0") {
            Sniff::Yes
        } else {
            Sniff::No
        }
    }

    /// Puts each file as a member, unpacked.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Ambiguous`] for files that share bytes,
    /// [`Refusal::Unsupported`], [`Refusal::Overrun`].
    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Steps, input.len() / 8)?;
        let header = Header::read(input)?;
        // signatures are reached through the space for the maker's own; what nothing leads to is told
        let behind = input.get(header.size..).unwrap_or_default();
        cx.note_times(
            FindingCode::ArchiveOdd,
            u32::from(!header.reserves && !archive::is_filling(behind)),
        );
        if header.files.is_empty() {
            return Err(Refusal::malformed("cab: no file in it"));
        }
        let parts = u64::try_from(header.files.len()).unwrap_or(u64::MAX);
        if parts > cx.budget().left().parts {
            cx.charge(Resource::Parts, parts)?;
        }
        apart(&header.files)?;
        let (mut starts, mut total) = (BTreeSet::new(), 0usize);
        for (number, folder) in header.folders.iter().enumerate() {
            let files = || header.files.iter().filter(|file| file.folder == number);
            // nothing is unpacked that no file needs
            let Some(end) = files().map(File::end).max() else {
                continue;
            };
            if end > 0 && !starts.insert(folder.start) {
                return Err(Refusal::Ambiguous(Remark::fixed(
                    "cab: folders that share their data",
                )));
            }
            total = total.saturating_add(end);
            archive::grown(total, input.len())?;
            archive::room(end, cx)?;
            let content = folder.unpack(input, header.reserved, end, cx)?;
            for file in files() {
                let bytes = content.get(file.start..file.end());
                put(file, bytes.ok_or(SHORT)?, cx)?;
            }
        }
        Ok(())
    }
}

fn put(file: &File<'_>, content: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let (path, guessed) = match std::str::from_utf8(file.name) {
        Ok(name) if file.attributes & UTF8 != 0 => (name.to_owned(), false),
        Ok(_) | Err(_) => code_page::decode(file.name, Host::Dos),
    };
    cx.note_times(FindingCode::ArchiveCodePage, u32::from(guessed));
    archive::put(
        Member {
            path: &path,
            content: Cow::Owned(content.to_vec()),
            packed: None,
        },
        cx,
    )
}

/// Numbers, low bytes first.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn at(all: &'a [u8], place: usize) -> Result<Self, Refusal> {
        all.get(place..).map(Self).ok_or(SHORT)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn u8(&mut self) -> Result<u8, Refusal> {
        self.take(1)?.first().copied().ok_or(SHORT)
    }

    fn u16(&mut self) -> Result<u16, Refusal> {
        let bytes = self.take(2)?.first_chunk().ok_or(SHORT)?;
        Ok(u16::from_le_bytes(*bytes))
    }

    fn u32(&mut self) -> Result<u32, Refusal> {
        let bytes = self.take(4)?.first_chunk().ok_or(SHORT)?;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn place(&mut self) -> Result<usize, Refusal> {
        usize::try_from(self.u32()?).map_err(|_| SHORT)
    }

    /// Up to the next zero, which goes, too.
    fn string(&mut self) -> Result<&'a [u8], Refusal> {
        // longer names are none (section 2.3)
        let end = self.0.iter().take(1_024).position(|byte| *byte == 0);
        let bytes = self.take(end.ok_or(SHORT)?)?;
        self.u8()?;
        Ok(bytes)
    }
}

/// What stands before the data.
struct Header<'a> {
    /// How long the cabinet is.
    size: usize,
    /// Whether it has space for the maker's own.
    reserves: bool,
    folders: Vec<Folder>,
    files: Vec<File<'a>>,
    /// Bytes of the maker's own in each block of data.
    reserved: usize,
}

/// Files that are packed together.
struct Folder {
    /// Where its blocks begin.
    start: usize,
    blocks: u16,
    packing: u16,
}

struct File<'a> {
    size: usize,
    /// Where it begins in its folder.
    start: usize,
    folder: usize,
    attributes: u16,
    name: &'a [u8],
}

impl File<'_> {
    const fn end(&self) -> usize {
        self.start.saturating_add(self.size)
    }
}

impl<'a> Header<'a> {
    fn read(input: &'a [u8]) -> Result<Self, Refusal> {
        let mut bytes = Bytes(input.strip_prefix(MARK).ok_or(SHORT)?);
        bytes.take(4)?;
        let size = bytes.place()?;
        // whatever is behind its end is not part of it
        if size > input.len() {
            return Err(SHORT);
        }
        bytes.take(4)?;
        let files_at = bytes.place()?;
        bytes.take(4)?;
        if bytes.take(2)? != [3, 1] {
            return Err(Refusal::unsupported("cab: another version"));
        }
        let (folders, files) = (bytes.u16()?, bytes.u16()?);
        let flags = bytes.u16()?;
        bytes.take(4)?;
        if flags & (BEFORE | BEHIND) != 0 {
            return Err(VOLUMES);
        }
        let (mut in_folder, mut reserved) = (0, 0);
        if flags & RESERVED != 0 {
            let own = bytes.u16()?;
            in_folder = usize::from(bytes.u8()?);
            reserved = usize::from(bytes.u8()?);
            bytes.take(usize::from(own))?;
        }
        let mut header = Self {
            size,
            reserves: flags & RESERVED != 0,
            folders: Vec::new(),
            files: Vec::new(),
            reserved,
        };
        for _ in 0..folders {
            header.folders.push(Folder {
                start: bytes.place()?,
                blocks: bytes.u16()?,
                packing: bytes.u16()?,
            });
            bytes.take(in_folder)?;
        }
        let mut bytes = Bytes::at(input, files_at)?;
        for _ in 0..files {
            let (size, start) = (bytes.place()?, bytes.place()?);
            let folder = bytes.u16()?;
            bytes.take(4)?;
            let attributes = bytes.u16()?;
            let name = bytes.string()?;
            if folder >= ELSEWHERE {
                return Err(VOLUMES);
            }
            if folder >= folders {
                return Err(Refusal::malformed("cab: a file in no folder"));
            }
            header.files.push(File {
                size,
                start,
                folder: usize::from(folder),
                attributes,
                name,
            });
        }
        Ok(header)
    }
}

/// No two files share bytes: what is unpacked once is not delivered many times.
fn apart(files: &[File<'_>]) -> Result<(), Refusal> {
    let mut places: Vec<_> = files
        .iter()
        .filter(|file| file.size > 0)
        .map(|file| (file.folder, file.start, file.end()))
        .collect();
    places.sort_unstable();
    let overlap = places
        .iter()
        .zip(places.iter().skip(1))
        .any(|((folder, _, end), (next, start, _))| folder == next && start < end);
    if overlap {
        return Err(Refusal::Ambiguous(Remark::fixed("cab: files that overlap")));
    }
    Ok(())
}

/// What undoes the packing of a folder.
enum Packing {
    Stored,
    Zip,
    Lzx(Box<Lzxd>),
}

impl Folder {
    /// Unpacks its first `end` bytes, which the purse has room for.
    fn unpack(
        &self,
        input: &[u8],
        reserved: usize,
        end: usize,
        cx: &Cx<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        let mut packing = match self.packing & 0xf {
            0 => Packing::Stored,
            1 => Packing::Zip,
            3 => Packing::Lzx(Box::new(Lzxd::new(window(self.packing >> 8)?))),
            _ => return Err(Refusal::unsupported("cab: method of compression")),
        };
        let mut bytes = Bytes::at(input, self.start)?;
        let mut out = Vec::new();
        for _ in 0..self.blocks {
            if out.len() >= end {
                break;
            }
            let sum = bytes.u32()?;
            let lengths = bytes.0;
            let (packed, size) = (bytes.u16()?, usize::from(bytes.u16()?));
            let own = bytes.take(reserved)?;
            let data = bytes.take(usize::from(packed))?;
            if size > BLOCK || data.len() > MAX_PACKED {
                return Err(WRONG);
            }
            cx.charge_len(Resource::Steps, (size / 4).saturating_add(64))?;
            // a sum that is not told is zero
            if sum != 0 && sum != checksum(lengths.get(..4).unwrap_or_default(), own, data) {
                return Err(Refusal::malformed("cab: checksum of a block"));
            }
            // blocks of which the last may be cut, but none between
            archive::room(out.len().saturating_add(size), cx)?;
            block(&mut packing, data, size, &mut out)?;
        }
        if out.len() < end {
            return Err(SHORT);
        }
        Ok(out)
    }
}

/// Unpacks one block to exactly `size` bytes behind those that are there.
fn block(
    packing: &mut Packing,
    data: &[u8],
    size: usize,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    match packing {
        Packing::Stored if data.len() == size => out.extend_from_slice(data),
        Packing::Stored => return Err(WRONG),
        Packing::Zip => {
            let data = data.strip_prefix(b"CK").ok_or(WRONG)?;
            let mut inflate = Decompress::new(false);
            let before = out.len().saturating_sub(BLOCK);
            let dictionary = out.get(before..).filter(|bytes| !bytes.is_empty());
            if let Some(dictionary) = dictionary {
                inflate.set_dictionary(dictionary).map_err(|_| WRONG)?;
            }
            // one byte more than there may be
            let mut block = vec![0; size.saturating_add(1)];
            let status = inflate.decompress(data, &mut block, FlushDecompress::Finish);
            let whole = usize::try_from(inflate.total_out()).is_ok_and(|length| length == size);
            if !matches!(status, Ok(Status::StreamEnd)) || !whole {
                return Err(WRONG);
            }
            out.extend_from_slice(block.get(..size).ok_or(WRONG)?);
        }
        Packing::Lzx(lzx) => {
            let block = lzx.decompress_next(data, size).map_err(|_| WRONG)?;
            if block.len() != size {
                return Err(WRONG);
            }
            out.extend_from_slice(block);
        }
    }
    Ok(())
}

/// Windows of 32 KiB to 2 MiB, by their bits.
const fn window(bits: u16) -> Result<WindowSize, Refusal> {
    Ok(match bits & 0x1f {
        15 => WindowSize::KB32,
        16 => WindowSize::KB64,
        17 => WindowSize::KB128,
        18 => WindowSize::KB256,
        19 => WindowSize::KB512,
        20 => WindowSize::MB1,
        21 => WindowSize::MB2,
        _ => return Err(Refusal::malformed("cab: window")),
    })
}

/// Words of four bytes one over the other, the data first (section 3.1).
fn checksum(lengths: &[u8], own: &[u8], data: &[u8]) -> u32 {
    let words = |seed: u32, bytes: &[u8]| {
        let (words, rest) = bytes.as_chunks::<4>();
        let sum = words
            .iter()
            .fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
        // of what is left the first byte is the highest
        let last = rest.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        sum ^ last
    };
    words(words(words(0, data), lengths), own)
}

#[cfg(test)]
mod tests;
