//! A run in trouble: files that change under its hands, a disk that is full, somebody in a hurry.

use crate::world::{Said, World};
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const RUN: [&str; 6] = ["sanitise", "in", "-o", "out", "--policy", "text-only"];

/// Starts a run that stands still at a step, and waits until it does.
fn paused(world: &World, step: &str) -> Child {
    let child = world
        .command(&RUN)
        // one after the other, so that it is known which of them stands still
        .args(["--jobs", "1"])
        .env("MUGAI_PAUSE", format!("{step}:pause"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable runs");
    while !world.path("pause").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// A file of one state is taken, or none: what somebody writes into meanwhile is reported, and taken by
/// the next run.
#[test]
fn a_file_that_changes_while_it_is_read_is_taken_once_it_rests() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let text = "本日の議事録です。\n".repeat(1000);
    for change in ["longer", "shorter", "other", "gone"] {
        let world = World::new();
        world.file("in/a.txt", b"a\n");
        // the largest is read first
        world.file("in/b.txt", text.as_bytes());
        let child = paused(&world, "read");
        match change {
            "longer" => world.file("in/b.txt", text.repeat(2).as_bytes()),
            "shorter" => world.file("in/b.txt", b"b\n"),
            "other" => world.file("in/b.txt", text.replace('本', "翌").as_bytes()),
            // what was opened is read to its end
            _ => std::fs::remove_file(world.path("in/b.txt")).expect("it was there"),
        }
        std::fs::remove_file(world.path("pause")).expect("it was there");
        let output = child.wait_with_output().expect("an end");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{change}: {err}");
        let told = "in/b.txt: changed while it was read";
        assert!(err.contains(told), "{change}: {err}");
        let out = ["in/a.txt", "in/b.txt.withheld.txt", "report.jsonl"];
        assert_eq!(world.list("out"), out, "{change}");
        if change == "gone" {
            continue;
        }
        let said = world.run(&RUN);
        assert_eq!(said.code, 0, "{change}: {}", said.err);
        assert_eq!(
            world.list("out"),
            ["in/a.txt", "in/b.txt", "report.jsonl"],
            "{change}"
        );
        let now = std::fs::read(world.path("in/b.txt")).expect("a file");
        assert_eq!(world.tree("out")["in/b.txt"], now, "{change}");
    }
}

/// A shell that has a small disk of its own.
fn with_disk(world: &World, script: &str) -> Option<Said> {
    let root = rustix::process::getuid().is_root();
    let mut command = Command::new("unshare");
    command
        .arg(if root { "-m" } else { "-rm" })
        .args(["sh", "-ec"])
        .arg(format!("mount -t tmpfs -o size=192k none disk\n{script}"))
        .env("MUGAI", env!("CARGO_BIN_EXE_mugai"))
        .current_dir(world.path(""));
    let probe = Command::new("unshare")
        .args([
            if root { "-m" } else { "-rm" },
            "mount",
            "-t",
            "tmpfs",
            "none",
            "/mnt",
        ])
        .stderr(Stdio::null())
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        return None;
    }
    Some(Said::of(&mut command))
}

/// When the disk is full, the run says so and ends with 4; what is at its place is whole, and the same
/// command goes on once there is room.
#[test]
fn a_run_on_a_full_disk_goes_on_once_there_is_room() {
    let world = World::new();
    std::fs::create_dir(world.path("disk")).expect("a folder");
    for number in 0..60 {
        let text = format!("number {number}\n").repeat(700);
        world.file(&format!("in/{number}.txt"), text.as_bytes());
    }
    assert_eq!(world.run(&RUN).code, 0);
    let script = "code=0; $MUGAI sanitise in -o disk/out --policy text-only >first 2>err || code=$?\n\
        echo $code >code; cp -r disk/out full\n\
        mount -o remount,size=64m none disk\n\
        $MUGAI sanitise in -o disk/out --policy text-only\n\
        cp -r disk/out whole";
    let Some(said) = with_disk(&world, script) else {
        println!("skipped: no file system of one's own may be mounted here");
        return;
    };
    assert_eq!(said.code, 0, "{}", said.err);
    let text = |name: &str| std::fs::read_to_string(world.path(name)).expect("a file");
    assert_eq!(text("code"), "4\n", "{}", text("err"));
    assert!(text("err").contains("No space left"), "{}", text("err"));
    let out = world.tree("out");
    for (name, bytes) in world.tree("full") {
        let notice = name.ends_with(".withheld.txt");
        assert!(
            notice || name == "report.jsonl" || out.get(&name) == Some(&bytes),
            "{name}"
        );
    }
    assert!(world.tree("whole") == out, "another tree");
}

/// Where files may not be longer than a limit, a run says so as where the disk is full, and is not killed.
#[test]
fn a_limit_of_files_is_no_sudden_end() {
    let world = World::new();
    world.file("in/a.txt", "議事録\n".as_bytes());
    let run = |script: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .env("MUGAI", env!("CARGO_BIN_EXE_mugai"))
            .current_dir(world.path(""));
        Said::of(&mut shell)
    };
    for limit in [0, 1, 100] {
        let said = run(&format!(
            "ulimit -f {limit}; exec $MUGAI sanitise in -o out{limit} --policy text-only"
        ));
        assert_eq!(said.code, 4, "{limit}: {}", said.err);
        // the first that is too long is what workers are given in memory
        assert!(said.err.contains("File too large"), "{limit}: {}", said.err);
    }
    let said = run("ulimit -f 0; exec $MUGAI doctor");
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(
        said.err.contains("no worker can be started"),
        "{}",
        said.err
    );
}

/// Where too few files may be open for the work, a run says so; where more may be had, it takes them.
#[test]
fn too_few_open_files_are_said_and_more_are_taken() {
    let world = World::new();
    for number in 0..32 {
        world.file(&format!("in/{number}.txt"), "議事録\n".as_bytes());
    }
    for (limit, jobs, want) in [
        ("-n 39", 1, "work on 1 at a time needs 40"),
        ("-n 40", 1, ""),
        ("-n 95", 8, "work on 8 at a time needs 96"),
        ("-n 96", 8, ""),
        ("-Sn 30", 8, ""),
    ] {
        let out = format!("out{}", limit.replace(' ', ""));
        let mut shell = Command::new("sh");
        let script = format!("ulimit {limit}; exec $MUGAI sanitise in -o {out} --jobs {jobs}");
        shell
            .args(["-c", &script])
            .env("MUGAI", env!("CARGO_BIN_EXE_mugai"))
            .current_dir(world.path(""));
        let said = Said::of(&mut shell);
        let code = if want.is_empty() { 0 } else { 4 };
        assert_eq!(said.code, code, "{limit}: {}", said.err);
        assert!(said.err.contains(want), "{limit}: {}", said.err);
    }
}

/// What is said into a full disk is not said.
#[test]
fn a_tree_that_nobody_could_read_is_a_failure() {
    let world = World::new();
    world.file("a.txt", "議事録\n".as_bytes());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let mut inspect = world.command(&["inspect", "a.txt"]);
    inspect.stdout(full.expect("a device"));
    let said = Said::of(&mut inspect);
    assert_eq!(said.code, 4, "{}", said.err);
}

/// More files than a plan keeps in memory.
fn many(world: &World, count: usize) {
    for number in 0..count {
        let name = format!("in/{number:04}-{}.txt", "n".repeat(80));
        world.file(&name, format!("{number}\n").as_bytes());
    }
}

/// Where there is no room for what was found, the run says so and has not begun.
#[test]
fn a_plan_without_room_for_it_is_no_run() {
    let world = World::new();
    many(&world, 3000);
    let nowhere = world.path("nowhere");
    let said = Said::of(world.command(&RUN).env("TMPDIR", &nowhere));
    assert_eq!(said.code, 4, "{}", said.err);
    let told = format!("no temporary file in {}", nowhere.display());
    assert!(said.err.contains(&told), "{}", said.err);
    assert!(!world.path("out").exists());
    std::fs::create_dir(world.path("disk")).expect("a folder");
    let script = "code=0; TMPDIR=disk $MUGAI sanitise in -o out --dry-run 2>err >first || code=$?\n\
        echo $code >code\n\
        mount -o remount,size=64m none disk\n\
        TMPDIR=disk $MUGAI sanitise in -o out --dry-run >second";
    let Some(said) = with_disk(&world, script) else {
        println!("skipped: no file system of one's own may be mounted here");
        return;
    };
    assert_eq!(said.code, 0, "{}", said.err);
    let text = |name: &str| std::fs::read_to_string(world.path(name)).expect("a file");
    assert_eq!((text("code").as_str(), text("first").as_str()), ("4\n", ""));
    assert!(
        text("err").contains("temporary file: No space left"),
        "{}",
        text("err")
    );
    assert_eq!(text("second").lines().count(), 3001);
}

/// Wherever a temporary file cannot be written, the run says so and ends with 4; what is done stays, and
/// the runs after it come to the tree of a run without trouble.
#[test]
fn a_run_whose_temporary_files_fail_goes_on() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let whole = World::new();
    many(&whole, 2500);
    let log = whole.path("log");
    let said = Said::of(whole.command(&RUN).env("MUGAI_FAIL_LOG", &log));
    assert_eq!(said.code, 0, "{}", said.err);
    let log = std::fs::read_to_string(log).expect("a log");
    let spills = log.lines().filter(|step| *step == "spill").count();
    // of each kind there is one: while walking, naming, reading the journal, working
    assert!(spills > 20, "{spills}");
    let world = World::new();
    many(&world, 2500);
    let mut failed = 0;
    for count in (1..=spills).step_by(3) {
        let fail = format!("spill:{count}");
        let said = Said::of(world.command(&RUN).env("MUGAI_FAIL", fail));
        // runs that go on meet other files of theirs
        if said.code != 0 {
            assert_eq!(said.code, 4, "{count}: {}", said.err);
            let told = "temporary file: No space left";
            assert!(said.err.contains(told), "{count}: {}", said.err);
            failed += 1;
        }
    }
    assert!(failed > 6, "{failed}");
    assert_eq!(world.run(&RUN).code, 0);
    assert!(world.tree("out") == whole.tree("out"), "another tree");
}

/// The second Ctrl-C does not wait for the file at work.
#[test]
fn the_second_signal_ends_a_run_at_once() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let world = World::new();
    world.file("in/a.txt", b"a\n");
    world.file("in/b.txt", b"b\n");
    let mut child = paused(&world, "opening");
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).expect("it lives");
    // nobody lets it go on: it ends although its file does not
    while child.try_wait().expect("a child").is_none() {
        kill_process(pid, Signal::INT).expect("it lives");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(child.wait().expect("an end").code(), Some(130));
    assert!(world.path("pause").exists());
    assert_eq!(world.list("out"), Vec::<String>::new());
    let said = world.run(&RUN);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.list("out"), ["in/a.txt", "in/b.txt", "report.jsonl"]);
}
