//! Limits of the process that would end it, or its work, without a word.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// As many files are opened at a time if it may be: connections, workers, files of a folder.
const WANTED: u64 = 65_536;
/// What is open beside the work: journals, fonts, lists of folders, what a command begins with.
const BESIDE: u64 = 32;
/// What a file that is worked on has open: itself, its worker and checker with what they are told and answer by, memory
/// that they share, and what is made of it.
const A_JOB: u64 = 8;

/// Prepares for the limits that this process was started with.
pub(crate) fn prepare() {
    outlive_those_of_files();
    open_many();
}

/// Where nobody may write files beyond a size (`ulimit -f`), a write that does is an error like that of a full disk: by
/// itself the kernel ends the process, and nobody learns why. Workers have such a limit of their own, and end by it.
fn outlive_those_of_files() {
    let seen = Arc::new(AtomicBool::new(false));
    // where it cannot be said, the kernel does what it does
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
}

/// Takes as many open files as may be had; workers and converters have limits of their own.
fn open_many() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = WANTED.min(maximum.unwrap_or(u64::MAX));
    if current.is_some_and(|now| now < wanted) {
        let raised = Rlimit {
            current: Some(wanted),
            maximum,
        };
        // where that is not allowed, what there is may be enough
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

/// Whether enough files may be open for `jobs` at a time: where they may not, each of some would be withheld as lost.
///
/// # Errors
/// That they may not, in words.
pub(crate) fn enough_for(jobs: usize) -> Result<(), String> {
    let jobs = u64::try_from(jobs).unwrap_or(u64::MAX);
    let needed = jobs.saturating_mul(A_JOB).saturating_add(BESIDE);
    match getrlimit(Resource::Nofile).current {
        Some(now) if now < needed => Err(format!(
            "only {now} files may be open at a time (ulimit -n), and work on {jobs} at a time needs {needed}: raise it, or lower --jobs"
        )),
        Some(_) | None => Ok(()),
    }
}
