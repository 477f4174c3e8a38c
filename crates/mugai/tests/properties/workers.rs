//! One at a time or four at a time: the same tree and the same report.

use mugai_batch::{Choice, OutputFolder, Plan, Progress, Rules, Run, Slot, Stop};
use mugai_core::NoFonts;
use mugai_engine::Policy;
use mugai_open::InProcess;
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
    let one = run(inputs.path(), 1);
    let four = run(inputs.path(), 4);
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        four.keys().collect::<Vec<_>>()
    );
    for (path, bytes) in &one {
        assert_eq!(Some(bytes), four.get(path), "{}", path.display());
    }
    assert!(one.contains_key(Path::new("report.jsonl")));
}

/// All files that a run over `inputs` leaves.
fn run(inputs: &Path, jobs: usize) -> BTreeMap<PathBuf, Vec<u8>> {
    let out = tempfile::tempdir().expect("a folder");
    let policy = Policy::municipal_lgwan().expect("the preset is good");
    let plan = Plan::of(&[inputs.to_owned()], &[], out.path()).expect("a plan");
    let opener = InProcess::<NoFonts>::default();
    let (stop, progress) = (Stop::default(), Progress::silent());
    let run = Run {
        rules: Rules {
            policy: &policy,
            from: "internet",
            to: "lgwan",
            context: "",
        },
        passwords: &[],
        opener: &opener,
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
