//! What is taken, what is counted, and that nothing stays.
use super::*;
use rustix::fs::mkdirat;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::Duration;

/// A folder for folders.
fn place() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn made(place: &tempfile::TempDir) -> Folder {
    let folder = Folder::make(place.path()).unwrap();
    folder.fill("in.doc", b"document").unwrap();
    folder
}

fn later() -> Instant {
    let now = Instant::now();
    now.checked_add(Duration::from_mins(1)).unwrap()
}

/// Until nothing is left in `place`, for a minute at most.
fn is_empty_soon(place: &tempfile::TempDir) -> bool {
    (0..6_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        fs::read_dir(place.path()).unwrap().next().is_none()
    })
}

#[test]
fn only_a_plain_file_within_the_limit_is_taken() {
    let place = place();
    let folder = made(&place);
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    assert!(folder.bytes(later()).unwrap() >= 8);
    assert_eq!(folder.take("out/in.pdf", 9), Err(NOTHING));
    symlink("/etc/passwd", folder.path().join("out/in.pdf")).unwrap();
    assert_eq!(folder.take("out/in.pdf", 1 << 20), Err(NOTHING));
    fs::remove_file(folder.path().join("out/in.pdf")).unwrap();
    fs::create_dir(folder.path().join("out/in.pdf")).unwrap();
    assert_eq!(folder.take("out/in.pdf", 9), Err(NOTHING));
    fs::remove_dir(folder.path().join("out/in.pdf")).unwrap();
    fs::write(folder.path().join("out/in.pdf"), b"123456789").unwrap();
    assert_eq!(
        *folder.take("out/in.pdf", 9).unwrap().load().unwrap(),
        *b"123456789"
    );
    assert!(matches!(
        folder.take("out/in.pdf", 8),
        Err(Refusal::Overrun { limit: 8, .. })
    ));
    let path = folder.path().to_owned();
    drop(folder);
    assert!(!path.exists());
}

#[test]
fn a_look_counts_links_as_such_and_ends_at_its_bounds() {
    let place = place();
    let folder = made(&place);
    let before = folder.bytes(later()).unwrap();
    fs::write(folder.path().join("tmp/a"), vec![1; 5000]).unwrap();
    symlink("/usr", folder.path().join("tmp/link")).unwrap();
    let now = folder.bytes(later()).unwrap();
    assert!((5000..7000).contains(&(now - before)), "{before} {now}");
    assert_eq!(folder.bytes(Instant::now()), Err(Unseen::Late));
    for number in 0..MOST_ENTRIES {
        fs::create_dir(folder.path().join(format!("tmp/{number}"))).unwrap();
    }
    let many = over(Resource::Parts, MOST_ENTRIES);
    assert_eq!(folder.bytes(later()), Err(Unseen::TooMuch(many)));
    drop(folder);
    assert!(is_empty_soon(&place));
}

/// Folders in each other, deeper than any path is long, and than there may be descriptors.
fn dig(folder: &Folder, depth: usize) {
    let mut at = open_folder(CWD, folder.path()).unwrap();
    for _ in 0..depth {
        mkdirat(&at, "moved-1", Mode::RWXU).unwrap();
        at = open_folder(&at, "moved-1").unwrap();
    }
    fs::write(folder.path().join("tmp/moved-2"), b"x").unwrap();
}

#[test]
fn what_is_deeper_than_any_path_is_not_walked_and_is_cleared_away() {
    for depth in [MOST_DEPTH - 1, MOST_DEPTH, MOST_DEPTH + 1, 5_000] {
        let place = place();
        let folder = made(&place);
        dig(&folder, depth);
        let begun = Instant::now();
        let looked = folder.bytes(later());
        assert!(begun.elapsed() < Duration::from_secs(5));
        if depth > MOST_DEPTH {
            let deep = over(Resource::Depth, 32);
            assert_eq!(looked, Err(Unseen::TooMuch(deep)), "{depth}");
        } else {
            assert!(looked.is_ok(), "{depth}");
        }
        drop(folder);
        assert!(is_empty_soon(&place), "{depth}");
    }
}

#[test]
fn folders_without_rights_are_cleared_away() {
    let place = place();
    let folder = made(&place);
    let inner = folder.path().join("tmp/closed/inner");
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join("file"), b"x").unwrap();
    for path in [inner.as_path(), inner.parent().unwrap()] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    }
    drop(folder);
    assert!(is_empty_soon(&place));
}

/// A folder that had its last entry so many seconds ago.
fn set_age(folder: &Path, seconds: i64) {
    let now = std::time::SystemTime::now();
    let age = Duration::from_secs(seconds.unsigned_abs());
    let then = if seconds < 0 {
        now.checked_add(age)
    } else {
        now.checked_sub(age)
    }
    .unwrap();
    File::open(folder).unwrap().set_modified(then).unwrap();
}

#[test]
fn what_nobody_holds_is_swept_and_nothing_else() {
    let place = place();
    let path = |name: &str| place.path().join(name);
    let held = made(&place);
    let another = Folder::make(place.path()).unwrap();
    assert_ne!(held.path(), another.path());
    // as a process that was killed leaves it
    let left = path("mugai-convert-4711-0");
    fs::create_dir_all(left.join("tmp/deep")).unwrap();
    fs::write(left.join("tmp/deep/in.doc"), b"document").unwrap();
    // as a program of before has it, which locks nothing
    let at_work = path("mugai-convert-4712-0");
    fs::create_dir(&at_work).unwrap();
    fs::create_dir(path("mugai-convert-4712-1")).unwrap();
    for (name, age) in [
        ("mugai-convert-4711-0", 61),
        ("mugai-convert-4712-0", 50),
        // the clock was set back
        ("mugai-convert-4712-1", -3_600),
    ] {
        set_age(&path(name), age);
    }
    for other in [
        "mugai-convert-x-1",
        "mugai-convert-1",
        "mugai-convert-1-1-1",
        "other",
    ] {
        fs::create_dir(path(other)).unwrap();
    }
    fs::write(path("mugai-convert-4711-1"), b"a file").unwrap();
    let elsewhere = place.path().join("other/kept");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, path("mugai-convert-4711-2")).unwrap();
    for locked in [held.path(), another.path()] {
        set_age(locked, 61);
    }
    sweep(place.path(), Duration::from_mins(1));
    let gone = (0..6_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !left.exists()
    });
    assert!(gone);
    let names = fs::read_dir(place.path()).unwrap().count();
    assert_eq!(names, 10);
    assert!(at_work.exists());
    assert!(held.path().join("in.doc").exists() && another.path().exists());
    assert!(elsewhere.exists());
}
