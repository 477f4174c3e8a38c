//! What may stand on the command line.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Rebuilds mails and files from scratch so that nothing malicious can come along (無害化).
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "\
Exit codes: 0 all delivered, 1 something withheld, 2 usage or policy error,
3 an alarm (unverified or internal refusal), 4 the run itself failed.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sanitise mails and files into a folder.
    #[command(alias = "sanitize")]
    Sanitise(Sanitise),
    /// Serve over gRPC, for mail relays.
    Serve(Serve),
    /// Send a file to a service, and write what comes back.
    Send(Send),
    /// Show, check and explain policies.
    Policy(Policy),
    /// Check that files are inside our output profiles and named accordingly; reads nothing else.
    Verify(Verify),
}

/// Takes mails (.eml, mbox) and files, opens every part in a confined worker process, and writes
/// new files. What cannot be rebuilt is withheld, and a notice stands in its place.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Outputs lie at DIR/<path of the input>, with the extension of what was made (scan.tiff becomes
scan.png, a.eml stays a.eml); a withheld input leaves <name>.withheld.txt. DIR/report.jsonl tells
what happened to every part, one JSON object an input.")]
pub(crate) struct Sanitise {
    /// Files, or folders with all files below them.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// The folder for outputs and report; made when it is missing.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Print the report, one JSON object a line, instead of the table.
    #[arg(long)]
    pub(crate) json: bool,
    /// How many files are worked on at a time [default: one a processor].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// A font file for text whose own font is missing; may be given several times
    /// [default: fonts of this machine].
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
    /// Open parts in this very process, without any fence. Development only: the policy must say
    /// `isolation = "in-process"`, which the presets do not.
    #[arg(long)]
    pub(crate) in_process: bool,
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
    /// A font file for text whose own font is missing; may be given several times
    /// [default: fonts of this machine].
    #[arg(long, value_name = "FILE")]
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
}
