//! What if the kernel says no? The executable is run under `strace`, which lets the n-th call of a kind fail in each
//! of its threads and workers: once, and from then on. Whatever happens, the run ends by itself, nothing that it
//! left is an original or half a file, and the next run, without faults, comes to the tree of a run that never
//! had any.
//!
//! `MUGAI_FAULTS=all` for more places.

use crate::world::{Said, World};
use std::collections::BTreeMap;
use std::process::{Command, Output};

/// Calls by which a run can fail, and with what.
const CALLS: [(&str, &str); 19] = [
    ("openat", "EMFILE"),
    ("openat2", "EIO"),
    ("mkdirat", "ENOSPC"),
    ("read", "EIO"),
    ("pread64", "EIO"),
    ("write", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("pwritev", "ENOSPC"),
    ("renameat2,renameat,rename", "EIO"),
    ("fdatasync,fsync,syncfs", "EIO"),
    ("unlinkat,unlink", "EIO"),
    ("memfd_create", "EMFILE"),
    ("ftruncate", "ENOMEM"),
    ("socketpair", "EMFILE"),
    ("sendto", "EPIPE"),
    ("recvfrom", "ECONNRESET"),
    ("clone3,vfork,clone,fork", "EAGAIN"),
    ("getdents64", "EIO"),
    ("fcntl", "EPERM"),
];

/// How long a run may take that ends by itself, in seconds: on a machine with much else to do, `strace` makes a second of
/// work many.
const LONGEST: &str = "600";

const CANARY: &str = "canary-of-the-original";

fn world() -> World {
    let world = World::new();
    world.file("in/a.txt", "本日の議事録です。\n".as_bytes());
    world.case("mail/good", "in/sub/b.eml");
    world.case("png/good", "in/c.png");
    // a program, which is withheld whatever happens
    world.file("in/d.exe", format!("MZ\0\0{CANARY}").as_bytes());
    world
}

const RUN: [&str; 5] = ["sanitise", "in", "-o", "out", "--jobs=2"];

fn has_strace() -> bool {
    let probe = Command::new("strace")
        .args(["-f", "-e", "inject=getppid:error=EIO", "true"])
        .output();
    probe.is_ok_and(|output| output.status.success())
}

fn with_fault(world: &World, calls: &str, error: &str, when: &str) -> Output {
    let mut command = Command::new("timeout");
    command
        .args([
            "-s",
            "KILL",
            LONGEST,
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
        ])
        .arg(format!("trace={calls}"))
        .arg("-e")
        .arg(format!("inject={calls}:error={error}:when={when}"))
        .arg(env!("CARGO_BIN_EXE_mugai"))
        .args(RUN)
        .current_dir(world.path(""));
    command.output().expect("strace runs")
}

/// A fence that the kernel does not put up is named, whichever it is, and nothing is opened behind the others.
#[test]
fn a_fence_that_cannot_be_put_up_is_named() {
    if !has_strace() {
        println!("skipped: no strace here, or it may not trace");
        return;
    }
    let world = World::new();
    world.file("in/a.txt", "本日の議事録です。\n".as_bytes());
    for (call, error, fence) in [
        ("seccomp", "EINVAL", "seccomp"),
        ("landlock_restrict_self", "EOPNOTSUPP", "landlock-files"),
        ("landlock_create_ruleset", "ENOSYS", "landlock-files"),
        ("prctl", "EINVAL", "no-new-privs"),
    ] {
        let run = |words: &[&str]| {
            let mut command = Command::new("strace");
            command
                .args([
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    &format!("trace={call}"),
                ])
                .args(["-e", &format!("inject={call}:error={error}")])
                .arg(env!("CARGO_BIN_EXE_mugai"))
                .args(words)
                .current_dir(world.path(""));
            Said::of(&mut command)
        };
        let doctor = run(&["doctor"]);
        assert_eq!(doctor.code, 4, "{call}: {}", doctor.out);
        let line = format!("MISSING {fence}");
        assert!(doctor.out.contains(&line), "{call}: {}", doctor.out);
        let sanitise = run(&["sanitise", "in", "-o", "out"]);
        assert_eq!(sanitise.code, 4, "{call}: {}", sanitise.err);
        assert!(sanitise.err.contains(fence), "{call}: {}", sanitise.err);
        assert!(!world.path("out/in/a.txt").exists());
    }
}

#[test]
fn whatever_the_kernel_refuses_nothing_wrong_is_left_and_the_next_run_mends_it() {
    if !has_strace() {
        println!("skipped: no strace here, or it may not trace");
        return;
    }
    let whole = world();
    assert_eq!(whole.run(&RUN).code, 1);
    let want = whole.tree("out");
    assert!(
        want.contains_key("in/d.exe.withheld.txt"),
        "{:?}",
        want.keys()
    );
    let all = std::env::var_os("MUGAI_FAULTS").is_some();
    let whens: &[&str] = if all {
        &[
            "1", "2", "3", "4", "5", "6", "8", "10", "13", "17", "25", "40", "1+", "2+", "4+",
            "8+", "16+", "32+",
        ]
    } else {
        &["1", "3", "7", "2+", "12+"]
    };
    let (mut runs, mut troubled) = (0, 0);
    for (calls, error) in CALLS {
        for when in whens {
            let world = world();
            let told = with_fault(&world, calls, error, when);
            let place = format!("{calls} {error} {when}");
            let code = told.status.code();
            let err = String::from_utf8_lossy(&told.stderr);
            // what fails before the program begins fails in the loader
            let begun = code != Some(127) || !err.contains("shared libraries");
            let ended = code.is_some_and(|code| (0..=4).contains(&code)) || !begun;
            assert!(ended, "{place}: {:?} {err}", told.status);
            assert!(!err.contains("panicked"), "{place}: {err}");
            let left = tree(&world);
            right(&left, &want, &place);
            runs += 1;
            troubled += u32::from(left != want);
            let said = world.run(&RUN);
            assert_eq!(said.code, 1, "{place}: {}", said.err);
            let mut mended = world.tree("out");
            // a folder that could not be listed was an input with a notice, and is none any more: nobody takes its
            // notice away
            for folder in ["in", "in-2", "in/sub", "in/sub-2"] {
                mended.remove(&format!("{folder}.withheld.txt"));
            }
            let differ: Vec<&String> = mended
                .keys()
                .filter(|name| mended.get(*name) != want.get(*name))
                .collect();
            assert!(mended == want, "{place}: another tree: {differ:?}\n{err}");
        }
    }
    println!("{runs} runs with faults, {troubled} of them left less than all");
    assert!(troubled > 10, "{troubled}");
}

fn tree(world: &World) -> BTreeMap<String, Vec<u8>> {
    if world.path("out").exists() {
        world.tree("out")
    } else {
        BTreeMap::new()
    }
}

/// What a run left: files of the whole run, notices, and a report that says of each of them.
fn right(left: &BTreeMap<String, Vec<u8>>, want: &BTreeMap<String, Vec<u8>>, place: &str) {
    let report = left
        .get("report.jsonl")
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    for (name, bytes) in left {
        let held = bytes
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes());
        assert!(!held, "{place}: {name} is an original");
        if name == "report.jsonl" {
            continue;
        }
        // a mail of which an attachment was lost is another mail
        let notice = name.ends_with(".withheld.txt") || name == "in/sub/b.eml";
        assert!(
            notice || want.get(name) == Some(bytes),
            "{place}: {name} is no file of ours"
        );
        assert!(mugai_verify::check_any(bytes).is_ok(), "{place}: {name}");
        if let Some(report) = &report {
            let said = report.contains(name.trim_end_matches(".withheld.txt"));
            assert!(said, "{place}: the report does not know {name}");
        }
    }
}
