//! The same over mails of other people: `MUGAI_CORPUS` names their folder, else
//! `../shared/corpus` is looked for. Without them the test is skipped with a line.

use crate::agreement::agree;
use mugai_core::{SafeName, Target, Untrusted};
use mugai_engine::{Order, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("MUGAI_CORPUS").map_or(beside, PathBuf::from);
    Some(folder.join("mail")).filter(|folder| folder.is_dir())
}

/// The message that was made of a file, if one was.
fn sanitised(path: &Path, policy: &Policy) -> Option<Vec<u8>> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let order = Order {
        input: Untrusted::new(std::fs::read(path).unwrap()),
        name: SafeName::clean(&name).0,
        label: name,
        policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: mugai_core::Patience::default(),
    };
    let opener: InProcess = InProcess::default();
    match sanitise(order, &opener).verdict {
        Verdict::Sanitised(outputs) => outputs
            .into_iter()
            .find(|output| output.file.target() == Target::Eml)
            .map(|output| output.file.load().unwrap().to_vec()),
        Verdict::Withheld(_) => None,
    }
}

#[test]
fn three_readers_see_the_same_of_real_mails() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no corpus of mails");
        return;
    };
    let policy = Policy::preset("text-only").unwrap();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let messages: Vec<(String, Vec<u8>)> = paths
        .iter()
        .filter_map(|path| Some((path.display().to_string(), sanitised(path, &policy)?)))
        .collect();
    assert!(messages.len() * 2 > paths.len(), "most of them are mails");
    agree(&messages, None);
}
