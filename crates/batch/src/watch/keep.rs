//! Where originals go that were done.

use crate::plan::Input;
use crate::source::told;
use rustix::fs::{CWD, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Keeps originals.
pub trait Keep: Sync {
    /// Takes an original away from the folder that is watched, for good.
    ///
    /// # Errors
    /// What the keeper says; the original is where it was then.
    fn keep(&self, input: &Input) -> io::Result<()>;
}

/// A folder beside the one that is watched, with the same folders in it.
#[derive(Debug)]
pub struct KeepFolder {
    from: PathBuf,
    folder: OwnedFd,
}

/// How many names are tried.
const TRIES: u32 = 10_000;

impl KeepFolder {
    /// A folder for originals out of `from`; made when it is missing.
    ///
    /// # Errors
    /// What the file system says; that it is not the one of `from`, so that nothing could be moved.
    pub fn open(path: &Path, from: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        if std::fs::metadata(path)?.dev() != std::fs::metadata(from)?.dev() {
            return Err(io::Error::other(
                "the folder for originals is not on the file system of the watched one",
            ));
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            from: from.to_owned(),
            folder: rustix::fs::open(path, flags, Mode::empty())?,
        })
    }

    /// The folder at a path below ours, made if it is missing; no link is followed.
    fn below(&self, path: &Path) -> io::Result<OwnedFd> {
        let mut at = rustix::io::dup(&self.folder)?;
        for part in path.components() {
            match rustix::fs::mkdirat(&at, part.as_os_str(), Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
            at = rustix::fs::openat2(&at, part.as_os_str(), flags, Mode::empty(), resolve)?;
        }
        Ok(at)
    }
}

impl Keep for KeepFolder {
    fn keep(&self, input: &Input) -> io::Result<()> {
        let path = input.path();
        let below = input
            .folder
            .path
            .strip_prefix(&self.from)
            .map_err(io::Error::other)?;
        let folder = self.below(below)?;
        for number in 1..=TRIES {
            let mut name = OsString::from(&*input.raw);
            if number > 1 {
                name.push(format!(".{number}"));
            }
            let flags = RenameFlags::NOREPLACE;
            match rustix::fs::renameat_with(CWD, &path, &folder, &name, flags) {
                Ok(()) => return Ok(()),
                Err(Errno::EXIST) => {}
                Err(error) => {
                    let error = io::Error::from(error);
                    let text = format!("an original cannot be put away: {}", told(&error));
                    return Err(io::Error::new(error.kind(), text));
                }
            }
        }
        Err(io::Error::other(
            "an original cannot be put away: too many of its name",
        ))
    }
}
