//! What stands before a file of a tape: its header, a long name of GNU, and an extended header of pax.
//!
//! The library reads them, too, but parts the records of pax at ends of lines. Their values may have such, which then
//! begin records that nobody wrote: what it makes of them counts only where it is what the lengths of records say.

use super::{HEADER, TYPE, WRONG};
use mugai_core::{Refusal, Remark};
use std::borrow::Cow;

/// Entries that tell of the one behind them.
const LONG_NAME: u8 = b'L';
const LONG_LINK: u8 = b'K';
const EXTENDED: u8 = b'x';
/// Where a header of GNU, and a block of pieces behind it, say that another block of pieces follows.
const MORE: usize = 482;
const MORE_PIECES: usize = 504;

const BROKEN: Refusal = Refusal::malformed(WRONG);

const fn ambiguous(what: &'static str) -> Refusal {
    Refusal::Ambiguous(Remark::fixed(what))
}

/// The name of an entry, before which headers of it begin at `at`.
///
/// A file may have three names and two lengths: in its header, in an entry of GNU before it, and in an extended header
/// of pax. Which of them counts depends on who reads.
///
/// # Errors
/// [`Refusal::Ambiguous`] where they differ, [`Refusal::Unsupported`] for a sparse file of pax, [`Refusal::Malformed`].
pub(super) fn name<'a>(
    input: &'a [u8],
    at: usize,
    entry: &tar::Entry<'_, &'a [u8]>,
) -> Result<Cow<'a, [u8]>, Refusal> {
    let before = Before::read(input, at, place(entry.raw_header_position())?)?;
    let said = entry.header().entry_size().map_err(|_| BROKEN)?;
    let mut extended = None;
    for record in before.extended.map(records).into_iter().flatten() {
        match record? {
            (key, _) if key.starts_with(b"GNU.sparse.") => {
                return Err(Refusal::unsupported("tar: a sparse file of pax"));
            }
            (b"path", path) if extended.is_some_and(|other| other != path) => {
                return Err(ambiguous("tar: a file of two names"));
            }
            (b"path", path) => extended = Some(path),
            (b"size", size) if decimal(size) != Some(said) => {
                return Err(ambiguous("tar: a file of two lengths"));
            }
            _ => {}
        }
    }
    let is_sparse = entry.header().entry_type().is_gnu_sparse();
    if !is_sparse && entry.size() != said {
        return Err(ambiguous("tar: a file of two lengths"));
    }
    if let (Some(long), Some(extended)) = (before.long, extended)
        && long != extended
    {
        return Err(ambiguous("tar: a file of two names"));
    }
    Ok(match before.long.or(extended) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(entry.header().path_bytes().into_owned()),
    })
}

/// Where an entry ends, in whole blocks.
///
/// # Errors
/// [`Refusal::Malformed`]
pub(super) fn end(input: &[u8], entry: &tar::Entry<'_, &[u8]>) -> Result<usize, Refusal> {
    let header = place(entry.raw_header_position())?;
    let byte = |at: usize| input.get(at).copied().unwrap_or(0);
    let mut start = header.saturating_add(HEADER);
    if entry.header().entry_type().is_gnu_sparse() && byte(header.saturating_add(MORE)) != 0 {
        // the library has read each of them
        while start < input.len() {
            let last = byte(start.saturating_add(MORE_PIECES)) == 0;
            start = start.saturating_add(HEADER);
            if last {
                break;
            }
        }
    }
    let size = place(entry.header().entry_size().map_err(|_| BROKEN)?)?;
    Ok(start.saturating_add(blocks(size)))
}

/// The length of content in whole blocks, in bytes.
const fn blocks(size: usize) -> usize {
    size.div_ceil(HEADER).saturating_mul(HEADER)
}

fn place(place: u64) -> Result<usize, Refusal> {
    usize::try_from(place).map_err(|_| BROKEN)
}

/// What entries before one say of it.
#[derive(Default)]
struct Before<'a> {
    /// Its name in an entry of GNU.
    long: Option<&'a [u8]>,
    /// The records of pax.
    extended: Option<&'a [u8]>,
}

impl<'a> Before<'a> {
    /// Reads the entries from `at` up to the header at `end`.
    fn read(input: &'a [u8], mut at: usize, end: usize) -> Result<Self, Refusal> {
        let mut before = Self::default();
        while at < end {
            let content = at.saturating_add(HEADER);
            let block = input.get(at..content).ok_or(BROKEN)?;
            let size = tar::Header::from_byte_slice(block).entry_size();
            let size = place(size.map_err(|_| BROKEN)?)?;
            let bytes = input.get(content..content.saturating_add(size));
            let bytes = bytes.ok_or(BROKEN)?;
            match block.get(TYPE) {
                Some(&LONG_NAME) => before.long = Some(without_end(bytes)),
                Some(&EXTENDED) => before.extended = Some(bytes),
                Some(&LONG_LINK) => {}
                _ => return Err(BROKEN),
            }
            at = content.saturating_add(blocks(size));
        }
        if at == end { Ok(before) } else { Err(BROKEN) }
    }
}

/// A long name ends with a zero.
fn without_end(name: &[u8]) -> &[u8] {
    name.strip_suffix(b"\0").unwrap_or(name)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Key and value.
type Record<'a> = (&'a [u8], &'a [u8]);

/// The records of an extended header (POSIX.1-2024 pax, "pax Extended Header"): a length in decimal digits, a blank, a
/// key, `=`, a value, and an end of line; the length is that of all of them.
fn records(mut rest: &[u8]) -> impl Iterator<Item = Result<Record<'_>, Refusal>> {
    std::iter::from_fn(move || {
        if rest.iter().all(|byte| *byte == 0) {
            return None;
        }
        let Some((record, behind)) = record(rest) else {
            rest = &[];
            return Some(Err(BROKEN));
        };
        rest = behind;
        Some(Ok(record))
    })
}

/// The first record, and what is behind it.
fn record(rest: &[u8]) -> Option<(Record<'_>, &[u8])> {
    // no length has more digits than that
    let blank = rest.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(rest.get(..blank)?)?).ok()?;
    let (record, behind) = rest.split_at_checked(length)?;
    let record = record.get(blank.checked_add(1)?..)?.strip_suffix(b"\n")?;
    let equals = memchr::memchr(b'=', record)?;
    let (key, value) = record.split_at_checked(equals)?;
    Some(((key, value.get(1..)?), behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_as_long_as_they_say() {
        let all = b"30 SCHILY.xattr.a=1\n10 path=b\n10 path=c\n\0\0";
        let found: Vec<_> = records(all).collect::<Result<_, _>>().unwrap();
        let long = b"1\n10 path=b".as_slice();
        assert_eq!(found, [(&b"SCHILY.xattr.a"[..], long), (b"path", b"c")]);
        for broken in [
            &b"10 path=bc\n"[..],
            b"99 path=b\n",
            b"x path=b\n",
            b"0 \n",
            b"3 \n",
            b"8 pathb\n",
            b"99999999999999999999999 a=b\n",
        ] {
            let found: Result<Vec<_>, _> = records(broken).collect();
            assert_eq!(found, Err(BROKEN));
        }
    }
}
