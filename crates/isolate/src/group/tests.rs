//! Groups over a folder that looks like a hierarchy: which files are written, and what is believed.

use super::*;
use std::fs;
use tempfile::TempDir;

const ALLOWANCE: Allowance = Allowance {
    memory: 64 << 20,
    processes: 1,
};

/// A subtree with all that is needed.
fn subtree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("cgroup.controllers", "cpu io memory pids\n");
    put("cgroup.subtree_control", "\n");
    folder
}

/// A kernel would have put this file there.
fn with_events(folder: &Path, killed: u64) {
    fs::write(
        folder.join("memory.events"),
        format!("low 0\nmax 9\noom 3\noom_kill {killed}\noom_group_kill 1\n"),
    )
    .unwrap();
}

/// A group that nobody is in.
fn free_group(home: &Arc<Home>) -> PathBuf {
    let folder = home.make().unwrap();
    with_events(&folder, 2);
    home.free().push(folder.clone());
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_keeper_goes_down_where_it_stands_in_the_way() {
    let root = subtree();
    let home = Home::at(root.path().to_owned(), Some(root.path()), ALLOWANCE).unwrap();
    let inside = read(&root.path().join(KEEPER), "cgroup.procs");
    assert_eq!(inside, std::process::id().to_string());
    assert_eq!(read(root.path(), "cgroup.subtree_control"), "+memory +pids");
    assert_eq!(home.subtree(), root.path());
    // elsewhere it stays where it is
    let root = subtree();
    let inner = root.path().join("inner");
    Home::at(root.path().to_owned(), Some(&inner), ALLOWANCE).unwrap();
    assert!(!root.path().join(KEEPER).exists());
}

#[test]
fn a_subtree_without_the_controllers_is_none() {
    for (there, lacks) in [("cpu pids", "memory"), ("memory", "pids"), ("", "memory")] {
        let root = subtree();
        fs::write(root.path().join("cgroup.controllers"), there).unwrap();
        let none = Home::at(root.path().to_owned(), None, ALLOWANCE).unwrap_err();
        assert!(matches!(none, Groupless::NoController(name) if name == lacks));
        assert!(none.to_string().contains(lacks), "{none}");
        // and nothing was changed
        assert_eq!(read(root.path(), "cgroup.subtree_control"), "\n");
    }
    let nowhere = Home::at(PathBuf::from("/no/such/group"), None, ALLOWANCE);
    assert!(matches!(nowhere, Err(Groupless::Refused(..))));
    let unwanted = Home::find(&Groups::Never, ALLOWANCE);
    assert!(matches!(unwanted, Err(Groupless::Unwanted)));
}

#[test]
fn a_process_is_alone_in_a_group_with_limits() {
    let root = subtree();
    let home = Home::at(root.path().to_owned(), None, ALLOWANCE).unwrap();
    let folder = free_group(&home);
    let group = home.enter(4_711).unwrap();
    assert_eq!(group.folder, folder);
    for (name, wanted) in [
        ("memory.max", "67108864"),
        ("memory.swap.max", "0"),
        ("memory.oom.group", "1"),
        ("pids.max", "1"),
        ("cgroup.procs", "4711"),
    ] {
        assert_eq!(read(&folder, name), wanted, "{name}");
    }
    assert!(!group.has_killed());
    with_events(&folder, 3);
    assert!(group.has_killed());
    // what an earlier process did counts no more
    drop(group);
    let next = home.enter(4_712).unwrap();
    assert_eq!(next.folder, folder);
    assert!(!next.has_killed());
    assert!(home.trouble().is_none());
}

#[test]
fn limits_that_do_not_stand_are_not_believed() {
    let root = subtree();
    for (name, value) in [
        ("memory.max", "max"),
        ("memory.max", "67108865"),
        ("pids.max", "2"),
        ("memory.events", "oom 1"),
    ] {
        let home = Home::at(root.path().to_owned(), None, ALLOWANCE).unwrap();
        let folder = free_group(&home);
        fs::write(folder.join(name), value).unwrap();
        // and a new one has no events here, so that it fails as well
        assert!(home.enter(4_711).is_none(), "{name} {value}");
        let trouble = home.trouble().unwrap().to_string();
        assert!(trouble.starts_with("a group for a worker: "), "{trouble}");
        // here the files of a group are in the way; a kernel removes them with it
        for folder in lock(&home.spoilt).iter() {
            fs::remove_dir_all(folder).unwrap();
            fs::create_dir(folder).unwrap();
        }
        assert_eq!(groups(root.path()), 2, "{name} {value}");
        drop(home);
        assert_eq!(groups(root.path()), 0, "{name} {value}");
    }
}

fn groups(root: &Path) -> usize {
    let entries = fs::read_dir(root).unwrap().flatten();
    entries.filter(|entry| entry.path().is_dir()).count()
}

#[test]
fn a_name_that_is_taken_is_not_the_end() {
    let root = subtree();
    let home = Home::at(root.path().to_owned(), None, ALLOWANCE).unwrap();
    let next = MADE.load(Ordering::Relaxed);
    let own = std::process::id();
    // other tests make groups elsewhere meanwhile
    for number in next..next + 100 {
        fs::create_dir(root.path().join(format!("{NAME}{own}-{number}"))).unwrap();
    }
    let made = home.make().unwrap();
    assert_eq!(read(&made, "pids.max"), "1");
    // what a process of our number left is not ours, and goes
    let last = root.path().join(format!("{NAME}{own}-{}", u64::MAX));
    fs::create_dir(&last).unwrap();
    sweep(root.path());
    assert!(made.exists() && !last.exists());
}

#[test]
fn what_processes_that_are_gone_left_is_cleared_away() {
    let root = subtree();
    // a number that was given
    MADE.fetch_add(1, Ordering::Relaxed);
    let ours = format!("{NAME}{}-0", std::process::id());
    // no process has this number
    let names = [&ours, "mugai-4294967295-1", "mugai-x-1", KEEPER, "other"];
    for name in names {
        fs::create_dir(root.path().join(name)).unwrap();
    }
    let full = root.path().join("mugai-4294967295-2");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("cgroup.procs"), "1").unwrap();
    sweep(root.path());
    let left = |name: &str| root.path().join(name).exists();
    assert!(left(&ours) && left("mugai-x-1") && left(KEEPER) && left("other"));
    assert!(!left("mugai-4294967295-1"));
    assert!(full.exists());
}
