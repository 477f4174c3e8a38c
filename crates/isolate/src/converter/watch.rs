//! What the suite takes of the disk, as the kernel counts it.
//!
//! Looking into its folder is not enough: a file without a name takes as much as one that has one. The kernel counts what
//! a process writes, whatever becomes of it, and the suite cannot take more than it wrote: calls that give a file blocks
//! without writing to it are not in its list. Files that are written to through memory are counted where they lie on a
//! disk; those that are mapped to be written to are refused by its list in any case.

use std::io;

/// How many bytes the process has written to files, pipes and the like since it began: those of its calls, or those of
/// pages that are to go to a disk, whatever is more.
///
/// # Errors
/// What the kernel says: the process is gone, or it does not count (`CONFIG_TASK_XACCT`, `CONFIG_TASK_IO_ACCOUNTING`).
pub(super) fn written(process: u32) -> io::Result<u64> {
    let told = std::fs::read_to_string(format!("/proc/{process}/io"))?;
    of(&told).ok_or_else(|| io::ErrorKind::InvalidData.into())
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
