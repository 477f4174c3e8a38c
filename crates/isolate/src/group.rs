//! Control groups (version 2): one for each process that opens or checks anything, where a subtree was delegated
//! to us.
//!
//! A group bounds what a process takes as the kernel counts it: memory with page tables and sockets, no swap, and how
//! many processes there are. Whoever goes over its memory is killed whole, alone, and before anybody else. It stands
//! behind the limits that a worker sets itself, and is put up from outside, before the worker is told anything at all.
//!
//! Source: the kernel's `Documentation/admin-guide/cgroup-v2.rst`; for the delegation, systemd's `CGROUP_DELEGATION`.

mod place;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The folder of a group has a name that begins like that, with the number of the process that made it behind it.
const NAME: &str = "mugai-";
/// What the group of the keeper itself is called, where it stood where groups are to be made.
const KEEPER: &str = "mugai-keeper";
/// How many names are tried before one that is free.
const TRIES: u32 = 1_000;
/// How many groups this process has made.
static MADE: AtomicU64 = AtomicU64::new(0);

/// Where the groups of workers are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Groups {
    /// Nowhere.
    Never,
    /// In the subtree that was delegated to this process, if one was: `user.delegate` says so, which systemd sets for
    /// `Delegate=`.
    Delegated,
    /// In the group of this folder, which is on a hierarchy of version 2 and has no processes but ours.
    In(PathBuf),
}

/// Why there are no groups.
#[derive(Debug)]
pub enum Groupless {
    /// None are wanted.
    Unwanted,
    /// There is no hierarchy of version 2, or this process is not in it.
    NoHierarchy,
    /// No subtree was delegated to this process.
    NotDelegated,
    /// The folder is none of such a hierarchy.
    NoGroup(PathBuf),
    /// The subtree lacks this controller: the group above does not hand it on, or it hangs on a hierarchy of version 1.
    NoController(&'static str),
    /// The kernel refused this step.
    Refused(&'static str, io::Error),
}

impl fmt::Display for Groupless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwanted => f.write_str("none are wanted"),
            Self::NoHierarchy => f.write_str("this process is in no hierarchy of version 2"),
            Self::NotDelegated => f.write_str("no subtree is delegated to this process"),
            Self::NoGroup(folder) => write!(f, "{} is no group of version 2", folder.display()),
            Self::NoController(name) => write!(f, "the subtree has no {name} controller"),
            Self::Refused(step, error) => write!(f, "{step}: {error}"),
        }
    }
}

impl std::error::Error for Groupless {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_, error) => Some(error),
            Self::Unwanted
            | Self::NoHierarchy
            | Self::NotDelegated
            | Self::NoGroup(_)
            | Self::NoController(_) => None,
        }
    }
}

/// What one group allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Bytes of memory, whatever they are used for.
    pub(crate) memory: u64,
    /// Processes and threads.
    pub(crate) processes: u32,
}

/// The groups of one pool, all with the same allowance. Those that nobody is in are kept to be used again, for to make
/// one costs more than to start a process.
#[derive(Debug)]
pub(crate) struct Home {
    subtree: PathBuf,
    allowance: Allowance,
    free: Mutex<Vec<PathBuf>>,
    /// Groups that went wrong: nobody is let in any more, and they go when nobody is in them.
    spoilt: Mutex<Vec<PathBuf>>,
    /// What went wrong first.
    trouble: OnceLock<Groupless>,
}

/// The group of one process. Dropping it, when the process has ended, gives it back.
#[derive(Debug)]
pub(crate) struct Group {
    folder: PathBuf,
    home: Arc<Home>,
    /// How many processes had been killed in it for want of memory, before.
    killed: u64,
}

impl Home {
    /// Prepares the subtree, if there is one.
    ///
    /// # Errors
    /// [`Groupless`]
    pub(crate) fn find(groups: &Groups, allowance: Allowance) -> Result<Arc<Self>, Groupless> {
        let subtree = match groups {
            Groups::Never => return Err(Groupless::Unwanted),
            Groups::Delegated => place::delegated()?,
            Groups::In(folder) => place::named(folder)?,
        };
        let own = place::own().ok();
        Self::at(subtree, own.as_deref(), allowance)
    }

    /// Prepares `subtree`; `own` is the group that this process is in.
    fn at(
        subtree: PathBuf,
        own: Option<&Path>,
        allowance: Allowance,
    ) -> Result<Arc<Self>, Groupless> {
        hand_on(&subtree, own)?;
        sweep(&subtree);
        Ok(Arc::new(Self {
            subtree,
            allowance,
            free: Mutex::default(),
            spoilt: Mutex::default(),
            trouble: OnceLock::new(),
        }))
    }

    /// Where they are.
    pub(crate) fn subtree(&self) -> &Path {
        &self.subtree
    }

    /// What went wrong first, if anything did.
    pub(crate) fn trouble(&self) -> Option<&Groupless> {
        self.trouble.get()
    }

    /// Puts a process, which has been told nothing yet, into a group in which it is alone; `None` where that fails.
    pub(crate) fn enter(self: &Arc<Self>, process: u32) -> Option<Group> {
        let free = self.free().pop();
        // somebody may have cleared away the one that was free
        let used = free.map_or(Err(io::ErrorKind::NotFound.into()), |folder| {
            self.admit(folder, process)
        });
        let group = used.or_else(|_| {
            let folder = self.make()?;
            self.admit(folder, process)
        });
        match group {
            Ok(group) => Some(group),
            Err(error) => {
                let refused = Groupless::Refused("a group for a worker", error);
                // only the first one is told
                drop(self.trouble.set(refused));
                None
            }
        }
    }

    /// A new group with our allowance.
    fn make(&self) -> io::Result<PathBuf> {
        let folder = (0..TRIES).find_map(|_| {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let name = format!("{NAME}{}-{number}", std::process::id());
            let folder = self.subtree.join(name);
            match std::fs::create_dir(&folder) {
                // left over by a process of the same number
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                made => Some(made.map(|()| folder)),
            }
        });
        let folder = folder.unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))?;
        if let Err(error) = self.limit(&folder) {
            self.give_up(folder);
            return Err(error);
        }
        Ok(folder)
    }

    /// A group that nobody is let in any more.
    fn give_up(&self, folder: PathBuf) {
        let mut spoilt = lock(&self.spoilt);
        spoilt.push(folder);
        // one that somebody is in stays until later
        spoilt.retain(|folder| {
            std::fs::remove_dir(folder).is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
        });
    }

    fn limit(&self, folder: &Path) -> io::Result<()> {
        let Allowance { memory, processes } = self.allowance;
        set(folder, "memory.max", memory)?;
        set(folder, "pids.max", u64::from(processes))?;
        set(folder, "memory.oom.group", 1)?;
        // a kernel without swap does not have this one
        match set(folder, "memory.swap.max", 0) {
            Err(error) if folder.join("memory.swap.max").exists() => Err(error),
            _ => Ok(()),
        }
    }

    /// Moves a process into a group, and looks whether it is there, alone, and limited.
    fn admit(self: &Arc<Self>, folder: PathBuf, process: u32) -> io::Result<Group> {
        match self.let_in(&folder, process) {
            Ok(killed) => Ok(Group {
                folder,
                home: Arc::clone(self),
                killed,
            }),
            Err(error) => {
                self.give_up(folder);
                Err(error)
            }
        }
    }

    /// The same; how many processes had been killed in the group before comes back.
    fn let_in(&self, folder: &Path, process: u32) -> io::Result<u64> {
        let killed = killed_for_memory(folder)?;
        std::fs::write(folder.join("cgroup.procs"), process.to_string())?;
        let there = std::fs::read_to_string(folder.join("cgroup.procs"))?;
        if there.trim_end() != process.to_string() {
            return Err(io::Error::other("it is not alone in its group"));
        }
        let least = |name| number(folder, name).ok_or(io::ErrorKind::InvalidData);
        // the kernel counts whole pages
        if least("memory.max")? > self.allowance.memory
            || least("pids.max")? > u64::from(self.allowance.processes)
        {
            return Err(io::Error::other("its limits do not stand"));
        }
        Ok(killed)
    }

    fn free(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        lock(&self.free)
    }
}

/// A list of groups. A panic elsewhere leaves it whole.
fn lock(groups: &Mutex<Vec<PathBuf>>) -> MutexGuard<'_, Vec<PathBuf>> {
    groups.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Home {
    fn drop(&mut self) {
        let spoilt = std::mem::take(&mut *lock(&self.spoilt));
        for folder in self.free().drain(..).chain(spoilt) {
            // one that is not empty is left for the next start to clear away
            drop(std::fs::remove_dir(folder));
        }
    }
}

impl Group {
    /// Whether its process was killed because it went over its memory.
    pub(crate) fn has_killed(&self) -> bool {
        killed_for_memory(&self.folder).is_ok_and(|killed| killed > self.killed)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let folder = std::mem::take(&mut self.folder);
        self.home.free().push(folder);
    }
}

/// Has the groups below `subtree` have the controllers that we need. No process may be where they are handed on, so that
/// this one, if it is there, goes one group down first.
fn hand_on(subtree: &Path, own: Option<&Path>) -> Result<(), Groupless> {
    let words = |file: &str| std::fs::read_to_string(subtree.join(file));
    let has = |words: &str, name: &str| words.split_ascii_whitespace().any(|word| word == name);
    let there = words("cgroup.controllers")
        .map_err(|error| Groupless::Refused("cgroup.controllers cannot be read", error))?;
    for name in ["memory", "pids"] {
        if !has(&there, name) {
            return Err(Groupless::NoController(name));
        }
    }
    let on = words("cgroup.subtree_control")
        .map_err(|error| Groupless::Refused("cgroup.subtree_control cannot be read", error))?;
    if ["memory", "pids"].iter().all(|name| has(&on, name)) {
        return Ok(());
    }
    if own == Some(subtree) {
        let keeper = subtree.join(KEEPER);
        let made = match std::fs::create_dir(&keeper) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::write(keeper.join("cgroup.procs"), std::process::id().to_string()),
        };
        made.map_err(|error| Groupless::Refused("a group for the keeper", error))?;
    }
    std::fs::write(subtree.join("cgroup.subtree_control"), "+memory +pids").map_err(|error| {
        let step = if error.kind() == io::ErrorKind::ResourceBusy {
            "other processes than this one are in the group that the controllers are handed on from"
        } else {
            "the controllers cannot be handed on"
        };
        Groupless::Refused(step, error)
    })
}

/// Clears away what processes that are gone have left.
fn sweep(subtree: &Path) {
    let Ok(entries) = std::fs::read_dir(subtree) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let maker = name
            .to_str()
            .and_then(|name| name.strip_prefix(NAME)?.split_once('-'))
            .and_then(|(maker, number)| Some((maker.parse().ok()?, number.parse().ok()?)));
        let own = std::process::id();
        // in a container whoever starts there has the same number each time
        let gone = |(maker, number): (u32, u64)| {
            let is_ours = maker == own && number < MADE.load(Ordering::Relaxed);
            !is_ours && (maker == own || !Path::new(&format!("/proc/{maker}")).exists())
        };
        if maker.is_some_and(gone) {
            // a group that somebody is in stays
            drop(std::fs::remove_dir(entry.path()));
        }
    }
}

fn set(folder: &Path, file: &str, value: u64) -> io::Result<()> {
    std::fs::write(folder.join(file), value.to_string())
}

/// The number in a file of a group; `None` for `max`, too.
fn number(folder: &Path, file: &str) -> Option<u64> {
    let text = std::fs::read_to_string(folder.join(file)).ok()?;
    text.trim_end().parse().ok()
}

/// How many processes were killed in a group for want of memory.
fn killed_for_memory(folder: &Path) -> io::Result<u64> {
    let events = std::fs::read_to_string(folder.join("memory.events"))?;
    let line = events
        .lines()
        .find_map(|line| line.strip_prefix("oom_kill "));
    line.and_then(|count| count.parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests;
