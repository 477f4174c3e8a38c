//! Which files a run takes, and what their outputs are called.

mod found;
mod inputs;
mod list;
mod names;
mod walk;

pub(crate) use found::Finder;
pub use inputs::Inputs;
pub use list::parse as parse_list;
pub use names::Names;
pub(crate) use names::RESERVED;

use crate::exit::Exit;
use crate::source::{Folder, Trouble};
use mugai_core::{Line, SafeName};
use std::ffi::OsStr;
use std::fmt;
use std::io;
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
#[derive(Debug)]
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
    Missing(PathBuf, io::Error),
    /// An input lies in the output folder, or is that folder: outputs could replace it.
    InOutput(PathBuf),
    /// No file at all.
    Nothing,
    /// The list of files cannot be read.
    List(io::Error),
    /// What was found cannot be kept in a temporary file.
    Scratch(io::Error),
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
            Self::List(error) => write!(f, "{error}"),
            Self::Scratch(error) => write!(f, "the files that were found: {error}"),
        }
    }
}

impl std::error::Error for PlanError {}

impl PlanError {
    /// What a process without a plan ends with.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Missing(..) | Self::InOutput(_) | Self::Nothing | Self::List(_) => Exit::Usage,
            Self::Scratch(_) => Exit::Failed,
        }
    }
}

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
        Self::listed(given, listed.iter().cloned().map(Ok), Some(out))
    }

    /// As [`Plan::of`], of a list that is read as it is needed. Without `out` outputs go to no folder of
    /// this machine.
    ///
    /// # Errors
    /// [`PlanError`]
    pub fn listed(
        given: &[PathBuf],
        listed: impl Iterator<Item = io::Result<PathBuf>>,
        out: Option<&Path>,
    ) -> Result<Self, PlanError> {
        let place = out
            .and_then(|out| std::fs::metadata(out).ok())
            .map(|data| (data.dev(), data.ino()));
        let fence = Fence::new(out);
        let mut finder = Finder::new(&crate::store::scratch(out));
        for path in given {
            fence.check(path)?;
            std::fs::symlink_metadata(path)
                .map_err(|error| PlanError::Missing(path.clone(), error))?;
            finder.take(path, place).map_err(PlanError::Scratch)?;
        }
        for path in listed {
            let path = path.map_err(PlanError::List)?;
            fence.check(&path)?;
            finder.take(&path, place).map_err(PlanError::Scratch)?;
        }
        let (found, repeated) = finder.end().map_err(PlanError::Scratch)?;
        if found.is_empty() {
            return Err(PlanError::Nothing);
        }
        let inputs = Names::default().give(found).map_err(PlanError::Scratch)?;
        Ok(Self {
            inputs: Arc::new(inputs),
            repeated,
        })
    }

    /// The bytes of all inputs, as they were found.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.inputs.bytes()
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
