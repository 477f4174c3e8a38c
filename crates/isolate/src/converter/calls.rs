//! The allow-list of system calls of the suite: it reads and writes files that Landlock lets it,
//! makes threads, and nothing else. What is not in the list fails as if the kernel did not know it,
//! because the suite asks for much that it can do without.

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::io;

/// Calls with any arguments that every processor has.
const FREE: &[c_long] = &[
    // memory; the bridges of its components are written at run time, so it may be executable. For `mmap` see below.
    libc::SYS_brk,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_madvise,
    // files, within what Landlock allows; for opening them see below
    libc::SYS_close,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_ftruncate,
    libc::SYS_fadvise64,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_umask,
    // waiting, within this process
    libc::SYS_pipe2,
    libc::SYS_eventfd2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_futex,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    // a socket of its own, that it listens at for another of its kind; nobody can be called
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_shutdown,
    // signals to itself
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // what time it is, what machine this is, who it is
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_times,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_sched_getaffinity,
    // threads
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // to become the suite; Landlock lets nothing else be executed
    libc::SYS_execve,
];

/// The older forms of the same calls, where a processor has them.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// What the suite and the self-test ask about this process.
const QUESTIONS: [i32; 3] = [
    libc::PR_SET_NAME,
    libc::PR_CAPBSET_READ,
    libc::PR_GET_NO_NEW_PRIVS,
];

/// What may be asked of a descriptor: its copies and flags, and locks. Neither signals to whomever one names (`F_SETOWN`,
/// `F_SETSIG`, `F_NOTIFY`) nor leases, seals and pipes of another size. `F_SETFL` is looked at by itself.
const OF_DESCRIPTORS: [i32; 10] = [
    libc::F_DUPFD,
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_GETLK,
    libc::F_SETLK,
    libc::F_SETLKW,
    libc::F_OFD_GETLK,
    libc::F_OFD_SETLK,
];

/// Puts the filter up.
///
/// # Errors
/// When the kernel has no filters, or we were compiled for a processor that we have no list for.
pub(super) fn restrict() -> io::Result<()> {
    let program = compile(std::process::id()).map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}

fn compile(process: u32) -> Result<BpfProgram, BackendError> {
    let mut rules = BTreeMap::new();
    for call in FREE.iter().chain(OLDER) {
        rules.insert(*call, Vec::new());
    }
    for (call, conditions) in restricted(process)? {
        let rule = SeccompRule::new(conditions)?;
        rules.entry(call).or_insert_with(Vec::new).push(rule);
    }
    let unknown = u32::try_from(libc::ENOSYS).unwrap_or(u32::MAX);
    SeccompFilter::new(
        rules,
        SeccompAction::Errno(unknown),
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}

/// A call, and what has to hold for its arguments, all of it.
type Restricted = Vec<(c_long, Vec<SeccompCondition>)>;

/// Calls that are allowed with these arguments only; of two entries for a call one must hold.
fn restricted(process: u32) -> Result<Restricted, BackendError> {
    // a thread of this process, in none but its own namespaces. The newer call hides its flags from
    // us; the C library takes this one where the other is not known.
    let spaces = libc::CLONE_NEWNS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET;
    let thread = number(libc::CLONE_THREAD);
    let mut restricted = vec![
        (
            libc::SYS_clone,
            vec![mask(0, number(libc::CLONE_THREAD | spaces), thread)?],
        ),
        (libc::SYS_socket, vec![equal(0, number(libc::AF_UNIX))?]),
        (libc::SYS_tgkill, vec![equal(0, u64::from(process))?]),
        // its own limits, which cannot be raised
        (libc::SYS_prlimit64, vec![equal(0, 0)?]),
    ];
    // Whether something can be written is not answered: the suite would find that the folder for
    // temporary files of all users can, and put its socket there instead of into its own.
    let writable = number(libc::W_OK);
    restricted.push((libc::SYS_faccessat, vec![unequal(2, writable)?]));
    #[cfg(target_arch = "x86_64")]
    restricted.push((libc::SYS_access, vec![unequal(1, writable)?]));
    for question in QUESTIONS {
        restricted.push((libc::SYS_prctl, vec![equal(0, number(question))?]));
    }
    for command in OF_DESCRIPTORS {
        restricted.push((libc::SYS_fcntl, vec![equal(1, number(command))?]));
    }
    // the kernel is not to send signals for what happens at a descriptor, to this process or another
    restricted.push((
        libc::SYS_fcntl,
        vec![
            equal(1, number(libc::F_SETFL))?,
            mask(2, number(libc::O_ASYNC), 0)?,
        ],
    ));
    opening(&mut restricted, libc::SYS_openat, 2)?;
    #[cfg(target_arch = "x86_64")]
    opening(&mut restricted, libc::SYS_open, 1)?;
    // A file that is written to through memory would be written to unseen where it lies in memory itself, and memory that is
    // shared and has no file stays, whole and uncounted, while one page of it is mapped. So: private memory, or files that
    // are only read, without which the suite does not start: it reads its own tables so, and has no other way. That they
    // become writable later is out of a filter's sight; see `watch` for those.
    let shared = number(libc::MAP_SHARED);
    let unfiled = number(libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    restricted.push((libc::SYS_mmap, vec![mask(3, shared, 0)?]));
    restricted.push((
        libc::SYS_mmap,
        vec![
            mask(3, unfiled, shared)?,
            mask(2, number(libc::PROT_WRITE), 0)?,
        ],
    ));
    Ok(restricted)
}

/// Files are emptied by opening them only where they are opened to be written to: Landlock before its version 3
/// (Linux 6.2) asks for no right to empty a file, and so lets every one that can be read be emptied, by an owner or root. The
/// flags are argument number `flags`.
fn opening(restricted: &mut Restricted, call: c_long, flags: u8) -> Result<(), BackendError> {
    let (emptied, written) = (number(libc::O_TRUNC), number(libc::O_ACCMODE));
    restricted.push((call, vec![mask(flags, emptied, 0)?]));
    for access in [libc::O_WRONLY, libc::O_RDWR] {
        restricted.push((call, vec![mask(flags, written, number(access))?]));
    }
    Ok(())
}

/// A small constant as a filter sees it.
fn number(value: i32) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// Half of a register: the kernel does not look at the other one either.
fn equal(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn unequal(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, value)
}

fn mask(argument: u8, bits: u64, value: u64) -> Result<SeccompCondition, BackendError> {
    let compare = SeccompCmpOp::MaskedEq(bits);
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, compare, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::OFlags;
    use rustix::io::Errno;

    #[test]
    fn the_list_compiles_and_no_call_is_both_free_and_restricted() {
        assert!(compile(1).is_ok());
        for (call, _) in restricted(1).unwrap() {
            assert!(!FREE.contains(&call) && !OLDER.contains(&call), "{call}");
        }
    }

    #[test]
    fn what_must_never_be_allowed_is_not() {
        let restricted: Vec<c_long> = restricted(1).unwrap().iter().map(|(c, _)| *c).collect();
        for call in [
            libc::SYS_connect,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_socketpair,
            libc::SYS_clone3,
            libc::SYS_execveat,
            libc::SYS_kill,
            libc::SYS_tkill,
            libc::SYS_setsid,
            libc::SYS_setpgid,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_io_uring_setup,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_mount,
            libc::SYS_bpf,
            libc::SYS_userfaultfd,
            libc::SYS_memfd_create,
            libc::SYS_linkat,
            libc::SYS_symlinkat,
            libc::SYS_mknodat,
            libc::SYS_fchmod,
            libc::SYS_fchmodat,
            libc::SYS_fchownat,
            libc::SYS_utimensat,
            libc::SYS_truncate,
            libc::SYS_setxattr,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_shmget,
            libc::SYS_ioctl,
            libc::SYS_open_by_handle_at,
            libc::SYS_name_to_handle_at,
            libc::SYS_perf_event_open,
            libc::SYS_pidfd_open,
            libc::SYS_openat2,
            libc::SYS_fallocate,
            libc::SYS_copy_file_range,
            libc::SYS_sendfile,
            libc::SYS_splice,
        ] {
            assert!(!FREE.contains(&call) && !OLDER.contains(&call), "{call}");
            assert!(!restricted.contains(&call), "{call}");
        }
    }

    /// What the filter lets through is tried behind it, in a thread of its own.
    fn behind_the_filter(attempt: impl FnOnce() + Send + 'static) {
        let thread = std::thread::spawn(|| {
            rustix::thread::set_no_new_privs(true).unwrap();
            restrict().unwrap();
            attempt();
        });
        thread.join().unwrap();
    }

    #[test]
    fn a_file_is_emptied_only_by_those_who_may_write_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"content").unwrap();
        let length = |path: &std::path::Path| std::fs::metadata(path).unwrap().len();
        let inside = path.clone();
        behind_the_filter(move || {
            let open = |flags| rustix::fs::open(&inside, flags, rustix::fs::Mode::empty());
            let emptying = OFlags::TRUNC | OFlags::CLOEXEC;
            // the third way of opening, for neither reading nor writing, asks Landlock for nothing
            for access in [OFlags::RDONLY, OFlags::WRONLY | OFlags::RDWR] {
                assert_eq!(open(access | emptying).unwrap_err(), Errno::NOSYS);
            }
            open(OFlags::RDONLY).unwrap();
            assert_eq!(length(&inside), 7);
            open(OFlags::WRONLY | emptying).unwrap();
        });
        assert_eq!(length(&path), 0);
    }

    #[test]
    fn no_descriptor_sends_signals() {
        behind_the_filter(|| {
            let (from, _to) = rustix::pipe::pipe().unwrap();
            let flags = rustix::fs::fcntl_getfl(&from).unwrap();
            rustix::fs::fcntl_setfl(&from, flags | OFlags::NONBLOCK).unwrap();
            let signals = OFlags::from_bits_retain(u32::try_from(libc::O_ASYNC).unwrap());
            let set = rustix::fs::fcntl_setfl(&from, flags | signals);
            assert_eq!(set, Err(Errno::NOSYS));
            rustix::io::fcntl_dupfd_cloexec(&from, 0).unwrap();
        });
    }
}
