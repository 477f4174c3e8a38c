//! Compares what came out with what was approved.

use crate::{mail, run};
use libtest_mimic::Failed;
use mugai_core::Target;
use mugai_engine::Outcome;
use std::collections::BTreeMap;
use std::path::Path;

/// Larger files are kept as their digest.
const MOST_BYTES: usize = 20 << 10;

/// Lines of a difference that are shown.
const SHOWN: usize = 12;

type Files = BTreeMap<String, Vec<u8>>;

/// Compares an outcome with the files in the folder of its case, or writes them anew.
pub(crate) fn with_approved(
    folder: &Path,
    outcome: &Outcome,
    pieces: String,
) -> Result<(), Failed> {
    let actual = actual(outcome, pieces);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        write(folder, &actual)?;
        return Ok(());
    }
    let approved = approved(folder)?;
    let mut told = Vec::new();
    for name in approved.keys().chain(actual.keys()) {
        match (approved.get(name), actual.get(name)) {
            (Some(was), Some(is)) if was == is => {}
            (Some(was), Some(is)) => {
                let (was, is) = (String::from_utf8_lossy(was), String::from_utf8_lossy(is));
                told.push(difference(name, &was, &is));
            }
            (Some(_), None) => told.push(format!("{name}: approved, but did not come out")),
            (None, _) => told.push(format!("{name}: came out, but is not approved")),
        }
    }
    told.sort();
    told.dedup();
    if told.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n(UPDATE=1 approves what came out)", told.join("\n")).into())
    }
}

fn actual(outcome: &Outcome, pieces: String) -> Files {
    let mut files = Files::new();
    files.insert("pieces.txt".to_owned(), pieces.into_bytes());
    let report = run::json(&outcome.report);
    files.insert("report.json".to_owned(), report.into_bytes());
    for output in run::files(outcome) {
        let (name, bytes) = (&output.name, &*output.file.load().expect("its bytes"));
        if output.file.target() == Target::Eml {
            let shown = mail::shown(bytes);
            files.insert(format!("out/{name}.shown.txt"), shown.into_bytes());
        }
        if bytes.len() <= MOST_BYTES {
            files.insert(format!("out/{name}"), bytes.to_vec());
        } else {
            let digest = blake3::hash(bytes).to_hex();
            let line = format!("{digest} {} bytes\n", bytes.len());
            files.insert(format!("out/{name}.blake3"), line.into_bytes());
        }
    }
    files
}

fn approved(folder: &Path) -> std::io::Result<Files> {
    let mut files = Files::new();
    for name in ["pieces.txt", "report.json"] {
        let path = folder.join(name);
        if path.is_file() {
            files.insert(name.to_owned(), std::fs::read(path)?);
        }
    }
    for path in mugai_testkit::corpus::files(&folder.join("out"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.insert(format!("out/{name}"), std::fs::read(&path)?);
    }
    Ok(files)
}

fn write(folder: &Path, files: &Files) -> std::io::Result<()> {
    let out = folder.join("out");
    if out.is_dir() {
        std::fs::remove_dir_all(&out)?;
    }
    std::fs::create_dir_all(&out)?;
    files
        .iter()
        .try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}

/// The first lines in which two texts differ.
pub(crate) fn difference(name: &str, was: &str, is: &str) -> String {
    let (was, is): (Vec<&str>, Vec<&str>) = (was.lines().collect(), is.lines().collect());
    let same = was
        .iter()
        .zip(&is)
        .take_while(|(was, is)| was == is)
        .count();
    let from = |sign: &str, lines: &[&str]| {
        let rest = lines.iter().skip(same).take(SHOWN);
        let rest: Vec<String> = rest.map(|line| format!("  {sign} {line}")).collect();
        rest.join("\n")
    };
    format!(
        "{name}, from line {}:\n{}\n{}",
        same.saturating_add(1),
        from("-", &was),
        from("+", &is)
    )
}
