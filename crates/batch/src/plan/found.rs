//! Files as they are found: brought in order, each path once.

use crate::plan::{Inputs, walk};
use crate::source::{Folder, Trouble};
use crate::spill::{Map, Scratch, Sorter};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Behind the path of a record.
const END: [u8; 2] = [0, 0];

/// Collects files.
///
/// A record is: which of the given paths it was found under; its path below that, each `/` a zero, so
/// that records lie as a walk by name comes to them; [`END`]; root, size and trouble; and, where it was
/// named by itself, its path.
#[derive(Debug)]
pub(crate) struct Finder {
    records: Sorter,
    inputs: Inputs,
    /// How many paths were given so far.
    given: u32,
    troubles: Vec<Trouble>,
}

/// A file as it was found.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) bytes: u64,
    pub(super) trouble: Option<&'a Trouble>,
}

impl Finder {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            records: Sorter::new(scratch),
            inputs: Inputs::new(scratch),
            given: 0,
            troubles: Vec::new(),
        }
    }

    pub(super) const fn scratch(&self) -> &Scratch {
        self.inputs.scratch()
    }

    /// For files below a folder that no link may lead out of; its number, or none if it is gone.
    pub(crate) fn root(&mut self, path: &Path) -> io::Result<Option<u32>> {
        let Ok(handle) = Folder::handle(path) else {
            return Ok(None);
        };
        let root = self.inputs.root(path.to_owned(), Arc::new(handle))?;
        Ok(Some(root))
    }

    /// Takes a file below a root.
    pub(crate) fn take_below(&mut self, root: u32, path: &Path) -> io::Result<()> {
        let above = self.inputs.root_path(root).unwrap_or(Path::new(""));
        let Ok(below) = path.strip_prefix(above).map(Path::to_owned) else {
            return Ok(());
        };
        let Ok(data) = std::fs::symlink_metadata(path) else {
            return Ok(());
        };
        let trouble = Trouble::of(data.file_type());
        let seen = Seen {
            bytes: data.len(),
            trouble: trouble.as_ref(),
        };
        self.below(root, below.as_os_str().as_bytes(), seen)
    }

    /// Takes a path of a command line or a list.
    pub(crate) fn take(&mut self, path: &Path, out: Option<(u64, u64)>) -> io::Result<()> {
        self.given = self.given.checked_add(1).ok_or_else(too_many)?;
        match std::fs::symlink_metadata(path) {
            Ok(data) if data.is_dir() => walk::walk(path, out, self),
            Ok(data) => self.named(
                path,
                Seen {
                    bytes: data.len(),
                    trouble: Trouble::of(data.file_type()).as_ref(),
                },
            ),
            Err(error) => self.unreadable(path, &error),
        }
    }

    /// Takes a path that the system does not let us look at.
    pub(super) fn unreadable(&mut self, path: &Path, error: &io::Error) -> io::Result<()> {
        let trouble = Some(&Trouble::unreadable(error));
        self.named(path, Seen { bytes: 0, trouble })
    }

    fn named(&mut self, path: &Path, seen: Seen<'_>) -> io::Result<()> {
        self.add(None, b"", seen, path.as_os_str().as_bytes())
    }

    /// Takes a file at a path below a root.
    pub(super) fn below(&mut self, root: u32, below: &[u8], seen: Seen<'_>) -> io::Result<()> {
        self.add(Some(root), below, seen, b"")
    }

    fn add(
        &mut self,
        root: Option<u32>,
        below: &[u8],
        seen: Seen<'_>,
        path: &[u8],
    ) -> io::Result<()> {
        let below: Vec<u8> = below
            .iter()
            .map(|b| if *b == b'/' { 0 } else { *b })
            .collect();
        let trouble = self.trouble(seen.trouble)?;
        self.records.push(&[
            &self.given.to_be_bytes(),
            &below,
            &END,
            &root.unwrap_or(u32::MAX).to_be_bytes(),
            &seen.bytes.to_be_bytes(),
            &trouble.to_be_bytes(),
            path,
        ])
    }

    /// Troubles are few, however many files have them.
    fn trouble(&mut self, trouble: Option<&Trouble>) -> io::Result<u16> {
        let Some(trouble) = trouble else { return Ok(0) };
        let known = self.troubles.iter().position(|known| known == trouble);
        let place = known.unwrap_or_else(|| {
            self.troubles.push(trouble.clone());
            self.troubles.len().saturating_sub(1)
        });
        u16::try_from(place.saturating_add(1)).map_err(io::Error::other)
    }

    /// All files, each path once, in the order in which their paths were given and by name below
    /// those; and how many came again.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn end(self) -> io::Result<(Inputs, u64)> {
        let Self {
            records,
            mut inputs,
            given,
            troubles,
        } = self;
        let mut seen = Map::new(inputs.scratch());
        let mut repeated = 0u64;
        let mut records = records.sorted()?;
        while let Some(record) = records.next()? {
            let (root, path, bytes, trouble) = read(&record, &inputs)?;
            // one folder has no path twice
            if given > 1 && again(&mut seen, &path)? {
                repeated = repeated.saturating_add(1);
                continue;
            }
            let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
            let raw = path.file_name();
            let trouble = trouble.and_then(|place| troubles.get(place));
            inputs.push((root, folder), raw.unwrap_or_default(), bytes, trouble)?;
        }
        Ok((inputs, repeated))
    }
}

fn too_many() -> io::Error {
    io::Error::other("too many paths")
}

/// Whether a path was there before.
fn again(seen: &mut Map, path: &Path) -> io::Result<bool> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let key = crate::key::short(&[path.as_os_str()]);
    if seen.get(&key)?.is_some() {
        return Ok(true);
    }
    seen.put(key, [0; 16], &mut |_| Ok(()))?;
    Ok(false)
}

/// Root, path, size and the place of the trouble in a record.
type Read = (Option<u32>, PathBuf, u64, Option<usize>);

fn read(record: &[u8], inputs: &Inputs) -> io::Result<Read> {
    parts(record, inputs).ok_or_else(|| io::Error::other("temporary file: half a record"))
}

fn parts(record: &[u8], inputs: &Inputs) -> Option<Read> {
    let (_, rest) = record.split_first_chunk::<4>()?;
    let end = rest.windows(END.len()).position(|two| two == END)?;
    let (below, rest) = rest.split_at_checked(end)?;
    let rest = rest.get(END.len()..)?;
    let (root, rest) = rest.split_first_chunk::<4>()?;
    let (bytes, rest) = rest.split_first_chunk::<8>()?;
    let (trouble, path) = rest.split_first_chunk::<2>()?;
    let root = Some(u32::from_be_bytes(*root)).filter(|root| *root != u32::MAX);
    let path = match root {
        Some(root) => {
            let below: Vec<u8> = below
                .iter()
                .map(|b| if *b == 0 { b'/' } else { *b })
                .collect();
            inputs.root_path(root)?.join(OsStr::from_bytes(&below))
        }
        None => PathBuf::from(OsStr::from_bytes(path)),
    };
    let trouble = usize::from(u16::from_be_bytes(*trouble)).checked_sub(1);
    Some((root, path, u64::from_be_bytes(*bytes), trouble))
}
