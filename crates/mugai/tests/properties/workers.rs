//! In this process or in confined ones, one at a time, two or eight: the same tree and the same report.

use mugai_batch::{Choice, OutputFolder, Plan, Progress, Rules, Run, Slot, Stop};
use mugai_core::{NoFonts, Opener};
use mugai_engine::Policy;
use mugai_isolate::{Config, Pool, Sharing};
use mugai_open::InProcess;
use mugai_testkit::InFiles;
use mugai_testkit::corpus;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Larger inputs are the goldens' matter.
const MOST_BYTES: usize = 64 << 10;

#[test]
fn the_number_of_workers_does_not_matter() {
    let inputs = tempfile::tempdir().expect("a folder");
    for place in corpus::cases().expect("testdata can be listed") {
        let (bytes, extension) = place.input().expect("the recipe is good");
        if bytes.len() <= MOST_BYTES {
            let name = place.name.replace('/', "-");
            let path = inputs.path().join(format!("{name}.{extension}"));
            std::fs::write(path, bytes).expect("an input");
        }
    }
    let in_process = InProcess::<NoFonts>::default();
    let one = run(inputs.path(), 1, &in_process);
    assert!(one.contains_key(Path::new("report.jsonl")));
    same(
        &one,
        &run(inputs.path(), 4, &in_process),
        "four in this process",
    );
    for workers in [1, 2, 8] {
        let confined = Pool::new(Config {
            executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai")),
            workers,
            // also where it would not pay
            sharing: Sharing::Always,
            ..Config::default()
        });
        let confined = confined.expect("confined workers start");
        let many = run(inputs.path(), workers, &confined);
        same(&one, &many, &format!("{workers} confined"));
        if workers == 2 {
            let in_files = run(inputs.path(), workers, &InFiles::over(&confined));
            same(&one, &in_files, "two confined, and all in files");
        }
    }
    let in_files = run(inputs.path(), 1, &InFiles::over(&in_process));
    same(&one, &in_files, "in this process, and all in files");
}

fn same(one: &BTreeMap<PathBuf, Vec<u8>>, other: &BTreeMap<PathBuf, Vec<u8>>, how: &str) {
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>(),
        "{how}"
    );
    for (path, bytes) in one {
        let there = other.get(path).expect("the same paths");
        let lines = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8_lossy(bytes);
            text.lines().map(str::to_owned).collect()
        };
        let (here, elsewhere) = (lines(bytes), lines(there));
        let differ = here
            .iter()
            .zip(&elsewhere)
            .find(|(one, other)| one != other);
        assert!(bytes == there, "{how}: {}: {differ:?}", path.display());
    }
}

/// All files that a run over `inputs` leaves.
fn run(inputs: &Path, jobs: usize, opener: &dyn Opener) -> BTreeMap<PathBuf, Vec<u8>> {
    let out = tempfile::tempdir().expect("a folder");
    let policy = Policy::municipal_lgwan().expect("the preset is good");
    let plan = Plan::of(&[inputs.to_owned()], &[], out.path()).expect("a plan");
    let (stop, progress) = (Stop::default(), Progress::silent());
    let run = Run {
        rules: Rules {
            policy: &policy,
            from: "internet",
            to: "lgwan",
            context: "",
        },
        passwords: &[],
        opener,
        jobs,
        memory: 1 << 30,
        choice: Choice::All,
        replace: true,
        slot: Slot::of,
        stop: &stop,
        progress: &progress,
    };
    let folder = OutputFolder::open(out.path(), 1 << 30, false).expect("an output folder");
    let summary = folder.run(&run, &plan, |_| {}).expect("a run");
    assert_eq!(summary.failed, 0);
    assert_eq!(summary.alarms, 0, "a refusal of our own doing");
    let mut files = BTreeMap::new();
    collect(out.path(), out.path(), &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for path in corpus::files(folder).expect("a folder") {
        // the journal tells of times and orders
        if path.ends_with(".mugai") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_owned();
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}
