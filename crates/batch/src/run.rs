//! Sanitises the files of a plan in parallel and writes their reports in order.

use crate::deliver::{deliver, temporary};
use crate::input::{Bytes, read};
use crate::order::Reorder;
use crate::plan::{Input, Plan};
use crate::progress::Progress;
use mugai_core::{Line, Opener, Refusal, Untrusted};
use mugai_engine::{Order, Policy, Report};
use rayon::prelude::*;
use std::fmt;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::mpsc;

/// The name of the report file in the output folder.
pub(crate) const REPORT: &str = "report.jsonl";

/// What a run works with.
pub struct Run<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// The zone that the files come from.
    pub from: &'a str,
    /// The zone that they go to.
    pub to: &'a str,
    /// Opens their parts.
    pub opener: &'a dyn Opener,
    /// The output folder; made when it is missing.
    pub out: &'a Path,
    /// How many files are worked on at a time.
    pub jobs: usize,
    /// Shows how far the run is.
    pub progress: Progress,
}

/// The counts of a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All inputs.
    pub inputs: u64,
    /// Inputs that were delivered whole.
    pub sanitised: u64,
    /// Inputs that were delivered with something withheld inside.
    pub partly: u64,
    /// Inputs that were withheld.
    pub withheld: u64,
    /// Inputs with a refusal of our own doing.
    pub alarms: u64,
    /// Inputs that could not be read, or whose output could not be written.
    pub failed: u64,
}

/// Why a run ended early.
#[derive(Debug)]
pub enum RunError {
    /// The output folder or the report cannot be written.
    Output(std::io::Error),
    /// The threads of the run could not be started.
    Threads(rayon::ThreadPoolBuildError),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(error) => write!(f, "output folder: {error}"),
            Self::Threads(error) => write!(f, "threads: {error}"),
        }
    }
}

impl std::error::Error for RunError {}

/// One finished input.
struct Finished {
    report: Report,
    failure: Option<String>,
}

impl Run<'_> {
    /// Works through `plan`. `each` sees every report in the order of the plan, with the reason
    /// when the input could not be read or its output not be written.
    ///
    /// # Errors
    /// [`RunError`]; outputs that were written stay.
    pub fn over(
        &self,
        plan: &Plan,
        mut each: impl FnMut(&Report, Option<&str>) + Send,
    ) -> Result<Summary, RunError> {
        std::fs::create_dir_all(self.out).map_err(RunError::Output)?;
        let file = temporary(self.out).map_err(RunError::Output)?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.jobs.max(1))
            .build()
            .map_err(RunError::Threads)?;
        let (send, receive) = mpsc::channel::<(usize, Finished)>();
        let summary = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut summary = Summary::default();
                let mut out = BufWriter::new(file.as_file());
                let mut order = Reorder::new();
                for (index, finished) in receive {
                    order.push(index, finished, |finished| {
                        count(&mut summary, &finished);
                        self.progress
                            .tick(summary.withheld.saturating_add(summary.partly));
                        each(&finished.report, finished.failure.as_deref());
                        serde_json::to_writer(&mut out, &finished.report)?;
                        out.write_all(b"\n")
                    })?;
                }
                out.flush()?;
                Ok(summary)
            });
            pool.install(|| {
                plan.inputs
                    .par_iter()
                    .enumerate()
                    .with_max_len(1)
                    .for_each_with(send, |send, (index, input)| {
                        // a writer that is gone has an error of its own to tell
                        let _ = send.send((index, self.one(input)));
                    });
            });
            writer
                .join()
                .unwrap_or_else(|_| Err(std::io::Error::other("the report writer was lost")))
        });
        self.progress.end();
        let summary = summary.map_err(RunError::Output)?;
        file.persist(self.out.join(REPORT))
            .map_err(|e| RunError::Output(e.error))?;
        Ok(summary)
    }

    fn one(&self, input: &Input) -> Finished {
        let label = Line::clean(&input.path.to_string_lossy())
            .0
            .as_str()
            .to_owned();
        let order = |bytes: Vec<u8>| Order {
            input: Untrusted::new(bytes),
            name: Some(input.name.clone()),
            label: label.clone(),
            policy: self.policy,
            from: self.from,
            to: self.to,
            patience: mugai_core::Patience::default(),
        };
        let limit = self
            .policy
            .route(self.from, self.to)
            .map_or(u64::MAX, |r| r.part.bytes.min(r.job.bytes));
        let mut failure = None;
        let mut outcome = match read(&input.path, limit) {
            Ok(Bytes::Whole(bytes)) => mugai_engine::sanitise(order(bytes), self.opener),
            Ok(Bytes::TooLarge {
                bytes,
                digests,
                refusal,
            }) => mugai_engine::refuse(&order(Vec::new()), bytes, Some(digests), refusal),
            Err(error) => {
                failure = Some(error.to_string());
                mugai_engine::refuse(
                    &order(Vec::new()),
                    0,
                    None,
                    Refusal::internal("file: cannot be read"),
                )
            }
        };
        if let Err(error) = deliver(self.out, input, &mut outcome) {
            failure = Some(error.to_string());
        }
        Finished {
            report: outcome.report,
            failure,
        }
    }
}

fn count(summary: &mut Summary, finished: &Finished) {
    let report = &finished.report;
    let slot = if report.refusal.is_some() {
        &mut summary.withheld
    } else if report.withheld_any() {
        &mut summary.partly
    } else {
        &mut summary.sanitised
    };
    *slot = slot.saturating_add(1);
    summary.inputs = summary.inputs.saturating_add(1);
    summary.failed = summary
        .failed
        .saturating_add(u64::from(finished.failure.is_some()));
    let alarm = finished.failure.is_none() && report.alarm();
    summary.alarms = summary.alarms.saturating_add(u64::from(alarm));
}
