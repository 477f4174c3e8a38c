//! The confinement of a command that looks at untrusted bytes by itself.

use crate::fence::Fences;
use crate::sandbox::{is_closed_to_files, is_filtered, is_undumpable};
use crate::sandbox::{landlock, limits, seccomp};
use rustix::thread::{no_new_privs, set_no_new_privs};
use std::io;
use std::os::fd::AsFd as _;
use std::time::Duration;

/// How far standard output may make a file grow, beyond what it holds already, in bytes.
const OUTPUT: u64 = 64 << 20;

/// What the longer one of the files holds that standard output and error are, in bytes; nothing where they are none.
fn held() -> u64 {
    let size = |file: std::os::fd::BorrowedFd<'_>| {
        let size = rustix::fs::fstat(file).map_or(0, |status| status.st_size);
        u64::try_from(size).unwrap_or(0)
    };
    size(io::stdout().as_fd()).max(size(io::stderr().as_fd()))
}

/// Confines this very process, which must have one thread: from now on it can read what is open, write to
/// standard output and error, use so much memory and so much processor time, and nothing else. It cannot open
/// anything, ask for the size of a file, or start a thread; whatever it tries beyond that kills it.
///
/// Gives the fences whose test passed. [`Fences::PARENT_DEATH`] is not among them: a command outlives its
/// caller if that is what the caller wants. One that the kernel refuses, in whatever way, is not among them either.
#[must_use]
pub fn confine_self(memory_bytes: u64, cpu: Duration) -> Fences {
    let mut found = Fences::NONE;
    if is_undumpable() {
        found = found.and(Fences::UNDUMPABLE);
    }
    let output = held().saturating_add(OUTPUT);
    let limited = limits::of(memory_bytes, output, cpu.as_secs().max(1)).unwrap_or(false);
    // whether it was done is asked below
    let _ = set_no_new_privs(true);
    let (fences, _) = landlock::restrict();
    if is_closed_to_files() {
        found = found.and(fences);
    }
    if limited && limits::close_descriptors().unwrap_or(false) {
        found = found.and(Fences::LIMITS);
    }
    if seccomp::restrict_to_streams().is_ok() && is_filtered() {
        found = found.and(Fences::SECCOMP);
    }
    if no_new_privs().unwrap_or(false) {
        found = found.and(Fences::NO_NEW_PRIVS);
    }
    found
}
