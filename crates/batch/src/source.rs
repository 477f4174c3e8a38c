//! Where inputs come from: how a file is found again and opened without being led elsewhere.

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use std::ffi::OsStr;
use std::fmt;
use std::fs::{File, FileType};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder with inputs.
#[derive(Debug)]
pub struct Folder {
    /// Its path as it was given.
    pub path: PathBuf,
    /// The folder of the command line that it was found in, and its path below that.
    root: Option<(Arc<OwnedFd>, PathBuf)>,
}

/// Why a file cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A symbolic link: where it leads is not ours to follow.
    Link,
    /// A pipe, a socket or a device.
    Special,
    /// The system does not let us look at it; what it says.
    Unreadable(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("a symbolic link, not followed"),
            Self::Special => f.write_str("not a regular file"),
            Self::Unreadable(told) => f.write_str(told),
        }
    }
}

impl Trouble {
    /// What is wrong with a file of this kind.
    #[must_use]
    pub fn of(kind: FileType) -> Option<Self> {
        if kind.is_file() {
            None
        } else if kind.is_symlink() {
            Some(Self::Link)
        } else {
            debug_assert!(
                kind.is_fifo()
                    || kind.is_socket()
                    || kind.is_char_device()
                    || kind.is_block_device(),
                "folders are walked"
            );
            Some(Self::Special)
        }
    }

    pub(crate) fn unreadable(error: &io::Error) -> Self {
        Self::Unreadable(told(error))
    }
}

/// What the system says, without a path.
pub(crate) fn told(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.to_string(),
    }
}

/// `O_NONBLOCK`: a pipe that was put there meanwhile must not stop us for ever.
const FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

impl Folder {
    /// A folder whose files were named one by one: only the last component of their paths must not
    /// be a link, for the path before it is the caller's word.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            root: None,
        }
    }

    /// A folder at `below` in a folder that was given: no component below that may be a link.
    pub(crate) fn below(root: Arc<OwnedFd>, below: &Path, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            root: Some((root, below.to_owned())),
        }
    }

    /// A handle to a folder that was given.
    pub(crate) fn handle(path: &Path) -> io::Result<OwnedFd> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(rustix::fs::open(path, flags, Mode::empty())?)
    }

    /// Opens a file of this folder for reading (`openat2`, Linux 5.6).
    ///
    /// # Errors
    /// What the system says: `ELOOP` where a link is in the way, `EXDEV` where the path leads out.
    pub(crate) fn open(&self, name: &OsStr) -> io::Result<File> {
        let (at, path, resolve) = match &self.root {
            Some((root, below)) => {
                let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
                (root.as_fd(), below.join(name), resolve)
            }
            None => (CWD, self.path.join(name), ResolveFlags::NO_MAGICLINKS),
        };
        let file = openat2(at, &path, FLAGS, Mode::empty(), resolve)?;
        Ok(File::from(file))
    }
}
