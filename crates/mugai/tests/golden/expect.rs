//! What a case says about itself.

use crate::{mail, office, run};
use libtest_mimic::Failed;
use mugai_core::Target;
use mugai_engine::Outcome;
use mugai_testkit::case::Case;
use std::fmt::Write as _;

/// Checks verdict, refusal, kind, findings and what is to be seen.
pub(crate) fn check(case: &Case, outcome: &Outcome) -> Result<(), Failed> {
    let (spec, report) = (&case.spec, &outcome.report);
    let mut told = Vec::new();
    if report.verdict != spec.verdict {
        let why = report
            .refusal
            .as_ref()
            .map_or("", |refusal| &refusal.detail);
        told.push(format!("verdict {} ({why})", report.verdict));
    }
    let refusals: Vec<&str> = report
        .parts
        .iter()
        .filter_map(|part| part.refusal.as_ref())
        .map(|refusal| refusal.code)
        .collect();
    match &spec.refusal {
        Some(code) if !refusals.contains(&code.as_str()) => {
            told.push(format!("no refusal {code}, but {refusals:?}"));
        }
        None if !refusals.is_empty() => told.push(format!("refusals {refusals:?}")),
        _ => {}
    }
    let kind = report.parts.first().map_or("-", |part| part.kind);
    if spec.kind.as_ref().is_some_and(|wanted| wanted != kind) {
        told.push(format!("kind {kind}"));
    }
    for code in &spec.findings {
        let found = report
            .parts
            .iter()
            .any(|part| part.findings.iter().any(|finding| finding.code == code));
        if !found {
            told.push(format!("no finding {code}"));
        }
    }
    told.extend(seen(case, outcome));
    if report.alarm() {
        told.push("an alarm".to_owned());
    }
    if told.is_empty() {
        Ok(())
    } else {
        Err(format!("case.toml does not hold:\n{}", told.join("\n")).into())
    }
}

fn seen(case: &Case, outcome: &Outcome) -> Vec<String> {
    let shown = shown(outcome);
    let mut told = Vec::new();
    for wanted in &case.spec.shows {
        if !shown.contains(wanted) {
            told.push(format!("{wanted:?} is not shown in:\n{shown}"));
        }
    }
    for hidden in &case.spec.hides {
        let raw = run::files(outcome).iter().any(|output| {
            let bytes = &*output.file.load().expect("its bytes");
            bytes
                .windows(hidden.len().max(1))
                .any(|window| window == hidden.as_bytes())
        });
        if raw || shown.contains(hidden) {
            told.push(format!("{hidden:?} is in an output:\n{shown}"));
        }
    }
    told
}

/// Everything of an outcome that a person would read, names of files included.
fn shown(outcome: &Outcome) -> String {
    let mut out = String::new();
    for output in run::files(outcome) {
        let bytes = &*output.file.load().expect("its bytes");
        // writing to a string cannot fail
        let _ = writeln!(out, "file {}", output.name);
        match output.file.target() {
            Target::Txt | Target::Csv => out.push_str(&String::from_utf8_lossy(bytes)),
            Target::Eml => out.push_str(&mail::shown(bytes)),
            Target::Mbox => {
                for message in String::from_utf8_lossy(bytes)
                    .split("From MAILER-DAEMON")
                    .skip(1)
                {
                    let message = message.split_once('\n').map_or("", |(_, rest)| rest);
                    out.push_str(&mail::shown(message.as_bytes()));
                }
            }
            Target::Docx
            | Target::Xlsx
            | Target::Pptx
            | Target::Odt
            | Target::Ods
            | Target::Odp
            | Target::Zip => out.push_str(&office::shown(bytes)),
            Target::Png | Target::Jpeg | Target::Pdf => {}
        }
    }
    out
}
