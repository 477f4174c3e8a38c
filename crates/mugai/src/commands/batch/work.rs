//! `mugai batch work`: a node.

use crate::args::Work;
use crate::commands::batch::{Wrong, open};
use crate::commands::{means, rules};
use crate::say::{complain, say};
use mugai_batch::{Exit, Rules, Stop, summary_line};
use mugai_cluster::NodeOptions;

pub(super) fn main(args: &Work) -> Result<Exit, Wrong> {
    let policy = rules(&args.rules).map_err(Wrong::Usage)?;
    let jobs = means::jobs(&args.means);
    // at once: a signal while one connects must not be lost
    let stop = Stop::on_signals().map_err(|error| Wrong::Failed(format!("signals: {error}")))?;
    let cluster = open(&args.at.config)?;
    means::give_way(&args.means).map_err(Wrong::Failed)?;
    let opener = means::opener(&policy, &args.rules, &args.means, jobs).map_err(Wrong::Failed)?;
    let options = NodeOptions {
        rules: Rules {
            policy: &policy,
            from: &args.rules.from,
            to: &args.rules.to,
            context: &means::context(&args.means),
        },
        opener: opener.as_ref(),
        jobs,
        memory: args.means.memory,
        once: args.once,
        stop: &stop,
    };
    let worked = cluster.work(options, &|line| complain!("mugai: {line}"))?;
    let mut summary = worked.summary;
    summary.failed = worked.dead;
    say!(
        "{}; {} given back after a failure, {} dead letters",
        summary_line(&summary),
        worked.retried,
        worked.dead
    );
    // a node that runs until it is stopped has come to its end then
    if args.once && (stop.asked() || worked.left > 0) {
        summary.left = worked.left.max(1);
    }
    Ok(Exit::of(&summary))
}
