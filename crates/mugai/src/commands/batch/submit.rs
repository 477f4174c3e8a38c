//! `mugai batch submit`: files into the store, jobs into the queue.

use crate::args::Submit;
use crate::commands::batch::{Wrong, open, policy, under};
use crate::commands::listed;
use crate::say::{complain, say};
use mugai_batch::{Exit, Plan, Stop};

pub(super) fn main(args: &Submit) -> Result<Exit, Wrong> {
    let policy = policy(&args.by)?;
    let list = listed(&args.list).map_err(Wrong::Usage)?;
    let plan = Plan::listed(&args.inputs, list, None).map_err(|error| {
        if error.exit() == Exit::Failed {
            Wrong::Failed(error.to_string())
        } else {
            Wrong::Usage(error.to_string())
        }
    })?;
    let stop = Stop::on_signals().map_err(|error| Wrong::Failed(format!("signals: {error}")))?;
    let submit = mugai_cluster::Submit {
        batch: &args.batch,
        plan: &plan,
        rules: under(&args.by, &policy),
        jobs: usize::from(args.jobs),
        stop: &stop,
    };
    let done = open(&args.at.config)?.submit(submit, |input, why| {
        complain!("mugai: {}: {why}", input.label());
    })?;
    say!(
        "{}: {} inputs submitted, {} bytes{}",
        args.batch,
        done.inputs,
        done.bytes,
        match done.unreadable {
            0 => String::new(),
            count => format!(", {count} unreadable"),
        }
    );
    if done.left > 0 {
        complain!(
            "mugai: stopped, {} inputs are left; the same command goes on",
            done.left
        );
        return Ok(Exit::Interrupted);
    }
    Ok(if done.unreadable > 0 {
        Exit::Failed
    } else {
        Exit::Delivered
    })
}
