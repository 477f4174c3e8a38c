//! The file as it is looked at: as a whole, or with holes where the data of large streams stands.
//!
//! Of a file that is elsewhere everything is fetched but the data of large streams, which is most of it.
//! Their places are zeros that nobody writes to, and take no memory; each is fetched when it is
//! looked at, and goes again.

use super::Data;
use crate::GONE;
use mugai_core::{Places, Violation};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// Longer data of a stream is a hole, in bytes.
const LONG: usize = 64 << 10;
/// So many bytes at least are fetched at once.
const STEP: usize = 64 << 10;
/// An object up to its data is shorter, in bytes: the longest part of it is a palette of 256 colours.
const HEAD: usize = 4 << 10;
/// What stands behind the data of a stream.
const TAIL: &[u8] = b"\nendstream\nendobj\n";

/// A file of our profile, or what claims to be one.
pub(super) struct Film<'a> {
    /// Its bytes, but for the holes.
    pub(super) bytes: &'a [u8],
    far: Option<Far<'a>>,
}

/// What is elsewhere.
struct Far<'a> {
    holes: &'a [Range<usize>],
    source: RefCell<&'a mut dyn Places>,
    /// The holes that were looked into, by their beginnings.
    seen: RefCell<BTreeSet<usize>>,
}

impl<'a> Film<'a> {
    /// A file that is here.
    pub(super) const fn here(bytes: &'a [u8]) -> Self {
        Self { bytes, far: None }
    }

    /// A file that is elsewhere, as [`load`] found it.
    pub(super) const fn of(
        bytes: &'a [u8],
        holes: &'a [Range<usize>],
        source: &'a mut dyn Places,
    ) -> Self {
        Self {
            bytes,
            far: Some(Far {
                holes,
                source: RefCell::new(source),
                seen: RefCell::new(BTreeSet::new()),
            }),
        }
    }

    /// The data of a stream, which is a hole as a whole, or touches none.
    pub(super) fn data(&self, (offset, data): Data<'a>) -> Result<Cow<'a, [u8]>, Violation> {
        let Some(far) = &self.far else {
            return Ok(Cow::Borrowed(data));
        };
        let end = offset.saturating_add(data.len());
        // the first hole that ends behind the beginning of the data
        let next = far.holes.partition_point(|hole| hole.end <= offset);
        match far.holes.get(next) {
            Some(hole) if *hole == (offset..end) => {
                let mut data = vec![0; hole.len()];
                let mut source = far.source.borrow_mut();
                source.read(offset, &mut data).ok_or(GONE)?;
                far.seen.borrow_mut().insert(offset);
                Ok(Cow::Owned(data))
            }
            Some(hole) if hole.start < end => {
                Err(Violation::at("pdf: data of another length", offset))
            }
            _ => Ok(Cow::Borrowed(data)),
        }
    }

    /// Checks that nothing of the file was left unseen.
    pub(super) fn end(&self) -> Result<(), Violation> {
        let Some(far) = &self.far else {
            return Ok(());
        };
        let seen = far.seen.borrow();
        let unseen = far.holes.iter().find(|hole| !seen.contains(&hole.start));
        unseen.map_or(Ok(()), |hole| {
            Err(Violation::at("pdf: data of no stream", hole.start))
        })
    }
}

/// Fetches a file but for its holes; at the beginning of each hole stands what no other has.
pub(super) fn load(source: &mut dyn Places) -> Result<(Vec<u8>, Vec<Range<usize>>), Violation> {
    let length = source.length();
    // zeros that nobody writes to take no memory
    let mut bytes = vec![0; length];
    let mut holes = Vec::new();
    // up to there everything is fetched or a hole
    let mut fetched = 0usize;
    let mut at = super::walker::HEADER.len();
    loop {
        let wanted = at.saturating_add(HEAD).min(length);
        if wanted > fetched {
            let end = wanted.max(fetched.saturating_add(STEP)).min(length);
            fetch(source, &mut bytes, fetched..end)?;
            fetched = end;
        }
        let Some((start, size)) = stream(bytes.get(at..wanted).unwrap_or_default()) else {
            break;
        };
        let start = at.saturating_add(start);
        let end = start.saturating_add(size);
        if size > LONG && end < length {
            let early = bytes.get_mut(start..fetched.min(end).max(start));
            early.unwrap_or_default().fill(0);
            let mark = format!("hole at {start:020}");
            let place = bytes.get_mut(start..).and_then(|b| b.get_mut(..mark.len()));
            place.ok_or(GONE)?.copy_from_slice(mark.as_bytes());
            fetched = fetched.max(end);
            holes.push(start..end);
        }
        at = end.saturating_add(TAIL.len());
    }
    fetch(source, &mut bytes, fetched..length)?;
    Ok((bytes, holes))
}

fn fetch(source: &mut dyn Places, bytes: &mut [u8], place: Range<usize>) -> Result<(), Violation> {
    let start = place.start;
    match bytes.get_mut(place) {
        Some([]) => Ok(()),
        Some(into) => source.read(start, into).ok_or(GONE),
        None => Err(GONE),
    }
}

/// Where the data of the stream begins that `head` is the head of, and its length. The walker decides, later, whether
/// it is one: what is taken for a hole by mistake is refused.
fn stream(head: &[u8]) -> Option<(usize, usize)> {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let behind = head
        .get(digits(head)..)?
        .strip_prefix(b" 0 obj\n<</Length ")?;
    let length = behind.get(..digits(behind))?;
    let length = std::str::from_utf8(length).ok()?.parse().ok()?;
    let open = b">>\nstream\n";
    let start = head.windows(open.len()).position(|window| window == open)?;
    Some((start.checked_add(open.len())?, length))
}

#[cfg(test)]
mod tests;
