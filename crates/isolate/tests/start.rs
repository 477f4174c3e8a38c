//! Coming up: a pool that cannot confine its workers says so, and does not start.

mod support;

use mugai_isolate::{Config, Fault, Fences, Pool};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;
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
