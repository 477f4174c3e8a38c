//! `mugai sanitise`: the main job.

pub(crate) mod secrets;
mod shell;

use crate::args::Sanitise;
use crate::commands::{end, listed, means, rules};
use crate::say::{complain, say, say_as_is};
use mugai_batch::{
    Choice, Ended, Exit, FoundThere, OutputFolder, Plan, Progress, Rules, Run, Slot, Stop, Summary,
    lines, summary_line,
};
use mugai_core::{NoFonts, Opener, Password};
use mugai_engine::{Isolation, Policy};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

/// With more inputs than this the table has no lines for single parts.
const PARTS_OF: usize = 10;

/// Runs `mugai sanitise …`.
pub(crate) fn main(args: &Sanitise) -> ExitCode {
    let (policy, plan, passwords) = match asked(args) {
        Ok(asked) => asked,
        Err((exit, message)) => {
            complain!("mugai: {message}");
            return end(exit);
        }
    };
    if plan.repeated > 0 {
        complain!(
            "mugai: {} paths came more than once; each is taken once",
            plan.repeated
        );
    }
    let result = if args.dry_run {
        dry_run(args, &plan).map(|()| Exit::Delivered)
    } else {
        run(args, &policy, &plan, &passwords).map(|summary| Exit::of(&summary))
    };
    match result {
        Ok(exit) => end(exit),
        Err(message) => {
            complain!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

/// The policy, the files and the passwords for them.
fn asked(args: &Sanitise) -> Result<(Policy, Plan, Vec<Password>), (Exit, String)> {
    let wrong = |message| (Exit::Usage, message);
    let policy = rules(&args.rules).map_err(wrong)?;
    if args.in_process && policy.isolation() != Isolation::InProcess {
        return Err(wrong(format!(
            "policy {:?} asks for confined workers; --in-process needs a policy with isolation = \"in-process\"",
            policy.name()
        )));
    }
    let list = listed(&args.list).map_err(wrong)?;
    let plan = Plan::listed(&args.inputs, list, Some(&args.output));
    let plan = plan.map_err(|error| (error.exit(), error.to_string()))?;
    let passwords = secrets::all(&args.secrets).map_err(wrong)?;
    Ok((policy, plan, passwords))
}

fn dry_run(args: &Sanitise, plan: &Plan) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    for input in plan.inputs.iter() {
        let input = input.map_err(|error| error.to_string())?;
        let place = input.out.join(input.name.as_str());
        let trouble = input.trouble.as_ref().map(ToString::to_string);
        let line = if args.json {
            serde_json::json!({
                "input": input.label(),
                "output": place.display().to_string(),
                "bytes": input.bytes,
                "trouble": trouble,
            })
            .to_string()
        } else {
            let trouble = trouble.map_or(String::new(), |t| format!("  ({t})"));
            format!("{} -> {}{trouble}", input.label(), place.display())
        };
        writeln!(out, "{line}").map_err(|error| error.to_string())?;
    }
    let line = format!("{} files, {} bytes", plan.inputs.len(), plan.bytes());
    if !args.json {
        writeln!(out, "{line}; nothing was done").map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run(
    args: &Sanitise,
    policy: &Policy,
    plan: &Plan,
    passwords: &[Password],
) -> Result<Summary, String> {
    means::give_way(&args.means)?;
    // of few files, pages of long ones are shared among the workers that are left
    let workers = means::jobs(&args.means);
    let jobs = workers.min(plan.inputs.len());
    let opener: Box<dyn Opener> = if args.in_process {
        Box::new(mugai_open::InProcess { fonts: NoFonts })
    } else {
        means::opener(policy, &args.rules, &args.means, workers)?
    };
    let folder = OutputFolder::open(&args.output, args.means.memory, false)
        .map_err(|error| format!("output folder: {error}"))?;
    found(folder.found());
    let stop = Stop::on_signals().map_err(|error| format!("signals: {error}"))?;
    let progress = Progress::new(plan.inputs.len(), plan.bytes());
    let run = Run {
        rules: Rules {
            policy,
            from: &args.rules.from,
            to: &args.rules.to,
            context: &secrets::context(means::context(&args.means), passwords),
        },
        opener: opener.as_ref(),
        passwords,
        jobs,
        memory: args.means.memory,
        choice: match (args.only.since_journal, args.only.only_withheld) {
            (true, _) => Choice::SinceJournal,
            (false, true) => Choice::OnlyWithheld,
            (false, false) => Choice::All,
        },
        replace: true,
        slot: Slot::of,
        stop: &stop,
        progress: &progress,
    };
    let few = plan.inputs.len() <= PARTS_OF;
    let mut table = BTreeMap::new();
    let summary = folder
        .run(&run, plan, |ended| {
            tell(args, few, &progress, &mut table, ended);
        })
        .map_err(|error| error.to_string())?;
    for lines in table.values() {
        say_as_is!("{lines}");
    }
    drop(folder);
    close(args, plan, &summary)?;
    Ok(summary)
}

/// What an earlier run left behind.
fn found(found: FoundThere) {
    if found.cut > 0 {
        complain!(
            "mugai: {} bytes of a torn tail were cut off the journal; what they told of is done again",
            found.cut
        );
    }
    if found.finished > 0 {
        complain!(
            "mugai: {} files of a run that was killed were finished",
            found.finished
        );
    }
}

/// One input is done: a few are shown at the end, in their order, of many what is withheld, at once.
fn tell(
    args: &Sanitise,
    few: bool,
    progress: &Progress,
    table: &mut BTreeMap<usize, String>,
    ended: &Ended<'_>,
) {
    if let Some(failure) = ended.failure {
        progress.say(&format!("{}: {failure}", ended.input.label()));
    }
    let Some(report) = ended.report.filter(|_| !args.json) else {
        return;
    };
    if few {
        table.insert(ended.index, lines(report, true));
    } else if report.withheld_any() {
        progress.beside(|| say_as_is!("{}", lines(report, false)));
    }
}

/// The end of a run, in one line, and how to go on if it was stopped.
fn close(args: &Sanitise, plan: &Plan, summary: &Summary) -> Result<(), String> {
    if args.json {
        let report = args.output.join("report.jsonl");
        let copied = std::fs::File::open(report)
            .and_then(|mut file| std::io::copy(&mut file, &mut std::io::stdout().lock()));
        copied.map_err(|error| format!("report: {error}"))?;
    } else if plan.inputs.len() > 1 || summary.before > 0 {
        say!("{}", summary_line(summary));
    }
    if summary.left > 0 {
        complain!(
            "mugai: stopped, {} files are left; go on with:\n  {}",
            summary.left,
            shell::line(secrets::masked(std::env::args_os()))
        );
    }
    Ok(())
}
