//! What may stand on the command line.

mod batch;

pub(crate) use batch::{Batch, BatchCommand, ClusterRules, Fetch, Reconcile, Status, Submit, Work};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use mugai_core::Password;
use std::path::PathBuf;

/// Rebuilds mails and files from scratch so that nothing malicious can come along (無害化).
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Exit codes: 0 all delivered, 1 something withheld, 2 usage or policy error,
3 an alarm (unverified or internal refusal), 4 the run itself failed, 130 stopped before its end.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sanitise mails and files into a folder.
    #[command(alias = "sanitize")]
    Sanitise(Sanitise),
    /// Show what a run did: counts, a page, a table.
    Report(Report),
    /// Sanitise what appears in a folder.
    Watch(Watch),
    /// Sanitise with many machines: submit files, work, fetch results.
    Batch(Batch),
    /// Serve over gRPC, for mail relays.
    Serve(Serve),
    /// Say which fences around workers hold on this machine, and which fonts it has.
    Doctor,
    /// Take mails from a mail server, and give them back sanitised.
    Relay(Relay),
    /// Send a file to a service, and write what comes back.
    Send(Send),
    /// Show what is in files and what the policy makes of it, without writing anything.
    Inspect(Inspect),
    /// Show, check and explain policies.
    Policy(Policy),
    /// Check that files are inside our output profiles and named accordingly; reads nothing else.
    Verify(Verify),
}

/// Takes mails (.eml, mbox) and files, opens every part in a confined worker process, and writes
/// new files. What cannot be rebuilt is withheld, and a notice stands in its place.
///
/// A run can be stopped or killed at any moment: the same command goes on where it was. What was
/// done before, by the same rules and from the same content, is not done again.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Outputs lie at DIR/<path of the input>, with the extension of what was made (scan.tiff becomes
scan.png, a.eml stays a.eml); a withheld input leaves <name>.withheld.txt. DIR/report.jsonl tells
what happened to every part, one JSON object an input; `mugai report DIR` shows it. DIR/.mugai is
the journal. Links, pipes and devices are reported, never followed or read.

The first Ctrl-C (or SIGTERM) finishes what is at work, the second ends at once.")]
pub(crate) struct Sanitise {
    /// Files, or folders with all files below them.
    #[arg(required_unless_present = "files_from", value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// The folder for outputs and report; made when it is missing.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) list: List,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Print the report, one JSON object a line, instead of the table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Only say which files would be taken and where their outputs would go.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) means: Means,
    /// Open parts in this very process, without any fence. Development only: the policy must say
    /// `isolation = "in-process"`, which the presets do not.
    #[arg(long)]
    pub(crate) in_process: bool,
}

/// Passwords of encrypted documents.
#[derive(Debug, ClapArgs)]
pub(crate) struct Secrets {
    /// A password to try on encrypted documents and archives; may be given several times. Other users of the machine
    /// can see it: prefer --password-file. What was withheld before for want of one is taken again with
    /// --only-withheld.
    #[arg(long, value_name = "PASSWORD", value_parser = password)]
    pub(crate) password: Vec<Password>,
    /// A file with further passwords, one a line, at most 16 in all.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

fn password(text: &str) -> Result<Password, String> {
    Password::new(text.to_owned()).ok_or_else(|| "1 to 1024 bytes".to_owned())
}

/// Inputs that are not named on the command line.
#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// A file with further inputs, one a line; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// Entries of --files-from end with a NUL byte, as `find -print0` writes them.
    #[arg(short = '0', long = "null", requires = "files_from")]
    pub(crate) null: bool,
}

/// Which files are taken.
#[derive(Debug, ClapArgs)]
pub(crate) struct Only {
    /// Take only files that are new or changed since the last run, told by size and times; the
    /// others are not even read.
    #[arg(long, conflicts_with = "only_withheld")]
    pub(crate) since_journal: bool,
    /// Take only files of which something was withheld the last time, or that failed: after a change
    /// of the policy, for example.
    #[arg(long)]
    pub(crate) only_withheld: bool,
}

/// What a run may use of the machine.
#[derive(Debug, ClapArgs)]
pub(crate) struct Means {
    /// How many files, or pages of one long document, are worked on at a time [default: one a processor].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Memory for all files at work, as estimated from their sizes: 2GiB, 500MiB, 40%.
    #[arg(long, value_name = "SIZE", default_value = "60%", value_parser = memory)]
    pub(crate) memory: u64,
    /// Leave the processors to others: niceness from 0 to 19.
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = 0,
        default_missing_value = "10",
        hide_default_value = true,
        value_parser = clap::value_parser!(i32).range(0..=19)
    )]
    pub(crate) nice: i32,
    /// A font file, or a folder of them, for text whose own font is missing; may be given several times.
    /// Fonts of this machine serve for scripts that these lack.
    #[arg(long, value_name = "PATH")]
    pub(crate) font: Vec<PathBuf>,
}

/// Bytes of memory, or a share of what there is.
fn memory(text: &str) -> Result<u64, String> {
    let wrong = || "neither a size (500MiB, 2GiB) nor a share from 1% to 100%".to_owned();
    if let Some(share) = text.strip_suffix('%') {
        let share: u64 = share.parse().map_err(|_| wrong())?;
        let all = mugai_batch::memory().ok_or("the memory of this machine is not known")?;
        return match share {
            1..=100 => Ok(all.saturating_mul(share) / 100),
            _ => Err(wrong()),
        };
    }
    let (number, unit) = [("KiB", 1u64 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
        .into_iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)))
        .ok_or_else(wrong)?;
    let number: u64 = number.trim_end().parse().map_err(|_| wrong())?;
    match number.checked_mul(unit) {
        Some(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(wrong()),
    }
}

/// Shows what a run did. Without an option: counts, on standard output.
#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    /// The output folder of a run, or a report.jsonl.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write a page with counts, charts and a table to search in; it needs nothing but itself.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write a table, one line an input.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// The language [default: ja; the page can be switched].
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Language>,
}

/// Takes files that appear in a folder, writes what becomes of them into another, and puts the
/// originals away. For exchange folders between networks.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A file is taken once it has not changed for --settle seconds. Names beginning with a dot or ending
with .part, .tmp or .crdownload are left alone until they are renamed. Nothing in OUT is ever
replaced: a name that is taken gets a number. SIGTERM finishes what is at work.")]
pub(crate) struct Watch {
    /// The folder to watch, with all folders below it.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The folder for outputs; made when it is missing.
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Where originals go [default: IN with -done behind its name]. Not below IN or OUT, and on the
    /// same file system as IN.
    #[arg(long, value_name = "DIR")]
    pub(crate) done: Option<PathBuf>,
    /// Seconds for which a file must not have changed.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub(crate) settle: u64,
    /// Seconds between looks at the whole folder, for what the system did not tell.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub(crate) rescan: u64,
    /// Take what is there, then end.
    #[arg(long)]
    pub(crate) once: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) means: Means,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    /// A preset (municipal-lgwan, strict, text-only) or a policy file.
    #[arg(short, long, value_name = "POLICY", default_value = "municipal-lgwan")]
    pub(crate) policy: String,
    /// The zone that the files come from.
    #[arg(long, value_name = "ZONE", default_value = "internet")]
    pub(crate) from: String,
    /// The zone that the files go to.
    #[arg(long, value_name = "ZONE", default_value = "lgwan")]
    pub(crate) to: String,
    /// The language of notices and footers [default: what the policy says].
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Language>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Language {
    /// Japanese
    Ja,
    /// English
    En,
}

/// Serves until SIGTERM or SIGINT; SIGHUP has callers, limits and policies read again.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Variables of the environment lie above the file: MUGAI_SERVE__LIMITS__CALLS=64 is limits.calls = 64.
Logs go to standard error, one line a call. Metrics (Prometheus), spans (OTLP) and events (syslog,
CEF) are sent where [listen] and [observe] say; all of them are listed in docs/observability.md.")]
pub(crate) struct Serve {
    /// The configuration (TOML).
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// How log lines are written [default: what the configuration says].
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
    /// Read configuration and policies, say what is wrong with them, and serve nothing.
    #[arg(long)]
    pub(crate) check: bool,
    /// A font file, or a folder of them, for text whose own font is missing; may be given several times.
    /// Fonts of this machine serve for scripts that these lack.
    #[arg(long, value_name = "PATH")]
    pub(crate) font: Vec<PathBuf>,
}

/// Takes mails from a mail server over SMTP, LMTP or as a milter, has them sanitised by the service or by
/// workers of its own, and hands them to the mail server that delivers. A mail is taken only once that one
/// has it; until then it stays in the queue of the first, whatever happens.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Serves until SIGTERM or SIGINT; SIGHUP has policies, recipients, notices and the key for seals read again.
Variables of the environment lie above the file: MUGAI_RELAY__LIMITS__JOBS=4 is limits.jobs = 4.
--check looks at the state folder, the template of notices, the key for seals (and says what the domain
name system must have for it), every rule, and the next mail server.

Exit codes: 0 good or asked to stop, 2 the configuration cannot be used, 4 a step went wrong or it
cannot serve. How to put it behind Postfix and others stands in docs/relay.md; so do its figures.")]
pub(crate) struct Relay {
    /// The configuration (TOML).
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Try every step of the way, say how each went, and serve nothing; nothing is sent to anybody.
    #[arg(long)]
    pub(crate) check: bool,
    /// With --check: send a mail through the relay that runs, to this address.
    #[arg(long, value_name = "ADDRESS", requires = "check")]
    pub(crate) to: Option<String>,
    /// Write to everybody from whom something was withheld within this time, as "24 h", and serve nothing.
    #[arg(long, value_name = "TIME", conflicts_with = "check")]
    pub(crate) digest: Option<String>,
    /// A font file, or a folder of them, for text whose own font is missing; may be given several times.
    /// Fonts of this machine serve for scripts that these lack.
    #[arg(long, value_name = "PATH")]
    pub(crate) font: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// Sends one file to a service. Outputs are written only once all of the answer is there and right;
/// after any trouble nothing is.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Exit codes: 0 delivered, 1 something withheld, 2 usage, 4 held: no answer that can be trusted.")]
pub(crate) struct Send {
    /// The file.
    pub(crate) file: PathBuf,
    /// The service: the path of a Unix socket, or https://host:port.
    #[arg(short, long, value_name = "ADDRESS")]
    pub(crate) service: String,
    /// The folder for outputs; made when it is missing.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// The policy [default: that of the service].
    #[arg(
        short,
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) policy: String,
    /// The zone that the file comes from.
    #[arg(long, value_name = "ZONE", default_value = "internet")]
    pub(crate) from: String,
    /// The zone that the file goes to.
    #[arg(long, value_name = "ZONE", default_value = "lgwan")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
    /// The time for all tries together, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) deadline: u32,
    /// For https: the authorities of the service (PEM).
    #[arg(long, value_name = "FILE", requires_all = ["certificate", "key"])]
    pub(crate) ca: Option<PathBuf>,
    /// For https: our certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "ca")]
    pub(crate) certificate: Option<PathBuf>,
    /// For https: our private key (PEM).
    #[arg(long, value_name = "FILE", requires = "ca")]
    pub(crate) key: Option<PathBuf>,
    /// Print the report, one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Opens files as `sanitise` does, and prints their parts as a tree: kind, size, what the policy makes of
/// each, and what was seen. Nothing is written.
#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) secrets: Secrets,
    /// Print the report, one JSON object a line, instead of the tree.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Policy {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print a policy as it was understood, with its hash.
    Show {
        /// A preset or a policy file.
        #[arg(default_value = "municipal-lgwan")]
        policy: String,
    },
    /// Check policy files.
    Check {
        /// Presets or policy files.
        #[arg(required = true)]
        policies: Vec<String>,
    },
    /// Say what would be done with files, and by which rule, without doing it.
    Explain {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        rules: Rules,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Verify {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn both_spellings_are_understood() {
        for verb in ["sanitise", "sanitize"] {
            assert!(Args::try_parse_from(["mugai", verb, "a.eml", "-o", "out"]).is_ok());
        }
    }

    #[test]
    fn memory_is_a_size_or_a_share() {
        assert_eq!(memory("500MiB"), Ok(500 << 20));
        assert_eq!(memory("2 GiB"), Ok(2 << 30));
        assert!(memory("60%").is_ok_and(|bytes| bytes > 1 << 20));
        for wrong in [
            "",
            "0MiB",
            "0%",
            "101%",
            "5",
            "5MB",
            "-1GiB",
            "99999999999GiB",
        ] {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }
}
