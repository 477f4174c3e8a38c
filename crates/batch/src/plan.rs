//! Which files a run takes, and what their outputs are called.

use mugai_core::{Kind, SafeName};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// One file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it lies.
    pub path: PathBuf,
    /// The folder of its outputs, below the output folder.
    pub folder: PathBuf,
    /// What it is called, made safe; unique within its folder.
    pub name: SafeName,
    /// Another input of the folder differs from this one in its extension only, so an output whose
    /// extension changes keeps the whole name before it (`scan.tiff.png` beside `scan.png`).
    pub shares_stem: bool,
}

/// All files of a run, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files.
    pub inputs: Vec<Input>,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError {
    /// A path that is not there or cannot be looked at.
    Missing(PathBuf, std::io::Error),
    /// A folder that cannot be walked.
    Walk(ignore::Error),
    /// No file at all.
    Nothing,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Walk(error) => write!(f, "{error}"),
            Self::Nothing => f.write_str("there is no file to sanitise"),
        }
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// Takes files as they are and the files of folders by name, without following links.
    /// A path that comes twice is taken once; `out` itself is left out.
    ///
    /// # Errors
    /// [`PlanError`]
    pub fn of(paths: &[PathBuf], out: &Path) -> Result<Self, PlanError> {
        let mut found = Vec::new();
        let out = std::fs::canonicalize(out).ok();
        for path in paths {
            let data = std::fs::metadata(path).map_err(|e| PlanError::Missing(path.clone(), e))?;
            if data.is_dir() {
                walk(path, out.as_deref(), &mut found)?;
            } else {
                found.push(path.clone());
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|path| seen.insert(path.clone()));
        if found.is_empty() {
            return Err(PlanError::Nothing);
        }
        Ok(Self {
            inputs: name(found),
        })
    }
}

fn walk(root: &Path, out: Option<&Path>, found: &mut Vec<PathBuf>) -> Result<(), PlanError> {
    let mut walker = ignore::WalkBuilder::new(root);
    walker
        .standard_filters(false)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp);
    for entry in walker.build() {
        let entry = entry.map_err(PlanError::Walk)?;
        let inside = out.is_some_and(|out| {
            std::fs::canonicalize(entry.path()).is_ok_and(|path| path.starts_with(out))
        });
        if !inside && entry.file_type().is_some_and(|kind| kind.is_file()) {
            found.push(entry.into_path());
        }
    }
    Ok(())
}

/// The folder below the output folder: the path as it was given, without root and `..`.
fn folder(path: &Path) -> PathBuf {
    path.parent()
        .into_iter()
        .flat_map(Path::components)
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        })
        .collect()
}

fn name(found: Vec<PathBuf>) -> Vec<Input> {
    let mut taken: BTreeSet<(PathBuf, String)> = BTreeSet::new();
    let mut stems: BTreeMap<(PathBuf, String), u32> = BTreeMap::new();
    let mut inputs: Vec<Input> = Vec::new();
    for path in found {
        let folder = folder(&path);
        let raw = path.file_name().unwrap_or_default().to_string_lossy();
        let base = SafeName::clean(&raw)
            .0
            .or_else(|| SafeName::clean("unnamed").0);
        let Some(base) = base else { continue };
        let mut name = base.clone();
        let mut number = 1u32;
        while !taken.insert((folder.clone(), name.as_str().to_lowercase())) {
            number = number.saturating_add(1);
            name = base.numbered(number);
        }
        let count = stems.entry((folder.clone(), stem(&name))).or_insert(0);
        *count = count.saturating_add(1);
        inputs.push(Input {
            path,
            folder,
            name,
            shares_stem: false,
        });
    }
    for input in &mut inputs {
        let shared = stems.get(&(input.folder.clone(), stem(&input.name)));
        input.shares_stem = shared.is_some_and(|count| *count > 1);
    }
    inputs
}

/// The name without an extension that an output may replace.
fn stem(name: &SafeName) -> String {
    let (stem, extension) = name.split_extension();
    let known = extension.is_some_and(|extension| {
        let extension = extension.to_ascii_lowercase();
        Kind::ALL
            .iter()
            .any(|kind| kind.extensions().contains(&extension.as_str()))
    });
    if known {
        stem.to_lowercase()
    } else {
        name.as_str().to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(paths: &[&str]) -> Vec<Input> {
        name(paths.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn outputs_lie_below_the_folder_as_inputs_were_given() {
        for (path, want) in [
            ("a.eml", ""),
            ("./in/a.eml", "in"),
            ("../../x/a.eml", "x"),
            ("/etc/../x/a.eml", "etc/x"),
        ] {
            assert_eq!(plan(&[path])[0].folder, PathBuf::from(want), "{path}");
        }
    }

    #[test]
    fn shared_stems_and_unsafe_names_are_told_apart() {
        let inputs = plan(&[
            "scan.tiff",
            "scan.png",
            "other.txt",
            "d/scan.gif",
            "a?.txt",
            "a_.txt",
        ]);
        let shared: Vec<bool> = inputs.iter().map(|i| i.shares_stem).collect();
        assert_eq!(shared, [true, true, false, false, false, false]);
        assert_eq!(inputs[4].name.as_str(), "a_.txt");
        assert_eq!(inputs[5].name.as_str(), "a_-2.txt");
    }
}
