//! `mugai sanitise`.

use crate::world::World;

#[test]
fn everything_delivered_ends_with_0() {
    let world = World::new();
    world.case("mail/good", "a.eml");
    let said = world.run(&["sanitise", "a.eml", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.list("out"), ["a.eml", "report.jsonl"]);
}

#[test]
fn both_spellings_do_the_same() {
    let world = World::new();
    world.case("png/good", "a.png");
    for (verb, out) in [("sanitise", "s"), ("sanitize", "z")] {
        assert_eq!(world.run(&[verb, "a.png", "-o", out]).code, 0);
    }
    let read = |path: &str| std::fs::read(world.path(path)).expect("an output");
    assert_eq!(read("s/a.png"), read("z/a.png"));
    assert_eq!(read("s/report.jsonl"), read("z/report.jsonl"));
}

#[test]
fn something_withheld_ends_with_1_and_leaves_a_notice() {
    let world = World::new();
    world.case("other/zip", "a.zip");
    let said = world.run(&["sanitise", "a.zip", "-o", "out"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(world.list("out"), ["a.zip.withheld.txt", "report.jsonl"]);
    let partly = World::new();
    partly.case("mail/notice-beside", "a.eml");
    assert_eq!(partly.run(&["sanitise", "a.eml", "-o", "out"]).code, 1);
}

#[test]
fn mistakes_of_the_command_line_end_with_2() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    world.file("bad.toml", b"name = \"x\"\nnonsense = 1\n");
    for arguments in [
        &["sanitise", "a.txt"][..],
        &["sanitise", "missing.txt", "-o", "out"],
        &["sanitise", "a.txt", "-o", "out", "--policy", "no-such"],
        &["sanitise", "a.txt", "-o", "out", "--policy", "bad.toml"],
        &["sanitise", "a.txt", "-o", "out", "--jobs", "0"],
        &["nonsense"],
    ] {
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
        assert!(!said.err.is_empty(), "{arguments:?} says nothing");
    }
}

#[test]
fn a_run_that_cannot_write_ends_with_4() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    world.file("out", b"a file where the folder should be");
    let said = world.run(&["sanitise", "a.txt", "-o", "out"]);
    assert_eq!(said.code, 4, "{}", said.err);
}

#[test]
fn presets_refuse_to_open_parts_in_process() {
    let world = World::new();
    world.file("a.txt", b"a\n");
    for preset in ["municipal-lgwan", "strict", "text-only"] {
        let arguments = [
            "sanitise",
            "a.txt",
            "-o",
            "out",
            "--in-process",
            "-p",
            preset,
        ];
        assert_eq!(world.run(&arguments).code, 2, "{preset}");
    }
    let text = b"name = \"dev\"\nisolation = \"in-process\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\ntext = \"text\"\n";
    world.file("dev.toml", text);
    let arguments = [
        "sanitise",
        "a.txt",
        "-o",
        "out",
        "--in-process",
        "-p",
        "dev.toml",
    ];
    let said = world.run(&arguments);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn json_prints_the_report_file() {
    let world = World::new();
    world.case("mail/good", "a.eml");
    world.case("other/zip", "b.zip");
    let said = world.run(&["sanitise", "a.eml", "b.zip", "-o", "out", "--json"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let file = std::fs::read_to_string(world.path("out/report.jsonl")).expect("a report");
    assert_eq!(said.out, file);
    let verdicts: Vec<String> = file
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|report| report["verdict"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(verdicts, ["sanitised", "withheld"]);
}

#[test]
fn folders_keep_their_shape_and_names_their_stems() {
    let world = World::new();
    world.case("mail/good", "in/sub/a.eml");
    world.case("tiff/good", "in/scan.tiff");
    world.case("gif/good", "in/other/scan.gif");
    world.case("png/good", "in/other/scan.png");
    world.case("tiff/pages", "in/fax.tif");
    let said = world.run(&["sanitise", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        world.list("out"),
        [
            "in/fax.pdf",
            "in/other/scan.gif.png",
            "in/other/scan.png",
            "in/scan.png",
            "in/sub/a.eml",
            "report.jsonl",
        ]
    );
}
