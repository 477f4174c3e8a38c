//! `mugai sanitise`: the main job.

use crate::args::Sanitise;
use crate::commands::{end, rules, usage};
use crate::fonts;
use mugai_batch::{Exit, Plan, Progress, Run, Summary, lines, summary_line};
use mugai_core::Opener;
use mugai_engine::{Isolation, Policy, Report};
use std::process::ExitCode;

/// With more inputs than this the table has no lines for single parts.
const PARTS_OF: usize = 10;

/// Runs `mugai sanitise …`.
pub(crate) fn main(args: &Sanitise) -> ExitCode {
    let policy = match rules(&args.rules) {
        Ok(policy) => policy,
        Err(message) => return usage(message),
    };
    if args.in_process && policy.isolation() != Isolation::InProcess {
        return usage(format_args!(
            "policy {:?} asks for confined workers; --in-process needs a policy with isolation = \"in-process\"",
            policy.name()
        ));
    }
    let plan = match Plan::of(&args.inputs, &args.output) {
        Ok(plan) => plan,
        Err(error) => return usage(error),
    };
    let jobs = args.jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    );
    let jobs = jobs.min(plan.inputs.len());
    let result = if args.in_process {
        let opener = mugai_open::InProcess {
            fonts: mugai_core::NoFonts,
        };
        run(args, &policy, &plan, jobs, &opener)
    } else {
        fonts::pool(&policy, &args.rules.from, &args.rules.to, jobs, &args.font)
            .and_then(|pool| run(args, &policy, &plan, jobs, &pool))
    };
    match result {
        Ok(summary) => {
            if !args.json && plan.inputs.len() > 1 {
                println!("{}", summary_line(&summary));
            }
            end(Exit::of(&summary))
        }
        Err(message) => {
            eprintln!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

fn run(
    args: &Sanitise,
    policy: &Policy,
    plan: &Plan,
    jobs: usize,
    opener: &dyn Opener,
) -> Result<Summary, String> {
    let progress = if args.json {
        Progress::silent()
    } else {
        Progress::on_terminal(plan.inputs.len())
    };
    let run = Run {
        policy,
        from: &args.rules.from,
        to: &args.rules.to,
        opener,
        out: &args.output,
        jobs,
        progress,
    };
    let parts = plan.inputs.len() <= PARTS_OF;
    run.over(plan, |report, failure| {
        tell(args.json, parts, report, failure);
    })
    .map_err(|error| error.to_string())
}

fn tell(json: bool, parts: bool, report: &Report, failure: Option<&str>) {
    if let Some(failure) = failure {
        eprintln!("mugai: {}: {failure}", report.input.path);
    }
    if json {
        match serde_json::to_string(report) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("mugai: report: {error}"),
        }
    } else if parts || report.withheld_any() {
        print!("{}", lines(report, parts));
    }
}
