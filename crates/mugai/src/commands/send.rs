//! `mugai send`: tries a service by hand.

use crate::args::Send;
use crate::commands::sanitise::secrets;
use crate::commands::{end, usage};
use crate::say::{complain, say};
use mugai_batch::Exit;
use mugai_client::{Answer, Client, Endpoint, File, Hold, Job, Retry, Tls, Verdict};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Runs `mugai send …`.
pub(crate) fn main(args: &Send) -> ExitCode {
    let (endpoint, job) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(message) => return usage(message),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(error),
    };
    let answer = runtime.block_on(async {
        let client = Client::new(&endpoint, Retry::default()).map_err(|error| error.to_string())?;
        client
            .sanitise(&job)
            .await
            .map_err(|hold: Hold| hold.to_string())
    });
    match answer.and_then(|answer| deliver(args, &answer).map(|()| answer)) {
        Ok(answer) => end(exit(&answer)),
        Err(message) => failed(message),
    }
}

fn failed(message: impl std::fmt::Display) -> ExitCode {
    complain!("mugai: {message}");
    end(Exit::Failed)
}

fn prepare(args: &Send) -> Result<(Endpoint, Job), String> {
    let endpoint = endpoint(args)?;
    let mut job = Job::new(read(&args.file)?, &args.from, &args.to);
    let name = args.file.file_name().unwrap_or_default();
    job.name = name.to_string_lossy().into_owned();
    job.policy.clone_from(&args.policy);
    job.passwords = secrets::all(&args.secrets)?;
    job.deadline = Duration::from_secs(args.deadline.into());
    Ok((endpoint, job))
}

fn endpoint(args: &Send) -> Result<Endpoint, String> {
    if !args.service.starts_with("https://") {
        return Ok(Endpoint::Unix(args.service.clone().into()));
    }
    let (Some(ca), Some(certificate), Some(key)) = (&args.ca, &args.certificate, &args.key) else {
        return Err("https needs --ca, --certificate and --key".to_owned());
    };
    let tls = Tls::read(ca, certificate, key)?;
    Ok(Endpoint::Tls(args.service.clone(), Box::new(tls)))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn deliver(args: &Send, answer: &Answer) -> Result<(), String> {
    let files = match &answer.verdict {
        Verdict::Sanitised(files) => files.iter().collect(),
        Verdict::Withheld { notice, .. } => notice.iter().collect::<Vec<_>>(),
    };
    std::fs::create_dir_all(&args.output)
        .map_err(|error| format!("{}: {error}", args.output.display()))?;
    for file in &files {
        write(&args.output, file).map_err(|error| format!("{}: {error}", file.name))?;
    }
    if args.json {
        say!("{}", answer.report_json);
        return Ok(());
    }
    match &answer.verdict {
        Verdict::Sanitised(_) => say!("sanitised [{}]", answer.id),
        Verdict::Withheld { detail, .. } => {
            say!("withheld [{}] {}", answer.id, detail.escape_debug());
        }
    }
    for file in files {
        say!("  {} ({} bytes)", file.name, file.content.len());
    }
    Ok(())
}

/// Writes beside the place, then renames. The client let only plain names through.
fn write(folder: &Path, file: &File) -> std::io::Result<()> {
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(&file.content)?;
    beside.persist(folder.join(&file.name))?;
    Ok(())
}

/// A part that was withheld counts as with `mugai sanitise`.
fn exit(answer: &Answer) -> Exit {
    let report: serde_json::Value = serde_json::from_str(&answer.report_json).unwrap_or_default();
    let withheld = report
        .pointer("/totals/withheld")
        .and_then(serde_json::Value::as_u64);
    if withheld == Some(0) {
        Exit::Delivered
    } else {
        Exit::Withheld
    }
}
