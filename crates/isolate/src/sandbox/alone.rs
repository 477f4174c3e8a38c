//! The confinement of a command that looks at untrusted bytes by itself.

use crate::fence::Fences;
use crate::sandbox::{is_closed_to_files, is_undumpable};
use crate::sandbox::{landlock, limits, seccomp};
use rustix::thread::{SecureComputingMode, no_new_privs, secure_computing_mode, set_no_new_privs};
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
/// caller if that is what the caller wants.
///
/// # Errors
/// When a fence fails in a way that leaves the process in an unknown state.
pub fn confine_self(memory_bytes: u64, cpu: Duration) -> io::Result<Fences> {
    let mut found = Fences::NONE;
    if is_undumpable() {
        found = found.and(Fences::UNDUMPABLE);
    }
    let output = held().saturating_add(OUTPUT);
    let limited = limits::of(memory_bytes, output, cpu.as_secs().max(1))?;
    set_no_new_privs(true)?;
    let (fences, _) = landlock::restrict();
    if is_closed_to_files() {
        found = found.and(fences);
    }
    if limited && limits::close_descriptors()? {
        found = found.and(Fences::LIMITS);
    }
    seccomp::restrict_to_streams()?;
    if secure_computing_mode()? == SecureComputingMode::Filter {
        found = found.and(Fences::SECCOMP);
    }
    if no_new_privs()? {
        found = found.and(Fences::NO_NEW_PRIVS);
    }
    Ok(found)
}
