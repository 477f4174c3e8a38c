//! Where originals go that were done.

use crate::plan::Input;
use crate::source::told;
use rustix::fs::{CWD, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
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

/// The longest name, in bytes.
const NAME_MAX: usize = 255;
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
            at = inner(&at, part.as_os_str())?;
        }
        Ok(at)
    }
}

/// The folder `name` in `at`, or one with a number where something else has that name.
fn inner(at: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    for number in 1..=TRIES {
        let name = numbered(name, number);
        match rustix::fs::mkdirat(at, &name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match rustix::fs::openat2(at, &name, flags, Mode::empty(), resolve) {
            Ok(folder) => return Ok(folder),
            Err(Errno::NOTDIR | Errno::LOOP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(io::Error::other("too many files with the name of a folder"))
}

/// `name` for the first time, `name.2` for the second one, shortened so that it is a name.
fn numbered(name: &OsStr, number: u32) -> OsString {
    if number == 1 {
        return name.to_owned();
    }
    let end = format!(".{number}");
    let most = NAME_MAX.saturating_sub(end.len());
    let bytes = name.as_bytes();
    let mut length = bytes.len().min(most);
    // not in the middle of a letter of UTF-8
    while length > 0 && length < bytes.len() && bytes.get(length).is_some_and(|b| b & 0xc0 == 0x80)
    {
        length = length.saturating_sub(1);
    }
    let mut short = bytes.get(..length).unwrap_or_default().to_vec();
    short.extend_from_slice(end.as_bytes());
    OsString::from_vec(short)
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
            let name = numbered(&input.raw, number);
            let flags = RenameFlags::NOREPLACE;
            match rustix::fs::renameat_with(CWD, &path, &folder, &name, flags) {
                Ok(()) => return Ok(()),
                Err(Errno::EXIST) => {}
                // somebody took it away meanwhile
                Err(Errno::NOENT) if std::fs::symlink_metadata(&path).is_err() => return Ok(()),
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
