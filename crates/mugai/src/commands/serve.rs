//! `mugai serve`: the gRPC service.

use crate::args::Serve;
use crate::commands::{end, usage};
use crate::fonts;
use mugai_batch::Exit;
use mugai_server::config::Log;
use mugai_server::{Config, Policies, serve};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs `mugai serve …`.
pub(crate) fn main(args: &Serve) -> ExitCode {
    let (config, policies) = match read(&args.config) {
        Ok(read) => read,
        Err(message) => return usage(message),
    };
    if args.check {
        println!("{}: good", args.config.display());
        return end(Exit::Delivered);
    }
    log(config.log);
    let (deadline, jobs) = (policies.longest_deadline(), usize::from(config.limits.jobs));
    let path = args.config.clone();
    let again = Arc::new(move || read(&path));
    let served = fonts::pool_within(deadline, jobs, &args.font).and_then(|pool| {
        serve((&config, policies), Arc::new(pool), again).map_err(|error| error.to_string())
    });
    match served {
        Ok(()) => end(Exit::Delivered),
        Err(message) => {
            eprintln!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

fn read(path: &Path) -> Result<(Config, Policies), String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    // what is no text is none of ours
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::parse(&text, environment).map_err(|error| format!("{shown}: {error}"))?;
    let policies = Policies::load(&config.policy, &config.policies)?;
    if let Some(tcp) = &config.tcp {
        for path in [&tcp.certificate, &tcp.key, &tcp.client_ca] {
            std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok((config, policies))
}

/// Logs go to standard error: one line a call, and what happens to the service itself.
fn log(log: Log) {
    let lines = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_ansi(false);
    match log {
        Log::Text => lines.init(),
        Log::Json => lines.json().flatten_event(true).init(),
    }
}
