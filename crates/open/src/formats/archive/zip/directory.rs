//! The central directory of a ZIP file and the headers that it speaks of.

use super::extra::Large;
use super::{AGREED, DESCRIPTOR, ENCRYPTED, MASKED, ambiguous};
use crate::formats::archive;
use mugai_core::{Cx, Refusal, Remark, Resource};
use std::ops::Range;

const END: usize = 22;
/// The length of the first version of the end record of a large file, without mark and length.
const LARGE_FIRST: u64 = 44;
const LOCATOR: usize = 20;
const CENTRAL: usize = 46;
const LOCAL: usize = 30;
/// A mark, a sum, and two lengths of eight bytes.
const MAX_DESCRIPTOR: usize = 24;
const MAX_COMMENT: usize = 65_535;
/// Bytes behind the end that are forgiven: some writers leave one, tapes and file systems fill up with zeros, and mail
/// adds ends of lines. None of it is an end record to anybody.
const MAX_TRAILING: usize = 2_048;
/// The same for zeros: what is written to a pipe is filled up to a record of a tape (POSIX.1-2024 pax, `-b`).
const MAX_ZEROS: usize = 10_240;
/// What the first of several volumes begins with (8.5.4).
const SPANNED: &[u8] = b"PK\x07\x08";
/// What a set begins with that became one volume (8.5.3).
const ALONE: &[u8] = b"PK00";
/// Unix, in "version made by" and in the upper half of the outer attributes.
const UNIX: u8 = 3;
const UNIX_TYPE: u32 = 0o170_000;
const UNIX_FOLDER: u32 = 0o040_000;
const UNIX_FILE: u32 = 0o100_000;
const UNIX_LINK: u32 = 0o120_000;
const DOS_FOLDER: u32 = 0x10;

/// One entry of the directory.
pub(in crate::formats) struct Entry<'a> {
    pub(in crate::formats) name: &'a [u8],
    pub(in crate::formats) extra: &'a [u8],
    pub(in crate::formats) comment: bool,
    pub(in crate::formats) flags: u16,
    pub(in crate::formats) method: u16,
    pub(in crate::formats) time: u16,
    pub(in crate::formats) crc: u32,
    pub(in crate::formats) size: u64,
    host: u8,
    attributes: u32,
    /// Its content, as it is packed.
    pub(in crate::formats) packed: Range<usize>,
    /// All of it, from its own header on.
    pub(in crate::formats) place: Range<usize>,
}

/// A directory that was read.
pub(in crate::formats) struct Directory<'a> {
    pub(in crate::formats) entries: Vec<Entry<'a>>,
    /// Whether there is a comment behind it.
    pub(in crate::formats) comment: bool,
    /// Whether a byte behind its end was forgiven.
    pub(in crate::formats) trailing: bool,
    /// Whether there is anything between entries that none speaks of.
    pub(in crate::formats) gaps: bool,
}

/// What an entry is.
pub(in crate::formats) enum Form {
    File,
    Folder,
    Link,
}

impl Entry<'_> {
    /// Whether there is more between it and `next` than the descriptor that it says it has (4.3.9).
    const fn is_before_gap(&self, next: usize) -> bool {
        let descriptor = if self.flags & DESCRIPTOR == 0 {
            0
        } else {
            MAX_DESCRIPTOR
        };
        next.saturating_sub(self.place.end) > descriptor
    }

    /// Whether it was made where names are those of DOS (APPNOTE 4.4.2): FAT, NTFS, VFAT, and OS/2's.
    pub(in crate::formats) const fn is_dos(&self) -> bool {
        matches!(self.host, 0 | 6 | 10 | 11 | 14)
    }

    /// What it is, by its path and its attributes.
    ///
    /// # Errors
    /// [`Refusal::Ambiguous`] for a folder with content.
    pub(in crate::formats) fn form(&self, path: &str) -> Result<Form, Refusal> {
        let unix = if self.host == UNIX {
            self.attributes >> 16 & UNIX_TYPE
        } else {
            0
        };
        let folder = path.ends_with('/')
            || unix == UNIX_FOLDER
            || unix == 0 && self.attributes & DOS_FOLDER != 0 && self.size == 0;
        if folder && self.size > 0 {
            return Err(ambiguous("zip: a folder with content"));
        }
        Ok(match unix {
            _ if folder => Form::Folder,
            0 | UNIX_FILE => Form::File,
            // what came out of a pipe is called one, and is a file to everybody
            kind if kind != UNIX_LINK && self.size > 0 => Form::File,
            _ => Form::Link,
        })
    }
}

/// Reads the directory of `input`.
///
/// # Errors
/// [`Refusal::Ambiguous`], [`Refusal::Malformed`], [`Refusal::Encrypted`], [`Refusal::Overrun`].
pub(in crate::formats) fn read<'a>(input: &'a [u8], cx: &Cx<'_>) -> Result<Directory<'a>, Refusal> {
    let directory = place(input)?;
    // an entry takes at least its header: a count beyond that is a lie
    let most = directory.at.len() / CENTRAL;
    let count = usize::try_from(directory.count).unwrap_or(usize::MAX);
    if count > most {
        return Err(ambiguous("zip: fewer entries than the end record says"));
    }
    let mut at = directory.at.start;
    let mut entries = Vec::new();
    for _ in 0..count {
        cx.charge(Resource::Steps, 64)?;
        let (entry, next) = entry(input, at)?;
        if entry.place.end > directory.at.start {
            return Err(ambiguous("zip: an entry that reaches into the directory"));
        }
        at = next;
        entries.push(entry);
    }
    if at != directory.at.end {
        return Err(ambiguous("zip: more in the directory than its entries"));
    }
    let gaps = disjoint(input, &entries, directory.at.start)?;
    Ok(Directory {
        entries,
        comment: directory.comment,
        trailing: directory.trailing,
        gaps,
    })
}

/// All that entries take, from their local headers on, must lie apart, and begin with the file, or with the mark of a
/// set of volumes. Whether there is anything between them, or before the directory at `end`.
fn disjoint(input: &[u8], entries: &[Entry<'_>], end: usize) -> Result<bool, Refusal> {
    let mut places: Vec<&Entry<'_>> = entries.iter().collect();
    places.sort_by_key(|entry| entry.place.start);
    let marked = input.starts_with(SPANNED) || input.starts_with(ALONE);
    let first = if marked { SPANNED.len() } else { 0 };
    let mut gaps = false;
    let mut last: Option<&Entry<'_>> = None;
    for entry in places {
        let start = entry.place.start;
        let ends = last.map_or(0, |last| last.place.end);
        if ends > start || last.is_none() && start != 0 && start != first {
            return Err(ambiguous("zip: entries that overlap or begin late"));
        }
        gaps |= last.is_some_and(|last| last.is_before_gap(start));
        last = Some(entry);
    }
    Ok(gaps || last.is_some_and(|last| last.is_before_gap(end)))
}

/// Where the directory stands, and what its end record says.
struct Found {
    at: Range<usize>,
    count: u64,
    comment: bool,
    trailing: bool,
}

fn slice(input: &[u8], at: usize, length: usize) -> Result<&[u8], Refusal> {
    input
        .get(at..at.saturating_add(length))
        .ok_or(Refusal::malformed("zip: a record ends early"))
}

fn u16_at(input: &[u8], at: usize) -> Result<u16, Refusal> {
    let bytes = slice(input, at, 2)?;
    Ok(bytes.first_chunk().map_or(0, |b| u16::from_le_bytes(*b)))
}

fn u32_at(input: &[u8], at: usize) -> Result<u32, Refusal> {
    let bytes = slice(input, at, 4)?;
    Ok(bytes.first_chunk().map_or(0, |b| u32::from_le_bytes(*b)))
}

fn u64_at(input: &[u8], at: usize) -> Result<u64, Refusal> {
    let bytes = slice(input, at, 8)?;
    Ok(bytes.first_chunk().map_or(0, |b| u64::from_le_bytes(*b)))
}

fn place_of(value: u64) -> Result<usize, Refusal> {
    usize::try_from(value).map_err(|_| Refusal::malformed("zip: a place beyond the file"))
}

fn starts(input: &[u8], at: usize, mark: &[u8]) -> bool {
    input.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

/// The directory that stands right before the only end record.
fn place(input: &[u8]) -> Result<Found, Refusal> {
    let reach = END.saturating_add(MAX_COMMENT).saturating_add(MAX_ZEROS);
    let from = input.len().saturating_sub(reach);
    let tail = input.get(from..).unwrap_or_default();
    let missing = if input.starts_with(SPANNED) {
        Refusal::unsupported("zip: several volumes")
    } else {
        Refusal::malformed("zip: no end record")
    };
    let end = from.saturating_add(end_in(tail).ok_or(missing)??);
    let field = |at: usize| u16_at(input, end.saturating_add(at));
    let (disk, first, here, all) = (field(4)?, field(6)?, field(8)?, field(10)?);
    let length = usize::from(field(20)?);
    let size = u32_at(input, end.saturating_add(12))?;
    let start = u32_at(input, end.saturating_add(16))?;
    let behind = input.len().saturating_sub(end.saturating_add(END));
    if behind < length {
        return Err(ambiguous("zip: bytes behind the end"));
    }
    let locator = end.checked_sub(LOCATOR);
    let large = locator.filter(|at| starts(input, *at, b"PK\x06\x07"));
    if (disk, first) != (0, 0) && (large.is_none() || (disk, first) != (u16::MAX, u16::MAX)) {
        return Err(Refusal::unsupported("zip: several volumes"));
    }
    let (count, start, end) = match large {
        Some(at) => {
            let big = large_end(input, at)?;
            let fits = |small: u32, large: u64| small == u32::MAX || u64::from(small) == large;
            let same = (all == u16::MAX || u64::from(all) == big.count)
                && here == all
                && fits(size, big.size)
                && fits(start, big.start);
            if !same {
                return Err(ambiguous("zip: two end records that differ"));
            }
            (big.count, place_of(big.start)?, big.at)
        }
        None if here != all => return Err(Refusal::unsupported("zip: several volumes")),
        None => {
            let start = place_of(u64::from(start))?;
            let ends = place_of(u64::from(size))?.checked_add(start);
            if ends != Some(end) {
                return Err(ambiguous("zip: no directory right before the end record"));
            }
            (u64::from(all), start, end)
        }
    };
    Ok(Found {
        at: start..end,
        count,
        comment: length > 0,
        trailing: behind > length,
    })
}

/// The only end record: the last mark, whose comment has to reach the end of the file.
///
/// Files that are stored have marks of their own where they are archives; they are content. But a
/// mark before the last whose comment reaches the end, too, is another end for whoever believes it.
fn end_in(tail: &[u8]) -> Option<Result<usize, Refusal>> {
    let reaches = |at: usize| {
        let length = u16_at(tail, at.saturating_add(20)).map_or(0, usize::from);
        let ends = at.saturating_add(END).saturating_add(length);
        tail.get(ends..).is_some_and(is_filling)
    };
    let mut marks = memchr::memmem::rfind_iter(tail, b"PK\x05\x06");
    let last = marks.next()?;
    if !reaches(last) {
        return Some(Err(ambiguous("zip: bytes behind the end")));
    }
    if marks.any(reaches) {
        return Some(Err(ambiguous("zip: a second end record")));
    }
    Some(Ok(last))
}

/// Whether bytes behind the end may be there.
fn is_filling(bytes: &[u8]) -> bool {
    bytes.len() <= 1
        || bytes.len() <= MAX_TRAILING && archive::is_filling(bytes)
        || bytes.len() <= MAX_ZEROS && bytes.iter().all(|byte| *byte == 0)
}

struct LargeEnd {
    at: usize,
    count: u64,
    size: u64,
    start: u64,
}

/// The end record of a large file (4.3.14), right before its locator and right behind the directory.
fn large_end(input: &[u8], locator: usize) -> Result<LargeEnd, Refusal> {
    let odd = || ambiguous("zip: the end record of a large file");
    let at = place_of(u64_at(input, locator.saturating_add(8))?)?;
    let length = u64_at(input, at.saturating_add(4))?;
    // the second version of the record tells how the directory is encrypted (7.3.4)
    if length > LARGE_FIRST && starts(input, at, b"PK\x06\x06") {
        let how = Remark::fixed("zip: an encrypted directory");
        return Err(Refusal::Encrypted(how));
    }
    let ends = place_of(length)?
        .checked_add(12)
        .and_then(|length| at.checked_add(length));
    let disks = u32_at(input, locator.saturating_add(4))? == 0
        && u32_at(input, locator.saturating_add(16))? <= 1
        && u64_at(input, at.saturating_add(16))? == 0;
    let counts = (
        u64_at(input, at.saturating_add(24))?,
        u64_at(input, at.saturating_add(32))?,
    );
    let end = LargeEnd {
        at,
        count: counts.0,
        size: u64_at(input, at.saturating_add(40))?,
        start: u64_at(input, at.saturating_add(48))?,
    };
    let directory = end.size.checked_add(end.start);
    let fits = starts(input, at, b"PK\x06\x06")
        && length == LARGE_FIRST
        && ends == Some(locator)
        && directory == u64::try_from(at).ok()
        && disks
        && counts.0 == counts.1;
    fits.then_some(end).ok_or_else(odd)
}

/// The entry of the directory at `at`, and where the next one is.
fn entry(input: &[u8], at: usize) -> Result<(Entry<'_>, usize), Refusal> {
    if !starts(input, at, b"PK\x01\x02") {
        return Err(ambiguous("zip: fewer entries than the end record says"));
    }
    let field = |offset: usize| u16_at(input, at.saturating_add(offset));
    let (flags, method, time) = (field(8)?, field(10)?, field(12)?);
    let [_, host] = field(4)?.to_le_bytes();
    let crc = u32_at(input, at.saturating_add(16))?;
    let lengths = (field(28)?, field(30)?, field(32)?);
    let [name_length, extra_length, comment] = [lengths.0, lengths.1, lengths.2].map(usize::from);
    let name_at = at.saturating_add(CENTRAL);
    let name = slice(input, name_at, name_length)?;
    let extra = slice(input, name_at.saturating_add(name_length), extra_length)?;
    let next = name_at
        .saturating_add(name_length)
        .saturating_add(extra_length)
        .saturating_add(comment);
    let mut large = Large::of(extra);
    let missing = Refusal::malformed("zip: a large value without its field");
    let mut value = |offset: usize| {
        let small = u32_at(input, at.saturating_add(offset))?;
        large.next(small).ok_or(missing.clone())
    };
    let (size, packed, local) = (value(24)?, value(20)?, value(42)?);
    if flags & MASKED != 0 {
        let how = Remark::fixed("zip: an encrypted directory");
        return Err(Refusal::Encrypted(how));
    }
    let (packed, local) = (place_of(packed)?, place_of(local)?);
    let start = agree(
        input,
        local,
        &Said {
            name,
            flags,
            method,
            crc,
            size,
            packed,
        },
    )?;
    let end = start.saturating_add(packed);
    Ok((
        Entry {
            name,
            extra,
            comment: comment > 0,
            flags,
            method,
            time,
            crc,
            size,
            host,
            attributes: u32_at(input, at.saturating_add(38))?,
            packed: start..end,
            place: local..end,
        },
        next,
    ))
}

/// What the directory says of an entry.
struct Said<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    size: u64,
    packed: usize,
}

/// Whether the local header at `local` says the same; where the content begins.
fn agree(input: &[u8], local: usize, said: &Said<'_>) -> Result<usize, Refusal> {
    if !starts(input, local, b"PK\x03\x04") {
        return Err(ambiguous("zip: an entry without a header of its own"));
    }
    let field = |offset: usize| u16_at(input, local.saturating_add(offset));
    let [name_length, extra_length] = [field(26)?, field(28)?].map(usize::from);
    let name_at = local.saturating_add(LOCAL);
    let name = slice(input, name_at, name_length)?;
    let extra_at = name_at.saturating_add(name_length);
    let mut large = Large::of(slice(input, extra_at, extra_length)?);
    let crc = u32_at(input, local.saturating_add(14))?;
    let mut value = |offset: usize| {
        let small = u32_at(input, local.saturating_add(offset))?;
        Ok::<_, Refusal>(large.next(small))
    };
    let (size, packed) = (value(22)?, value(18)?);
    let same = crc == said.crc
        && size == Some(said.size)
        && packed.is_some_and(|packed| usize::try_from(packed) == Ok(said.packed));
    // with a descriptor the header is written before anything is known; what is there must be right
    // Info-ZIP puts the time in place of the sum, as its cipher does where the sum is not known
    let time = u32::from(field(10)?) << 16;
    let is_time = said.flags & ENCRYPTED != 0 && crc == time;
    let open = said.flags & DESCRIPTOR != 0
        && (crc == 0 || crc == said.crc || is_time)
        && size.is_none_or(|size| size == 0 || size == said.size)
        && packed.is_none_or(|p| p == 0 || usize::try_from(p) == Ok(said.packed));
    let flags = (field(6)? ^ said.flags) & AGREED == 0 && field(8)? == said.method;
    if name != said.name || !flags || !(same || open) {
        return Err(ambiguous("zip: an entry that says two things about itself"));
    }
    Ok(extra_at.saturating_add(extra_length))
}
