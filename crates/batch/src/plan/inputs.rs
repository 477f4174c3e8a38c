//! Inputs, packed: an entry of fixed size for each, and its names, in temporary files once they are
//! many.

use crate::plan::Input;
use crate::source::{Folder, Trouble};
use crate::spill::{Scratch, Tape, Window};
use mugai_core::SafeName;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files in a fixed order.
#[derive(Debug)]
pub struct Inputs {
    /// Of each file, what [`Entry`] has.
    entries: Tape,
    /// Of each folder: its root, and where its path is.
    folders: Tape,
    /// Names and paths.
    text: Tape,
    count: usize,
    bytes: u64,
    /// Folders of the command line that files were found in: no link may lead out of them.
    roots: Vec<(PathBuf, Arc<OwnedFd>)>,
    /// What the system said about files that it does not let us look at.
    told: Vec<String>,
    last: Option<(u32, Option<u32>, PathBuf)>,
    near: Mutex<Near>,
}

/// Folders that were asked for lately, by their places in [`Inputs::folders`].
#[derive(Debug, Default)]
struct Near {
    folders: BTreeMap<u32, Arc<Folder>>,
    outs: BTreeMap<u32, Arc<Path>>,
}

/// How many folders of each sort are kept near.
const NEAR: usize = 64;

/// A file.
#[derive(Clone, Copy, Debug)]
struct Entry {
    bytes: u64,
    raw: Text,
    /// Without one the file is called in its outputs as it is in its folder.
    name: Text,
    folder: u32,
    out: u32,
    trouble: u16,
    shares_stem: bool,
}

/// Where some text is.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    at: u64,
    length: u32,
}

/// Bytes of an [`Entry`] on its tape.
const ENTRY: usize = 43;
/// Bytes of a folder on its tape.
const FOLDER: usize = 16;
/// In the place of a root: the files of this folder were named one by one.
const NAMED: u32 = u32::MAX;

/// Troubles by number: none, these two, and then what the system said.
const LINK: u16 = 1;
const SPECIAL: u16 = 2;
const TOLD: u16 = 3;

/// Takes numbers off the front of some bytes, as they were put there.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn some<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (some, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or_else(|| io::Error::other("temporary file: half an entry"))?;
        self.0 = rest;
        Ok(*some)
    }

    fn text(&mut self) -> io::Result<Text> {
        Ok(Text {
            at: u64::from_be_bytes(self.some()?),
            length: u32::from_be_bytes(self.some()?),
        })
    }
}

impl Entry {
    fn packed(&self) -> Vec<u8> {
        [
            &self.bytes.to_be_bytes()[..],
            &self.raw.at.to_be_bytes(),
            &self.raw.length.to_be_bytes(),
            &self.name.at.to_be_bytes(),
            &self.name.length.to_be_bytes(),
            &self.folder.to_be_bytes(),
            &self.out.to_be_bytes(),
            &self.trouble.to_be_bytes(),
            &[u8::from(self.shares_stem)],
        ]
        .concat()
    }

    fn unpacked(bytes: &[u8]) -> io::Result<Self> {
        let mut numbers = Numbers(bytes);
        Ok(Self {
            bytes: u64::from_be_bytes(numbers.some()?),
            raw: numbers.text()?,
            name: numbers.text()?,
            folder: u32::from_be_bytes(numbers.some()?),
            out: u32::from_be_bytes(numbers.some()?),
            trouble: u16::from_be_bytes(numbers.some()?),
            shares_stem: numbers.some()? != [0],
        })
    }
}

/// Where entry `index` of a tape with entries of this size begins.
fn offset(index: usize, size: usize) -> io::Result<u64> {
    let at = index.checked_mul(size).ok_or_else(too_many)?;
    u64::try_from(at).map_err(io::Error::other)
}

fn too_many() -> io::Error {
    io::Error::other("too many files or folders")
}

/// The bytes of some text, read at once.
fn bytes_of(tape: &Tape, text: Text) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(text.length).map_err(io::Error::other)?];
    tape.read(text.at, &mut bytes)?;
    Ok(bytes)
}

impl Inputs {
    pub(crate) fn new(scratch: &Scratch) -> Self {
        Self {
            entries: Tape::new(scratch),
            folders: Tape::new(scratch),
            text: Tape::new(scratch),
            count: 0,
            bytes: 0,
            roots: Vec::new(),
            told: Vec::new(),
            last: None,
            near: Mutex::default(),
        }
    }

    pub(crate) const fn scratch(&self) -> &Scratch {
        self.entries.scratch()
    }

    /// Adds a folder that no link may lead out of, under its path as it was given.
    pub(crate) fn root(&mut self, path: PathBuf, handle: Arc<OwnedFd>) -> io::Result<u32> {
        let root = u32::try_from(self.roots.len()).map_err(io::Error::other)?;
        self.roots.push((path, handle));
        Ok(root)
    }

    /// The path of a root.
    pub(crate) fn root_path(&self, root: u32) -> Option<&Path> {
        let (path, _) = self.roots.get(usize::try_from(root).ok()?)?;
        Some(path)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<Text> {
        Ok(Text {
            at: self.text.append(bytes)?,
            length: u32::try_from(bytes.len()).map_err(io::Error::other)?,
        })
    }

    /// A folder: in the last tape entry where files come by folders, as they mostly do.
    fn folder_at(&mut self, root: Option<u32>, path: PathBuf) -> io::Result<u32> {
        if let Some((place, of, last)) = &self.last
            && *of == root
            && *last == path
        {
            return Ok(*place);
        }
        let place = self.add_folder(root, &path)?;
        self.last = Some((place, root, path));
        Ok(place)
    }

    fn add_folder(&mut self, root: Option<u32>, path: &Path) -> io::Result<u32> {
        let text = self.put(path.as_os_str().as_bytes())?;
        let at = self.folders.append(
            &[
                &root.unwrap_or(NAMED).to_be_bytes()[..],
                &text.at.to_be_bytes(),
                &text.length.to_be_bytes(),
            ]
            .concat(),
        )?;
        u32::try_from(at / 16).map_err(|_| too_many())
    }

    /// Adds a file of a folder, in a root or named by itself, as it was found.
    pub(crate) fn push(
        &mut self,
        (root, folder): (Option<u32>, PathBuf),
        raw: &OsStr,
        bytes: u64,
        trouble: Option<&Trouble>,
    ) -> io::Result<()> {
        let folder = self.folder_at(root, folder)?;
        let entry = Entry {
            bytes,
            raw: self.put(raw.as_bytes())?,
            name: Text::default(),
            folder,
            out: u32::MAX,
            trouble: self.trouble_number(trouble)?,
            shares_stem: false,
        };
        self.entries.append(&entry.packed())?;
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }

    fn trouble_number(&mut self, trouble: Option<&Trouble>) -> io::Result<u16> {
        let told = match trouble {
            None => return Ok(0),
            Some(Trouble::Link) => return Ok(LINK),
            Some(Trouble::Special) => return Ok(SPECIAL),
            Some(Trouble::Unreadable(told)) => told,
        };
        // a system has some hundred things to say
        let known = self.told.iter().position(|known| known == told);
        let place = known.unwrap_or_else(|| {
            self.told.push(told.clone());
            self.told.len().saturating_sub(1)
        });
        let place = u16::try_from(place).map_err(io::Error::other)?;
        Ok(place.saturating_add(TOLD))
    }

    fn trouble(&self, number: u16) -> Option<Trouble> {
        match number {
            0 => None,
            LINK => Some(Trouble::Link),
            SPECIAL => Some(Trouble::Special),
            more => {
                let told = self.told.get(usize::from(more.saturating_sub(TOLD)));
                Some(Trouble::Unreadable(told.cloned().unwrap_or_default()))
            }
        }
    }

    /// A folder for outputs, to be named in [`Self::name`].
    pub(crate) fn out(&mut self, out: &Path) -> io::Result<u32> {
        self.add_folder(None, out)
    }

    /// The path of a folder for outputs.
    pub(crate) fn out_path(&self, out: u32) -> io::Result<Arc<Path>> {
        let near = self.near().outs.get(&out).cloned();
        if let Some(near) = near {
            return Ok(near);
        }
        let (_, path) = self.folder_entry(out)?;
        let path: Arc<Path> = path.into();
        let mut near = self.near();
        if near.outs.len() >= NEAR {
            near.outs.clear();
        }
        near.outs.insert(out, Arc::clone(&path));
        drop(near);
        Ok(path)
    }

    /// Gives a file its name and the folder of its outputs.
    pub(crate) fn name(&mut self, index: usize, out: u32, name: &SafeName) -> io::Result<()> {
        let mut entry = self.entry(index)?;
        entry.out = out;
        if bytes_of(&self.text, entry.raw)? != name.as_str().as_bytes() {
            entry.name = self.put(name.as_str().as_bytes())?;
        }
        self.entries.patch(offset(index, ENTRY)?, &entry.packed())
    }

    /// Notes that another file of the folder has the stem of this one.
    pub(crate) fn share(&mut self, index: usize) -> io::Result<()> {
        let mut entry = self.entry(index)?;
        entry.shares_stem = true;
        self.entries.patch(offset(index, ENTRY)?, &entry.packed())
    }

    /// All is added and named: what is in files needs no memory.
    pub(crate) fn seal(&mut self) -> io::Result<()> {
        self.last = None;
        self.entries.seal()?;
        self.folders.seal()?;
        self.text.seal()
    }

    fn entry(&self, index: usize) -> io::Result<Entry> {
        let mut bytes = [0; ENTRY];
        self.entries.read(offset(index, ENTRY)?, &mut bytes)?;
        Entry::unpacked(&bytes)
    }

    fn folder_entry(&self, place: u32) -> io::Result<(u32, PathBuf)> {
        let place = usize::try_from(place).map_err(io::Error::other)?;
        let mut bytes = [0; FOLDER];
        self.folders.read(offset(place, FOLDER)?, &mut bytes)?;
        let mut numbers = Numbers(&bytes);
        let root = u32::from_be_bytes(numbers.some()?);
        let path = bytes_of(&self.text, numbers.text()?)?;
        Ok((root, PathBuf::from(OsStr::from_bytes(&path))))
    }

    fn near(&self) -> MutexGuard<'_, Near> {
        self.near.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self, place: u32) -> io::Result<Arc<Folder>> {
        let near = self.near().folders.get(&place).cloned();
        if let Some(near) = near {
            return Ok(near);
        }
        let (root, path) = self.folder_entry(place)?;
        let root = usize::try_from(root).ok().and_then(|r| self.roots.get(r));
        let folder = Arc::new(match root {
            Some((above, handle)) => {
                let below = path.strip_prefix(above).map_err(io::Error::other)?;
                Folder::below(Arc::clone(handle), below, &path)
            }
            None => Folder::named(&path),
        });
        let mut near = self.near();
        if near.folders.len() >= NEAR {
            near.folders.clear();
        }
        near.folders.insert(place, Arc::clone(&folder));
        drop(near);
        Ok(folder)
    }

    /// How many they are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of all files, as they were found.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The size of each file, in bytes, as it was found.
    ///
    /// # Errors
    /// What the system says about a temporary file, or `each` does.
    pub(crate) fn sizes(
        &self,
        mut each: impl FnMut(usize, u64) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut window = Window::default();
        for index in 0..self.count {
            let bytes = window.get(&self.entries, offset(index, ENTRY)?, ENTRY)?;
            each(index, Entry::unpacked(bytes)?.bytes)?;
        }
        Ok(())
    }

    /// The folder of each file, and what it is called there.
    ///
    /// # Errors
    /// What the system says about a temporary file, or `each` does.
    pub(crate) fn raws(
        &self,
        mut each: impl FnMut(usize, &Path, &OsStr) -> io::Result<()>,
    ) -> io::Result<()> {
        let (mut entries, mut texts) = (Window::default(), Window::default());
        for index in 0..self.count {
            let entry = entries.get(&self.entries, offset(index, ENTRY)?, ENTRY)?;
            let entry = Entry::unpacked(entry)?;
            let folder = self.folder(entry.folder)?;
            let length = usize::try_from(entry.raw.length).map_err(io::Error::other)?;
            let raw = texts.get(&self.text, entry.raw.at, length)?;
            each(index, &folder.path, OsStr::from_bytes(raw))?;
        }
        Ok(())
    }

    /// One of them, unpacked; none where there are not as many.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub fn get(&self, index: usize) -> io::Result<Option<Arc<Input>>> {
        if index >= self.count {
            return Ok(None);
        }
        let entry = self.entry(index)?;
        let raw = bytes_of(&self.text, entry.raw)?;
        let name = if entry.name.length == 0 {
            None
        } else {
            Some(bytes_of(&self.text, entry.name)?)
        };
        let name = std::str::from_utf8(name.as_deref().unwrap_or(&raw));
        let name = name.ok().and_then(|name| SafeName::check(name).ok());
        let lost = || io::Error::other("temporary file: no name where one was");
        Ok(Some(Arc::new(Input {
            folder: self.folder(entry.folder)?,
            raw: OsStr::from_bytes(&raw).into(),
            out: self.out_path(entry.out)?,
            name: name.ok_or_else(lost)?,
            shares_stem: entry.shares_stem,
            bytes: entry.bytes,
            trouble: self.trouble(entry.trouble),
        })))
    }

    /// All of them, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = io::Result<Arc<Input>>> + '_ {
        (0..self.count).filter_map(|index| self.get(index).transpose())
    }
}
