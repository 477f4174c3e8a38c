//! Attempts for which there is no safe function: this is the test worker only, no shipped code.

use std::io;

fn check(result: libc::c_long) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A new process.
pub(crate) fn fork() -> io::Result<()> {
    // SAFETY: the process has one thread, and the child does nothing but end.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: ends this process without running anything of it.
        unsafe { libc::_exit(0) }
    }
    check(child.into())
}

/// Attaches to the parent, and lets it go.
pub(crate) fn trace_parent() -> io::Result<()> {
    let nothing = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: these requests read and write no memory of ours.
    unsafe {
        let parent = libc::getppid();
        check(libc::ptrace(libc::PTRACE_SEIZE, parent, nothing, nothing))?;
        libc::ptrace(libc::PTRACE_DETACH, parent, nothing, nothing);
    }
    Ok(())
}

/// Memory that can be written and executed.
pub(crate) fn map_executable() -> io::Result<()> {
    let protection = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, at an address that the kernel chooses, which nobody uses.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The system calls that go around the system calls.
pub(crate) fn set_up_ring() -> io::Result<()> {
    let mut parameters = [0u64; 15];
    // SAFETY: the kernel reads and writes 120 bytes of parameters, which we own.
    check(unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr()) })
}

/// What a descriptor has from a place on, if it is one that can be read by place.
pub(crate) fn read_at(descriptor: i32, place: i64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    // SAFETY: the kernel writes at most `count` bytes into memory of ours that has as many.
    let read = unsafe { libc::pread(descriptor, bytes.as_mut_ptr().cast(), count, place) };
    bytes.truncate(usize::try_from(read).map_err(|_| io::Error::last_os_error())?);
    Ok(bytes)
}

/// Sends to a socket that this process has as a number alone.
pub(crate) fn send(descriptor: i32, bytes: &[u8]) -> io::Result<()> {
    let flags = libc::MSG_NOSIGNAL;
    // SAFETY: the kernel reads as many bytes of ours as there are.
    let sent = unsafe { libc::send(descriptor, bytes.as_ptr().cast(), bytes.len(), flags) };
    if sent < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A namespace in which one is root, the beginning of many an escape.
pub(crate) fn new_user_namespace() -> io::Result<()> {
    // SAFETY: changes the credentials of this process, nothing in its memory.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER) }.into())
}
