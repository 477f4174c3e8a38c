//! Attempts for which there is no safe function: this is the test worker only, no shipped code.

use std::io;

/// Which signal is sent for what happens at a descriptor (fcntl(2)); the crate has no name for it.
pub(crate) const F_SETSIG: i32 = 10;

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

/// Which descriptors from 3 on are open, by asking for the flags of each.
pub(crate) fn open_descriptors() -> Vec<i32> {
    // SAFETY: the question changes nothing.
    let is_open = |number: &i32| unsafe { libc::fcntl(*number, libc::F_GETFD) >= 0 };
    (3..256).filter(is_open).collect()
}

/// The same of those that can be read from a place on, or could if they were another kind of file: this question is one that
/// workers may ask.
pub(crate) fn descriptors_to_read() -> Vec<i32> {
    let is_open = |number: &i32| {
        let mut byte = 0u8;
        // SAFETY: the kernel writes at most the one byte, which is ours.
        let read = unsafe { libc::pread(*number, std::ptr::from_mut(&mut byte).cast(), 1, 0) };
        read >= 0 || io::Error::last_os_error().raw_os_error() != Some(libc::EBADF)
    };
    (3..256).filter(is_open).collect()
}

/// Has the kernel send what happens at a pipe to the parent, as a signal.
pub(crate) fn signal_parent(command: i32) -> io::Result<()> {
    let mut pipe = [0; 2];
    // SAFETY: the kernel writes two descriptors into memory of ours; the commands take numbers.
    unsafe {
        check(libc::pipe2(pipe.as_mut_ptr(), libc::O_CLOEXEC).into())?;
        let argument = match command {
            libc::F_SETOWN => libc::getppid(),
            F_SETSIG => libc::SIGIO,
            _ => 0,
        };
        let [from, _] = pipe;
        check(libc::fcntl(from, command, argument).into())
    }
}

/// A file whose memory can be written to.
pub(crate) fn map_shared(file: &impl std::os::fd::AsRawFd) -> io::Result<()> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let (file, flags) = (file.as_raw_fd(), libc::MAP_SHARED);
    // SAFETY: a new mapping, at an address that the kernel chooses, which nobody uses.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), 4096, protection, flags, file, 0) };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Memory that is shared, and no file.
pub(crate) fn map_shared_unfiled() -> io::Result<()> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, at an address that the kernel chooses, which nobody uses.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Writes to a file of at least `length` bytes through memory that was mapped to be read, again and again.
pub(crate) fn write_through_memory(
    file: &impl std::os::fd::AsRawFd,
    length: usize,
) -> io::Result<std::convert::Infallible> {
    let (file, flags) = (file.as_raw_fd(), libc::MAP_SHARED);
    let read = libc::PROT_READ;
    // SAFETY: a new mapping, at an address that the kernel chooses, of as many bytes as the file has; nobody else uses it.
    let memory = unsafe {
        let memory = libc::mmap(std::ptr::null_mut(), length, read, flags, file, 0);
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        check(libc::mprotect(memory, length, read | libc::PROT_WRITE).into())?;
        memory.cast::<u8>()
    };
    loop {
        for place in (0..length).step_by(4096) {
            // SAFETY: within the mapping, which can be written to.
            unsafe { memory.add(place).write_volatile(1) };
        }
    }
}
