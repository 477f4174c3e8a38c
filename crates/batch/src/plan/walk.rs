//! All that is in a folder, without following links.

use crate::plan::Finder;
use crate::source::{Folder, Trouble};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Adds all files below `root`, sorted by name; `out` (device and number of a folder) is left out.
pub(super) fn walk(root: &Path, out: Option<(u64, u64)>, finder: &mut Finder) {
    let handle = match Folder::handle(root) {
        Ok(handle) => Arc::new(handle),
        Err(error) => return finder.named(root, 0, Some(Trouble::unreadable(&error))),
    };
    let mut walker = ignore::WalkBuilder::new(root);
    walker
        .standard_filters(false)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp);
    if out.is_some() {
        walker.filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let place = || entry.metadata().ok().map(|data| (data.dev(), data.ino()));
            !(is_folder && place() == out)
        });
    }
    let mut folders: BTreeMap<PathBuf, Arc<Folder>> = BTreeMap::new();
    let mut add = |path: &Path, bytes: u64, trouble: Option<Trouble>, finder: &mut Finder| {
        let (Some(parent), Some(raw)) = (path.parent(), path.file_name()) else {
            return finder.named(path, bytes, trouble);
        };
        let Ok(below) = parent.strip_prefix(root) else {
            return finder.named(path, bytes, trouble);
        };
        let folder = folders
            .entry(below.to_owned())
            .or_insert_with(|| Arc::new(Folder::below(Arc::clone(&handle), below, parent)));
        finder.add(folder, raw, bytes, trouble);
    };
    for entry in walker.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (path, trouble) = unreadable(&error);
                add(path.unwrap_or(root), 0, Some(trouble), finder);
                continue;
            }
        };
        let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else {
            continue;
        };
        match entry.metadata() {
            Ok(data) => add(entry.path(), data.len(), Trouble::of(kind), finder),
            Err(error) => add(entry.path(), 0, Some(unreadable(&error).1), finder),
        }
    }
}

/// The path of an error of the walk, and what the system said about it.
fn unreadable(error: &ignore::Error) -> (Option<&Path>, Trouble) {
    let mut path = None;
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = Some(at.as_path());
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                inner = err;
            }
            ignore::Error::Io(error) => return (path, Trouble::unreadable(error)),
            ignore::Error::Partial(_)
            | ignore::Error::Loop { .. }
            | ignore::Error::Glob { .. }
            | ignore::Error::UnrecognizedFileType(_)
            | ignore::Error::InvalidDefinition => {
                let error = std::io::Error::other("folder: cannot be walked");
                return (path, Trouble::unreadable(&error));
            }
        }
    }
}
