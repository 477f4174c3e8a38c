//! Removing a folder, whatever the suite has made of it: as deep as no path is long, without rights, or full.

use super::{NAME, is_itself, open_folder};
use rustix::fs::{AtFlags, CWD, Dir, FlockOperation, Mode, Stat};
use rustix::fs::{chmodat, flock, fstat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;
use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a caller waits until its folder is gone; what takes longer is done by a thread.
const AT_ONCE: Duration = Duration::from_millis(200);
/// How often a name is looked for that is not taken.
const TRIES: u32 = 100_000;

/// Removes a folder that is locked: at once where that is quick, else a little later. What cannot be removed stays where
/// only this user can read it, until the next [`sweep`].
pub(super) fn soon(lock: OwnedFd, path: PathBuf) {
    let now = Instant::now();
    if is_cleared(&lock, &path, now.checked_add(AT_ONCE)) {
        return;
    }
    let rest = move || {
        is_cleared(&lock, &path, None);
    };
    // without a thread it is left over
    drop(thread::Builder::new().name(NAMED.to_owned()).spawn(rest));
}

const NAMED: &str = "mugai-sweep";

/// Removes what processes left that were killed, in a thread of its own: folders of ours, with a name like that, which
/// nobody has locked, and which are older than `longest`, the longest that a document may take. Younger ones may be at work:
/// earlier versions of the program did not lock theirs.
pub(in crate::converter) fn sweep(inside: &Path, longest: Duration) {
    let inside = inside.to_owned();
    let all = move || {
        for entry in fs::read_dir(inside).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(is_ours) {
                // what cannot be removed stays
                let _ = left_over(&entry.path(), longest);
            }
        }
    };
    // what is not done now is done at the next start
    drop(thread::Builder::new().name(NAMED.to_owned()).spawn(all));
}

/// Whether a folder has a name that [`super::Folder::make`] gives.
fn is_ours(name: &str) -> bool {
    let numbers = name
        .strip_prefix(NAME)
        .and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(process, folder)| {
        process.parse::<u32>().is_ok() && folder.parse::<u64>().is_ok()
    })
}

/// Removes a folder if it is of this user, older than that, and nobody has locked it.
fn left_over(path: &Path, longest: Duration) -> Result<(), Errno> {
    let folder = open_folder(CWD, path)?;
    let stat = fstat(&folder)?;
    if stat.st_uid == geteuid().as_raw() && is_older(&stat, longest) {
        flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
        is_cleared(&folder, path, None);
    }
    Ok(())
}

/// Whether a folder had its last entry longer ago than that. The clock may have been set: one from the future is young.
fn is_older(stat: &Stat, longest: Duration) -> bool {
    let changed = u64::try_from(stat.st_mtime).map_or(Some(UNIX_EPOCH), |seconds| {
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    });
    let age = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok());
    age.is_some_and(|age| age > longest)
}

/// Removes a folder with all that is in it; whether it is gone. It gives up at `until`.
fn is_cleared(folder: &OwnedFd, path: &Path, until: Option<Instant>) -> bool {
    let mut clearing = Clearing {
        root: folder.as_fd(),
        until,
        moved: 0,
    };
    clearing.all().is_ok() && fs::remove_dir(path).is_ok()
}

/// A folder with all rights for us. Nobody else is there who could put a link in its place: whoever was is dead.
fn opened(inside: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Errno> {
    chmodat(inside, name, Mode::RWXU, AtFlags::empty())?;
    open_folder(inside, name)
}

/// A folder that is being cleared away. Folders in folders are moved up first, so that nothing is ever deeper than two: no
/// depth of theirs is a depth of ours.
struct Clearing<'a> {
    root: BorrowedFd<'a>,
    until: Option<Instant>,
    /// How many were moved; the number is the new name.
    moved: u64,
}

impl Clearing<'_> {
    /// # Errors
    /// What cannot be removed, or [`Errno::TIMEDOUT`].
    fn all(&mut self) -> Result<(), Errno> {
        // folders that were moved up are not seen while the root is read
        loop {
            let mut left = false;
            for entry in Dir::read_from(self.root)? {
                let entry = entry?;
                let name = entry.file_name();
                if !is_itself(name.to_bytes()) {
                    left = true;
                    self.one(name)?;
                }
            }
            if !left {
                return Ok(());
            }
        }
    }

    /// Removes one entry of the root.
    fn one(&mut self, name: &CStr) -> Result<(), Errno> {
        if self.is_removed(self.root, name)? {
            return Ok(());
        }
        let folder = opened(self.root, name)?;
        loop {
            let mut left = false;
            for entry in Dir::read_from(&folder)? {
                let entry = entry?;
                let name = entry.file_name();
                if is_itself(name.to_bytes()) {
                    continue;
                }
                left = true;
                if !self.is_removed(folder.as_fd(), name)? {
                    // its own entry for the folder above is written to
                    drop(opened(folder.as_fd(), name)?);
                    self.move_up(folder.as_fd(), name)?;
                }
            }
            if !left {
                break;
            }
        }
        // what is open when it is removed is gone only when it is closed, which takes longer
        drop(folder);
        unlinkat(self.root, name, AtFlags::REMOVEDIR)
    }

    /// Removes what is no folder, or an empty one; whether it was that.
    fn is_removed(&self, inside: BorrowedFd<'_>, name: &CStr) -> Result<bool, Errno> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Err(Errno::TIMEDOUT);
        }
        match unlinkat(inside, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => return Ok(true),
            Err(Errno::NOTDIR) => {}
            Err(Errno::NOTEMPTY | Errno::EXIST) => return Ok(false),
            Err(error) => return Err(error),
        }
        unlinkat(inside, name, AtFlags::empty()).map(|()| true)
    }

    fn move_up(&mut self, from: BorrowedFd<'_>, name: &CStr) -> Result<(), Errno> {
        for _ in 0..TRIES {
            self.moved = self.moved.saturating_add(1);
            let new = format!("moved-{}", self.moved);
            match renameat(from, name, self.root, new) {
                // somebody has thought of such names
                Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => {}
                other => return other,
            }
        }
        Err(Errno::EXIST)
    }
}
