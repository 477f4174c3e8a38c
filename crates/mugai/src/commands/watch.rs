//! `mugai watch`: sanitise what appears in a folder.

use crate::args::Watch;
use crate::commands::{end, means, rules, usage};
use crate::say::{complain, say, say_as_is};
use mugai_batch::{
    Choice, Ended, Exit, KeepFolder, OutputFolder, Progress, Rules, Run, Slot, Stop, Summary,
    lines, summary_line,
};
use mugai_engine::Policy;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Runs `mugai watch …`.
pub(crate) fn main(args: &Watch) -> ExitCode {
    let policy = match rules(&args.rules) {
        Ok(policy) => policy,
        Err(message) => return usage(message),
    };
    let folders = match Folders::of(args) {
        Ok(folders) => folders,
        Err(message) => return usage(message),
    };
    match run(args, &policy, &folders) {
        Ok(summary) => {
            say!("{}", summary_line(&summary));
            end(Exit::of(&summary))
        }
        Err(message) => {
            complain!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

/// Three folders, none of which lies in another.
struct Folders {
    input: PathBuf,
    output: PathBuf,
    done: PathBuf,
}

impl Folders {
    fn of(args: &Watch) -> Result<Self, String> {
        let real = |path: &Path| {
            std::fs::create_dir_all(path)
                .and_then(|()| std::fs::canonicalize(path))
                .map_err(|error| format!("{}: {error}", path.display()))
        };
        // whoever names a folder to watch that is not there has mistyped it
        let input = std::fs::canonicalize(&args.input)
            .map_err(|error| format!("{}: {error}", args.input.display()))?;
        let done = args.done.clone().unwrap_or_else(|| {
            let mut name = input.file_name().unwrap_or_default().to_owned();
            name.push("-done");
            input.with_file_name(name)
        });
        let (output, done) = (real(&args.output)?, real(&done)?);
        let all = [&input, &output, &done];
        for (index, one) in all.into_iter().enumerate() {
            for (other, two) in all.into_iter().enumerate() {
                if index != other && one.starts_with(two) {
                    let (one, two) = (one.display(), two.display());
                    return Err(format!(
                        "{one} lies in {two}; the three folders must be apart"
                    ));
                }
            }
        }
        Ok(Self {
            input,
            output,
            done,
        })
    }
}

fn run(args: &Watch, policy: &Policy, folders: &Folders) -> Result<Summary, String> {
    means::give_way(&args.means)?;
    let jobs = means::jobs(&args.means);
    let opener = means::opener(policy, &args.rules, &args.means, jobs)?;
    let keep = KeepFolder::open(&folders.done, &folders.input)
        .map_err(|error| format!("{}: {error}", folders.done.display()))?;
    let folder = OutputFolder::open(&folders.output, args.means.memory, true)
        .map_err(|error| format!("output folder: {error}"))?;
    let stop = Stop::on_signals().map_err(|error| format!("signals: {error}"))?;
    let progress = Progress::silent();
    let run = Run {
        rules: Rules {
            policy,
            from: &args.rules.from,
            to: &args.rules.to,
            context: &means::context(&args.means),
        },
        passwords: &[],
        opener: opener.as_ref(),
        jobs,
        memory: args.means.memory,
        choice: Choice::Every,
        replace: false,
        slot: Slot::path,
        stop: &stop,
        progress: &progress,
    };
    let watch = mugai_batch::Watch {
        input: &folders.input,
        settle: Duration::from_secs(args.settle),
        rescan: Duration::from_secs(args.rescan),
        once: args.once,
    };
    folder
        .watch(&run, watch, &keep, tell)
        .map_err(|error| error.to_string())
}

/// One line a file, for the log of a service.
fn tell(ended: &Ended<'_>) {
    if let Some(failure) = ended.failure {
        complain!("mugai: {}: {failure}", ended.input.label());
    }
    if let Some(report) = ended.report {
        say_as_is!("{}", lines(report, false));
    }
}
