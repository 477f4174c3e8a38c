//! The one function that makes a verdict, and the ledger that is checked before.

use crate::job::part::{Deliverable, Part, State};
use crate::job::{Job, Outcome, Output, Verdict};
use crate::report::{
    Digests, InputReport, OutputReport, PartReport, PolicyReport, RefusalReport, Report, SCHEMA,
    Status, Totals,
};
use mugai_core::{Kind, MediaType, Refusal};

/// Ends a job.
pub(super) fn outcome(
    mut job: Job<'_>,
    outputs: Vec<Deliverable>,
    bytes: u64,
    digests: Option<Digests>,
) -> Outcome {
    let (mut told, mut files) = (Vec::new(), Vec::with_capacity(outputs.len()));
    for mut made in outputs {
        match output(&mut made) {
            Ok(output) => told.push(output),
            // what cannot be read cannot be delivered either, and one output without the others is not what was told
            Err(refusal) => {
                told.clear();
                files.clear();
                if let Some(root) = job.parts.first_mut() {
                    root.state = State::Withheld(refusal);
                    root.output = None;
                    root.bytes_out = 0;
                }
                break;
            }
        }
        files.push(Output {
            name: made.name,
            file: made.file,
        });
    }
    let parts: Vec<PartReport> = job.parts.iter().map(report).collect();
    let totals = Totals::of(&parts);
    let refusal = job.parts.first().and_then(Part::refusal).cloned();
    let refusal = refusal.or_else(|| imbalance(&job, &totals)).or_else(|| {
        files
            .is_empty()
            .then(|| Refusal::internal("job: nothing was made of the input"))
    });
    let order = job.order;
    let report = Report {
        schema: SCHEMA,
        id: job.id,
        engine: env!("CARGO_PKG_VERSION"),
        policy: PolicyReport {
            name: order.policy.name().to_owned(),
            hash: order.policy.hash().to_owned(),
            from: order.from.to_owned(),
            to: order.to.to_owned(),
        },
        input: InputReport {
            path: order.label.clone(),
            bytes,
            digests,
        },
        verdict: if refusal.is_some() {
            "withheld"
        } else {
            "sanitised"
        },
        refusal: refusal.as_ref().map(RefusalReport::from),
        outputs: told,
        parts,
        totals,
    };
    match refusal {
        // what was assembled of a withheld input is its notice
        Some(refusal) => Outcome {
            verdict: Verdict::Withheld(refusal),
            report,
            notice: files.into_iter().next(),
        },
        None => Outcome {
            verdict: Verdict::Sanitised(files),
            report,
            notice: None,
        },
    }
}

/// # Errors
/// As of [`Digests::of_spooled`].
fn output(output: &mut Deliverable) -> Result<OutputReport, Refusal> {
    let digests = match output.digests.take() {
        Some(known) => known,
        None => Digests::of_spooled(output.file.content())?,
    };
    Ok(OutputReport {
        path: output.name.to_string(),
        target: output.file.target().code(),
        bytes: u64::try_from(output.file.len()).unwrap_or(u64::MAX),
        digests,
    })
}

fn report(part: &Part) -> PartReport {
    PartReport {
        path: part.path.to_string(),
        name: part.name.as_ref().map(|name| {
            let folders = part.hints.folders.iter();
            folders
                .map(|folder| format!("{folder}/"))
                .chain([name.to_string()])
                .collect()
        }),
        declared: part
            .hints
            .declared
            .as_ref()
            .map(MediaType::as_str)
            .map(str::to_owned),
        kind: part.kind.map_or("unopened", Kind::code),
        treatment: part.treatment.code(),
        verdict: part.status(),
        refusal: part.refusal().map(RefusalReport::from),
        output: part.output.clone(),
        findings: part.findings.report(),
        bytes_in: part.bytes_in,
        bytes_out: part.bytes_out,
        steps: part.steps,
    }
}

/// Conservation: every part that was found is in the list once, has come to an end, and the sums
/// add up. `None` when the books are in order.
fn imbalance(job: &Job<'_>, totals: &Totals) -> Option<Refusal> {
    let mut announced = 1usize;
    for (index, part) in job.parts.iter().enumerate() {
        announced = announced.saturating_add(part.children.len());
        if matches!(part.state, State::Waiting(_) | State::Text(_)) {
            return Some(Refusal::internal("ledger: a part has no outcome"));
        }
        let behind = part.children.iter().all(|child| {
            *child > index
                && job
                    .parts
                    .get(*child)
                    .is_some_and(|c| c.parent == Some(index))
        });
        if !behind {
            return Some(Refusal::internal("ledger: a part is in the wrong place"));
        }
    }
    let sum = [
        totals.kept,
        totals.rewritten,
        totals.removed,
        totals.withheld,
    ]
    .iter()
    .fold(0u64, |sum, count| sum.saturating_add(*count));
    let parts = u64::try_from(job.parts.len()).unwrap_or(u64::MAX);
    if announced != job.parts.len() || sum != parts || totals.parts != parts {
        return Some(Refusal::internal("ledger: the sums do not add up"));
    }
    None
}

impl Status {
    /// Whether the part is told or delivered in the output.
    #[must_use]
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Kept | Self::Rewritten)
    }
}
