//! Descriptors that whoever started us left open: a shell, systemd, a mail server. Nothing that we start is given any of them.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The first one behind standard input, output and error output.
const FIRST: i32 = 3;
/// The kernel's flag of a descriptor that is closed when a program is executed, as `/proc/self/fdinfo` shows it
/// (`O_CLOEXEC`, open(2)).
const CLOSED_BY_EXECUTION: u32 = 0o2_000_000;

/// Has all descriptors but the standard ones closed in every program that this process executes from now on. Whoever opens
/// more later has to say so himself, as all that is written in Rust does.
pub(crate) fn keep_back() {
    close_fds::set_fds_cloexec_threadsafe(FIRST, &[]);
}

/// Whether this process, which has one thread, has no descriptors but the standard ones.
pub(crate) fn are_standard() -> bool {
    others(&[]).is_ok_and(|others| others.is_empty())
}

/// The descriptors of this process, which has one thread, but the standard ones and `meant`.
///
/// # Errors
/// What the kernel says; without `/proc` there is no telling.
fn others(meant: &[i32]) -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_str().and_then(|n| n.parse().ok());
        let number: i32 = number.ok_or(io::ErrorKind::InvalidData)?;
        if number >= FIRST && !meant.contains(&number) {
            found.push(number);
        }
    }
    // the one that was looked with is closed by now
    found.retain(|number| fs::symlink_metadata(format!("/proc/self/fd/{number}")).is_ok());
    Ok(found)
}

/// Executes this very program anew, with the same arguments, where whoever started it left descriptors open beside the
/// standard ones and `meant`: they are gone then. It is for the beginning of a program that has one thread and has opened
/// nothing yet.
///
/// # Errors
/// What the kernel says: there are such descriptors, or it could not be told.
pub fn shed_descriptors(meant: &[i32]) -> io::Result<()> {
    let others = others(meant)?;
    if others.is_empty() {
        return Ok(());
    }
    close_fds::set_fds_cloexec_threadsafe(FIRST, meant);
    for number in others {
        if !is_closed_by_execution(number)? {
            return Err(io::Error::other("a descriptor that is not closed"));
        }
    }
    let mut words: Vec<OsString> = std::env::args_os().collect();
    let name = words.drain(..words.len().min(1)).next();
    let mut command = Command::new("/proc/self/exe");
    command.args(words);
    Err(command.arg0(name.unwrap_or_default()).exec())
}

fn is_closed_by_execution(number: i32) -> io::Result<bool> {
    let told = fs::read_to_string(format!("/proc/self/fdinfo/{number}"))?;
    let flags = told.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    let flags = flags.ok_or(io::ErrorKind::InvalidData)?;
    Ok(flags & CLOSED_BY_EXECUTION != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd as _;

    #[test]
    fn what_is_open_is_seen_unless_it_is_meant() {
        let file = fs::File::open("/dev/null").unwrap();
        let number = file.as_raw_fd();
        assert!(others(&[]).unwrap().contains(&number));
        assert!(!others(&[number]).unwrap().contains(&number));
        assert!(!are_standard());
        // as the library opens it
        assert!(is_closed_by_execution(number).unwrap());
        // others in this process may have it closed at any time: only that it is in the end
        let inherited = rustix::io::dup(&file).unwrap();
        keep_back();
        assert!(is_closed_by_execution(inherited.as_raw_fd()).unwrap());
    }
}
