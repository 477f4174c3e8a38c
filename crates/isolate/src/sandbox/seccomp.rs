//! The allow-list of system calls: what the memory allocator and the exchange with the pool need.
//!
//! Everything else kills the process at once: opening, sockets, processes and threads, signals to
//! others, executable memory, and all that a kernel may learn to do in the future.

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::RawFd;

/// Calls that are allowed with any arguments.
const FREE: [c_long; 13] = [
    // memory: `mmap`, `mprotect` and `pkey_mprotect` are not among these
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // inputs and fonts; descriptors are all that were opened before
    libc::SYS_pread64,
    // locks, the seeds of hash maps, the return from signal handlers
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_sigaltstack,
    // the end
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Puts the filter up; `answer` is the one file that may be written to, `bulk` the one socket beside the control socket.
///
/// # Errors
/// When the kernel has no filters, or we were compiled for a processor that we have no list for.
pub(super) fn restrict(answer: RawFd, bulk: RawFd) -> io::Result<()> {
    let program = compile(answer, bulk).map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

/// Puts the filter up for a process that reads what it has open, and writes to its standard streams.
///
/// # Errors
/// As [`restrict`].
pub(super) fn restrict_to_streams() -> io::Result<()> {
    let program = streams().and_then(program).map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

fn compile(answer: RawFd, bulk: RawFd) -> Result<BpfProgram, seccompiler::BackendError> {
    program(restricted(answer, bulk)?)
}

/// A call, and what has to hold for its arguments.
type Restricted = Vec<(c_long, Vec<SeccompCondition>)>;

fn program(restricted: Restricted) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules = BTreeMap::new();
    for call in FREE {
        rules.insert(call, Vec::new());
    }
    for (call, conditions) in restricted {
        if conditions.is_empty() {
            rules.insert(call, Vec::new());
            continue;
        }
        let rule = SeccompRule::new(conditions)?;
        rules.entry(call).or_insert_with(Vec::new).push(rule);
    }
    SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// Calls that are allowed with these arguments only; of two entries for a call one must hold.
fn restricted(answer: RawFd, bulk: RawFd) -> Result<Restricted, seccompiler::BackendError> {
    let mut calls = everywhere()?;
    // each to its only peer
    for socket in [libc::STDIN_FILENO, bulk] {
        for call in [libc::SYS_sendto, libc::SYS_recvfrom] {
            calls.push((call, vec![equal(0, number(socket))?, equal(4, 0)?]));
        }
    }
    calls.extend([
        (libc::SYS_pwrite64, vec![equal(0, number(answer))?]),
        // last words of the runtime, into the null device
        (
            libc::SYS_write,
            vec![equal(0, number(libc::STDERR_FILENO))?],
        ),
    ]);
    Ok(calls)
}

/// What a process that reads and writes streams may do beside [`FREE`].
fn streams() -> Result<Restricted, seccompiler::BackendError> {
    let mut calls = everywhere()?;
    // whatever is open was opened before
    calls.push((libc::SYS_read, Vec::new()));
    for stream in [libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        calls.push((libc::SYS_write, vec![equal(0, number(stream))?]));
    }
    Ok(calls)
}

/// Memory that cannot be executed, and the questions of the self-test.
fn everywhere() -> Result<Restricted, seccompiler::BackendError> {
    let executable = number(libc::PROT_EXEC);
    let anonymous = number(libc::MAP_ANONYMOUS);
    Ok(vec![
        (
            libc::SYS_mmap,
            vec![mask(2, executable, 0)?, mask(3, anonymous, anonymous)?],
        ),
        (libc::SYS_mprotect, vec![mask(2, executable, 0)?]),
        (
            libc::SYS_prctl,
            vec![equal(0, number(libc::PR_GET_SECCOMP))?],
        ),
        (
            libc::SYS_prctl,
            vec![equal(0, number(libc::PR_GET_NO_NEW_PRIVS))?],
        ),
    ])
}

/// A small constant or descriptor as a filter sees it.
fn number(value: i32) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, seccompiler::BackendError> {
    let length = SeccompCmpArgLen::Qword;
    SeccompCondition::new(argument, length, SeccompCmpOp::Eq, value)
}

fn mask(
    argument: u8,
    bits: u64,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    let length = SeccompCmpArgLen::Qword;
    SeccompCondition::new(argument, length, SeccompCmpOp::MaskedEq(bits), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_compiles_and_no_call_is_both_free_and_restricted() {
        assert!(compile(4, 5).is_ok());
        for (call, _) in restricted(4, 5).unwrap() {
            assert!(!FREE.contains(&call), "{call}");
        }
    }

    #[test]
    fn what_must_never_be_allowed_is_not() {
        let restricted: Vec<c_long> = restricted(4, 5).unwrap().iter().map(|(c, _)| *c).collect();
        for call in [
            libc::SYS_openat,
            libc::SYS_openat2,
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_sendmsg,
            libc::SYS_recvmsg,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_execve,
            libc::SYS_kill,
            libc::SYS_tgkill,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_io_uring_setup,
            libc::SYS_unshare,
            libc::SYS_setrlimit,
            libc::SYS_prlimit64,
            libc::SYS_memfd_create,
            libc::SYS_bpf,
            libc::SYS_userfaultfd,
            libc::SYS_pkey_mprotect,
            libc::SYS_statx,
            libc::SYS_fcntl,
            libc::SYS_ioctl,
        ] {
            assert!(
                !FREE.contains(&call) && !restricted.contains(&call),
                "{call}"
            );
        }
    }
}
