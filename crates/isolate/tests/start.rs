//! Coming up: a pool that cannot confine its workers says so, and does not start.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and does not get fails it"
)]

mod support;

use mugai_core::{Budget, Loss, Opener, Patience, Refusal, Request, Untrusted};
use mugai_isolate::{Config, Fault, Fences, Pool};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{config, pool, run};

#[test]
fn all_required_fences_are_reported_to_stand() {
    let capabilities = pool(config()).capabilities();
    println!("{capabilities:?}");
    assert!(capabilities.fences.contains(Fences::REQUIRED));
    assert!(capabilities.landlock > 0);
}

#[test]
fn a_missing_fence_is_named() {
    for fence in [
        Fences::LIMITS,
        Fences::PARENT_DEATH,
        Fences::UNDUMPABLE,
        Fences::LANDLOCK_FILES,
        Fences::SECCOMP,
    ] {
        let fault = Pool::new(Config {
            fences: Fences::ALL.without(fence),
            ..config()
        })
        .expect_err("a fence is missing");
        assert!(matches!(&fault, Fault::Unfenced(missing) if *missing == fence));
        assert!(fault.to_string().contains(&fence.to_string()), "{fault}");
        // unless it is not required
        let tolerant = pool(Config {
            fences: Fences::ALL.without(fence),
            required: Fences::REQUIRED.without(fence),
            ..config()
        });
        assert_eq!(run(&tolerant, "echo\nx").unwrap(), "x");
    }
}

#[test]
fn what_is_not_a_worker_is_a_fault() {
    let nothing = Pool::new(Config {
        executable: PathBuf::from("/no/such/executable"),
        ..config()
    });
    assert!(matches!(nothing, Err(Fault::Executable(_))));
    let begun = Instant::now();
    let other = Pool::new(Config {
        arguments: vec![OsString::from("not-a-worker")],
        ..config()
    });
    assert!(matches!(other, Err(Fault::NotReady)));
    assert!(begun.elapsed().as_secs() < 5, "its end is seen at once");
}

#[test]
fn a_worker_that_stops_coming_up_is_an_internal_refusal_and_no_spin() {
    // an executable that goes away while the pool is up
    let folder = std::env::temp_dir().join(format!("mugai-start-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let executable = folder.join("worker");
    std::os::unix::fs::symlink(config().executable, &executable).unwrap();
    let pool = pool(Config {
        executable: executable.clone(),
        ..config()
    });
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    std::fs::remove_dir_all(&folder).unwrap();
    // the crash of a used worker is tried again on a new one, and there is none
    for command in ["abort\n", "echo\nx", "echo\nx"] {
        assert_eq!(run(&pool, command).unwrap_err().code(), "internal");
    }
    // three attempts with their pauses take 110 ms; for a second after them there are none
    let refused_at_once = (0..5).any(|_| {
        let begun = Instant::now();
        assert!(run(&pool, "echo\nx").is_err());
        begun.elapsed().as_millis() < 50
    });
    assert!(refused_at_once);
}

/// An executable that is a shell script; `body` does not become a worker unless it says so. `$MUGAI` is not known to it, for
/// workers have no environment.
fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("script");
    let worker = config().executable;
    let text = format!("#!/bin/sh\nWORKER='{}'\n{body}\n", worker.display());
    // written under another name: what is open for writing cannot be executed
    std::fs::write(folder.join("new"), text).unwrap();
    std::fs::set_permissions(folder.join("new"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::rename(folder.join("new"), &path).unwrap();
    path
}

#[test]
fn a_worker_with_descriptors_of_others_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let body = r#"exec 7</etc/passwd; exec "$WORKER" "$@""#;
    let fault = Pool::new(Config {
        executable: script(folder.path(), body),
        ..config()
    });
    let fault = fault.expect_err("a fence is missing");
    assert!(
        matches!(&fault, Fault::Unfenced(missing) if *missing == Fences::LIMITS),
        "{fault}"
    );
}

#[test]
fn a_fence_that_a_later_worker_lacks_is_not_said_to_stand() {
    let folder = tempfile::tempdir().unwrap();
    let worker = r#"exec "$WORKER" "$@""#;
    let settings = Config {
        executable: script(folder.path(), worker),
        fresh: true,
        required: Fences::REQUIRED.without(Fences::LIMITS),
        ..config()
    };
    let tolerant = pool(settings.clone());
    let strict = pool(Config {
        required: Fences::REQUIRED,
        ..settings
    });
    assert!(tolerant.has_all_fences() && strict.has_all_fences());
    script(folder.path(), r#"exec 7</etc/passwd; exec "$WORKER" "$@""#);
    // the first ones, and those that were started meanwhile
    for _ in 0..3 {
        assert_eq!(run(&tolerant, "echo\nx").unwrap(), "x");
        drop(run(&strict, "echo\nx"));
    }
    assert!(!tolerant.has_all_fences());
    let left = Fences::REQUIRED.without(tolerant.capabilities().fences);
    assert_eq!(left, Fences::LIMITS);
    assert_eq!(run(&strict, "echo\nx").unwrap_err().code(), "internal");
    assert!(strict.has_all_fences());
}

#[test]
fn workers_that_do_not_come_up_are_not_started_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let pool = pool(Config {
        executable: script(folder.path(), r#"exec "$WORKER" "$@""#),
        workers: 4,
        ..config()
    });
    let failing = format!("echo >>'{}'; exit 1", log.display());
    script(folder.path(), &failing);
    drop(run(&pool, "abort\n"));
    let end = Instant::now() + Duration::from_millis(3_500);
    let mut refused = 0u32;
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut refused = 0;
                    while Instant::now() < end {
                        assert_eq!(run(&pool, "echo\nx").unwrap_err().code(), "internal");
                        refused += 1;
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    refused
                })
            })
            .collect();
        refused = callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .sum();
    });
    let started = std::fs::read_to_string(log).unwrap().lines().count();
    println!("{started} starts for {refused} parts");
    // of each caller three, those that were asked for in advance, and then one a second
    assert!((3..=24).contains(&started), "{started}");
    // and all is well once the machine is
    script(folder.path(), r#"exec "$WORKER" "$@""#);
    let is_well = (0..30).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        run(&pool, "echo\nx").is_ok()
    });
    assert!(is_well);
}

#[test]
fn nobody_waits_for_a_worker_longer_than_he_said() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(Config {
        executable: script(folder.path(), r#"exec "$WORKER" "$@""#),
        fresh: true,
        ..config()
    });
    // one that takes its time, but comes up
    script(folder.path(), r#"sleep 3; exec "$WORKER" "$@""#);
    run(&pool, "echo\nx").unwrap();
    let open = |patience| {
        let input = Untrusted::new(b"echo\nx".to_vec());
        let (mut sink, budget) = (support::Notebook::default(), Budget::new(support::LIMITS));
        let request = Request {
            input: &input,
            assignment: &support::order(support::LIMITS),
            budget: &budget,
            sink: &mut sink,
        };
        let begun = Instant::now();
        (pool.open(request, patience), begun.elapsed())
    };
    let late = Err(Refusal::Lost(Loss::Deadline));
    let soon = Patience {
        until: Instant::now().checked_add(Duration::from_millis(200)),
        cancelled: None,
    };
    let (end, took) = open(soon);
    assert_eq!(end, late);
    assert!(took < Duration::from_secs(2), "{took:?}");
    let flag = AtomicBool::new(false);
    let (end, took) = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            flag.store(true, Ordering::Relaxed);
        });
        open(Patience {
            until: None,
            cancelled: Some(&flag),
        })
    });
    assert_eq!(end, late);
    assert!(took < Duration::from_secs(2), "{took:?}");
    // the worker that was on its way is the next one's
    let (end, _) = open(Patience::default());
    assert_eq!(end, Ok(()));
}

#[test]
fn workers_that_are_killed_as_they_come_up_are_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let pool = pool(Config {
        executable: script(folder.path(), r#"exec "$WORKER" "$@""#),
        workers: 2,
        ..config()
    });
    let killed = format!("echo >>'{}'; kill -9 $$", log.display());
    script(folder.path(), &killed);
    drop(run(&pool, "abort\n"));
    let begun = Instant::now();
    for _ in 0..3 {
        let lost = run(&pool, "echo\nx");
        assert_eq!(lost, Err(Refusal::Lost(Loss::Crash)));
    }
    // after the first tries, one a second
    assert!(
        begun.elapsed() > Duration::from_millis(1_500),
        "{:?}",
        begun.elapsed()
    );
    let started = std::fs::read_to_string(log).unwrap().lines().count();
    assert!((3..=12).contains(&started), "{started}");
    script(folder.path(), r#"exec "$WORKER" "$@""#);
    assert_eq!(run(&pool, "echo\nx").as_deref(), Ok("x"));
}

/// A worker that takes the place of another waits until somebody needs it, however long.
#[test]
fn a_worker_that_has_waited_for_long_is_as_good_as_a_new_one() {
    let pool = pool(config());
    drop(run(&pool, "abort\n"));
    // what it may take to start, and more
    std::thread::sleep(Duration::from_millis(10_500));
    let before = pool.figures().unwrap();
    assert_eq!(before.idle, 1);
    assert_eq!(run(&pool, "echo\nx").as_deref(), Ok("x"));
    let after = pool.figures().unwrap();
    assert_eq!(
        (before.started, &before.ended),
        (after.started, &after.ended)
    );
}
