//! `mugai watch`: what appears is taken once, and put away.

use crate::world::{Said, World};
use std::process::Stdio;

const ONCE: [&str; 6] = ["watch", "in", "out", "--once", "--settle", "0"];

fn world() -> World {
    let world = World::new();
    std::fs::create_dir(world.path("in")).expect("a folder");
    world
}

#[test]
fn what_is_there_is_taken_and_put_away() {
    let world = world();
    world.file("in/a.txt", b"a\n");
    world.file("in/sub/b.txt", b"b\n");
    world.case("other/zip", "in/c.zip");
    world.file("in/.hidden", b"x\n");
    world.file("in/.d/x.txt", b"x\n");
    world.file("in/half.part", b"x\n");
    let said = world.run(&ONCE);
    assert_eq!(said.code, 1, "{}", said.err);
    let out = ["a.txt", "c.zip.withheld.txt", "report.jsonl", "sub/b.txt"];
    assert_eq!(world.list("out"), out);
    assert_eq!(world.list("in-done"), ["a.txt", "c.zip", "sub/b.txt"]);
    assert_eq!(world.list("in"), [".d/x.txt", ".hidden", "half.part"]);
    let report = std::fs::read_to_string(world.path("out/report.jsonl")).expect("a report");
    assert_eq!(report.lines().count(), 3);
}

/// Somebody may not have fetched the first one yet.
#[test]
fn nothing_that_is_there_is_replaced() {
    let world = world();
    for text in ["one\n", "two\n", "two\n"] {
        world.file("in/a.txt", text.as_bytes());
        assert_eq!(world.run(&ONCE).code, 0);
    }
    let tree = world.tree("out");
    assert_eq!(
        world.list("out"),
        ["a-2.txt", "a-3.txt", "a.txt", "report.jsonl"]
    );
    assert_eq!(tree["a.txt"], b"one\n");
    assert_eq!(tree["a-2.txt"], b"two\n");
    assert_eq!(world.list("in-done"), ["a.txt", "a.txt.2", "a.txt.3"]);
    let report = String::from_utf8_lossy(&tree["report.jsonl"]).into_owned();
    assert_eq!(report.lines().count(), 3);
}

/// Whoever fills the folder cannot end the watch by what he fills it with.
#[test]
fn whatever_originals_are_called_they_are_put_away() {
    let world = world();
    world.file("in/x", b"a file\n");
    assert_eq!(world.run(&ONCE).code, 0);
    std::fs::create_dir(world.path("in/x")).expect("a folder");
    world.file("in/x/y.txt", b"in a folder of that name\n");
    // 254 bytes: a number more is no name of a file
    let long = format!("{}.text", "長".repeat(83));
    for text in ["one\n", "two\n"] {
        world.file(&format!("in/{long}"), text.as_bytes());
        let said = world.run(&ONCE);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    let shortened = format!("{}.tex.2", "長".repeat(83));
    let done = world.list("in-done");
    assert!(done.contains(&"x".to_owned()) && done.contains(&"x.2/y.txt".to_owned()));
    assert!(done.contains(&long), "{done:?}");
    assert!(done.contains(&shortened), "{done:?}");
    assert_eq!(world.list("in"), Vec::<String>::new());
}

#[test]
fn links_and_pipes_are_put_away_too() {
    let world = world();
    world.file("secret.txt", b"secret\n");
    std::os::unix::fs::symlink(world.path("secret.txt"), world.path("in/l.txt")).expect("a link");
    let said = world.run(&ONCE);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(world.list("out"), ["l.txt.withheld.txt", "report.jsonl"]);
    assert_eq!(world.list("in").len(), 0);
    assert_eq!(
        std::fs::read(world.path("secret.txt")).expect("a file"),
        b"secret\n"
    );
}

#[test]
fn folders_must_be_apart_and_of_one_use() {
    let world = world();
    for arguments in [
        &["watch", "in", "in/out"][..],
        &["watch", "in", "."],
        &["watch", "in", "in"],
        &["watch", "in", "out", "--done", "in/done"],
        &["watch", "missing", "out"],
    ] {
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
    }
    world.file("a.txt", b"a\n");
    assert_eq!(world.run(&["sanitise", "a.txt", "-o", "out"]).code, 0);
    let said = world.run(&ONCE);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("single runs"), "{}", said.err);
}

/// Killed at any step, each file is delivered once and put away once.
#[test]
fn a_watch_that_is_killed_goes_on() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    for step in [
        "opened",
        "stage-half",
        "made",
        "settled",
        "published",
        "done-unsynced",
        "done",
    ] {
        let world = world();
        for name in ["a", "b", "c"] {
            world.file(&format!("in/{name}.txt"), format!("{name}\n").as_bytes());
        }
        let mut command = world.command(&ONCE);
        let said = Said::of(command.env("MUGAI_FAIL", format!("{step}:1")));
        assert_eq!(said.code, -1, "{step} was not met");
        let said = world.run(&ONCE);
        assert_eq!(said.code, 0, "{step}: {}", said.err);
        let out = ["a.txt", "b.txt", "c.txt", "report.jsonl"];
        assert_eq!(world.list("out"), out, "{step}");
        assert_eq!(world.list("in-done"), ["a.txt", "b.txt", "c.txt"], "{step}");
        let report = std::fs::read_to_string(world.path("out/report.jsonl")).expect("a report");
        assert_eq!(report.lines().count(), 3, "{step}");
    }
}

/// Files that come while it runs, among them one that is renamed when it is whole.
#[test]
fn files_that_come_later_are_taken_until_sigterm() {
    let world = world();
    let mut command = world.command(&["watch", "in", "out", "--settle", "0", "--rescan", "3600"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable runs");
    // the first report is written once the folder is about to be watched
    while !world.path("out/report.jsonl").exists() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    // the first look or the system, one of them sees it
    world.file("in/a.txt", b"a\n");
    while !world.path("in-done/a.txt").exists() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    world.file("in/b.txt.part", b"b\n");
    std::fs::rename(world.path("in/b.txt.part"), world.path("in/b.txt")).expect("a name");
    world.file("in/new/c.txt", b"c\n");
    while !world.path("in-done/b.txt").exists() || !world.path("in-done/new/c.txt").exists() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("a signal");
    let output = child.wait_with_output().expect("an end");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_eq!(
        world.list("out"),
        ["a.txt", "b.txt", "new/c.txt", "report.jsonl"]
    );
    assert_eq!(world.list("in").len(), 0);
}
