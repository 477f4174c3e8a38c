//! What a whole run ends with, by what its files came to.
#![expect(clippy::unwrap_used, reason = "tests, and what they are made of")]

use mugai_batch::{
    Choice, Ended, Exit, Input, OutputFolder, Plan, Progress, Rules, Run, RunError, Slot, Stop,
    Summary, cost,
};
use mugai_core::{Kind, Opener, Patience, Piece, Refusal, Request, Text};
use mugai_engine::Policy;
use std::path::{Path, PathBuf};

/// Opens a file as its first word says.
struct Obedient;

impl Opener for Obedient {
    fn open(&self, request: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        let Request { input, sink, .. } = request;
        sink.kind(Kind::Plain)?;
        match &*input.load()? {
            b"ours" => Err(Refusal::internal("test: as ordered")),
            b"bad" => Err(Refusal::malformed("test: as ordered")),
            _ => sink.put(Piece::Text(Text::clean("fine").0)),
        }
    }
}

fn run(folder: &Path, files: &[(&str, &str)]) -> (Summary, Vec<String>) {
    run_in(folder, files, 1 << 30, Slot::of).unwrap()
}

fn run_in(
    folder: &Path,
    files: &[(&str, &str)],
    memory: u64,
    slot: fn(&Input) -> Slot,
) -> Result<(Summary, Vec<String>), RunError> {
    let (input, out) = (folder.join("in"), folder.join("out"));
    std::fs::create_dir_all(&input).unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| input.join(name)).collect();
    for (path, (_, content)) in paths.iter().zip(files) {
        std::fs::write(path, content).unwrap();
    }
    let plan = Plan::of(&paths, &[], &out).unwrap();
    // gone between the plan and its run
    for (path, (_, content)) in paths.iter().zip(files) {
        if *content == "gone" {
            std::fs::remove_file(path).unwrap();
        }
    }
    let policy = Policy::municipal_lgwan().unwrap();
    let (stop, progress) = (Stop::default(), Progress::silent());
    let run = Run {
        rules: Rules {
            policy: &policy,
            from: "internet",
            to: "lgwan",
            context: "",
        },
        passwords: &[],
        opener: &Obedient,
        jobs: 2,
        memory,
        choice: Choice::All,
        replace: true,
        slot,
        stop: &stop,
        progress: &progress,
    };
    let mut verdicts = vec![String::new(); files.len()];
    let each = |ended: &Ended<'_>| {
        let failed = if ended.failure.is_some() {
            " failed"
        } else {
            ""
        };
        let verdict = ended.report.map_or("before", |report| report.verdict);
        *verdicts.get_mut(ended.index).unwrap() = format!("{verdict}{failed}");
    };
    let folder = OutputFolder::open(&out, 1 << 30, false).unwrap();
    let summary = folder.run(&run, &plan, each)?;
    Ok((summary, verdicts))
}

#[test]
fn the_worst_file_decides() {
    let fine = ("a.txt", "x");
    for (files, exit, verdicts) in [
        (vec![fine], Exit::Delivered, vec!["sanitised"]),
        (
            vec![fine, ("b.txt", "bad")],
            Exit::Withheld,
            vec!["sanitised", "withheld"],
        ),
        (
            vec![fine, ("b.txt", "ours"), ("c.txt", "bad")],
            Exit::Alarm,
            vec!["sanitised", "withheld", "withheld"],
        ),
        (
            vec![("b.txt", "ours"), ("c.txt", "gone"), fine],
            Exit::Failed,
            vec!["withheld", "withheld failed", "sanitised"],
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (summary, seen) = run(folder.path(), &files);
        assert_eq!(Exit::of(&summary), exit, "{files:?}");
        assert_eq!(seen, verdicts, "{files:?}");
    }
    let codes = [
        Exit::Delivered,
        Exit::Withheld,
        Exit::Usage,
        Exit::Alarm,
        Exit::Failed,
        Exit::Interrupted,
    ];
    assert_eq!(codes.map(Exit::code), [0, 1, 2, 3, 4, 130]);
}

/// A mistake of ours outside the jobs ends the run with an error: whoever waits for the memory of that
/// job does not wait for ever.
#[test]
fn a_panic_ends_the_run() {
    fn slot(input: &Input) -> Slot {
        assert!(!input.label().ends_with("a.txt"), "as ordered");
        Slot::of(input)
    }
    let folder = tempfile::tempdir().unwrap();
    let files = [("a.txt", "x"), ("b.txt", "x"), ("c.txt", "x")];
    let failed = run_in(folder.path(), &files, cost(1), slot).unwrap_err();
    assert!(failed.to_string().contains("a mistake of ours"), "{failed}");
}
