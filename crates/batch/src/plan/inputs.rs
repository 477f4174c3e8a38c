//! Inputs, packed: some 40 bytes and the name of each, so that memory hardly grows with their number.

use crate::plan::Input;
use crate::source::{Folder, Trouble};
use mugai_core::SafeName;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Files in a fixed order.
#[derive(Debug, Default)]
pub struct Inputs {
    folders: Vec<Arc<Folder>>,
    outs: Vec<Arc<Path>>,
    /// Names, one behind the other: that in the folder, then the safe one where it is another.
    text: Vec<u8>,
    entries: Vec<Entry>,
    troubles: BTreeMap<usize, Trouble>,
}

/// A file; places are those in the lists of [`Inputs`].
#[derive(Clone, Copy, Debug)]
struct Entry {
    bytes: u64,
    raw: usize,
    name: usize,
    raw_length: u16,
    /// Without one the file is called in its outputs as it is in its folder.
    name_length: u16,
    folder: u32,
    out: u32,
    shares_stem: bool,
}

/// File systems have no longer names (255 bytes), and safe names are shorter.
fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// More folders than that have no place in memory.
fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Inputs {
    /// Adds a file, as it was found.
    pub(crate) fn push(
        &mut self,
        folder: &Arc<Folder>,
        raw: &OsStr,
        bytes: u64,
        trouble: Option<Trouble>,
    ) {
        // files come by folders, mostly
        if self
            .folders
            .last()
            .is_none_or(|last| !Arc::ptr_eq(last, folder))
        {
            self.folders.push(Arc::clone(folder));
        }
        if let Some(trouble) = trouble {
            self.troubles.insert(self.entries.len(), trouble);
        }
        let at = self.text.len();
        let length = short(raw.len());
        let raw = raw.as_bytes();
        self.text
            .extend_from_slice(raw.get(..usize::from(length)).unwrap_or(raw));
        self.entries.push(Entry {
            bytes,
            raw: at,
            name: at,
            raw_length: length,
            name_length: 0,
            folder: place(self.folders.len().saturating_sub(1)),
            out: u32::MAX,
            shares_stem: false,
        });
    }

    /// A folder for outputs, to be named in [`Self::name`].
    pub(crate) fn out(&mut self, out: &Path) -> u32 {
        self.outs.push(out.into());
        place(self.outs.len().saturating_sub(1))
    }

    /// Gives a file its name and the folder of its outputs.
    pub(crate) fn name(&mut self, index: usize, out: u32, name: &SafeName, shares_stem: bool) {
        let same = self.raw(index) == Some(OsStr::new(name.as_str()));
        let Some(entry) = self.entries.get_mut(index) else {
            return;
        };
        entry.out = out;
        entry.shares_stem = shares_stem;
        if !same {
            entry.name = self.text.len();
            entry.name_length = short(name.as_str().len());
            self.text.extend_from_slice(name.as_str().as_bytes());
        }
    }

    fn text(&self, at: usize, length: u16) -> Option<&[u8]> {
        self.text.get(at..at.checked_add(usize::from(length))?)
    }

    /// What a file is called in its folder.
    pub(crate) fn raw(&self, index: usize) -> Option<&OsStr> {
        let entry = self.entries.get(index)?;
        self.text(entry.raw, entry.raw_length)
            .map(OsStr::from_bytes)
    }

    /// The folder of a file.
    pub(crate) fn folder(&self, index: usize) -> Option<&Arc<Folder>> {
        let place = self.entries.get(index)?.folder;
        self.folders.get(usize::try_from(place).ok()?)
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The sizes of all files, in bytes, as they were found.
    pub fn sizes(&self) -> impl Iterator<Item = u64> + '_ {
        self.entries.iter().map(|entry| entry.bytes)
    }

    /// One of them, unpacked.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Arc<Input>> {
        let entry = self.entries.get(index)?;
        let raw = self.raw(index)?;
        let name = if entry.name_length == 0 {
            raw
        } else {
            OsStr::from_bytes(self.text(entry.name, entry.name_length)?)
        };
        Some(Arc::new(Input {
            folder: Arc::clone(self.folder(index)?),
            raw: raw.into(),
            out: Arc::clone(self.outs.get(usize::try_from(entry.out).ok()?)?),
            name: SafeName::check(name.to_str()?).ok()?,
            shares_stem: entry.shares_stem,
            bytes: entry.bytes,
            trouble: self.troubles.get(&index).cloned(),
        }))
    }

    /// All of them, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Arc<Input>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
