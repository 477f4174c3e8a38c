//! How a worker confines itself, and how it proves it.
//!
//! Each fence is put up by the crate or the system call that is made for it, without `unsafe`, and
//! tested before the next one makes the test impossible. A fence is reported as standing only when
//! its test passed; which ones are required is for the pool to say.

mod alone;
mod landlock;
pub(crate) mod limits;
mod seccomp;

pub use alone::confine_self;

use crate::fence::Fences;
use crate::protocol::Setup;
use rustix::process::{
    DumpableBehavior, Signal, dumpable_behavior, parent_process_death_signal,
    set_dumpable_behavior, set_parent_process_death_signal,
};
use rustix::thread::{SecureComputingMode, no_new_privs, secure_computing_mode, set_no_new_privs};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// The most that can be asked for (proc(5)).
const FIRST_TO_GO: &str = "1000";

/// Has the kernel kill this process before others where it has no memory left; where that cannot be asked for, it goes when
/// its turn comes.
pub(crate) fn goes_first() {
    let _ = std::fs::write("/proc/self/oom_score_adj", FIRST_TO_GO);
}

/// What stands.
pub(crate) struct Standing {
    /// The fences whose test passed.
    pub(crate) fences: Fences,
    /// The version of Landlock in use; 0 for none.
    pub(crate) landlock: u32,
}

/// Puts up the fences that `setup` asks for, outermost first. The process has one thread, and
/// `answer` stays the only file that it can write to, `bulk` its only socket beside standard input. `alone` says whether it
/// began without any descriptor that it was not meant to have; if not, its limits are no fence.
///
/// A fence that the machine does not have, or that the kernel refuses, in whatever way, is not among those that stand: who
/// asked for it says whether anything is opened without it.
pub(crate) fn confine(
    setup: &Setup,
    answer: &OwnedFd,
    bulk: BorrowedFd<'_>,
    alone: bool,
) -> Standing {
    let asked = |fence| setup.fences.contains(fence);
    let mut standing = Standing {
        fences: Fences::NONE,
        landlock: 0,
    };
    let mut found = Fences::NONE;
    if asked(Fences::PARENT_DEATH) && dies_with_parent() {
        found = found.and(Fences::PARENT_DEATH);
    }
    if asked(Fences::UNDUMPABLE) && is_undumpable() {
        found = found.and(Fences::UNDUMPABLE);
    }
    let limited = asked(Fences::LIMITS) && limits::set(setup).unwrap_or(false) && alone;
    if asked(Fences::NO_NEW_PRIVS) {
        // whether it was done is asked below
        let _ = set_no_new_privs(true);
    }
    if asked(Fences::LANDLOCK_FILES) {
        let (fences, version) = landlock::restrict();
        // the status of the crate is not enough: the root directory must really be closed
        if is_closed_to_files() {
            found = found.and(fences);
            standing.landlock = version;
        }
    }
    // only now: the fences before needed a descriptor
    let closed = asked(Fences::LIMITS) && limits::close_descriptors().unwrap_or(false);
    if closed && limited {
        found = found.and(Fences::LIMITS);
    }
    if asked(Fences::SECCOMP) {
        let filter = seccomp::restrict(answer.as_raw_fd(), bulk.as_raw_fd());
        if filter.is_ok() && is_filtered() {
            found = found.and(Fences::SECCOMP);
        }
    }
    if asked(Fences::NO_NEW_PRIVS) && no_new_privs().unwrap_or(false) {
        found = found.and(Fences::NO_NEW_PRIVS);
    }
    standing.fences = found;
    standing
}

/// Asked through the filter, which lets exactly this question and that for new rights through.
fn is_filtered() -> bool {
    secure_computing_mode().is_ok_and(|mode| mode == SecureComputingMode::Filter)
}

fn dies_with_parent() -> bool {
    set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
        && parent_process_death_signal().is_ok_and(|signal| signal == Some(Signal::KILL))
}

fn is_undumpable() -> bool {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
        && dumpable_behavior().is_ok_and(|now| now == DumpableBehavior::NotDumpable)
}

fn is_closed_to_files() -> bool {
    File::open("/").is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}
