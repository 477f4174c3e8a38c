//! Killed at every step, a run goes on and comes to the same tree.

use crate::world::{Said, World};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;

/// The steps at which a run can die, in the order in which a file meets them (`batch/src/fail.rs`).
const STEPS: [&str; 13] = [
    "read",
    "opening",
    "opened",
    "stage-half",
    "staged",
    "journal-half",
    "made",
    "settled",
    "published",
    "done-unsynced",
    "done",
    "report",
    "report-published",
];

const JOBS: usize = 2;
const FILES: usize = 12;

/// Texts, a mail, a mailbox, something that is withheld.
fn world() -> World {
    let world = World::new();
    for number in 0..FILES - 3 {
        world.file(
            &format!("in/{number}.txt"),
            format!("{number}\n").as_bytes(),
        );
    }
    world.case("mail/good", "in/sub/a.eml");
    world.case("other/zip", "in/b.zip");
    world.case("mbox/good", "in/c.mbox");
    world
}

/// How often a step was arrived at.
fn arrivals(world: &World, step: &str) -> usize {
    let log = std::fs::read_to_string(world.path("log")).unwrap_or_default();
    log.lines().filter(|line| *line == step).count()
}

fn run(world: &World, fail: Option<(&str, usize)>) -> std::process::ExitStatus {
    let jobs = JOBS.to_string();
    let mut command = world.command(&["sanitise", "in", "-o", "out", "--jobs", &jobs]);
    command.env("MUGAI_FAIL_LOG", world.path("log"));
    if let Some((step, count)) = fail {
        command.env("MUGAI_FAIL", format!("{step}:{count}"));
    }
    command.output().expect("the executable runs").status
}

#[test]
fn a_run_that_is_killed_at_any_step_comes_to_the_same_tree() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let whole = world();
    assert_eq!(run(&whole, None).code(), Some(1));
    let want = whole.tree("out");
    assert_eq!(want.len(), FILES + 1, "{:?}", want.keys());
    let mut met = BTreeSet::new();
    for step in STEPS {
        for count in [1, 2, 7] {
            if arrivals(&whole, step) < count {
                continue;
            }
            met.insert(step);
            let world = world();
            let status = run(&world, Some((step, count)));
            assert_eq!(status.signal(), Some(9), "{step}:{count}: {status}");
            for (name, bytes) in world.tree("out") {
                let right = want.get(&name) == Some(&bytes);
                assert!(right, "{step}:{count} left half a file: {name}");
            }
            assert_eq!(run(&world, None).code(), Some(1), "{step}:{count}");
            assert!(world.tree("out") == want, "{step}:{count}: another tree");
            let again = arrivals(&world, "opening") - FILES;
            assert!(
                again <= JOBS,
                "{step}:{count}: {again} files were done again"
            );
            let staging = std::fs::read_dir(world.path("out/.mugai/staging"));
            let left = staging.expect("a folder").count();
            assert_eq!(left, 0, "{step}:{count}: temporary files are left");
        }
    }
    assert_eq!(met.len(), STEPS.len(), "a step was never met: {met:?}");
}

/// Killed again and again, each time a little later.
#[test]
fn many_kills_in_a_row_do_no_harm() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let whole = world();
    run(&whole, None);
    let world = world();
    for step in [
        "made",
        "published",
        "journal-half",
        "settled",
        "done-unsynced",
        "report",
    ] {
        run(&world, Some((step, 1)));
    }
    assert_eq!(run(&world, None).code(), Some(1));
    assert!(world.tree("out") == whole.tree("out"));
}

/// What is gone from the disc after a power cut is noticed by its digest, and done again.
#[test]
fn staged_files_that_a_power_cut_spoilt_are_done_again() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let whole = world();
    run(&whole, None);
    let world = world();
    let status = run(&world, Some(("settled", 1)));
    assert_eq!(status.signal(), Some(9));
    let staging = world.path("out/.mugai/staging");
    let files = std::fs::read_dir(&staging).expect("a folder");
    let mut spoilt = 0;
    for file in files {
        std::fs::write(file.expect("a file").path(), b"").expect("a file");
        spoilt += 1;
    }
    assert!(spoilt > 0);
    assert_eq!(run(&world, None).code(), Some(1));
    assert!(world.tree("out") == whole.tree("out"));
}

/// The old output goes also when the run that replaced it was killed.
#[test]
fn outputs_of_an_earlier_policy_go_after_a_kill() {
    if !cfg!(debug_assertions) {
        println!("skipped: this build has no fail points");
        return;
    }
    let world = World::new();
    world.case("png/good", "in/b.png");
    assert_eq!(world.run(&["sanitise", "in", "-o", "out"]).code, 0);
    let arguments = ["sanitise", "in", "-o", "out", "--policy", "text-only"];
    let mut command = world.command(&arguments);
    Said::of(command.env("MUGAI_FAIL", "outdated:1"));
    assert_eq!(world.run(&arguments).code, 1);
    let names: BTreeMap<String, Vec<u8>> = world.tree("out");
    let names: Vec<&String> = names.keys().collect();
    assert_eq!(names, ["in/b.png.withheld.txt", "report.jsonl"]);
}

/// After many runs over files that change the journal is written anew, and whoever is killed meanwhile
/// goes on as if it had not been.
#[test]
fn a_journal_that_is_mostly_old_is_written_anew() {
    let text = |file: usize, round: usize| format!("{file} {round}\n").into_bytes();
    let steps = [
        None,
        Some("compacting"),
        Some("compacted"),
        Some("journal-replaced"),
    ];
    for step in steps
        .into_iter()
        .filter(|step| step.is_none() || cfg!(debug_assertions))
    {
        let world = World::new();
        let journal = || {
            let path = world.path("out/.mugai/journal.jsonl");
            std::fs::metadata(path).expect("a journal").len()
        };
        for round in 0..3 {
            for file in 0..40 {
                world.file(&format!("in/{file}.txt"), &text(file, round));
            }
            assert!(run(&world, None).success());
        }
        let before = journal();
        if let Some(step) = step {
            assert_eq!(
                run(&world, Some((step, 1))).code(),
                None,
                "{step} was not met"
            );
        }
        assert!(run(&world, None).success());
        assert!(journal() * 2 < before, "{step:?}: {before} {}", journal());
        let reports = std::fs::read_to_string(world.path("out/report.jsonl")).expect("a report");
        assert_eq!(reports.lines().count(), 40, "{step:?}");
        let tree = world.tree("out");
        for file in 0..40 {
            assert_eq!(tree[&format!("in/{file}.txt")], text(file, 2), "{step:?}");
        }
        // and it still knows what was done
        let said = world.run(&["sanitise", "in", "-o", "out"]);
        assert!(
            said.out.contains("(40 of them before)"),
            "{step:?}: {}",
            said.out
        );
    }
}
