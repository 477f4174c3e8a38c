//! All that is in a folder, without following links.

use crate::plan::found::{Finder, Seen};
use crate::source::Trouble;
use crate::spill::{Tape, Window};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, openat2};
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Adds all files below `root`; `out` (device and number of a folder) is left out.
///
/// Folders wait in a queue and not on a stack, so that neither their number nor their depth costs
/// memory; the finder brings all in order.
pub(super) fn walk(root: &Path, out: Option<(u64, u64)>, finder: &mut Finder) -> io::Result<()> {
    let handle = match crate::source::Folder::handle(root) {
        Ok(handle) => handle,
        Err(error) => return finder.unreadable(root, &error),
    };
    let Some(number) = finder.root(root)? else {
        return finder.unreadable(root, &io::ErrorKind::NotFound.into());
    };
    let mut walk = Walk {
        handle,
        number,
        out,
        folders: Tape::new(finder.scratch()),
    };
    walk.folders.append(&0u32.to_be_bytes())?;
    let mut window = Window::default();
    let mut at = 0u64;
    while at < walk.folders.len() {
        let mut length = [0; 4];
        length.copy_from_slice(window.get(&walk.folders, at, 4)?);
        let length = u32::from_be_bytes(length);
        at = at.saturating_add(4);
        let size = usize::try_from(length).map_err(io::Error::other)?;
        let below = window.get(&walk.folders, at, size)?.to_vec();
        at = at.saturating_add(u64::from(length));
        if let Err(error) = walk.folder(&below, finder)? {
            if below.is_empty() {
                finder.unreadable(root, &error)?;
            } else {
                finder.below(number, &below, lost(&Trouble::unreadable(&error)))?;
            }
        }
    }
    Ok(())
}

fn lost(trouble: &Trouble) -> Seen<'_> {
    Seen {
        bytes: 0,
        trouble: Some(trouble),
    }
}

struct Walk {
    handle: OwnedFd,
    number: u32,
    out: Option<(u64, u64)>,
    /// Paths of folders below the root, each behind its length.
    folders: Tape,
}

impl Walk {
    /// Looks through one folder. The inner error is one of the folder: it is an input that cannot be
    /// read.
    fn folder(&mut self, below: &[u8], finder: &mut Finder) -> io::Result<io::Result<()>> {
        let (handle, entries) = match self.open(below) {
            Ok(Some(open)) => open,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error)),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Ok(Err(error.into())),
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let mut path = below.to_vec();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name.to_bytes());
            let data = rustix::fs::statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW);
            let data = match data {
                Ok(data) => data,
                Err(error) => {
                    finder.below(
                        self.number,
                        &path,
                        lost(&Trouble::unreadable(&error.into())),
                    )?;
                    continue;
                }
            };
            let trouble = match FileType::from_raw_mode(data.st_mode) {
                FileType::Directory => {
                    let length = u32::try_from(path.len()).map_err(io::Error::other)?;
                    self.folders.append(&length.to_be_bytes())?;
                    self.folders.append(&path)?;
                    continue;
                }
                FileType::RegularFile => None,
                FileType::Symlink => Some(Trouble::Link),
                FileType::Fifo
                | FileType::Socket
                | FileType::CharacterDevice
                | FileType::BlockDevice
                | FileType::Unknown => Some(Trouble::Special),
            };
            let seen = Seen {
                bytes: u64::try_from(data.st_size).unwrap_or(0),
                trouble: trouble.as_ref(),
            };
            finder.below(self.number, &path, seen)?;
        }
        Ok(Ok(()))
    }

    /// Opens a folder, unless it is the one that is left out. No link is followed on the way, also where
    /// somebody puts one there meanwhile.
    fn open(&self, below: &[u8]) -> io::Result<Option<(OwnedFd, Dir)>> {
        let path = match below {
            b"" => Path::new("."),
            below => Path::new(OsStr::from_bytes(below)),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let folder = openat2(&self.handle, path, flags, Mode::empty(), resolve)?;
        let data = rustix::fs::fstat(&folder)?;
        if self.out == Some((data.st_dev, data.st_ino)) && !below.is_empty() {
            return Ok(None);
        }
        let entries = Dir::read_from(&folder)?;
        Ok(Some((folder, entries)))
    }
}
