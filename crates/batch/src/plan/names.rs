//! Names of outputs: safe, the same in every run over the same files, and never one for two inputs.

use crate::plan::Inputs;
use mugai_core::{Kind, SafeName};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// What lies in the output folder beside outputs.
pub(crate) const RESERVED: [&str; 1] = ["report.jsonl"];

/// Gives names, next to what is there already.
#[derive(Debug, Default)]
pub struct Names {
    /// By folder below the output folder: names that are taken.
    taken: BTreeMap<PathBuf, Space>,
    /// What is left out of the paths of inputs.
    root: PathBuf,
}

/// The names of one folder. An input called `a.tif` owns `a.<any extension of a kind>` and
/// `a.tif.<anything>`; names are compared without case, since some file systems do.
#[derive(Clone, Debug, Default)]
struct Space {
    /// Whole names.
    names: BTreeSet<String>,
    /// What stands before some dot of a whole name.
    before: BTreeSet<String>,
    /// Stems of folders and of files that are there: an output could come to their very name.
    stems: BTreeSet<String>,
    /// Folders that are there and that no folder of the inputs was put into yet.
    folders: BTreeSet<String>,
}

impl Space {
    /// Whether an input of this name could have an output that is another's.
    fn clashes(&self, name: &str, stem: &str) -> bool {
        self.names.contains(name)
            || self.before.contains(name)
            || self.stems.contains(stem)
            || dots(name).any(|before| self.names.contains(before))
    }

    fn insert(&mut self, name: &str) {
        for before in dots(name) {
            self.before.insert(before.to_owned());
        }
        self.names.insert(name.to_owned());
    }

    /// A name for good: no output may ever be called so.
    fn block(&mut self, name: &str) {
        self.stems.insert(stem(name));
        self.insert(name);
    }

    /// A name for a folder; one that is there already is the place to put more into.
    fn folder(&mut self, base: &SafeName) -> SafeName {
        let mut name = base.clone();
        let mut number = 1u32;
        loop {
            let lower = name.as_str().to_lowercase();
            if self.folders.remove(&lower) || !self.names.contains(&lower) {
                self.block(&lower);
                return name;
            }
            number = number.saturating_add(1);
            name = base.numbered(number);
        }
    }

    /// A name that clashes with none: `base`, or with a number.
    fn free(&self, base: &SafeName) -> SafeName {
        let free = |name: &SafeName| {
            let lower = name.as_str().to_lowercase();
            !self.clashes(&lower, &stem(&lower))
        };
        if free(base) {
            return base.clone();
        }
        let mut number = 1u32;
        loop {
            number = number.saturating_add(1);
            // a.zip.withheld.txt belongs to a.zip whatever stands before its last dot
            let front = numbered_in_front(base, number);
            for name in std::iter::once(base.numbered(number)).chain(front) {
                if free(&name) {
                    return name;
                }
            }
        }
    }
}

/// How much of a name stays before a number, in characters: the number must not be cut off.
const FRONT: usize = 60;

/// The same name with `-2`, `-3`, … before its first dot.
fn numbered_in_front(base: &SafeName, number: u32) -> Option<SafeName> {
    let (first, rest) = base.as_str().split_once('.').unwrap_or((base.as_str(), ""));
    let first: String = first.chars().take(FRONT).collect();
    let dot = if rest.is_empty() { "" } else { "." };
    SafeName::clean(&format!("{first}-{number}{dot}{rest}")).0
}

/// What stands before each dot of a name.
fn dots(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.')
        .filter_map(|(at, _)| name.get(..at))
        .filter(|before| !before.is_empty())
}

impl Names {
    /// Names that are in a folder below the output folder already: none of them is used again.
    pub fn block(&mut self, folder: &Path, names: impl IntoIterator<Item = String>) {
        let space = self.taken.entry(folder.to_owned()).or_default();
        for name in names {
            space.block(&name.to_lowercase());
        }
    }

    /// Folders that are in a folder below the output folder already: outputs may go into them.
    pub fn block_folders(&mut self, folder: &Path, names: impl IntoIterator<Item = String>) {
        let space = self.taken.entry(folder.to_owned()).or_default();
        for name in names {
            let lower = name.to_lowercase();
            space.block(&lower);
            space.folders.insert(lower);
        }
    }

    /// Outputs lie as their inputs do below `root`, without the path to it.
    pub(crate) fn below(mut self, root: &Path) -> Self {
        root.clone_into(&mut self.root);
        self
    }

    /// Names the files that were found; the order stays.
    pub(crate) fn give(mut self, mut found: Inputs) -> Inputs {
        let mut folders: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
        for index in 0..found.len() {
            let Some(folder) = found.folder(index) else {
                continue;
            };
            let path = &folder.path;
            let raw = raw_folder(path.strip_prefix(&self.root).unwrap_or(path));
            for parent in raw.ancestors().skip(1) {
                if folders.contains_key(parent) {
                    break;
                }
                folders.insert(parent.to_owned(), Vec::new());
            }
            folders.entry(raw).or_default().push(index);
        }
        self.block(Path::new(""), RESERVED.map(str::to_owned));
        let safe = self.folders(folders.keys());
        for (raw, mut files) in folders {
            let out = safe.get(&raw).map_or(Path::new(""), PathBuf::as_path);
            let place = found.out(out);
            files.sort_by(|one, two| found.raw(*one).cmp(&found.raw(*two)));
            for (index, name, shares) in self.files(out, &files, &found) {
                found.name(index, place, &name, shares);
            }
            // no other folder of inputs has this one for its outputs
            self.taken.remove(out);
        }
        found
    }

    /// Safe paths of folders; parents come before what is in them.
    fn folders<'a>(
        &mut self,
        raws: impl Iterator<Item = &'a PathBuf>,
    ) -> BTreeMap<PathBuf, PathBuf> {
        let mut safe: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        for raw in raws {
            let (Some(parent), Some(name)) = (raw.parent(), raw.file_name()) else {
                safe.insert(raw.clone(), PathBuf::new());
                continue;
            };
            let parent = safe.get(parent).cloned().unwrap_or_default();
            let Some(base) = clean(&name.to_string_lossy()) else {
                continue;
            };
            let space = self.taken.entry(parent.clone()).or_default();
            let name = space.folder(&base);
            safe.insert(raw.clone(), parent.join(name.as_str()));
        }
        safe
    }

    /// Names of the files of one folder, with whether the stem is another's too.
    fn files(
        &mut self,
        out: &Path,
        files: &[usize],
        found: &Inputs,
    ) -> Vec<(usize, SafeName, bool)> {
        let space = self.taken.entry(out.to_owned()).or_default();
        let mut stems: BTreeMap<String, u32> = BTreeMap::new();
        let mut named = Vec::new();
        for index in files {
            let Some(raw) = found.raw(*index) else {
                continue;
            };
            let Some(base) = clean(&raw.to_string_lossy()) else {
                continue;
            };
            let name = space.free(&base);
            let lower = name.as_str().to_lowercase();
            let count = stems.entry(stem(&lower)).or_insert(0);
            *count = count.saturating_add(1);
            space.insert(&lower);
            named.push((*index, name));
        }
        let shares = |name: &SafeName| {
            let count = stems.get(&stem(&name.as_str().to_lowercase()));
            count.is_some_and(|count| *count > 1)
        };
        named
            .into_iter()
            .map(|(index, name)| {
                let shares = shares(&name);
                (index, name, shares)
            })
            .collect()
    }
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
