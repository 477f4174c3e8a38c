//! Where large things wait while a job is at work: files that have no name.

use crate::arena::{read_at, write_at};
use mugai_core::{SpoolFile, SpoolFolder};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder for files without names: `TMPDIR`, else `/var/tmp`, which is on a disk where `/tmp` may be memory.
/// `None` where no file can be made in any of them.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let told = std::env::var_os("TMPDIR").map(PathBuf::from);
    let all = [
        told,
        Some(PathBuf::from("/var/tmp")),
        Some(std::env::temp_dir()),
    ];
    first_of(all.into_iter().flatten())
}

/// The first folder of `all` in which such a file can be made: one is made to try.
fn first_of(all: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    all.into_iter().find(|folder| unnamed(folder).is_ok())
}

/// A folder in which files without names are made.
#[derive(Debug)]
pub(crate) struct SpoolDir(PathBuf);

impl SpoolDir {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }
}

impl SpoolFolder for SpoolDir {
    fn create(&self) -> Option<Arc<dyn SpoolFile>> {
        let file = unnamed(&self.0).ok()?;
        Some(Arc::new(Unnamed(file)))
    }
}

/// A file that only we can open.
#[derive(Debug)]
struct Unnamed(OwnedFd);

impl SpoolFile for Unnamed {
    fn write(&self, at: u64, bytes: &[u8]) -> Option<()> {
        write_at(&self.0, bytes, at).ok()
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Option<()> {
        read_at(&self.0, into, at).ok()
    }
}

/// A file in `folder` that never has a name, or loses it at once where the file system knows none without. It is for
/// this user alone.
///
/// # Errors
/// What the kernel says.
pub fn unnamed(folder: &Path) -> io::Result<OwnedFd> {
    let mode = Mode::RUSR | Mode::WUSR;
    // O_EXCL: nobody can give it a name later, see open(2)
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::EXCL;
    match rustix::fs::open(folder, flags, mode) {
        // kernels that know no such files take it for the folder itself
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT) => named(folder),
        other => Ok(other?),
    }
}

/// A file that had a name for a moment.
fn named(folder: &Path) -> io::Result<OwnedFd> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = folder.join(format!(".mugai-{}-{number}", std::process::id()));
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::CLOEXEC;
    let file = rustix::fs::open(&name, flags, Mode::RUSR | Mode::WUSR)?;
    std::fs::remove_file(&name)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_takes_no_file_is_none_for_this() {
        let folder = tempfile::tempdir().unwrap();
        let usual = folder.path().to_path_buf();
        // nobody can make files there, whoever it is
        let refusing = PathBuf::from("/proc/self");
        assert!(refusing.is_dir());
        let missing = folder.path().join("missing");
        assert_eq!(
            first_of([missing.clone(), refusing.clone(), usual.clone()]),
            Some(usual)
        );
        assert_eq!(first_of([missing, refusing]), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_hold_what_is_written_and_have_no_name() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            unnamed(folder.path()).unwrap(),
            named(folder.path()).unwrap(),
        ] {
            let mode = rustix::fs::fstat(&file).unwrap().st_mode;
            assert_eq!(mode & 0o077, 0);
            let file = Unnamed(file);
            assert_eq!(file.write(3, b"abc"), Some(()));
            let mut seen = [1; 6];
            assert_eq!(file.read(0, &mut seen), Some(()));
            assert_eq!(&seen, b"\0\0\0abc");
            assert_eq!(file.read(1, &mut seen), None);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
        assert!(
            SpoolDir::new(folder.path().join("missing"))
                .create()
                .is_none()
        );
    }
}
