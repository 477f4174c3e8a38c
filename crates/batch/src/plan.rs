//! Which files a run takes, and what their outputs are called.

mod inputs;
mod list;
mod names;
mod walk;

pub use inputs::Inputs;
pub use list::parse as parse_list;
pub use names::Names;
pub(crate) use names::RESERVED;

use crate::source::{Folder, Trouble};
use mugai_core::{Line, SafeName};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One file of a run.
#[derive(Clone, Debug)]
pub struct Input {
    /// The folder that it lies in.
    pub folder: Arc<Folder>,
    /// What it is called there.
    pub raw: Box<OsStr>,
    /// The folder of its outputs, below the output folder; every component is a safe name.
    pub out: Arc<Path>,
    /// What it is called, made safe. No two inputs of a plan have outputs of one name.
    pub name: SafeName,
    /// Another input of the folder differs from this one in its extension only, so an output whose
    /// extension changes keeps the whole name before it (`scan.tiff.png` beside `scan.png`).
    pub shares_stem: bool,
    /// Its size in bytes when it was found.
    pub bytes: u64,
    /// Why it cannot be taken, where that was seen when it was found.
    pub trouble: Option<Trouble>,
}

impl Input {
    /// Where it lies, as it was given.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path.join(&*self.raw)
    }

    /// Where it lies, made safe for reports and terminals.
    #[must_use]
    pub fn label(&self) -> String {
        let path = self.path();
        Line::clean(&path.to_string_lossy()).0.as_str().to_owned()
    }
}

/// All files of a run, in a fixed order.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files.
    pub inputs: Arc<Inputs>,
    /// How many paths came more than once; each was taken once.
    pub repeated: u64,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError {
    /// A path of the command line that is not there or cannot be looked at.
    Missing(PathBuf, std::io::Error),
    /// An input lies in the output folder, or is that folder: outputs could replace it.
    InOutput(PathBuf),
    /// No file at all.
    Nothing,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path, error) => write!(f, "{}: {error}", path.display()),
            Self::InOutput(path) => write!(
                f,
                "{} lies in the output folder, where outputs could replace it; name another output folder",
                path.display()
            ),
            Self::Nothing => f.write_str("there is no file to sanitise"),
        }
    }
}

impl std::error::Error for PlanError {}

impl Plan {
    /// Takes files as they are, and all that is in folders, by name, without following links. What
    /// is no regular file or cannot be looked at is taken too, with its [`Trouble`]: it is reported,
    /// not skipped. `out` itself is left out.
    ///
    /// `given` is the command line, where a path that is not there is a mistake; `listed` comes from
    /// a list, which may be older than the files.
    ///
    /// # Errors
    /// [`PlanError`]
    pub fn of(given: &[PathBuf], listed: &[PathBuf], out: &Path) -> Result<Self, PlanError> {
        Self::beside(given, listed, Some(out))
    }

    /// As [`Plan::of`], where outputs go to no folder of this machine.
    ///
    /// # Errors
    /// [`PlanError`]
    pub fn elsewhere(given: &[PathBuf], listed: &[PathBuf]) -> Result<Self, PlanError> {
        Self::beside(given, listed, None)
    }

    fn beside(
        given: &[PathBuf],
        listed: &[PathBuf],
        out: Option<&Path>,
    ) -> Result<Self, PlanError> {
        let place = out
            .and_then(|out| std::fs::metadata(out).ok())
            .map(|data| (data.dev(), data.ino()));
        let fence = Fence::new(out);
        let mut finder = Finder::default();
        for path in given {
            fence.check(path)?;
            std::fs::symlink_metadata(path)
                .map_err(|error| PlanError::Missing(path.clone(), error))?;
            finder.take(path, place);
        }
        for path in listed {
            fence.check(path)?;
            finder.take(path, place);
        }
        // which paths there are already is not needed any more, and takes room that names need
        let Finder {
            found, repeated, ..
        } = finder;
        if found.is_empty() {
            return Err(PlanError::Nothing);
        }
        Ok(Self {
            inputs: Arc::new(Names::default().give(found)),
            repeated,
        })
    }

    /// The bytes of all inputs, as they were found.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.inputs.sizes().fold(0, u64::saturating_add)
    }
}

/// Keeps inputs out of the output folder.
struct Fence {
    out: Option<PathBuf>,
}

impl Fence {
    fn new(out: Option<&Path>) -> Self {
        Self {
            out: out.and_then(|out| std::fs::canonicalize(out).ok()),
        }
    }

    /// What an output folder that is not there yet holds is nothing.
    fn check(&self, path: &Path) -> Result<(), PlanError> {
        let Some(out) = &self.out else { return Ok(()) };
        let is_folder = std::fs::symlink_metadata(path).is_ok_and(|data| data.is_dir());
        // a link that is named lies where it lies, not where it leads to
        let parent = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => path,
        };
        let place = if is_folder { path } else { parent };
        let inside = std::fs::canonicalize(place).is_ok_and(|place| place.starts_with(out));
        if inside {
            return Err(PlanError::InOutput(path.to_owned()));
        }
        Ok(())
    }
}

/// Collects files, each path once.
#[derive(Default)]
pub(crate) struct Finder {
    pub(crate) found: Inputs,
    folders: BTreeMap<PathBuf, Arc<Folder>>,
    seen: std::collections::BTreeSet<[u8; 16]>,
    repeated: u64,
    root: Option<Arc<std::os::fd::OwnedFd>>,
}

impl Finder {
    /// For files below a folder that no link may lead out of; nothing is found if it is gone.
    pub(crate) fn below(root: &Path) -> Self {
        Self {
            root: Folder::handle(root).ok().map(Arc::new),
            ..Self::default()
        }
    }

    /// Takes a file below the folder of [`Self::below`].
    pub(crate) fn take_below(&mut self, root: &Path, path: &Path) {
        let (Some(handle), Some(parent), Some(raw)) = (&self.root, path.parent(), path.file_name())
        else {
            return;
        };
        let (Ok(data), Ok(below)) = (std::fs::symlink_metadata(path), parent.strip_prefix(root))
        else {
            return;
        };
        let folder = Arc::new(Folder::below(Arc::clone(handle), below, parent));
        self.add(&folder, raw, data.len(), Trouble::of(data.file_type()));
    }

    /// Takes a path of a command line or a list.
    pub(crate) fn take(&mut self, path: &Path, out: Option<(u64, u64)>) {
        match std::fs::symlink_metadata(path) {
            Ok(data) if data.is_dir() => walk::walk(path, out, self),
            Ok(data) => self.named(path, data.len(), Trouble::of(data.file_type())),
            Err(error) => self.named(path, 0, Some(Trouble::unreadable(&error))),
        }
    }

    fn named(&mut self, path: &Path, bytes: u64, trouble: Option<Trouble>) {
        let parent = path.parent().unwrap_or_else(|| Path::new(""));
        let folder = self
            .folders
            .entry(parent.to_owned())
            .or_insert_with(|| Arc::new(Folder::named(parent)));
        let folder = Arc::clone(folder);
        self.add(
            &folder,
            path.file_name().unwrap_or_default(),
            bytes,
            trouble,
        );
    }

    /// Adds a file, unless the same path was added before.
    pub(crate) fn add(
        &mut self,
        folder: &Arc<Folder>,
        raw: &OsStr,
        bytes: u64,
        trouble: Option<Trouble>,
    ) {
        let path = folder.path.join(raw);
        let path = std::path::absolute(&path).unwrap_or(path);
        if !self.seen.insert(crate::key::short(&[path.as_os_str()])) {
            self.repeated = self.repeated.saturating_add(1);
            return;
        }
        self.found.push(folder, raw, bytes, trouble);
    }
}
