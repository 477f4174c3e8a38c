//! The one folder that the suite may write to: made for a document, gone with it.

mod clear;

use mugai_core::{Refusal, Resource, Untrusted};
use rustix::fs::{AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::fs::{flock, fstat, lstat, openat, statat};
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

pub(super) use clear::sweep;

/// The refusal of a document that the suite makes nothing of.
pub(super) const NOTHING: Refusal =
    Refusal::malformed("office: LibreOffice made nothing of the document");

/// What the names of all folders begin with; the numbers of the process and of the folder follow.
const NAME: &str = "mugai-convert-";
/// Folders of this process, numbered.
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// How many names are tried before one that is free.
const TRIES: u32 = 1_000;

/// The most files and folders in it, and the deepest folder: with its profile the suite has about a hundred, five deep.
const MOST_ENTRIES: u64 = 4_000;
const MOST_DEPTH: usize = 32;

/// Why a folder is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// It has more in it than it may have, so that it is not worth looking at.
    TooMuch(Refusal),
    /// Nobody waits for the look any longer.
    Late,
}

/// A folder; dropping it removes all that is in it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The folder itself, locked as long as this process lives: what nobody has locked is left over.
    lock: Option<OwnedFd>,
}

impl Folder {
    /// Makes a folder that nobody else can look into.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn make(inside: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let mut builder = DirBuilder::new();
        builder.mode(0o700);
        for _ in 0..TRIES {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = inside.join(format!("{NAME}{process}-{number}"));
            match builder.create(&path) {
                Ok(()) => {
                    if let Some(lock) = lock(&path)? {
                        // the real path: the fences name it, and so does the suite
                        let path = fs::canonicalize(&path)?;
                        let lock = Some(lock);
                        return Ok(Self { path, lock });
                    }
                }
                // left over by a process of the same number
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the document and the settings of the suite into it.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn fill(&self, name: &str, document: &[u8]) -> io::Result<()> {
        for folder in ["out", "tmp", "profile", "profile/user"] {
            DirBuilder::new()
                .mode(0o700)
                .create(self.path.join(folder))?;
        }
        for (name, bytes) in [
            (name, document),
            ("fonts.conf", super::profile::FONTS.as_bytes()),
            (
                "profile/user/registrymodifications.xcu",
                super::profile::SETTINGS.as_bytes(),
            ),
        ] {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(0o600);
            options.open(self.path.join(name))?.write_all(bytes)?;
        }
        Ok(())
    }

    /// How many bytes are in it now, by the lengths of its files. Links are not followed, and no path is longer than a name:
    /// what is too deep for a path is too deep here as well. The look itself is bounded, by what there may be and by `until`.
    ///
    /// # Errors
    /// [`Unseen`]
    pub(super) fn bytes(&self, until: Instant) -> Result<u64, Unseen> {
        let Some(root) = &self.lock else { return Ok(0) };
        let mut open = vec![Dir::read_from(root).map_err(|_| UNREADABLE)?];
        let (mut sum, mut entries) = (0u64, 0u64);
        loop {
            let depth = open.len();
            let Some(folder) = open.last_mut() else {
                return Ok(sum);
            };
            // what goes while one looks is no more
            let Some(Ok(entry)) = folder.read() else {
                open.pop();
                continue;
            };
            let name = entry.file_name();
            if is_itself(name.to_bytes()) {
                continue;
            }
            entries = entries.saturating_add(1);
            if entries > MOST_ENTRIES {
                return Err(Unseen::TooMuch(over(Resource::Parts, MOST_ENTRIES)));
            }
            if Instant::now() >= until {
                return Err(Unseen::Late);
            }
            let inside = folder.fd().map_err(|_| UNREADABLE)?;
            if entry.file_type() != FileType::Directory {
                let Ok(stat) = statat(inside, name, AtFlags::SYMLINK_NOFOLLOW) else {
                    continue;
                };
                sum = sum.saturating_add(u64::try_from(stat.st_size).unwrap_or(u64::MAX));
                // there are file systems that do not tell at once
                if !is_folder(&stat) {
                    continue;
                }
            }
            if depth > MOST_DEPTH {
                let most = u64::try_from(MOST_DEPTH).unwrap_or(u64::MAX);
                return Err(Unseen::TooMuch(over(Resource::Depth, most)));
            }
            let below = open_folder(inside, name);
            match below.and_then(Dir::new) {
                Ok(below) => open.push(below),
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(Errno::ACCESS) => return Err(CLOSED),
                Err(_) => return Err(UNREADABLE),
            }
        }
    }

    /// Takes the result out: a plain file of at most `limit` bytes. What the suite left there is not
    /// trusted to be one: links are not followed, and nobody waits at a pipe.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when there is none, [`Refusal::Overrun`] when it is larger.
    pub(super) fn take(&self, name: &str, limit: u64) -> Result<Untrusted, Refusal> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(CWD, self.path.join(name), flags, Mode::empty()).map_err(|_| NOTHING)?;
        let file = File::from(file);
        let metadata = file.metadata().map_err(|_| NOTHING)?;
        if !metadata.is_file() || metadata.len() == 0 {
            return Err(NOTHING);
        }
        let mut bytes = Vec::new();
        let read = file
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|_| NOTHING)?;
        if u64::try_from(read).is_ok_and(|read| read <= limit) {
            Ok(Untrusted::new(bytes))
        } else {
            Err(over(Resource::Bytes, limit))
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.take() {
            clear::soon(lock, std::mem::take(&mut self.path));
        }
    }
}

/// A folder in the folder that even its owner cannot look into: the suite has made it so, which it has no reason to.
const CLOSED: Unseen = Unseen::TooMuch(Refusal::malformed(
    "office: LibreOffice made a folder that cannot be looked into",
));

/// The same where it is no doing of the suite's: there are no descriptors left, say.
const UNREADABLE: Unseen = Unseen::TooMuch(Refusal::internal(
    "converter: its folder cannot be looked into",
));

pub(super) const fn over(resource: Resource, limit: u64) -> Refusal {
    Refusal::Overrun { resource, limit }
}

/// Whether an entry is that of the folder itself, or of the one above.
fn is_itself(name: &[u8]) -> bool {
    matches!(name, b"." | b"..")
}

fn is_folder(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::Directory
}

/// Opens a folder to be read, and nothing that only leads to one.
fn open_folder(inside: impl AsFd, name: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(inside, name, flags, Mode::empty())
}

/// Opens and locks the folder at `path`; `None` where somebody else has locked it, or has cleared it away meanwhile.
///
/// # Errors
/// What the file system says. One that knows no locks is no error: nobody can take such a folder for left over either.
fn lock(path: &Path) -> io::Result<Option<OwnedFd>> {
    let folder = match open_folder(CWD, path) {
        Err(Errno::NOENT) => return Ok(None),
        other => other?,
    };
    if flock(&folder, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return Ok(None);
    }
    let opened = fstat(&folder)?;
    let is_it =
        lstat(path).is_ok_and(|now| (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino));
    Ok(is_it.then_some(folder))
}

#[cfg(test)]
mod tests;
