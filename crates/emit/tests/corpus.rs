//! Real files, read as if they were text: what the writers make of them, the checkers accept.
//!
//! The files are not part of this repository: `MUGAI_CORPUS` names their folder, else
//! `../shared/corpus` is looked for. Without them the test is skipped with a line.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use mugai_core::{Cell, Links, Piece, Row, Target, Text};
use mugai_emit::{csv, text};
use mugai_verify::check;
use std::path::{Path, PathBuf};

/// How many files are read, and how much of each, in bytes.
const MAX_FILES: usize = 1_500;
const MAX_BYTES: usize = 60_000;

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("MUGAI_CORPUS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Every file below `folder`, in order.
fn files(folder: PathBuf) -> Vec<PathBuf> {
    let mut waiting = vec![folder];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn readable(path: &Path) -> Text {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate(MAX_BYTES);
    Text::clean(&String::from_utf8_lossy(&bytes)).0
}

fn sheet(text: &Text) -> Vec<u8> {
    let mut writer = csv::writer();
    for line in text.as_str().lines() {
        let cells = line.split(',').take(100);
        let cells = cells.map(|cell| Cell::text(Text::clean(cell).0)).collect();
        writer.put(Piece::Row(Row::new(cells).unwrap())).unwrap();
    }
    writer.finish().unwrap().into_content().into_vec().unwrap()
}

#[test]
fn real_files_as_texts_and_sheets() {
    let Some(folder) = corpus() else {
        eprintln!("skipped: no corpus");
        return;
    };
    let all = files(folder);
    let step = all.len().div_ceil(MAX_FILES).max(1);
    for path in all.iter().step_by(step) {
        let raw = readable(path);
        let mut writer = text::writer(Links::Defang);
        writer.put(Piece::Text(raw.clone())).unwrap();
        let once = writer.finish().unwrap().into_content().into_vec().unwrap();
        assert_eq!(check(Target::Txt, &once, &[]), Ok(()), "{}", path.display());
        let once = String::from_utf8(once).unwrap();
        let again = text(once.clone()).0;
        assert_eq!(again.as_str(), once, "{}", path.display());
        let rows = sheet(&raw);
        assert_eq!(check(Target::Csv, &rows, &[]), Ok(()), "{}", path.display());
    }
}
