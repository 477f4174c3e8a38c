//! A folder of this machine.

use crate::input::{Bytes, Stamp, Unread};
use crate::plan::Input;
use crate::spill::Scratch;
use crate::store::Store;
use mugai_core::{Refusal, Spool, Spooled};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, RenameFlags, ResolveFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder in the output folder that is ours.
const OURS: &str = ".mugai";
/// The folder in that where files wait for their places.
const STAGING: &str = "staging";
const LOCK: &str = "lock";
const JOURNAL: &str = "journal.jsonl";

fn gone(why: &Refusal) -> io::Error {
    io::Error::other(why.to_string())
}

/// A folder, with the names of folders and of files in it.
type Listed = (PathBuf, Vec<String>, Vec<String>);

/// An output folder. All paths are resolved below it, and no link is followed on the way.
#[derive(Debug)]
pub(crate) struct Local {
    root: OwnedFd,
    ours: Arc<OwnedFd>,
    staging: OwnedFd,
    /// Held as long as the folder is in use; the system lets go of it when the process ends.
    _lock: File,
}

const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NOFOLLOW);
const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

impl Local {
    /// Opens an output folder, makes it if it is missing, and locks it.
    ///
    /// # Errors
    /// What the file system says; [`io::ErrorKind::WouldBlock`] when another run is using the folder.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())?;
        let ours = folder(&root, OURS, OFlags::RDONLY)?;
        let staging = folder(&ours, STAGING, OFlags::RDONLY)?;
        let lock = file(&ours, LOCK, OFlags::RDWR | OFlags::CREATE)?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| {
            if error == Errno::WOULDBLOCK {
                let told = "another run is using this output folder";
                io::Error::new(io::ErrorKind::WouldBlock, told)
            } else {
                error.into()
            }
        })?;
        Ok(Self {
            root,
            ours: Arc::new(ours),
            staging,
            _lock: lock,
        })
    }

    /// The file of the journal.
    pub(crate) fn journal(&self) -> io::Result<File> {
        file(&self.ours, JOURNAL, OFlags::RDWR | OFlags::CREATE)
    }

    /// Where temporary files are made.
    pub(crate) fn scratch(&self) -> Scratch {
        Scratch::within(Some(Arc::clone(&self.ours)))
    }

    /// Makes a file that was written aside the journal.
    pub(crate) fn replace_journal(&self, name: &str) -> io::Result<()> {
        rustix::fs::renameat(&self.staging, name, &self.ours, JOURNAL)?;
        Ok(rustix::fs::fsync(&self.ours)?)
    }

    /// A file to write that is put in its place later.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        file(
            &self.staging,
            name,
            OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC,
        )
    }

    /// A file at its place to append to.
    pub(crate) fn append(&self, name: &str) -> io::Result<File> {
        file(
            &self.root,
            name,
            OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND,
        )
    }

    /// All folders below this one with the names of folders and of files in them; what is no folder
    /// counts as a file, and ours is left out.
    pub(crate) fn list(&self) -> io::Result<Vec<Listed>> {
        let mut all = Vec::new();
        let mut open = vec![(PathBuf::new(), rustix::io::dup(&self.root)?)];
        while let Some((path, handle)) = open.pop() {
            let (mut folders, mut files) = (Vec::new(), Vec::new());
            for entry in rustix::fs::Dir::read_from(&handle)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if matches!(name.as_str(), "." | ".." | OURS) {
                    continue;
                }
                let flags = FOLDER | OFlags::RDONLY;
                match rustix::fs::openat(&handle, entry.file_name(), flags, Mode::empty()) {
                    Ok(below) => {
                        open.push((path.join(&name), below));
                        folders.push(name);
                    }
                    Err(_) => files.push(name),
                }
            }
            all.push((path, folders, files));
        }
        Ok(all)
    }

    /// A file that is aside or at its place.
    fn find(&self, path: &str, staged: bool) -> io::Result<Option<File>> {
        let at = if staged { &self.staging } else { &self.root };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        match rustix::fs::openat2(at, path, flags, Mode::empty(), BENEATH) {
            Ok(file) => Ok(Some(File::from(file))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Size and BLAKE3 (hex) of a file at its place, or aside where `staged` is set; none where there
    /// is none.
    pub(crate) fn digest(&self, path: &str, staged: bool) -> io::Result<Option<(u64, String)>> {
        let Some(file) = self.find(path, staged)? else {
            return Ok(None);
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file)?;
        Ok(Some((
            hasher.count(),
            hasher.finalize().to_hex().to_string(),
        )))
    }

    /// Takes away all that is aside, and tells how much that was.
    pub(crate) fn sweep(&self) -> io::Result<u64> {
        let mut count = 0u64;
        for entry in rustix::fs::Dir::read_from(self.staging.as_fd())? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            rustix::fs::unlinkat(&self.staging, name, AtFlags::empty())?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// The folder of a place, made if it is missing, and the name in it.
    fn parent<'a>(&self, place: &'a str) -> io::Result<(OwnedFd, &'a str)> {
        let Some((folders, name)) = place.rsplit_once('/') else {
            return Ok((rustix::io::dup(&self.root)?, place));
        };
        let flags = FOLDER | OFlags::PATH;
        match rustix::fs::openat2(&self.root, folders, flags, Mode::empty(), BENEATH) {
            Ok(parent) => return Ok((parent, name)),
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let mut at = rustix::io::dup(&self.root)?;
        for part in folders.split('/') {
            at = folder(&at, part, OFlags::PATH)?;
        }
        Ok((at, name))
    }
}

/// Where temporary files are made for an output folder: in what is ours of it, where it is there.
pub(crate) fn scratch(out: Option<&Path>) -> Scratch {
    let ours = |out: &Path| {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(out, flags, Mode::empty()).ok()?;
        let flags = FOLDER | OFlags::RDONLY;
        rustix::fs::openat2(&root, OURS, flags, Mode::empty(), BENEATH).ok()
    };
    Scratch::within(out.and_then(ours).map(Arc::new))
}

/// A folder right in another, made if it is missing.
fn folder(at: &OwnedFd, name: &str, access: OFlags) -> io::Result<OwnedFd> {
    match rustix::fs::mkdirat(at, name, Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    let flags = FOLDER | access;
    Ok(rustix::fs::openat2(
        at,
        name,
        flags,
        Mode::empty(),
        BENEATH,
    )?)
}

/// A file right in a folder; the umask of the user decides who may read it.
fn file(at: &OwnedFd, name: &str, access: OFlags) -> io::Result<File> {
    let flags = access | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mode = if access.contains(OFlags::CREATE) {
        Mode::from_raw_mode(0o666)
    } else {
        Mode::empty()
    };
    Ok(File::from(rustix::fs::openat2(
        at, name, flags, mode, BENEATH,
    )?))
}

impl Store for Local {
    fn read(
        &self,
        input: &Input,
        limit: u64,
        spool: &Spool,
    ) -> Result<(Bytes, Option<Stamp>), Unread> {
        let (bytes, stamp) = crate::input::read(input, limit, spool)?;
        Ok((bytes, Some(stamp)))
    }

    fn stage(&self, name: &str, content: &Spooled) -> io::Result<()> {
        let mut file = self.create(name)?;
        if crate::fail::due("stage-half") {
            let half = content.part(0..content.len() / 2).unwrap_or_default();
            let _ = file.write_all(&half.load().map_err(|why| gone(&why))?);
            crate::fail::die();
        }
        let mut written = Ok(());
        let read: Result<(), Refusal> = content.each(|bytes| {
            if written.is_ok() {
                written = file.write_all(bytes);
            }
            Ok(())
        });
        read.map_err(|why| gone(&why))?;
        written
    }

    fn settle(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.root)?)
    }

    fn publish(&self, staged: &str, place: &str, replace: bool) -> io::Result<()> {
        let (folder, name) = self.parent(place)?;
        if replace {
            rustix::fs::renameat(&self.staging, staged, folder, name)?;
        } else {
            let flags = RenameFlags::NOREPLACE;
            rustix::fs::renameat_with(&self.staging, staged, folder, name, flags)?;
        }
        Ok(())
    }

    fn size(&self, place: &str) -> io::Result<Option<u64>> {
        let Some(file) = self.find(place, false)? else {
            return Ok(None);
        };
        let data = file.metadata()?;
        Ok(data.is_file().then_some(data.len()))
    }

    fn remove(&self, place: &str) -> io::Result<()> {
        let (folder, name) = self.parent(place)?;
        match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_whole_into_folders_that_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let store = Local::open(folder.path()).unwrap();
        store.stage("0", &b"abc".to_vec().into()).unwrap();
        assert_eq!(store.size("a/b/c.txt").unwrap(), None);
        store.publish("0", "a/b/c.txt", true).unwrap();
        assert_eq!(store.size("a/b/c.txt").unwrap(), Some(3));
        let digest = blake3::hash(b"abc").to_hex().to_string();
        assert_eq!(store.digest("a/b/c.txt", false).unwrap(), Some((3, digest)));
        store.stage("1", &b"x".to_vec().into()).unwrap();
        assert!(store.publish("1", "a/b/c.txt", false).is_err());
        assert_eq!(store.sweep().unwrap(), 1);
        store.remove("a/b/c.txt").unwrap();
        store.remove("a/b/c.txt").unwrap();
        assert_eq!(store.size("a/b/c.txt").unwrap(), None);
    }

    #[test]
    fn no_link_leads_out() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), inside.path().join("out")).unwrap();
        let store = Local::open(inside.path()).unwrap();
        store.stage("0", &b"abc".to_vec().into()).unwrap();
        for place in ["out/a.txt", "../a.txt", "out/b/a.txt"] {
            assert!(store.publish("0", place, true).is_err(), "{place}");
        }
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
        assert!(store.publish("0", "a.txt", true).is_ok());
    }

    #[test]
    fn a_folder_has_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Local::open(folder.path()).unwrap();
        let error = Local::open(folder.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        drop(first);
        assert!(Local::open(folder.path()).is_ok());
    }
}
