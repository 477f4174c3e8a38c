//! Compound files ([MS-CFB] 2025): streams in sectors that are chained by a table.
//!
//! A sector belongs to one chain or the file is refused: chains that meet or circle are how such files
//! grow without end and how two readers see two contents. A stream is read once and whole.

mod directory;
pub(super) mod little;
mod patch;
mod recognise;
mod seen;
#[cfg(test)]
mod tests;

use crate::reader::{Format, Sniff, Spec};
pub(crate) use directory::{Entry, Shape};
use little::{u16_at, u32_at};
use mugai_core::{Cx, Kind, Refusal, Remark, Resource, Treatment};
pub(crate) use recognise::recognise;
pub(super) use seen::note;

/// What a compound file begins with.
pub(crate) const MARK: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const HEADER: usize = 512;
/// Places of sectors of the table in the header.
const IN_HEADER: usize = 109;
/// A stream below this size lies in the mini stream.
const CUTOFF: u64 = 4096;
const MINI: usize = 64;
/// The greatest number of a sector; what is above has a meaning of its own.
const MAX_SECTOR: u32 = 0xffff_fffa;
const END: u32 = 0xffff_fffe;

const fn ambiguous(what: &'static str) -> Refusal {
    Refusal::Ambiguous(Remark::fixed(what))
}

/// The reader of compound files that hold no document we know: it says why they are withheld.
#[derive(Debug)]
pub(super) struct Unknown;

impl Format for Unknown {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Ole2,
            reference: "[MS-CFB]",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        sniff(head)
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let ole = Ole::read(input, cx)?;
        note(&ole, &[], cx);
        Err(Refusal::unsupported("ole2: no document that is known"))
    }
}

/// How sure a look at the beginning of a file makes: all documents of this container begin alike.
pub(super) fn sniff(head: &[u8]) -> Sniff {
    if head.starts_with(MARK) {
        Sniff::Perhaps
    } else {
        Sniff::No
    }
}

/// Sectors of one size, of which each is taken once.
struct Sectors {
    /// By number: the one behind it in its chain.
    next: Vec<u32>,
    taken: Vec<bool>,
}

impl Sectors {
    fn new(next: Vec<u32>, count: usize) -> Self {
        Self {
            next,
            taken: vec![false; count],
        }
    }

    fn take(&mut self, sector: u32) -> Result<usize, Refusal> {
        let place = usize::try_from(sector).unwrap_or(usize::MAX);
        match self.taken.get_mut(place) {
            Some(taken @ false) => {
                *taken = true;
                Ok(place)
            }
            Some(true) => Err(ambiguous("ole: a sector in two chains")),
            None => Err(Refusal::malformed("ole: a sector beyond the end")),
        }
    }

    fn behind(&self, place: usize) -> u32 {
        self.next.get(place).copied().unwrap_or(END)
    }
}

/// A compound file whose directory was read.
pub(crate) struct Ole<'a> {
    input: &'a [u8],
    /// Bytes of a sector: 512 or 4096.
    sector: usize,
    sectors: Sectors,
    mini: Sectors,
    mini_stream: Vec<u8>,
    entries: Vec<Entry>,
}

impl<'a> Ole<'a> {
    /// Reads the header, the tables and the directory.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Ambiguous`] for sectors in two chains, [`Refusal::Overrun`].
    pub(crate) fn read(input: &'a [u8], cx: &Cx<'_>) -> Result<Self, Refusal> {
        let bad = Refusal::malformed("ole: header");
        let field = |at: usize| u16_at(input, at).ok_or(bad.clone());
        let number = |at: usize| u32_at(input, at).ok_or(bad.clone());
        let sector = match (field(26)?, field(30)?) {
            (3, 9) => 512,
            (4, 12) => 4096,
            _ => return Err(Refusal::malformed("ole: version or size of sectors")),
        };
        let fixed = field(28)? == 0xfffe && field(32)? == 6 && u64::from(number(56)?) == CUTOFF;
        if !input.starts_with(MARK) || !fixed {
            return Err(bad);
        }
        // the header takes one sector, the last sector may be cut
        let count = input.len().saturating_sub(sector).div_ceil(sector);
        cx.charge_len(Resource::Steps, count.saturating_add(64))?;
        cx.charge_len(Resource::Bytes, count.saturating_mul(5))?;
        let mut ole = Self {
            input,
            sector,
            sectors: Sectors::new(Vec::new(), count),
            mini: Sectors::new(Vec::new(), 0),
            mini_stream: Vec::new(),
            entries: Vec::new(),
        };
        ole.table(number(68)?, cx)?;
        let directory = ole.chain(number(48)?, None, cx)?;
        ole.entries = directory::read(&directory, sector == 4096, cx)?;
        let root = ole
            .entries
            .first()
            .map(|root| (root.start, root.size))
            .ok_or(Refusal::malformed("ole: no root"))?;
        let table = ole.chain(number(60)?, None, cx)?;
        if root.1 > 0 && !table.is_empty() {
            ole.mini_stream = ole.chain(root.0, Some(root.1), cx)?;
        }
        entries(table.len(), cx)?;
        let minis = ole.mini_stream.len().div_ceil(MINI);
        ole.mini = Sectors::new(numbers(&table).collect(), minis);
        Ok(ole)
    }

    /// Reads the table of sectors, whose own sectors stand in the header and in a chain behind it.
    fn table(&mut self, first: u32, cx: &Cx<'_>) -> Result<(), Refusal> {
        let header = self.input.get(76..HEADER).unwrap_or_default();
        let mut places: Vec<u32> = numbers(header).take(IN_HEADER).collect();
        let mut further = first;
        while further <= MAX_SECTOR {
            let place = self.sectors.take(further)?;
            let bytes = self.bytes(place);
            entries(bytes.len(), cx)?;
            let (behind, places_here) = bytes
                .split_last_chunk::<4>()
                .map(|(head, next)| (u32::from_le_bytes(*next), head))
                .ok_or(Refusal::malformed("ole: table of tables"))?;
            places.extend(numbers(places_here));
            further = behind;
        }
        for sector in places.into_iter().filter(|sector| *sector <= MAX_SECTOR) {
            let place = self.sectors.take(sector)?;
            let bytes = self.bytes(place);
            entries(bytes.len(), cx)?;
            self.sectors.next.extend(numbers(bytes));
        }
        Ok(())
    }

    /// Where a sector begins in the file, behind the header.
    fn offset(&self, place: usize) -> usize {
        place.saturating_add(1).saturating_mul(self.sector)
    }

    /// The bytes of a sector; fewer where the file ends in it.
    fn bytes(&self, place: usize) -> &'a [u8] {
        let start = self.offset(place);
        let end = start.saturating_add(self.sector).min(self.input.len());
        self.input.get(start..end).unwrap_or_default()
    }

    /// The bytes of a chain: `size` of them, or all.
    fn chain(&mut self, first: u32, size: Option<u64>, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        let size = size.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        if size.is_some_and(|size| size > self.input.len()) {
            return Err(Refusal::malformed("ole: a stream larger than its file"));
        }
        let mut out = Vec::new();
        let mut sector = first;
        while sector <= MAX_SECTOR && size.is_none_or(|size| out.len() < size) {
            let place = self.sectors.take(sector)?;
            let bytes = self.bytes(place);
            cx.charge_len(Resource::Bytes, bytes.len())?;
            cx.charge_len(Resource::Steps, bytes.len() / 16)?;
            out.extend_from_slice(bytes);
            sector = self.sectors.behind(place);
        }
        cut(out, size)
    }

    /// As [`Self::chain`], of the mini stream.
    fn mini_chain(&mut self, first: u32, size: u64, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        let mut sector = first;
        while sector <= MAX_SECTOR && out.len() < size {
            let place = self.mini.take(sector)?;
            let start = place.saturating_mul(MINI);
            let end = start.saturating_add(MINI).min(self.mini_stream.len());
            cx.charge_len(Resource::Bytes, MINI)?;
            cx.charge(Resource::Steps, 4)?;
            out.extend_from_slice(self.mini_stream.get(start..end).unwrap_or_default());
            sector = self.mini.behind(place);
        }
        cut(out, Some(size))
    }

    /// All entries; the root is the first one.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this name below the root, in whatever case.
    ///
    /// # Errors
    /// [`Refusal::Ambiguous`] for two of the name.
    pub(crate) fn find(&self, name: &str, shape: Shape) -> Result<Option<&Entry>, Refusal> {
        let place = self.within(0, name, shape)?;
        Ok(place.and_then(|place| self.entries.get(place)))
    }

    /// The place in the list of entries of the one of this name in the storage at place `parent`, in whatever case.
    ///
    /// # Errors
    /// [`Refusal::Ambiguous`] for two of the name.
    pub(crate) fn within(
        &self,
        parent: usize,
        name: &str,
        shape: Shape,
    ) -> Result<Option<usize>, Refusal> {
        let mut found = self.entries.iter().enumerate().filter(|(_, entry)| {
            entry.parent == Some(parent) && entry.shape == shape && entry.is_named(name)
        });
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(ambiguous("ole: two streams of one name")),
            (one, None) => Ok(one.map(|(place, _)| place)),
        }
    }

    /// The content of a stream below the root; `None` where there is none of this name. A second call
    /// for the same one is refused.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn stream(&mut self, name: &str, cx: &Cx<'_>) -> Result<Option<Vec<u8>>, Refusal> {
        let Some((start, size)) = self
            .find(name, Shape::Stream)?
            .map(|entry| (entry.start, entry.size))
        else {
            return Ok(None);
        };
        self.piece(start, size, cx).map(Some)
    }

    /// The content of the stream at `place` in the list of entries, once.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn content(&mut self, place: usize, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        let entry = self.entries.get(place);
        let (start, size) = entry
            .map(|entry| (entry.start, entry.size))
            .ok_or(Refusal::malformed("ole: no such stream"))?;
        self.piece(start, size, cx)
    }

    fn piece(&mut self, start: u32, size: u64, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        if size < CUTOFF {
            self.mini_chain(start, size, cx)
        } else {
            self.chain(start, Some(size), cx)
        }
    }
}

fn cut(mut bytes: Vec<u8>, size: Option<usize>) -> Result<Vec<u8>, Refusal> {
    if let Some(size) = size {
        if bytes.len() < size {
            return Err(Refusal::malformed("ole: a stream shorter than it says"));
        }
        bytes.truncate(size);
    }
    Ok(bytes)
}

/// Pays for a table of so many bytes, which is kept.
fn entries(bytes: usize, cx: &Cx<'_>) -> Result<(), Refusal> {
    cx.charge_len(Resource::Bytes, bytes)?;
    cx.charge_len(Resource::Steps, bytes / 4)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let chunks = bytes.as_chunks::<4>().0;
    chunks.iter().map(|four| u32::from_le_bytes(*four))
}

/// The first bytes of a stream below the root, at most `most`; none where it is not there or the file
/// is broken.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn head(input: &[u8], name: &str, most: u64, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
    let read = || -> Result<Vec<u8>, Refusal> {
        let mut ole = Ole::read(input, cx)?;
        let Some((start, size)) = ole
            .find(name, Shape::Stream)?
            .map(|entry| (entry.start, entry.size))
        else {
            return Ok(Vec::new());
        };
        if size < CUTOFF {
            ole.mini_chain(start, size.min(most), cx)
        } else {
            ole.chain(start, Some(size.min(most)), cx)
        }
    };
    match read() {
        Err(refusal @ Refusal::Overrun { .. }) => Err(refusal),
        other => Ok(other.unwrap_or_default()),
    }
}
