//! Changed outputs of every profile: what the checkers let pass is pixels, text and measures, and nothing else.
//!
//! `MUGAI_MUTATIONS=400` for so many places a file instead of a few.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

use mugai_core::Target;
use mugai_testkit::corpus;
use mugai_testkit::oracle::Tally;
use std::collections::BTreeMap;
use std::path::Path;

/// Places of a file that are changed, unless the environment says otherwise.
const PLACES: usize = 40;
/// Files of a target, the smallest first.
const FILES: usize = 12;

/// The outputs that were approved, by target.
fn outputs() -> BTreeMap<Target, Vec<Vec<u8>>> {
    let mut found: BTreeMap<Target, Vec<Vec<u8>>> = BTreeMap::new();
    for place in corpus::cases().expect("testdata can be listed") {
        let out = place.folder.join("out");
        if !out.is_dir() {
            continue;
        }
        for path in corpus::files(&out).expect("a folder") {
            let bytes = std::fs::read(&path).expect("a file");
            if let Ok(target) = mugai_verify::check_any(&bytes)
                && is_of(&path, target)
            {
                found.entry(target).or_default().push(bytes);
            }
        }
    }
    for files in found.values_mut() {
        files.sort_by_key(Vec::len);
        files.dedup();
        files.truncate(FILES);
    }
    found
}

/// How many places of a file are changed, if the environment says so.
fn places() -> Option<usize> {
    let places = std::env::var("MUGAI_MUTATIONS").ok()?;
    Some(places.parse().expect("MUGAI_MUTATIONS: a number"))
}

fn is_of(path: &Path, target: Target) -> bool {
    path.extension()
        .is_some_and(|extension| extension == target.extension())
}

#[test]
fn nothing_but_pixels_text_and_measures_can_be_changed() {
    let places = places().unwrap_or(PLACES);
    let outputs = outputs();
    for target in Target::ALL {
        let files = outputs.get(target).map_or(&[][..], Vec::as_slice);
        assert!(!files.is_empty(), "no file of {}", target.code());
        let mut tally = Tally::default();
        for file in files {
            tally.add(*target, file, places);
        }
        println!(
            "{:<5} {:>3} files, {:>7} changes, {:>6} accepted, all inside of pixels, text or measures",
            target.code(),
            tally.files,
            tally.tried,
            tally.inside
        );
    }
}

/// Sums find most of what is changed at random; whoever changes a file on purpose makes them anew.
#[test]
fn nothing_but_payload_can_be_changed_behind_sums() {
    let places = places().unwrap_or(PLACES / 10);
    let outputs = outputs();
    for target in Target::ALL {
        let files = outputs.get(target).map_or(&[][..], Vec::as_slice);
        let mut tally = Tally::default();
        for file in files {
            tally.add_inner(*target, file, places);
        }
        if tally.tried > 0 {
            println!(
                "{:<5} behind sums: {:>7} changes, {:>6} accepted",
                target.code(),
                tally.tried,
                tally.inside
            );
        }
    }
}
