//! Stages what an outcome delivers, under the names that it will have.

use crate::journal::Placed;
use crate::plan::Input;
use crate::store::Store;
use mugai_core::{Refusal, SafeName, Target};
use mugai_engine::report::{RefusalReport, Totals};
use mugai_engine::{Outcome, Output, Report, Status, Verdict};
use std::io;

/// Stages the outputs of an outcome, or its notice, and puts their places into its report.
///
/// # Errors
/// What the store says. What was staged before is swept away some day.
pub(crate) fn stage(
    store: &dyn Store,
    number: u64,
    input: &Input,
    outcome: &mut Outcome,
) -> io::Result<Vec<Placed>> {
    let outputs: Vec<&Output> = match &outcome.verdict {
        Verdict::Sanitised(outputs) => outputs.iter().collect(),
        Verdict::Withheld(_) => outcome.notice.iter().collect(),
    };
    let mut placed = Vec::new();
    for (index, output) in outputs.into_iter().enumerate() {
        let staged = format!("{number}-{index}.part");
        store.stage(&staged, output.file.content())?;
        let place = place(input, output, index);
        let report = outcome.report.outputs.get_mut(index);
        let report = report.ok_or_else(|| io::Error::other("an output without a report"))?;
        report.path.clone_from(&place);
        placed.push(Placed {
            staged,
            place,
            bytes: report.bytes,
            blake3: report.digests.blake3.clone(),
        });
    }
    Ok(placed)
}

/// The path of output `number` below the output folder.
pub(crate) fn place(input: &Input, output: &Output, number: usize) -> String {
    let name = name(input, output, number);
    // safe names are UTF-8, and so are folders made of them
    input.out.join(name.as_str()).to_string_lossy().into_owned()
}

/// The first output has the name of the input; what was found in it stands beside it.
fn name(input: &Input, output: &Output, number: usize) -> SafeName {
    let clean = |raw: String| {
        SafeName::clean(&raw)
            .0
            .unwrap_or_else(|| output.name.clone())
    };
    if number > 0 {
        return clean(format!("{}.{}", input.name, output.name));
    }
    if input.shares_stem && output.name != input.name && output.file.target() != Target::Eml {
        let extension = output.name.split_extension().1.unwrap_or("txt").to_owned();
        return clean(format!("{}.{extension}", input.name));
    }
    output.name.clone()
}

/// Why nothing was delivered after all.
pub(crate) const UNWRITTEN: Refusal = Refusal::internal("file: output cannot be written");

/// Makes a report say that nothing was delivered; with a refusal of our own where the reason is not
/// in it yet.
pub(crate) fn undeliverable(report: &mut Report, refusal: Option<Refusal>) {
    report.outputs.clear();
    let root = report.parts.first_mut();
    if let Some(refusal) = refusal {
        report.verdict = "withheld";
        report.refusal = Some(RefusalReport::from(&refusal));
        if let Some(root) = root {
            root.verdict = Status::Withheld;
            root.refusal = Some(RefusalReport::from(&refusal));
            root.output = None;
            root.bytes_out = 0;
        }
    }
    report.totals = Totals::of(&report.parts);
}
