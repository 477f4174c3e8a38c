//! ZIP files (APPNOTE 6.3.10), read in exactly one way or not at all.
//!
//! The central directory has to stand right before the only end record; its entries have to agree
//! with their local headers, must not overlap, and have names that differ by more than their case.

use flate2::{Decompress, FlushDecompress, Status};
use mugai_core::{Cx, FindingCode, Refusal, Remark, Resource};
use std::collections::BTreeMap;
use std::ops::Range;

const END: usize = 22;
const CENTRAL: usize = 46;
const LOCAL: usize = 30;
const MAX_COMMENT: usize = 65_535;
/// Bytes behind the end that are forgiven: some writers leave one.
const MAX_TRAILING: usize = 1;
/// The most that an entry may have grown by, above [`FREE`] bytes.
const MAX_RATIO: usize = 1_000;
const FREE: usize = 1 << 20;
/// Flags that both headers have to agree on: encryption, data descriptor, UTF-8.
const FLAGS: u16 = 0x0809;

/// One file inside.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    method: u16,
    crc: u32,
    packed: Range<usize>,
    size: usize,
}

/// A directory that was read.
#[derive(Debug)]
pub(super) struct Archive<'a> {
    input: &'a [u8],
    /// By their names in lower case.
    entries: BTreeMap<String, Entry>,
}

const fn ambiguous(what: &'static str) -> Refusal {
    Refusal::Ambiguous(Remark::fixed(what))
}

impl<'a> Archive<'a> {
    /// Reads the directory of `input`.
    ///
    /// # Errors
    /// [`Refusal::Ambiguous`] where two readers could see different files,
    /// [`Refusal::Malformed`], [`Refusal::Encrypted`], [`Refusal::Overrun`].
    pub(super) fn read(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Self, Refusal> {
        let end = end_record(input)?;
        let count = usize::from(u16_at(input, end.saturating_add(10))?);
        let start = size_at(input, end.saturating_add(16))?;
        let mut at = start;
        let mut entries = BTreeMap::new();
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut backslash = false;
        for _ in 0..count {
            cx.charge(Resource::Steps, 64)?;
            if input.get(at..).and_then(|rest| rest.first_chunk::<4>()) != Some(b"PK\x01\x02") {
                return Err(ambiguous("zip: fewer entries than the end record says"));
            }
            let (name, entry, place, next) = entry(input, at)?;
            at = next;
            backslash |= name.contains('\\');
            let name = name.replace('\\', "/");
            let odd = |step: &str| matches!(step, "" | "." | "..");
            let (path, folder) = name
                .strip_suffix('/')
                .map_or((name.as_str(), false), |path| (path, true));
            if path.split('/').any(odd) || path.contains(['\0', ':']) {
                return Err(ambiguous("zip: a name that is no path"));
            }
            let named = path.to_lowercase();
            if folder && entry.size > 0 {
                return Err(ambiguous("zip: a folder with content"));
            }
            if entries.insert(named, (entry, folder)).is_some() {
                return Err(ambiguous("zip: two entries of one name"));
            }
            places.push(place);
        }
        if at != end {
            return Err(ambiguous("zip: more in the directory than its entries"));
        }
        places.sort_by_key(|place| place.start);
        let mut last = 0;
        for place in &places {
            let first = last == 0 && place.start != 0;
            if first || place.start < last || place.end > start {
                return Err(ambiguous("zip: entries that overlap or begin late"));
            }
            last = place.end;
        }
        cx.note_times(FindingCode::OfficePackage, u32::from(backslash));
        let trailing = input.len() > end.saturating_add(END).saturating_add(comment(input, end)?);
        cx.note_times(FindingCode::OfficePackage, u32::from(trailing));
        let entries = entries
            .into_iter()
            .filter(|(_, (_, folder))| !folder)
            .map(|(name, (entry, _))| (name, entry))
            .collect();
        Ok(Self { input, entries })
    }

    /// Whether there is an entry of this name, in whatever case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&name.to_lowercase())
    }

    /// The names of all files, in lower case, in the order of the alphabet.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The length that an entry says it has, in bytes.
    pub(super) fn size(&self, name: &str) -> Option<usize> {
        Some(self.entries.get(&name.to_lowercase())?.size)
    }

    /// The content of an entry; `None` where there is none of this name.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for content of another length or checksum than the directory says.
    pub(super) fn content(&self, name: &str, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(entry) = self.entries.get(&name.to_lowercase()) else {
            return Ok(None);
        };
        let packed = self.input.get(entry.packed.clone()).unwrap_or_default();
        cx.charge_len(Resource::Bytes, entry.size)?;
        cx.charge_len(Resource::Steps, entry.size / 8)?;
        let bytes = match entry.method {
            0 if packed.len() == entry.size => packed.to_vec(),
            8 => inflate(packed, entry.size)?,
            0 => return Err(ambiguous("zip: a stored entry of two lengths")),
            _ => return Err(Refusal::unsupported("zip: method of compression")),
        };
        if crc32fast::hash(&bytes) != entry.crc {
            return Err(Refusal::malformed("zip: checksum of an entry"));
        }
        Ok(Some(bytes))
    }
}

/// Inflates into exactly `size` bytes.
fn inflate(packed: &[u8], size: usize) -> Result<Vec<u8>, Refusal> {
    if size > FREE && size / MAX_RATIO > packed.len() {
        return Err(Refusal::malformed(
            "zip: an entry grows more than a thousandfold",
        ));
    }
    let mut out = vec![0; size];
    let mut state = Decompress::new(false);
    let status = state.decompress(packed, &mut out, FlushDecompress::Finish);
    let total = |sum: u64| usize::try_from(sum).unwrap_or(usize::MAX);
    let whole = total(state.total_out()) == size && total(state.total_in()) == packed.len();
    // an output that is full to its last byte may leave the end mark unread
    match status {
        Ok(Status::StreamEnd) if whole => Ok(out),
        _ => Err(Refusal::malformed(
            "zip: an entry of another length than it says",
        )),
    }
}

fn slice(input: &[u8], at: usize, length: usize) -> Result<&[u8], Refusal> {
    let end = at.saturating_add(length);
    input
        .get(at..end)
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

fn size_at(input: &[u8], at: usize) -> Result<usize, Refusal> {
    let size = u32_at(input, at)?;
    if size == u32::MAX {
        return Err(Refusal::unsupported("zip: a zip64 file"));
    }
    usize::try_from(size).map_err(|_| Refusal::malformed("zip: size"))
}

fn comment(input: &[u8], end: usize) -> Result<usize, Refusal> {
    Ok(usize::from(u16_at(input, end.saturating_add(20))?))
}

/// The place of the only end record whose directory stands right before it.
fn end_record(input: &[u8]) -> Result<usize, Refusal> {
    let from = input
        .len()
        .saturating_sub(END.saturating_add(MAX_COMMENT).saturating_add(MAX_TRAILING));
    let tail = input.get(from..).unwrap_or_default();
    let mut found = None;
    for at in memchr::memmem::find_iter(tail, b"PK\x05\x06") {
        let end = from.saturating_add(at);
        if end.saturating_add(END) > input.len() {
            return Err(ambiguous("zip: a second end record"));
        }
        let (size, start) = (
            u32_at(input, end.saturating_add(12))?,
            u32_at(input, end.saturating_add(16))?,
        );
        let sum = u64::from(size).saturating_add(u64::from(start));
        let fits = u64::try_from(end).is_ok_and(|end| end == sum);
        if found.is_some() {
            return Err(ambiguous("zip: a second end record"));
        }
        if fits {
            found = Some(end);
        }
    }
    let end = found.ok_or(ambiguous("zip: no directory right before an end record"))?;
    let disks = (
        u16_at(input, end.saturating_add(4))?,
        u16_at(input, end.saturating_add(6))?,
    );
    let counts = (
        u16_at(input, end.saturating_add(8))?,
        u16_at(input, end.saturating_add(10))?,
    );
    if disks != (0, 0) || counts.0 != counts.1 || counts.0 == u16::MAX {
        return Err(ambiguous("zip: several volumes"));
    }
    let behind = input.len().saturating_sub(end.saturating_add(END));
    let comment = comment(input, end)?;
    if behind < comment || behind.saturating_sub(comment) > MAX_TRAILING {
        return Err(ambiguous("zip: bytes behind the end"));
    }
    let locator = end
        .checked_sub(20)
        .and_then(|at| input.get(at..)?.first_chunk::<4>());
    if locator == Some(b"PK\x06\x07") {
        return Err(Refusal::unsupported("zip: a zip64 file"));
    }
    Ok(end)
}

/// The entry of the directory at `at`: its name, itself, all that it takes, and where the next one is.
fn entry(input: &[u8], at: usize) -> Result<(String, Entry, Range<usize>, usize), Refusal> {
    let field = |offset: usize| u16_at(input, at.saturating_add(offset));
    let (flags, method) = (field(8)?, field(10)?);
    let crc = u32_at(input, at.saturating_add(16))?;
    let packed = size_at(input, at.saturating_add(20))?;
    let size = size_at(input, at.saturating_add(24))?;
    let name_length = usize::from(field(28)?);
    let behind = usize::from(field(30)?).saturating_add(usize::from(field(32)?));
    let local = size_at(input, at.saturating_add(42))?;
    let name = slice(input, at.saturating_add(CENTRAL), name_length)?;
    let next = at
        .saturating_add(CENTRAL)
        .saturating_add(name_length)
        .saturating_add(behind);
    if flags & 1 != 0 {
        return Err(Refusal::Encrypted(Remark::fixed("zip: an encrypted entry")));
    }
    let here = |offset: usize| u16_at(input, local.saturating_add(offset));
    if input.get(local..).and_then(|rest| rest.first_chunk::<4>()) != Some(b"PK\x03\x04") {
        return Err(ambiguous("zip: an entry without a header of its own"));
    }
    let local_name = slice(input, local.saturating_add(LOCAL), usize::from(here(26)?))?;
    let sizes = (
        u32_at(input, local.saturating_add(14))?,
        u32_at(input, local.saturating_add(18))?,
        u32_at(input, local.saturating_add(22))?,
    );
    let same = |of: u32, length: usize| usize::try_from(of).is_ok_and(|of| of == length);
    let sizes_agree =
        flags & 8 != 0 || sizes.0 == crc && same(sizes.1, packed) && same(sizes.2, size);
    let flags_agree = (here(6)? ^ flags) & FLAGS == 0 && here(8)? == method;
    if local_name != name || !flags_agree || !sizes_agree {
        return Err(ambiguous("zip: an entry that says two things about itself"));
    }
    let start = local
        .saturating_add(LOCAL)
        .saturating_add(name.len())
        .saturating_add(usize::from(here(28)?));
    let end = start.saturating_add(packed);
    let name = std::str::from_utf8(name)
        .map_err(|_| Refusal::unsupported("zip: a name that is not UTF-8"))?;
    let entry = Entry {
        method,
        crc,
        packed: start..end,
        size,
    };
    Ok((name.to_owned(), entry, local..end, next))
}

#[cfg(test)]
mod tests;
