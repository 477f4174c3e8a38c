//! What every format and every target brings along.

use mugai_core::Target;
use mugai_testkit::{corpus, oracle};
use std::path::Path;

/// A good, a corrupt and a too large case, and one with something to drop.
const CASES: usize = 4;

pub(super) fn check(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |path: String, what: &str| {
        if !root.join(&path).is_file() {
            problems.push(format!("{path} is missing: {what}"));
        }
    };
    for target in Target::ALL {
        let code = target.code();
        need(
            format!("docs/profiles/{code}.md"),
            "every target has a page",
        );
    }
    for code in corpus::readers() {
        need(format!("docs/formats/{code}.md"), "every reader has a page");
    }
    for (name, _) in oracle::ALL {
        need(
            format!("fuzz/fuzz_targets/{name}.rs"),
            "every oracle has a fuzz target",
        );
    }
    let cases = corpus::cases().unwrap_or_default();
    for code in corpus::readers() {
        let count = cases.iter().filter(|place| place.format() == code).count();
        if count < CASES {
            problems.push(format!(
                "testdata/{code}: {count} cases, at least {CASES} are due"
            ));
        }
        let reader = format!("reader_{code}");
        if !oracle::ALL.iter().any(|(name, _)| *name == reader) {
            problems.push(format!("{code}: no oracle {reader}"));
        }
    }
    problems
}
