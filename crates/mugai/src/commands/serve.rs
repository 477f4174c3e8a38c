//! `mugai serve`: the gRPC service.

use crate::args::{LogFormat, Serve};
use crate::commands::{end, usage};
use crate::pools;
use crate::say::{complain, say};
use mugai_batch::Exit;
use mugai_server::config::Log;
use mugai_server::{Config, Policies, check_certificates, serve};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Runs `mugai serve …`.
pub(crate) fn main(args: &Serve) -> ExitCode {
    let (config, policies) = match read(&args.config) {
        Ok(read) => read,
        Err(message) => return usage(message),
    };
    if args.check {
        say!("{}: good", args.config.display());
        return end(Exit::Delivered);
    }
    log(match args.log_format {
        Some(LogFormat::Text) => Log::Text,
        Some(LogFormat::Json) => Log::Json,
        None => config.log,
    });
    let (in_force, jobs) = (policies.in_force(), usize::from(config.limits.jobs));
    let path = args.config.clone();
    let again = Arc::new(move || read(&path));
    let policies_in_force = in_force.iter().map(Arc::as_ref);
    let pool = pools::of(policies_in_force, jobs, &args.font, Some(&config.spool));
    let served = pool.and_then(|pool| {
        serve((&config, policies), Arc::new(pool), again).map_err(|error| error.to_string())
    });
    match served {
        Ok(()) => end(Exit::Delivered),
        Err(message) => {
            complain!("mugai: {message}");
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
    check_certificates(&config).map_err(|error| error.to_string())?;
    Ok((config, policies))
}

/// Logs go to standard error: one line a call, and what happens to the service itself. Lines of
/// libraries are left out: what stands in them is not ours to vouch for.
pub(crate) fn log(log: Log) {
    let ours = Targets::new().with_target("mugai", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let registry = tracing_subscriber::registry();
    match log {
        Log::Text => registry.with(lines.with_filter(ours)).init(),
        Log::Json => registry
            .with(lines.json().flatten_event(true).with_filter(ours))
            .init(),
    }
}
