//! `mugai relay`: mails of a mail server, sanitised.

use crate::args::Relay;
use crate::commands::serve::log;
use crate::commands::{end, usage};
use crate::pools;
use crate::say::{complain, say};
use mugai_batch::Exit;
use mugai_engine::policy::units::Unit;
use mugai_relay::{Config, Embedded, Sanitiser, check, digest, policies, serve};
use mugai_server::config::Log;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// What was read: the configuration, and the policies of a process that sanitises by itself.
type Known = (Config, mugai_relay::Policies);

/// Runs `mugai relay …`.
pub(crate) fn main(args: &Relay) -> ExitCode {
    let known = match read(&args.config) {
        Ok(known) => known,
        Err(message) => return usage(message),
    };
    log(if known.0.json { Log::Json } else { Log::Text });
    let done = if args.check {
        tried(args, known)
    } else if let Some(time) = &args.digest {
        match Unit::Time.parse(time) {
            Some(millis) => written(&known.0, Duration::from_millis(millis)),
            None => return usage(format!("--digest: {}", Unit::Time.accepted())),
        }
    } else {
        run(args, known)
    };
    match done {
        Ok(exit) => end(exit),
        Err(message) => {
            complain!("mugai: {message}");
            end(Exit::Failed)
        }
    }
}

fn read(path: &Path) -> Result<Known, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    // what is no text is none of ours
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let config = Config::parse(&text, environment).map_err(|error| format!("{shown}: {error}"))?;
    let policies = policies(&config)?;
    Ok((config, policies))
}

fn run(args: &Relay, (config, policies): Known) -> Result<Exit, String> {
    let path = args.config.clone();
    let again = Arc::new(move || read(&path));
    let embedded = embedded(args, &config, policies)?;
    serve(config, embedded, again).map(|()| Exit::Delivered)
}

/// An engine with workers, unless there is a service.
fn embedded(
    args: &Relay,
    config: &Config,
    policies: mugai_relay::Policies,
) -> Result<Option<Embedded>, String> {
    if config.service.is_some() {
        return Ok(None);
    }
    let jobs = config.limits.jobs;
    let pool = pools::of(policies.values().map(Arc::as_ref), jobs, &args.font, None)?;
    Ok(Some(Embedded::new(policies, Arc::new(pool), jobs)))
}

fn tried(args: &Relay, (config, policies): Known) -> Result<Exit, String> {
    let embedded = embedded(args, &config, policies)?;
    let steps = runtime()?.block_on(async {
        let sanitiser = match embedded {
            Some(embedded) => Sanitiser::Embedded(embedded),
            None => Sanitiser::service(&config)?.ok_or("no service is configured")?,
        };
        Ok::<_, String>(check(&config, &sanitiser, args.to.as_deref()).await)
    })?;
    let mut good = true;
    for (name, outcome) in steps {
        match outcome {
            Ok(words) => say!("good  {name}: {words}"),
            Err(words) => {
                say!("BAD   {name}: {words}");
                good = false;
            }
        }
    }
    Ok(if good { Exit::Delivered } else { Exit::Failed })
}

fn written(config: &Config, since: Duration) -> Result<Exit, String> {
    let letters = runtime()?.block_on(digest(config, since))?;
    say!("{letters} letters");
    Ok(Exit::Delivered)
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())
}
