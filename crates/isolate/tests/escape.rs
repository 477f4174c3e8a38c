//! The escape matrix: what a taken-over reader may try, and which fence stops it.

mod support;

use mugai_core::{Loss, Refusal};
use mugai_isolate::{Config, Fences};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use support::{config, pool, run};

/// What is tried, and which fence stops it when it stands alone.
struct Attempt {
    name: &'static str,
    landlock: bool,
    /// Whether it works without any fence here, so that its being stopped means something.
    works_unfenced: bool,
}

const fn attempt(name: &'static str, landlock: bool, works_unfenced: bool) -> Attempt {
    Attempt {
        name,
        landlock,
        works_unfenced,
    }
}

const ATTEMPTS: [Attempt; 14] = [
    attempt("open", true, true),
    attempt("create", true, true),
    attempt("stat", false, true),
    attempt("tcp", true, true),
    attempt("tcp-connect", true, false),
    attempt("udp", false, true),
    attempt("kill-parent", true, true),
    attempt("fork", false, true),
    attempt("exec", true, false),
    attempt("thread", false, true),
    // a security module or a container may forbid these three in any case
    attempt("ptrace", true, false),
    attempt("exec-mem", false, true),
    attempt("io-uring", false, false),
    attempt("unshare", false, false),
];

fn with(fences: Fences) -> Config {
    Config {
        fences,
        required: fences,
        ..config()
    }
}

fn command(name: &str) -> String {
    let target = std::env::temp_dir().join(format!("mugai-escape-{}", std::process::id()));
    format!("{name}\n{}", target.display())
}

#[test]
fn every_attempt_fails_behind_all_fences() {
    let pool = pool(with(Fences::REQUIRED));
    for Attempt { name, .. } in ATTEMPTS {
        let got = run(&pool, command(name));
        assert_eq!(got, Err(Refusal::Lost(Loss::Crash)), "{name}");
        assert_eq!(run(&pool, "echo\nnext").unwrap(), "next", "after {name}");
    }
}

#[test]
fn the_allow_list_alone_kills_every_attempt() {
    let pool = pool(with(Fences::SECCOMP));
    for Attempt { name, .. } in ATTEMPTS {
        let got = run(&pool, command(name));
        assert_eq!(got, Err(Refusal::Lost(Loss::Crash)), "{name}");
    }
}

#[test]
fn landlock_alone_denies_what_it_can() {
    let landlock = Fences::LANDLOCK_FILES
        .and(Fences::LANDLOCK_NET)
        .and(Fences::LANDLOCK_SCOPE);
    let Ok(pool) = mugai_isolate::Pool::new(with(landlock)) else {
        println!("skipped: this kernel has no Landlock, or an older one");
        return;
    };
    for Attempt { name, landlock, .. } in ATTEMPTS {
        let got = run(&pool, command(name));
        if landlock {
            let denied = got.as_ref().is_ok_and(|told| told.starts_with("denied"));
            assert!(denied, "{name}: {got:?}");
        } else {
            println!("Landlock alone, {name}: {got:?}");
        }
    }
}

#[test]
fn without_fences_the_attempts_are_real() {
    let pool = pool(with(Fences::NONE));
    for attempt in ATTEMPTS {
        if attempt.name == "exec" {
            continue;
        }
        let got = run(&pool, command(attempt.name));
        if attempt.works_unfenced {
            assert_eq!(got.as_deref(), Ok("escaped"), "{}", attempt.name);
        } else {
            println!("unfenced, {}: {got:?}", attempt.name);
        }
    }
    let target = command("").trim().to_owned();
    std::fs::remove_file(target).unwrap();
}

/// What a part was is wiped from the input arena. (What a worker itself said or keeps in its memory is its own:
/// whoever minds takes a new one for each part.)
#[test]
fn nothing_of_another_part_can_be_read() {
    let pool = pool(config());
    let filler = "x".repeat(200_000);
    run(&pool, format!("parts\n{filler} the-secret-word")).unwrap();
    let found = run(&pool, "peek\ndrow-terces-eht");
    assert_eq!(found.unwrap(), "denied: entity not found");
    // what is there is found: the order itself
    assert_eq!(run(&pool, "peek\nkeep").unwrap(), "escaped");
}

/// Two workers of a pool are the same user's processes; neither can open the memory of the other.
#[test]
fn the_memory_of_another_worker_cannot_be_opened() {
    for fences in [
        Fences::REQUIRED,
        Fences::LANDLOCK_FILES.and(Fences::UNDUMPABLE),
    ] {
        let pool = pool(with(fences));
        let neighbour = support::pool(config());
        run(&neighbour, "echo\nhere").unwrap();
        let own = std::process::id();
        for process in support::children_of(own) {
            let got = run(&pool, format!("peek-neighbour\n{process}"));
            let stopped = match &got {
                Ok(told) => told.starts_with("denied"),
                Err(refusal) => *refusal == Refusal::Lost(Loss::Crash),
            };
            assert!(stopped, "{fences}: {got:?}");
        }
    }
}

/// The command that checks on the far side of a gateway confines itself, and has an allow-list of its own.
#[test]
fn a_command_that_confines_itself_is_killed_by_every_attempt() {
    let tried = |name: &str| {
        let target = std::env::temp_dir().join(format!("mugai-alone-{}", std::process::id()));
        let tried = Command::new(env!("CARGO_BIN_EXE_isolate-test-worker"))
            .args(["alone", name])
            .arg(target)
            .output();
        tried.unwrap()
    };
    for Attempt { name, .. } in ATTEMPTS {
        let output = tried(name);
        assert_eq!(
            output.status.signal(),
            Some(libc::SIGSYS),
            "{name}: {output:?}"
        );
        assert!(output.stdout.is_empty(), "{name}: {output:?}");
    }
    // what is no attempt comes to its end
    let output = tried("nothing");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"denied: other error");
}

#[test]
fn there_is_nothing_in_the_environment() {
    let pool = pool(config());
    assert_eq!(run(&pool, "environment\n").unwrap(), "0");
}
