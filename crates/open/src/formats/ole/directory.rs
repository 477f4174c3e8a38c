//! The directory of a compound file ([MS-CFB] 2.6): a tree of storages and streams.

use super::ambiguous;
use super::little::{part, u8_at, u16_at, u32_at, u64_at, utf16};
use mugai_core::{Cx, Refusal, Resource};

const ENTRY: usize = 128;
/// The number that stands where there is no entry.
const NONE: u32 = 0xffff_ffff;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A folder; the root is one.
    Storage,
    /// A file.
    Stream,
}

/// An entry that the tree leads to.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The place of its storage in the list; the root has none.
    pub(crate) parent: Option<usize>,
    /// Its name, at most 31 characters.
    pub(crate) name: String,
    /// What it is.
    pub(crate) shape: Shape,
    /// The class of a storage, as it stands there.
    pub(crate) class: [u8; 16],
    pub(super) start: u32,
    /// Bytes of a stream; of the root those of the mini stream.
    pub(crate) size: u64,
}

impl Entry {
    /// Whether it has this name, in whatever case.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// An entry as it stands in the directory.
struct Raw {
    entry: Entry,
    sides: [u32; 2],
    child: u32,
}

/// The entries that the tree leads to, parents before what is in them.
pub(super) fn read(directory: &[u8], wide: bool, cx: &Cx<'_>) -> Result<Vec<Entry>, Refusal> {
    let count = directory.len() / ENTRY;
    cx.charge_len(Resource::Steps, count.saturating_mul(8))?;
    cx.charge_len(Resource::Bytes, directory.len())?;
    let mut seen = vec![false; count];
    let mut waiting = vec![(0u32, None)];
    let mut entries = Vec::new();
    while let Some((number, parent)) = waiting.pop() {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        match seen.get_mut(place) {
            Some(seen @ false) => *seen = true,
            Some(true) => return Err(ambiguous("ole: an entry in two places of the directory")),
            None => return Err(Refusal::malformed("ole: an entry beyond the directory")),
        }
        let start = place.saturating_mul(ENTRY);
        let raw = part(directory, start, ENTRY)
            .and_then(|bytes| raw(bytes, parent, wide))
            .ok_or(Refusal::malformed("ole: an entry of the directory"))?;
        // what stands beside the root is nowhere
        let sides = raw.sides.into_iter().filter(|_| parent.is_some());
        waiting.extend(
            sides
                .filter(|side| *side != NONE)
                .map(|side| (side, parent)),
        );
        if raw.child != NONE && raw.entry.shape == Shape::Storage {
            waiting.push((raw.child, Some(entries.len())));
        }
        entries.push(raw.entry);
    }
    Ok(entries)
}

fn raw(bytes: &[u8], parent: Option<usize>, wide: bool) -> Option<Raw> {
    let length = usize::from(u16_at(bytes, 64)?).min(64);
    let name = utf16(part(bytes, 0, length)?);
    let shape = match u8_at(bytes, 66)? {
        1 | 5 => Shape::Storage,
        2 => Shape::Stream,
        _ => return None,
    };
    let size = if wide {
        u64_at(bytes, 120)?
    } else {
        // writers of the older version left anything in the upper half
        u64::from(u32_at(bytes, 120)?)
    };
    let entry = Entry {
        parent,
        name: name.split('\0').next()?.to_owned(),
        shape,
        class: *bytes.get(80..)?.first_chunk()?,
        start: u32_at(bytes, 116)?,
        size,
    };
    Some(Raw {
        entry,
        sides: [u32_at(bytes, 68)?, u32_at(bytes, 72)?],
        child: u32_at(bytes, 76)?,
    })
}
