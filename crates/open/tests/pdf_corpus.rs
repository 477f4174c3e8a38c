//! Real and broken PDF files from a folder that is not part of this repository: each is opened,
//! written again, and accepted by the checker, or refused for a reason of its own.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]
mod pdf_harness;

use mugai_core::{Refusal, Treatment};
use pdf_harness::open_as;
use std::path::PathBuf;
use std::time::Instant;

/// `MUGAI_CORPUS`, or a folder beside the workspace.
fn folder() -> PathBuf {
    let root = std::env::var_os("MUGAI_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    root.join("pdf")
}

#[test]
fn every_file_is_drawn_and_accepted_or_refused() {
    let Ok(entries) = std::fs::read_dir(folder()) else {
        println!("skipped: no corpus");
        return;
    };
    let mut paths = entries
        .map(|entry| entry.unwrap().path())
        .collect::<Vec<_>>();
    paths.sort();
    let mut slowest = Vec::new();
    let mut drawn = 0u32;
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        for treatment in [Treatment::Flatten, Treatment::Redraw] {
            let start = Instant::now();
            let opened = open_as(&bytes, treatment);
            slowest.push((start.elapsed(), path));
            match opened {
                Ok(opened) => {
                    let mut writer = mugai_emit::pdf::writer();
                    for piece in &opened.all {
                        writer.put(piece.clone()).unwrap();
                    }
                    let draft = writer.finish().unwrap();
                    let verified = mugai_verify::verify(draft, &[]);
                    assert!(verified.is_ok(), "{}: {verified:?}", path.display());
                    drawn = drawn.saturating_add(1);
                }
                Err(Refusal::Malformed(_) | Refusal::Encrypted(_)) => {}
                // nothing in the corpus is meant to be a bomb
                Err(other) => panic!("{}: {other}", path.display()),
            }
        }
    }
    slowest.sort();
    for (time, path) in slowest.iter().rev().take(5) {
        println!("{time:?} {}", path.display());
    }
    println!("{drawn} of {} drawn", paths.len().saturating_mul(2));
}
