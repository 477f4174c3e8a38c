//! What the suite takes of the disk, as the kernel counts it.
//!
//! Looking into its folder is not enough: a file without a name takes as much as one that has one. The kernel counts what
//! a process writes, whatever becomes of it, and the suite cannot take more than it wrote: calls that give a file blocks
//! without writing to it are not in its list.
//!
//! Files that are written to through memory are counted where they lie on a disk, and not where they lie in memory. The
//! list of calls refuses to map them to be written to, but lets them be mapped to be read and cannot see that such memory
//! becomes writable (mprotect(2)). So the memory itself is looked at, and a file that is writable there is the end: the
//! suite has none. It may try to be quick, writable only between two looks. But the less of its time it is, the less it
//! writes: what it may expect to write until it is seen is what fits between two looks, whatever it does.

use super::folder::over;
use mugai_core::{Refusal, Resource};
use std::fs;
use std::io::{self, Read as _};

/// How many looks in a row may be missing: a process that is about to end shows nothing.
const BLIND_LOOKS: u32 = 25;
/// Every how many looks the memory is looked at, too, which takes longer: every 60 ms.
const MEMORY_LOOKS: u32 = 3;

/// The refusal of a document with which the suite did what it has no reason to.
const MAPPED: Refusal = Refusal::malformed("office: LibreOffice wrote to a file through memory");
const BLIND: Refusal = Refusal::internal("converter: the kernel does not tell what it writes");

/// An eye on a process.
#[derive(Debug)]
pub(super) struct Watch {
    process: u32,
    /// The most that it writes, in bytes.
    limit: u64,
    looks: u32,
    blind: u32,
}

impl Watch {
    pub(super) const fn new(process: u32, limit: u64) -> Self {
        Self {
            process,
            limit,
            looks: 0,
            blind: 0,
        }
    }

    /// Looks once, every 20 ms.
    ///
    /// # Errors
    /// Why the process is to be ended.
    pub(super) fn look(&mut self) -> Result<(), Refusal> {
        self.looks = self.looks.wrapping_add(1);
        // what was hidden once is looked at each time
        let is_memory = self.blind > 0 || self.looks.is_multiple_of(MEMORY_LOOKS);
        let seen = written(self.process).and_then(|written| {
            let mapped = is_memory && writes_through_memory(self.process)?;
            Ok((written, mapped))
        });
        match seen {
            Ok((written, _)) if written > self.limit => Err(over(Resource::Bytes, self.limit)),
            Ok((_, true)) => Err(MAPPED),
            Ok(_) => {
                self.blind = 0;
                Ok(())
            }
            Err(_) => {
                self.blind = self.blind.saturating_add(1);
                if self.blind > BLIND_LOOKS {
                    return Err(BLIND);
                }
                Ok(())
            }
        }
    }
}

/// Whether all of this is shown of a process that lives.
///
/// # Errors
/// What kept us from looking, which says nothing of what is shown: too many open files, say.
pub(super) fn is_shown(process: u32) -> io::Result<bool> {
    use io::ErrorKind::{InvalidData, NotFound, PermissionDenied};
    match written(process).and_then(|_| writes_through_memory(process)) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), InvalidData | NotFound | PermissionDenied) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// How many bytes the process has written to files, pipes and the like since it began: those of its calls, or those of
/// pages that are to go to a disk, whatever is more.
///
/// # Errors
/// What the kernel says: the process is gone, or it does not count (`CONFIG_TASK_XACCT`, `CONFIG_TASK_IO_ACCOUNTING`).
fn written(process: u32) -> io::Result<u64> {
    let told = fs::read_to_string(format!("/proc/{process}/io"))?;
    of(&told).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Whether the process has a file in its memory that it can write to.
///
/// # Errors
/// What the kernel says: the process is gone, or it does not tell.
pub(super) fn writes_through_memory(process: u32) -> io::Result<bool> {
    let mut told = Vec::new();
    // names of files are in it, as bytes
    fs::File::open(format!("/proc/{process}/maps"))?.read_to_end(&mut told)?;
    Ok(told.split(|byte| *byte == b'\n').any(is_shared_to_write))
}

/// Whether a line of such a file (proc(5)) is of memory that is shared and can be written to.
fn is_shared_to_write(line: &[u8]) -> bool {
    let rights = line.split(|byte| *byte == b' ').nth(1);
    matches!(rights, Some([_, b'w', _, b's', ..]))
}

/// The count in such a file (proc(5)).
fn of(told: &str) -> Option<u64> {
    let number = |name: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().parse::<u64>().ok()
    };
    Some(number("wchar:")?.max(number("write_bytes:")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn what_is_written_counts_with_and_without_a_name() {
        let before = written(std::process::id()).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![7; 1 << 20]).unwrap();
        drop(file);
        let after = written(std::process::id()).unwrap();
        assert!(after - before >= 1 << 20, "{before} {after}");
        assert!(written(u32::MAX).is_err());
    }

    #[test]
    fn what_is_hidden_is_an_end_after_a_while() {
        let mut watch = Watch::new(u32::MAX, 1 << 20);
        for _ in 0..BLIND_LOOKS {
            assert_eq!(watch.look(), Ok(()));
        }
        assert_eq!(watch.look(), Err(BLIND));
        assert!(!is_shown(u32::MAX).unwrap() && is_shown(std::process::id()).unwrap());
        let mut watch = Watch::new(std::process::id(), 0);
        assert_eq!(watch.look(), Err(over(Resource::Bytes, 0)));
    }

    #[test]
    fn memory_that_writes_to_a_file_is_seen() {
        assert!(!writes_through_memory(std::process::id()).unwrap());
        assert!(writes_through_memory(u32::MAX).is_err());
        for (rights, is_it) in [
            ("rw-s", true),
            ("-w-s", true),
            ("rwxs", true),
            ("r--s", false),
            ("r-xs", false),
            ("---s", false),
            ("rw-p", false),
        ] {
            let line = format!("7f00-7f01 {rights} 00000000 00:1c 4711      /tmp/rw-s a\\012b");
            assert_eq!(is_shared_to_write(line.as_bytes()), is_it, "{line}");
        }
        assert!(!is_shared_to_write(b""));
    }

    #[test]
    fn the_larger_count_is_the_one() {
        let told = |calls: u64, pages: u64| {
            format!(
                "rchar: 1\nwchar: {calls}\nsyscw: 9\nread_bytes: 0\nwrite_bytes: {pages}\ncancelled_write_bytes: 3\n"
            )
        };
        assert_eq!(of(&told(5, 4096)), Some(4096));
        assert_eq!(of(&told(5000, 4096)), Some(5000));
        assert_eq!(of("rchar: 1\nwchar: 2\n"), None);
        assert_eq!(of("wchar: x\nwrite_bytes: 1\n"), None);
    }
}
