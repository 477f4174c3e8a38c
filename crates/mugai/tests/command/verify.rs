//! `mugai verify`.

use crate::world::World;
use std::process::Command;

#[test]
fn outputs_are_inside_and_inputs_outside() {
    let world = World::new();
    for (case, name) in [
        ("mail/attachments", "a.eml"),
        ("png/metadata", "b.png"),
        ("jpeg/segments", "c.jpg"),
        ("pdf/active", "d.pdf"),
        ("csv/shift-jis", "e.csv"),
        ("text/live", "f.txt"),
    ] {
        world.case(case, name);
        assert_eq!(
            world.run(&["sanitise", name, "-o", "out"]).code,
            0,
            "{case}"
        );
        let (input, output) = (
            world.run(&["verify", name]),
            world.run(&["verify", &format!("out/{name}")]),
        );
        assert_eq!(input.code, 1, "{case}: {}", input.out);
        assert!(input.out.contains("outside our profiles"), "{}", input.out);
        assert_eq!(output.code, 0, "{case}: {}", output.out);
        assert!(output.out.contains("inside the profile"), "{}", output.out);
    }
}

#[test]
fn a_file_that_cannot_be_read_ends_with_4() {
    assert_eq!(World::new().run(&["verify", "missing.png"]).code, 4);
}

/// Nothing is looked at where the checker cannot be confined, and that is said in words.
#[test]
fn without_its_fences_nothing_is_checked() {
    let strace = |world: &World, calls: &str, words: &[&str]| {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        command.arg(format!("trace={calls}")).arg("-e");
        command.arg(format!("inject={calls}:error=EOPNOTSUPP"));
        command.args(words).current_dir(world.path(""));
        command.output()
    };
    let world = World::new();
    world.file("a.txt", b"text\n");
    let probe = strace(&world, "getppid", &["true"]);
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no strace that changes calls");
        return;
    }
    let words = [env!("CARGO_BIN_EXE_mugai"), "verify", "a.txt"];
    let output = strace(&world, "landlock_create_ruleset", &words).expect("strace runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("nothing is checked"), "{told}");
    assert!(told.contains("landlock-files"), "{told}");
    assert!(output.stdout.is_empty());
    assert_eq!(world.run(&["verify", "a.txt"]).code, 0);
}

/// Each file has a checker of its own: what is outside does not keep the next one from being told inside.
#[test]
fn each_file_is_told_by_itself() {
    let world = World::new();
    world.file("a.txt", b"text\n");
    world.file("b.png", b"\x89PNG\r\n\x1a\nbroken");
    world.file("empty.txt", b"");
    let told = world.run(&["verify", "a.txt", "b.png", "empty.txt", "a.txt"]);
    assert_eq!(told.code, 1, "{}", told.out);
    let lines: Vec<&str> = told.out.lines().collect();
    let [first, second, third, last] = lines.as_slice() else {
        panic!("{}", told.out);
    };
    assert_eq!(first, last);
    assert!(first.contains("inside the profile txt"), "{first}");
    assert!(second.contains("outside our profiles: png"), "{second}");
    assert!(third.contains("none of our targets"), "{third}");
}
