//! The cases of `testdata/`: what is read, reported and delivered, compared with what was approved.
//!
//! One test a case and a way: in this process, in a confined worker (which must come to the same),
//! and once more over its own outputs. `UPDATE=1` writes the approved files anew; what a case says
//! about itself in `case.toml` is checked all the same.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

mod again;
mod compare;
mod expect;
mod mail;
mod office;
mod run;

use libtest_mimic::{Arguments, Failed, Trial};
use mugai_core::NoFonts;
use mugai_open::InProcess;
use mugai_testkit::case::Case;
use mugai_testkit::corpus::{self, Place};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = corpus::cases().expect("testdata can be listed");
    let trials = cases.iter().flat_map(trials).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What is done with a case, and what that is called.
type Way = (&'static str, fn(&Place) -> Result<(), Failed>);

fn trials(place: &Place) -> Vec<Trial> {
    let ways: [Way; 3] = [
        ("golden", golden),
        ("worker", worker),
        ("again", again::check),
    ];
    ways.into_iter()
        .map(|(way, test)| {
            let place = place.clone();
            Trial::test(format!("{}::{way}", place.name), move || test(&place))
        })
        .collect()
}

/// In this process: the approved files, and what the case says about itself.
fn golden(place: &Place) -> Result<(), Failed> {
    let case = Case::read(place)?;
    let policy = case.policy()?;
    let outcome = run::sanitise(&case, &policy, &in_process());
    let pieces = run::pieces(&case, &policy);
    let approved = compare::with_approved(&place.folder, &outcome, pieces);
    expect::check(&case, &outcome)?;
    approved
}

/// In a confined worker: the same report and the same files.
fn worker(place: &Place) -> Result<(), Failed> {
    let case = Case::read(place)?;
    let policy = case.policy()?;
    let here = run::sanitise(&case, &policy, &in_process());
    let there = run::sanitise(&case, &policy, run::pool());
    if here.report != there.report {
        let (here, there) = (run::json(&here.report), run::json(&there.report));
        return Err(compare::difference("report", &here, &there).into());
    }
    if here.verdict == there.verdict && here.notice == there.notice {
        Ok(())
    } else {
        Err("the files differ between this process and a worker".into())
    }
}

pub(crate) fn in_process() -> InProcess<NoFonts> {
    InProcess::default()
}
