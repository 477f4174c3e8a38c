//! Control groups, where a subtree was delegated to us (or `MUGAI_CGROUP` names one): what they stop alone, and that
//! nothing is left of them. Elsewhere these tests skip, and say so; `tests/groups.sh` boots a kernel that has them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "tests, and what they are made of"
)]

mod support;

use mugai_core::{Loss, Opener, Refusal};
use mugai_isolate::{Config, Fault, Fences, Groups, Pool};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::{config, pool, run};

/// Settings with groups, where there are any.
fn groups() -> Option<Config> {
    let named = std::env::var_os("MUGAI_CGROUP").map(PathBuf::from);
    let config = Config {
        groups: named.clone().map_or(Groups::Delegated, Groups::In),
        ..config()
    };
    let probe = pool(config.clone());
    match probe.groups() {
        Ok(_) if probe.has_groups() => Some(config),
        // whoever names one means it
        told => {
            assert!(named.is_none(), "{told:?}");
            println!("skipped: no control groups here: {told:?}");
            None
        }
    }
}

/// No fence but the group.
fn alone(config: Config) -> Config {
    Config {
        fences: Fences::GROUP,
        required: Fences::GROUP,
        memory_bytes: 128 << 20,
        deadline: Duration::from_mins(2),
        ..config
    }
}

/// The groups below `subtree` that this process has made.
fn made(subtree: &Path) -> Vec<PathBuf> {
    let ours = format!("mugai-{}-", std::process::id());
    let entries = fs::read_dir(subtree).unwrap().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&ours));
    ours.map(|entry| entry.path()).collect()
}

fn ended(pool: &Pool, cause: &str) -> u64 {
    let ended = pool.figures().unwrap().ended;
    let of = ended.iter().find(|(word, _)| *word == cause);
    of.map_or(0, |(_, count)| *count)
}

#[test]
fn a_missing_group_is_named_where_it_is_required_and_only_there() {
    let without = |required| Config {
        groups: Groups::Never,
        required,
        ..config()
    };
    let fault = Pool::new(without(Fences::REQUIRED.and(Fences::GROUP))).unwrap_err();
    assert!(matches!(&fault, Fault::Unfenced(missing) if *missing == Fences::GROUP));
    assert!(fault.to_string().ends_with("cgroup"), "{fault}");
    let pool = pool(without(Fences::REQUIRED));
    assert!(!pool.has_groups() && pool.has_all_fences());
    assert!(pool.groups().is_err());
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
}

#[test]
fn a_folder_that_is_no_group_gives_none() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(Config {
        groups: Groups::In(folder.path().to_owned()),
        ..config()
    });
    assert!(!pool.has_groups());
    assert!(pool.groups().unwrap_err().to_string().contains("no group"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// One test for all that counts groups: they are those of the whole process.
#[test]
fn groups_stop_memory_and_processes_and_leave_nothing() {
    let Some(config) = groups() else { return };
    let pool = pool(alone(config.clone()));
    let subtree = pool.groups().unwrap().to_owned();
    assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    let [group] = made(&subtree).try_into().unwrap();
    let inside = fs::read_to_string(group.join("cgroup.procs")).unwrap();
    let worker: u32 = inside.trim_end().parse().unwrap();
    assert_ne!(worker, std::process::id());
    for (name, wanted) in [
        ("memory.max", "134217728"),
        ("pids.max", "1"),
        ("memory.oom.group", "1"),
    ] {
        assert_eq!(
            fs::read_to_string(group.join(name)).unwrap().trim_end(),
            wanted,
            "{name}"
        );
    }
    let goes_first = fs::read_to_string(format!("/proc/{worker}/oom_score_adj")).unwrap();
    assert_eq!(goes_first.trim_end(), "1000");

    for attempt in ["fork\n", "thread\n"] {
        let told = run(&pool, attempt).unwrap();
        assert!(told.starts_with("denied"), "{attempt}: {told}");
    }
    for round in 1..=3 {
        let begun = Instant::now();
        assert_eq!(run(&pool, "bomb\n"), Err(Refusal::Lost(Loss::Crash)));
        assert!(begun.elapsed() < Duration::from_mins(1));
        // a worker that was not new is tried again with a new one, which ends the same way
        assert!(ended(&pool, "memory") >= round, "{:?}", pool.figures());
        assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
    }
    assert_eq!(ended(&pool, "crash"), 0);
    // a crash of another kind is not taken for one of memory
    let large = ended(&pool, "memory");
    assert_eq!(run(&pool, "abort\n"), Err(Refusal::Lost(Loss::Crash)));
    assert_eq!(ended(&pool, "memory"), large);
    assert!(ended(&pool, "crash") > 0);
    // they are used again, and go with the pool
    assert!(made(&subtree).len() <= 2);
    drop(pool);
    assert_eq!(made(&subtree), Vec::<PathBuf>::new());
    starts(&config);
}

/// What a group costs when a worker starts: a part for each of many new workers.
fn starts(config: &Config) {
    for groups in [Groups::Never, config.groups.clone()] {
        let told = format!("{groups:?}");
        let pool = pool(Config {
            fresh: true,
            groups,
            ..config.clone()
        });
        let mut times: Vec<Duration> = (0..100)
            .map(|_| {
                let begun = Instant::now();
                assert_eq!(run(&pool, "echo\nx").unwrap(), "x");
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{told}: a worker each, p50 {:?}, p99 {:?}",
            times[50], times[99]
        );
    }
}
