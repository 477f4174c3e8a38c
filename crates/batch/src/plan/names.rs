//! Names of outputs: safe, the same in every run over the same files, and never one for two inputs.

mod space;

use crate::plan::Inputs;
use crate::spill::{Map, Sorter};
use mugai_core::{Kind, SafeName};
use space::Space;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// What lies in the output folder beside outputs.
pub(crate) const RESERVED: [&str; 1] = ["report.jsonl"];

/// Gives names, next to what is there already.
#[derive(Debug, Default)]
pub struct Names {
    /// By folder below the output folder: names that are taken.
    taken: BTreeMap<PathBuf, Taken>,
    /// What is left out of the paths of inputs.
    root: PathBuf,
}

/// Names that are in a folder already.
#[derive(Debug, Default)]
struct Taken {
    files: Vec<String>,
    folders: Vec<String>,
}

/// In records of folders and of files, which lie as the folders do, each before those in it.
///
/// A record is the path of a folder, each component ended by a zero; another zero; one of these; a
/// name; and for a file a zero and its number.
const FOLDER: u8 = 1;
const FILE: u8 = 2;

/// How much of a name stays before a number, in characters: the number must not be cut off.
const FRONT: usize = 60;

/// What stands before each dot of a name.
fn dots(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.')
        .filter_map(|(at, _)| name.get(..at))
        .filter(|before| !before.is_empty())
}

impl Names {
    /// Names that are in a folder below the output folder already: none of them is used again.
    pub fn block(&mut self, folder: &Path, names: impl IntoIterator<Item = String>) {
        let taken = self.taken.entry(folder.to_owned()).or_default();
        taken.files.extend(names);
    }

    /// Folders that are in a folder below the output folder already: outputs may go into them.
    pub fn block_folders(&mut self, folder: &Path, names: impl IntoIterator<Item = String>) {
        let taken = self.taken.entry(folder.to_owned()).or_default();
        taken.folders.extend(names);
    }

    /// Outputs lie as their inputs do below `root`, without the path to it.
    pub(crate) fn below(mut self, root: &Path) -> Self {
        root.clone_into(&mut self.root);
        self
    }

    /// Names the files that were found; the order stays.
    ///
    /// # Errors
    /// What the system says about a temporary file.
    pub(crate) fn give(mut self, mut found: Inputs) -> io::Result<Inputs> {
        self.block(Path::new(""), RESERVED.map(str::to_owned));
        let mut records = self.records(&found)?.sorted()?;
        let mut space = Space::new(found.scratch());
        let mut folders = Map::new(found.scratch());
        let mut group: Option<Group> = None;
        let mut before = Vec::new();
        while let Some(record) = records.next()? {
            // a folder is told of wherever files come to it again
            if record == before {
                continue;
            }
            let (folder, tag, name) = split(&record).ok_or_else(half)?;
            let at = match group.take().filter(|group| group.folder == folder) {
                Some(group) => group,
                None => self.group(folder, &mut found, &mut space, &folders)?,
            };
            let raw = if tag == FOLDER { name } else { raw_of(name).0 };
            let base = clean(&OsStr::from_bytes(raw).to_string_lossy());
            let base = base.ok_or_else(half)?;
            if tag == FOLDER {
                let name = space.folder(&base)?;
                let out = found.out(&at.path.join(name.as_str()))?;
                let key = folder_key(&[folder, raw, &[0]].concat());
                let value = u128::from(out).to_be_bytes();
                folders.put(key, value, &mut |_| Ok(()))?;
            } else {
                let number = raw_of(name).1.ok_or_else(half)?;
                let mut shares = |index| found.share(place(index)?);
                let name = space.file(&base, number, &mut shares)?;
                found.name(place(number)?, at.out, &name)?;
            }
            group = Some(at);
            before = record;
        }
        found.seal()?;
        Ok(found)
    }

    /// Every file in its folder, and every folder in the one above it.
    fn records(&self, found: &Inputs) -> io::Result<Sorter> {
        let mut records = Sorter::new(found.scratch());
        let mut last: Option<(PathBuf, Vec<u8>)> = None;
        found.raws(|index, path, raw| {
            let path = path.strip_prefix(&self.root).unwrap_or(path);
            let known = last.take().filter(|(last, _)| last == path);
            let (path, folder) = match known {
                Some(known) => known,
                None => (path.to_owned(), folder_of(path, &mut records)?),
            };
            let number = u64::try_from(index).map_err(io::Error::other)?;
            let (tag, number) = ([0, FILE], number.to_be_bytes());
            records.push(&[&folder, &tag, raw.as_bytes(), &[0], &number])?;
            last = Some((path, folder));
            Ok(())
        })?;
        Ok(records)
    }

    /// Begins a folder: what is in it already is taken.
    fn group(
        &mut self,
        folder: &[u8],
        found: &mut Inputs,
        space: &mut Space,
        folders: &Map,
    ) -> io::Result<Group> {
        let out = match folders.get(&folder_key(folder))? {
            Some(value) => u32::try_from(u128::from_be_bytes(value)).map_err(io::Error::other)?,
            None => found.out(Path::new(""))?,
        };
        let path = found.out_path(out)?.to_path_buf();
        space.clear();
        // no other folder of inputs has this one for its outputs
        let taken = self.taken.remove(&path).unwrap_or_default();
        for name in taken.folders {
            space.block_folder(name.to_lowercase())?;
        }
        for name in taken.files {
            space.block(&name.to_lowercase())?;
        }
        Ok(Group {
            folder: folder.to_owned(),
            path,
            out,
        })
    }
}

/// The folder whose files are named at present.
struct Group {
    /// As in its records.
    folder: Vec<u8>,
    /// The folder of its outputs.
    path: PathBuf,
    out: u32,
}

fn half() -> io::Error {
    io::Error::other("temporary file: half a record")
}

fn place(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(io::Error::other)
}

fn folder_key(folder: &[u8]) -> crate::spill::Key {
    crate::key::short(&[OsStr::from_bytes(folder)])
}

/// Folder, sort and name of a record.
fn split(record: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    // behind the zero that ends the last component is another one; before the first there is none
    let end = if record.first() == Some(&0) {
        0
    } else {
        let end = record.windows(2).position(|two| two == [0, 0])?;
        end.checked_add(1)?
    };
    let (folder, rest) = record.split_at_checked(end)?;
    let (_, rest) = rest.split_first()?;
    let (tag, name) = rest.split_first()?;
    Some((folder, *tag, name))
}

/// The name of a file and its number.
fn raw_of(name: &[u8]) -> (&[u8], Option<u64>) {
    let Some((rest, number)) = name.split_last_chunk::<8>() else {
        return (name, None);
    };
    let raw = rest.strip_suffix(&[0]).unwrap_or(rest);
    (raw, Some(u64::from_be_bytes(*number)))
}

/// The folder of a path as it is in records, after records of it and of those above it.
fn folder_of(path: &Path, records: &mut Sorter) -> io::Result<Vec<u8>> {
    let mut folder = Vec::new();
    for component in &raw_folder(path) {
        records.push(&[&folder, &[0, FOLDER], component.as_bytes()])?;
        folder.extend_from_slice(component.as_bytes());
        folder.push(0);
    }
    Ok(folder)
}

fn clean(raw: &str) -> Option<SafeName> {
    SafeName::clean(raw)
        .0
        .or_else(|| SafeName::clean("unnamed").0)
}

/// The folder below the output folder: the path as it was given, without root and `..`.
fn raw_folder(path: &Path) -> PathBuf {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        })
        .collect()
}

/// A name in lower case without an extension that an output may replace.
fn stem(lower: &str) -> String {
    match lower.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && is_known(extension) => stem.to_owned(),
        _ => lower.to_owned(),
    }
}

fn is_known(extension: &str) -> bool {
    Kind::ALL
        .iter()
        .any(|kind| kind.extensions().contains(&extension))
}

#[cfg(test)]
mod tests;
