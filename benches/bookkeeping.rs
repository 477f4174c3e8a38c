//! What a run over many files costs beside the work itself: an opener that refuses everything stands in
//! for workers and readers, so that the engine has nothing to do but two digests and a notice; and what
//! the engine takes for that is measured apart, over the same files in memory.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use mugai_batch::{Choice, OutputFolder, Plan, Progress, Rules, Run, Slot, Stop};
use mugai_core::opener::Request;
use mugai_core::{Opener, Patience, Refusal, Untrusted};
use mugai_engine::{Order, Policy, sanitise};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Refuses everything.
struct Nothing;

impl Opener for Nothing {
    fn open(&self, _: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        Err(Refusal::unsupported("bench: nothing is opened"))
    }
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os()
        .skip(1)
        .map(PathBuf::from)
        .find(|path| path.is_dir())
    else {
        println!(
            "bookkeeping: skipped; name a folder of files: cargo bench --bench bookkeeping -- DIR"
        );
        return ExitCode::SUCCESS;
    };
    match figures(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bookkeeping: {error}");
            ExitCode::FAILURE
        }
    }
}

fn figures(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::preset("text-only").ok_or("no preset")?;
    let out = tempfile::tempdir_in(folder.parent().ok_or("no folder above")?)?;
    for round in ["first run", "again, nothing to do"] {
        let (begin, wall) = (processor()?, Instant::now());
        let plan = Plan::of(&[folder.to_owned()], &[], out.path())?;
        let files = plan.inputs.len();
        let output = OutputFolder::open(out.path(), 1 << 32, false)?;
        let run = Run {
            rules: Rules {
                policy: &policy,
                from: "internet",
                to: "lgwan",
                context: "",
            },
            opener: &Nothing,
            passwords: &[],
            jobs: 1,
            memory: 1 << 32,
            choice: Choice::All,
            replace: true,
            slot: Slot::of,
            stop: &Stop::default(),
            progress: &Progress::silent(),
        };
        output.run(&run, &plan, |_| ())?;
        show(round, files, processor()? - begin, wall);
    }
    let plan = Plan::of(&[folder.to_owned()], &[], out.path())?;
    let mut orders = Vec::new();
    for input in plan.inputs.iter() {
        let input = input?;
        orders.push(Order {
            input: Untrusted::new(std::fs::read(input.path())?),
            name: Some(input.name.clone()),
            label: input.label(),
            policy: &policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: Patience::default(),
        });
    }
    let (begin, wall) = (processor()?, Instant::now());
    for order in orders {
        drop(sanitise(order, &Nothing));
    }
    let engine = processor()? - begin;
    show(
        "of the first run, the engine",
        plan.inputs.len(),
        engine,
        wall,
    );
    Ok(())
}

/// Processor time of all threads of this process so far, in seconds (`proc_pid_stat(5)`, fields 14 and
/// 15, in hundredths of a second).
fn processor() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // the name of the program may have blanks in it
    let (_, fields) = stat.rsplit_once(") ").ok_or("no fields")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    let (user, system) = ticks().zip(ticks()).ok_or("no fields")?;
    Ok((user + system) / 100.0)
}

fn show(what: &str, files: usize, seconds: f64, wall: Instant) {
    let count = f64::from(u32::try_from(files).unwrap_or(u32::MAX));
    println!(
        "{what:<30} {files} files, {:.3} ms of processor time a file, {:.1} s",
        seconds * 1000.0 / count,
        wall.elapsed().as_secs_f64()
    );
}
