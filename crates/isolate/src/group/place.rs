//! Where in the hierarchy this process is, and which subtree of it is ours.

use super::Groupless;
use std::path::{Path, PathBuf};

/// What the kernel says a hierarchy of version 2 is (`CGROUP2_SUPER_MAGIC`).
const MAGIC: u32 = 0x6367_7270;

/// The group of this process.
///
/// # Errors
/// [`Groupless::NoHierarchy`]
pub(super) fn own() -> Result<PathBuf, Groupless> {
    let read = |path| std::fs::read_to_string(path).map_err(|_| Groupless::NoHierarchy);
    let (groups, mounts) = (read("/proc/self/cgroup")?, read("/proc/self/mountinfo")?);
    let found = folder_of(&groups, &mounts).filter(|folder| is_group(folder));
    found.ok_or(Groupless::NoHierarchy)
}

/// The subtree that was delegated to this process: its group, or the one above that, which systemd keeps without processes
/// where it was told a `DelegateSubgroup=`.
///
/// # Errors
/// [`Groupless::NoHierarchy`], [`Groupless::NotDelegated`]
pub(super) fn delegated() -> Result<PathBuf, Groupless> {
    let own = own()?;
    let above = own.parent().filter(|above| is_group(above));
    let all = [Some(own.as_path()), above];
    let marked = all.into_iter().flatten().find(|folder| is_marked(folder));
    marked.map(Path::to_owned).ok_or(Groupless::NotDelegated)
}

/// The subtree that somebody has named.
///
/// # Errors
/// [`Groupless::NoGroup`]
pub(super) fn named(folder: &Path) -> Result<PathBuf, Groupless> {
    let real = folder.canonicalize().ok().filter(|folder| is_group(folder));
    real.ok_or_else(|| Groupless::NoGroup(folder.to_owned()))
}

/// Whether a folder is in a hierarchy of version 2, and not one that only looks like it.
fn is_group(folder: &Path) -> bool {
    rustix::fs::statfs(folder).is_ok_and(|file_system| {
        u32::try_from(file_system.f_type).is_ok_and(|magic| magic == MAGIC)
    })
}

/// Whether somebody has said that this subtree is for whoever is in it. The second mark is for those with all rights.
fn is_marked(folder: &Path) -> bool {
    ["user.delegate", "trusted.delegate"].iter().any(|name| {
        let mut value = [0; 8];
        let read = rustix::fs::getxattr(folder, *name, &mut value[..]);
        read.is_ok_and(|length| value.get(..length) == Some(b"1"))
    })
}

/// The folder of a process, from its `/proc/self/cgroup` and `/proc/self/mountinfo` (proc(5)).
fn folder_of(groups: &str, mounts: &str) -> Option<PathBuf> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let path = Path::new(path);
    // a group above the root of this namespace cannot be reached
    if path.components().any(|part| part.as_os_str() == "..") {
        return None;
    }
    mounts.lines().find_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        if !file_system.starts_with("cgroup2 ") {
            return None;
        }
        let mut words = mount.split(' ').skip(3);
        let (root, at) = (words.next()?, words.next()?);
        let inside = path.strip_prefix(root).ok()?;
        // blanks in names are written as octal numbers, and no hierarchy is mounted at such a place
        let folder = Path::new(at).join(inside);
        (!at.contains('\\')).then_some(folder)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
30 23 0:26 / /sys rw shared:7 - sysfs sysfs rw
31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
32 30 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
";

    #[test]
    fn the_own_group_is_found_below_its_mount() {
        let unit = "0::/system.slice/mugai.service\n";
        let wanted = PathBuf::from("/sys/fs/cgroup/system.slice/mugai.service");
        assert_eq!(folder_of(unit, MOUNTS), Some(wanted));
        let both = format!("4:memory:/a\n1:name=systemd:/b\n{unit}");
        assert!(folder_of(&both, MOUNTS).is_some());
        // mounted from a group on, as in containers
        let inner = MOUNTS.replace("0:28 / ", "0:28 /system.slice ");
        let wanted = PathBuf::from("/sys/fs/cgroup/mugai.service");
        assert_eq!(folder_of(unit, &inner), Some(wanted));
    }

    #[test]
    fn what_is_out_of_reach_is_not_found() {
        for (groups, mounts) in [
            ("4:memory:/a\n", MOUNTS),
            ("0::/../other\n", MOUNTS),
            ("0::/a\n", ""),
            (
                "0::/a\n",
                "32 30 0:28 /b /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
            ),
            (
                "0::/a\n",
                "31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw",
            ),
            ("", ""),
        ] {
            assert_eq!(folder_of(groups, mounts), None, "{groups} {mounts}");
        }
    }

    #[test]
    fn a_folder_that_only_looks_like_a_group_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cgroup.controllers"), "memory pids").unwrap();
        assert!(matches!(named(folder.path()), Err(Groupless::NoGroup(_))));
        assert!(named(Path::new("/no/such/folder")).is_err());
        assert!(!is_marked(folder.path()));
    }

    #[test]
    fn looking_for_ones_own_group_does_not_fail_strangely() {
        // there is one or there is none, as the machine is made
        match own() {
            Ok(folder) => assert!(is_group(&folder)),
            Err(reason) => assert!(matches!(reason, Groupless::NoHierarchy)),
        }
    }
}
