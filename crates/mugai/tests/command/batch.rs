//! Many files: lists, what is no file, going on after a stop.

use crate::world::{Said, World};
use serde_json::Value;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

fn reports(world: &World) -> Vec<Value> {
    let text = std::fs::read_to_string(world.path("out/report.jsonl")).expect("a report");
    let read = |line| serde_json::from_str(line).expect("JSON");
    text.lines().map(read).collect()
}

fn refusal<'a>(reports: &'a [Value], path: &str) -> &'a str {
    let find = |report: &&Value| report.pointer("/input/path").is_some_and(|p| p == path);
    let report = reports.iter().find(find).expect("the input is reported");
    let detail = report.pointer("/refusal/detail");
    detail.and_then(Value::as_str).unwrap_or("none")
}

#[test]
fn lists_are_read_from_files_and_from_standard_input() {
    let world = World::new();
    world.file("in/a.txt", b"a\n");
    world.file("in/b\nc.txt", b"b\n");
    world.file("list", b"in/a.txt\n");
    let said = world.run(&["sanitise", "--files-from", "list", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.list("out"), ["in/a.txt", "report.jsonl"]);

    let mut child = world
        .command(&["sanitise", "--files-from", "-", "-0", "-o", "two"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the executable runs");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(b"in/a.txt\0in/b\nc.txt\0./in/a.txt\0")
        .expect("a list");
    drop(input);
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    assert_eq!(
        world.list("two"),
        ["in/a.txt", "in/b c.txt", "report.jsonl"]
    );
}

#[test]
fn an_entry_of_a_list_that_is_gone_is_reported_and_the_rest_is_done() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    world.file("list", b"gone.txt\na.txt\n");
    let said = world.run(&["sanitise", "--files-from", "list", "-o", "out"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert_eq!(
        world.list("out"),
        ["a.txt", "gone.txt.withheld.txt", "report.jsonl"]
    );
    assert!(said.err.contains("gone.txt: No such file"), "{}", said.err);
}

/// Links are not followed, pipes are not waited for, and none of it is left out of the report.
#[test]
fn what_is_no_regular_file_is_reported() {
    let world = World::new();
    world.file("secret.txt", b"secret\n");
    world.file("in/a.txt", b"a\n");
    world.file("elsewhere/x.txt", b"secret\n");
    let link = std::os::unix::fs::symlink;
    link(world.path("secret.txt"), world.path("in/link.txt")).expect("a link");
    link(world.path("elsewhere"), world.path("in/folder")).expect("a link");
    link("/nowhere".into(), world.path("in/broken")).expect("a link");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, world.path("in/pipe"), mode).expect("a pipe");
    let socket = std::os::unix::net::UnixListener::bind(world.path("in/socket"));
    let said = world.run(&["sanitise", "in", "-o", "out"]);
    assert_eq!(said.code, 1, "{}", said.err);
    drop(socket);
    let reports = reports(&world);
    let link = "forbidden: file: a symbolic link is not followed";
    let special = "forbidden: file: not a regular file";
    for (name, want) in [
        ("in/a.txt", "none"),
        ("in/broken", link),
        ("in/folder", link),
        ("in/link.txt", link),
        ("in/pipe", special),
        ("in/socket", special),
    ] {
        assert_eq!(refusal(&reports, name), want, "{name}");
    }
    assert_eq!(reports.len(), 6);
    for (name, bytes) in world.tree("out") {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("secret\n"),
            "{name}"
        );
    }
}

#[test]
fn a_link_that_is_named_is_not_followed_either() {
    let world = World::new();
    world.file("secret.txt", b"secret\n");
    std::os::unix::fs::symlink(world.path("secret.txt"), world.path("a.txt")).expect("a link");
    let said = world.run(&["sanitise", "a.txt", "-o", "out"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(world.list("out"), ["a.txt.withheld.txt", "report.jsonl"]);
}

#[test]
fn a_link_in_the_output_folder_leads_nowhere() {
    let world = World::new();
    world.file("in/a.txt", b"a\n");
    world.file("outside/keep.txt", b"keep\n");
    std::fs::create_dir(world.path("out")).expect("a folder");
    std::os::unix::fs::symlink(world.path("outside"), world.path("out/in")).expect("a link");
    let said = world.run(&["sanitise", "in", "-o", "out"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert_eq!(world.list("outside"), ["keep.txt"]);
    assert_eq!(
        refusal(&reports(&world), "in/a.txt"),
        "internal: file: output cannot be written"
    );
}

#[test]
fn outputs_never_replace_inputs() {
    let world = World::new();
    world.file("in/a.txt", b"a  \n");
    std::fs::create_dir(world.path("in/out")).expect("a folder");
    for arguments in [
        &["sanitise", "in", "-o", "in"][..],
        &["sanitise", "in/a.txt", "-o", "in"],
        &["sanitise", "in/a.txt", "-o", "."],
        &["sanitise", "in", "-o", "."],
    ] {
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
        assert!(
            said.err.contains("lies in the output folder"),
            "{}",
            said.err
        );
    }
    assert_eq!(world.list("in"), ["a.txt"]);
    // an output folder inside of the input is left out of it, also the second time
    for _ in 0..2 {
        let said = world.run(&["sanitise", "in", "-o", "in/out"]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(world.list("in/out"), ["in/a.txt", "report.jsonl"]);
    }
}

#[test]
fn names_that_are_no_text_are_taken_too() {
    let world = World::new();
    let name = std::ffi::OsStr::from_bytes(b"\xff\xfea.txt");
    world.file("in/b.txt", b"b\n");
    std::fs::write(world.path("in").join(name), b"a\n").expect("a file");
    let said = world.run(&["sanitise", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.list("out").len(), 3);
    assert!(
        world
            .run(&["sanitise", "in", "-o", "out"])
            .out
            .contains("2 of them before")
    );
}

#[test]
fn the_second_run_does_nothing_and_says_the_same() {
    let world = World::new();
    world.case("mail/good", "in/a.eml");
    world.case("other/zip", "in/b.zip");
    let first = world.run(&["sanitise", "in", "-o", "out"]);
    let tree = world.tree("out");
    let second = world.run(&["sanitise", "in", "-o", "out"]);
    assert_eq!((first.code, second.code), (1, 1));
    assert!(second.out.contains("(2 of them before)"), "{}", second.out);
    assert!(tree == world.tree("out"));
}

/// What is not there any more, and what has changed, is done again; nothing else is.
#[test]
fn only_what_changed_is_done_again() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.file(&format!("in/{name}.txt"), name.as_bytes());
    }
    world.run(&["sanitise", "in", "-o", "out"]);
    world.file("in/a.txt", b"other");
    std::fs::remove_file(world.path("out/in/b.txt")).expect("an output");
    for flags in [&["--since-journal"][..], &[]] {
        let mut arguments = vec!["sanitise", "in", "-o", "out"];
        arguments.extend(flags);
        let said = world.run(&arguments);
        assert_eq!(said.code, 0, "{}", said.err);
        // first a.txt, which changed, then b.txt: --since-journal does not look at outputs
        assert!(said.out.contains("(2 of them before)"), "{}", said.out);
    }
    let tree = world.tree("out");
    assert_eq!(tree["in/a.txt"], b"other\n");
    assert_eq!(tree["in/b.txt"], b"b\n");
}

/// A policy that withholds more takes away what an earlier one had delivered.
#[test]
fn outputs_of_an_earlier_policy_do_not_stay() {
    let world = World::new();
    world.file("in/a.txt", b"a\n");
    world.case("png/good", "in/b.png");
    assert_eq!(world.run(&["sanitise", "in", "-o", "out"]).code, 0);
    let said = world.run(&["sanitise", "in", "-o", "out", "--policy", "text-only"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let text = ["in/a.txt", "in/b.png.withheld.txt", "report.jsonl"];
    assert_eq!(world.list("out"), text);
    // and back, for those only of which something was withheld
    world.file("in/new.txt", b"new\n");
    let said = world.run(&["sanitise", "in", "-o", "out", "--only-withheld"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("1 new ones not taken"), "{}", said.out);
    assert_eq!(world.list("out"), ["in/a.txt", "in/b.png", "report.jsonl"]);
}

#[test]
fn a_dry_run_touches_nothing() {
    let world = World::new();
    world.file("in/a?.txt", b"a\n");
    let said = world.run(&["sanitise", "in", "-o", "out", "--dry-run"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.starts_with("in/a?.txt -> in/a_.txt\n"),
        "{}",
        said.out
    );
    assert!(!world.path("out").exists());
    let said = world.run(&["sanitise", "in", "-o", "out", "--dry-run", "--json"]);
    let line: Value = serde_json::from_str(said.out.trim()).expect("JSON");
    assert_eq!(line["output"], "in/a_.txt");
}

#[test]
fn means_are_bounded_and_checked() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    for means in [
        &["--memory", "1MiB"][..],
        &["--memory", "1%", "--nice"],
        &["--nice=19", "--jobs", "3"],
    ] {
        let mut arguments = vec!["sanitise", "a.txt", "-o", "out"];
        arguments.extend(means);
        let said = world.run(&arguments);
        assert_eq!(said.code, 0, "{means:?}: {}", said.err);
    }
    let said = world.run(&["sanitise", "a.txt", "-o", "out", "--memory", "much"]);
    assert_eq!(said.code, 2);
}

/// A folder that another run is using is left alone.
#[test]
fn two_runs_do_not_share_an_output_folder() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    std::fs::create_dir_all(world.path("out/.mugai")).expect("a folder");
    let lock = std::fs::File::create(world.path("out/.mugai/lock")).expect("a file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("a lock");
    let said = world.run(&["sanitise", "a.txt", "-o", "out"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("another run"), "{}", said.err);
}

/// SIGINT: what is at work is finished, the rest is left, and the next run goes on.
#[test]
fn a_run_that_is_stopped_goes_on_later() {
    let world = World::new();
    for number in 0..400 {
        world.file(
            &format!("in/{number:03}.txt"),
            format!("{number}\n").as_bytes(),
        );
    }
    let mut command = world.command(&["sanitise", "in", "-o", "out", "--jobs", "1"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable runs");
    // once something is in its place, the run is on its way
    while !world.path("out/in").exists() && !world.path("out/report.jsonl").exists() {
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
    let output = child.wait_with_output().expect("an end");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    // on a quick machine all may have been done before the signal came
    if output.status.code() != Some(0) {
        assert_eq!(output.status.code(), Some(130), "{err}");
        assert!(err.contains("files are left; go on with:"), "{err}");
        assert!(err.contains("sanitise in -o out --jobs 1"), "{err}");
        assert!(reports(&world).len() < 400);
    }
    let said = Said::of(&mut command);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("of them before)"), "{}", said.out);
    assert_eq!(world.list("out").len(), 401);
    assert_eq!(reports(&world).len(), 400);
}
