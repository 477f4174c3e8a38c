//! Every input of `testdata/` and every regression of `fuzz/corpus/` through every oracle: what the
//! fuzzers check, on a stable compiler, on each run of the tests.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

use mugai_testkit::corpus;
use mugai_testkit::oracle::{ALL, CANARY, Oracle};
use std::path::Path;

/// Larger inputs say no more to most oracles, and would make the run long.
const MOST_BYTES: usize = 256 << 10;

/// All inputs of cases that are small enough, with their names.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let cases = corpus::cases().expect("testdata can be listed");
    let inputs = cases.into_iter().map(|place| {
        let (bytes, _) = place.input().expect("the recipe is good");
        (place.name, bytes)
    });
    inputs
        .filter(|(_, bytes)| bytes.len() <= MOST_BYTES)
        .collect()
}

fn oracles(prefix: &str) -> impl Iterator<Item = &'static Oracle> + '_ {
    ALL.iter().filter(move |(name, _)| name.starts_with(prefix))
}

fn replay(prefix: &str, inputs: &[(String, Vec<u8>)]) {
    for (name, oracle) in oracles(prefix) {
        for (input, bytes) in inputs {
            // the panic of an oracle does not say what it looked at
            let looked = std::panic::catch_unwind(|| oracle(bytes));
            assert!(looked.is_ok(), "{name} breaks on {input}");
        }
    }
}

#[test]
fn readers_hold_on_inputs_of_every_format() {
    replay("reader_", &inputs());
}

#[test]
fn identification_and_charsets_hold() {
    let inputs = inputs();
    replay("identify", &inputs);
    replay("charset", &inputs);
}

#[test]
fn the_wire_and_orders_hold() {
    let inputs = inputs();
    for prefix in ["wire", "assignment", "policy"] {
        replay(prefix, &inputs);
    }
}

#[test]
fn the_relay_holds() {
    replay("relay_", &inputs());
}

#[test]
fn writers_and_checkers_agree() {
    let inputs = inputs();
    replay("emit_verify_", &inputs);
    replay("mutate_verify", &inputs);
}

#[test]
fn both_halves_of_the_checker_agree() {
    replay("verifier_", &inputs());
    // each file of ours, whole and with one byte changed, behind each kind of question
    for mode in 1..=3u8 {
        for file in 0..14 {
            for change in [&[][..], &[0, 40, 5, 7], &[1, 0, 1, 0]] {
                let data = [&[mode, file], change].concat();
                for (_, oracle) in oracles("verifier_question") {
                    oracle(&data);
                }
            }
        }
    }
}

#[test]
fn whole_jobs_hold() {
    replay("pipeline", &inputs());
}

/// The canary at the end, in the middle and at the beginning of every input, encoded by nothing.
#[test]
fn a_canary_of_bytes_never_comes_out() {
    let with_canary = inputs().into_iter().flat_map(|(name, bytes)| {
        let middle = bytes.len() / 2;
        [0, middle, bytes.len()].map(|place| {
            let mut bytes = bytes.clone();
            bytes.splice(place..place, CANARY.iter().copied());
            (format!("{name} with a canary at {place}"), bytes)
        })
    });
    replay("pipeline", &with_canary.collect::<Vec<_>>());
}

#[test]
fn finds_of_the_fuzzers_stay_found() {
    let root = corpus::regressions();
    let mut count = 0usize;
    for folder in corpus::files(&root).expect("fuzz/corpus can be listed") {
        let target = file_name(&folder);
        let Some((_, oracle)) = ALL.iter().find(|(name, _)| *name == target) else {
            panic!("fuzz/corpus/{target} belongs to no target");
        };
        for path in corpus::files(&folder).expect("a folder") {
            let bytes = std::fs::read(&path).expect("a regression");
            let looked = std::panic::catch_unwind(|| oracle(&bytes));
            assert!(looked.is_ok(), "{}", path.display());
            count += 1;
        }
    }
    println!("{count} regressions");
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
