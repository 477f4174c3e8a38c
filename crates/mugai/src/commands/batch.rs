//! `mugai batch …`: more than one machine.

mod fetch;
mod reconcile;
mod status;
mod submit;
mod work;

use crate::args::{BatchCommand, ClusterRules};
use crate::commands::{end, means, rules, usage};
use crate::say::complain;
use mugai_batch::{Exit, Rules};
use mugai_cluster::{Cluster, Config, Error, Status};
use mugai_engine::Policy;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Runs `mugai batch …`.
pub(crate) fn main(command: &BatchCommand) -> ExitCode {
    let done = match command {
        BatchCommand::Submit(args) => submit::main(args),
        BatchCommand::Work(args) => work::main(args),
        BatchCommand::Status(args) => status::main(args),
        BatchCommand::Reconcile(args) => reconcile::main(args),
        BatchCommand::Fetch(args) => fetch::main(args),
    };
    match done {
        Ok(exit) => end(exit),
        Err(Wrong::Usage(message)) => usage(message),
        Err(Wrong::Failed(message)) => {
            complain!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

/// What went wrong, by what the process ends with.
enum Wrong {
    Usage(String),
    Failed(String),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        match error {
            Error::Asked(message) => Self::Usage(message),
            Error::Queue(_) | Error::Store(_) | Error::Foreign(_) | Error::Local(_) => {
                Self::Failed(error.to_string())
            }
        }
    }
}

/// Connects to what the configuration names.
fn open(path: &Path) -> Result<Cluster, Wrong> {
    let shown = path.display();
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| Wrong::Usage(format!("{shown}: {error}")))?;
    // what is no text is none of ours
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::parse(&text, environment);
    let config = config.map_err(|error| Wrong::Usage(format!("{shown}: {error}")))?;
    Ok(Cluster::open(config)?)
}

/// The policy of the command line, and what else decides.
fn policy(by: &ClusterRules) -> Result<(Policy, String), Wrong> {
    let policy = rules(&by.rules).map_err(Wrong::Usage)?;
    Ok((policy, means::named(&by.font)))
}

fn under<'a>(by: &'a ClusterRules, (policy, context): &'a (Policy, String)) -> Rules<'a> {
    Rules {
        policy,
        from: &by.rules.from,
        to: &by.rules.to,
        context,
    }
}

/// How far a batch is, in one line.
fn line(status: &Status) -> String {
    let mut line = format!(
        "{}: {} of {} inputs done: {} sanitised, {} sanitised with parts withheld, {} withheld",
        status.batch, status.done, status.inputs, status.sanitised, status.partly, status.withheld
    );
    for (count, what) in [
        (status.forbidden, "links and special files"),
        (status.unreadable, "unreadable"),
        (status.dead, "dead letters"),
        (status.open, "open"),
        (status.alarms, "ALARMS"),
    ] {
        if count > 0 {
            let _ = write!(line, ", {count} {what}");
        }
    }
    let queue = &status.queue;
    let _ = write!(
        line,
        "; queue: {} pending, {} in flight",
        queue.pending, queue.in_flight
    );
    if !status.complete {
        line.push_str("; not submitted to its end");
    }
    line
}
