//! The whole: a job ends with a verdict, its books are in order, and all that goes out is verified.

use crate::bytes_of;
use crate::oracle::SMALL;
use mugai_core::{SafeName, Untrusted};
use mugai_engine::{Order, Outcome, Output, Policy, Report, Verdict, sanitise};
use std::sync::LazyLock;

/// Sixteen bytes that no output may hold wherever they stood in the input: two of them are controls
/// that no text carries, and pixels are not copied but compressed.
pub const CANARY: &[u8; 16] = b"\x01mugai-canary-\x02\x7f";

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let limits = format!(
        "{{ bytes = \"{} B\", pixels = \"{} px\", parts = {}, depth = {}, steps = {} }}",
        SMALL.bytes, SMALL.pixels, SMALL.parts, SMALL.depth, SMALL.steps
    );
    let text = format!(
        "name = \"oracle\"\nisolation = \"in-process\"\n[[route]]\nfrom = \"a\"\nto = \"b\"\n\
         [route.treat]\nmail = \"text\"\ntext = \"text\"\ncsv = \"text\"\nhtml = \"text\"\n\
         image = \"flatten\"\npdf = \"flatten\"\n[route.limits]\npart = {limits}\njob = {limits}\n"
    );
    match Policy::parse(&text) {
        Ok(policy) => policy,
        Err(error) => panic!("{error}"),
    }
});

/// Sanitises `data`, in this process.
///
/// # Panics
/// When the verdict and the report disagree, the ledger does not add up, an output is outside its
/// profile or holds [`CANARY`], or the job raises an alarm.
pub fn pipeline(data: &[u8]) {
    let order = Order {
        input: Untrusted::new(data.to_vec()),
        name: SafeName::clean("input").0,
        label: "input".to_owned(),
        policy: &POLICY,
        from: "a",
        to: "b",
        passwords: &[],
        patience: mugai_core::Patience::default(),
    };
    let outcome = sanitise(
        order,
        &mugai_open::InProcess::<mugai_core::NoFonts>::default(),
    );
    assert!(
        !outcome.report.alarm(),
        "an alarm: {:?}",
        outcome.report.parts
    );
    check(&outcome);
}

/// What must hold for every outcome, even where something of ours failed: a verdict, books in order, and
/// nothing that goes out without having been verified.
///
/// # Panics
/// When it does not.
pub fn check(outcome: &Outcome) {
    let report = &outcome.report;
    ledger(report);
    let outputs: Vec<&Output> = match &outcome.verdict {
        Verdict::Sanitised(outputs) => {
            assert_eq!(report.verdict, "sanitised");
            assert!(!outputs.is_empty() && outcome.notice.is_none());
            outputs.iter().collect()
        }
        Verdict::Withheld(refusal) => {
            assert_eq!(report.verdict, "withheld");
            let told = report.refusal.as_ref().map(|refusal| refusal.code);
            assert_eq!(told, Some(refusal.code()));
            outcome.notice.iter().collect()
        }
    };
    for output in outputs {
        let (target, bytes) = (output.file.target(), bytes_of(output.file.content()));
        let verdict = mugai_verify::check(target, &bytes, &[]);
        assert_eq!(verdict, Ok(()), "{} is outside its profile", target.code());
        let held = bytes.windows(CANARY.len()).any(|window| window == CANARY);
        assert!(!held, "the canary is in {}", output.name);
    }
}

/// Every part once, with one outcome, and sums that add up.
fn ledger(report: &Report) {
    let totals = &report.totals;
    let sum = [
        totals.kept,
        totals.rewritten,
        totals.removed,
        totals.withheld,
    ]
    .into_iter()
    .fold(0u64, u64::saturating_add);
    assert_eq!(sum, totals.parts, "outcomes and parts");
    assert_eq!(u64::try_from(report.parts.len()), Ok(totals.parts));
    let mut paths: Vec<&str> = report.parts.iter().map(|part| part.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), report.parts.len(), "a path stands twice");
}
