//! `mugai batch fetch`: results into a folder.

use crate::args::Fetch;
use crate::commands::batch::{Wrong, open, policy, under};
use crate::say::{complain, say};
use mugai_batch::{Exit, OutputFolder, Received, Stop, memory, summary_line};

pub(super) fn main(args: &Fetch) -> Result<Exit, Wrong> {
    let policy = policy(&args.by)?;
    let stop = Stop::on_signals().map_err(|error| Wrong::Failed(format!("signals: {error}")))?;
    let cluster = open(&args.at.config)?;
    let folder = OutputFolder::open(&args.output, memory().unwrap_or(u64::MAX), false);
    let folder = folder.map_err(|error| Wrong::Failed(format!("output folder: {error}")))?;
    let fetch = mugai_cluster::Fetch {
        batch: &args.batch,
        rules: under(&args.by, &policy),
        jobs: usize::from(args.jobs),
        stop: &stop,
    };
    let mut missing = 0u64;
    let summary = cluster.fetch(fetch, &folder, |input, received| match received {
        Received::There => {}
        Received::Missing => missing = missing.saturating_add(1),
        Received::Failed(why) => complain!("mugai: {}: {why}", input.label()),
    })?;
    say!("{}", summary_line(&summary));
    if missing > 0 {
        complain!("mugai: {missing} inputs have no result yet");
    }
    Ok(Exit::of(&summary))
}
