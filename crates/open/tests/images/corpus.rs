//! Every picture of the corpus is delivered or refused, and what is delivered is accepted.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]

use super::{delivered, open};
use std::path::PathBuf;
use std::time::Instant;

fn folder() -> PathBuf {
    let corpus = std::env::var_os("MUGAI_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    corpus.join("image")
}

#[test]
fn every_picture_of_the_corpus() {
    let Ok(entries) = std::fs::read_dir(folder()) else {
        println!("skipped: no corpus; MUGAI_CORPUS names one");
        return;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut kept, mut refused) = (0, 0);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let start = Instant::now();
        let opened = open(&std::fs::read(&path).unwrap());
        let millis = start.elapsed().as_millis();
        match &opened.result {
            Ok(()) => {
                kept += 1;
                println!(
                    "{name}: {:?} {:?} {millis} ms",
                    opened.pages, opened.findings
                );
                assert!(!opened.pages.is_empty(), "{name}");
            }
            Err(refusal) => {
                refused += 1;
                println!("{name}: {refusal} {millis} ms");
                assert!(!refusal.is_alarm(), "{name}: {refusal}");
            }
        }
        for (number, page) in opened.pages.iter().enumerate() {
            let file = delivered(page);
            if let Some(folder) = std::env::var_os("MUGAI_KEEP_OUTPUT") {
                let ending = if page.photographic() { "jpg" } else { "png" };
                let to = PathBuf::from(folder).join(format!("{name}.{number}.{ending}"));
                std::fs::write(to, file).unwrap();
            }
        }
    }
    println!("{kept} kept, {refused} refused");
}
