//! `mugai batch …`: what may stand on the command line.

use super::{List, Means, Rules};
use clap::{Args as ClapArgs, Subcommand};
use mugai_cluster::BatchName;
use std::path::PathBuf;

/// Sanitises with as many machines as there are. Files and results lie in an object store, jobs wait in a
/// queue (NATS `JetStream`), and nodes on any machine work on them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
  mugai batch submit -c batch.toml --batch 2026-10 quarantine     # from where the files are
  mugai batch work -c batch.toml                                  # on every machine
  mugai batch status -c batch.toml --batch 2026-10
  mugai batch reconcile -c batch.toml                             # after trouble with the queue
  mugai batch fetch -c batch.toml --batch 2026-10 -o clean        # then: mugai report clean

Policy, zones, fonts and version have to be the same for all of these: they are part of the name of a
job. Passwords and keys stand in the configuration or in the environment (MUGAI_BATCH__QUEUE__PASSWORD,
MUGAI_BATCH__STORE__SECRET_KEY, AWS_SECRET_ACCESS_KEY), never on the command line; docs/batch.md
has all of it. Exit code 130 says that something is not done yet.")]
pub(crate) struct Batch {
    #[command(subcommand)]
    pub(crate) command: BatchCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BatchCommand {
    /// Bring files into the store, and jobs into the queue.
    Submit(Submit),
    /// Take jobs from the queue until asked to stop.
    Work(Work),
    /// Tell how far a batch is.
    Status(Status),
    /// Compare inputs, results and queue, and put into the queue what is missing.
    Reconcile(Reconcile),
    /// Bring results into a folder.
    Fetch(Fetch),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Where {
    /// The configuration of queue and store (TOML).
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ClusterRules {
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// The fonts that nodes are given with --font, in the same order.
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
}

/// Brings files into the store and jobs into the queue. It may be stopped or killed: the same command goes
/// on, and does no harm when it was done.
#[derive(Debug, ClapArgs)]
pub(crate) struct Submit {
    /// Files, or folders with all files below them.
    #[arg(required_unless_present = "files_from", value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) at: Where,
    /// A name for what is submitted together.
    #[arg(long, value_name = "NAME")]
    pub(crate) batch: BatchName,
    #[command(flatten)]
    pub(crate) list: List,
    #[command(flatten)]
    pub(crate) by: ClusterRules,
    /// How many files are sent at a time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
}

/// Takes jobs from the queue. SIGTERM or the first Ctrl-C finishes what is at work and gives the rest back,
/// the second ends at once: others get what was not finished.
#[derive(Debug, ClapArgs)]
pub(crate) struct Work {
    #[command(flatten)]
    pub(crate) at: Where,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) means: Means,
    /// End once the queue is empty.
    #[arg(long)]
    pub(crate) once: bool,
}

/// Tells how far a batch is. The exit code says it, too: 130 not at its end, 4 dead letters or unreadable
/// inputs, 3 alarms, 1 something withheld, 0 all delivered.
#[derive(Debug, ClapArgs)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) at: Where,
    /// The batch [default: all that there are].
    #[arg(long, value_name = "NAME")]
    pub(crate) batch: Option<BatchName>,
    #[command(flatten)]
    pub(crate) by: ClusterRules,
    /// One JSON object a batch.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Compares inputs with results, dead letters and queue. Jobs that have a result are taken out of the
/// queue; those that are nowhere are sent again. The exit code is that of `status`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    pub(crate) at: Where,
    /// The batch [default: all that there are; results that no input asks for are counted then].
    #[arg(long, value_name = "NAME")]
    pub(crate) batch: Option<BatchName>,
    #[command(flatten)]
    pub(crate) by: ClusterRules,
    /// Try dead letters again.
    #[arg(long)]
    pub(crate) retry_dead: bool,
    /// One JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Brings results into a folder, as `mugai sanitise` would have put them there; every file goes through its
/// checker first. It may be stopped or killed: the same command goes on.
#[derive(Debug, ClapArgs)]
pub(crate) struct Fetch {
    #[command(flatten)]
    pub(crate) at: Where,
    /// The batch.
    #[arg(long, value_name = "NAME")]
    pub(crate) batch: BatchName,
    /// The folder for outputs and report; made when it is missing.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) by: ClusterRules,
    /// How many results are read at a time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
}
