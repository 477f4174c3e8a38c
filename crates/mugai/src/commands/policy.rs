//! `mugai policy`: show, check, explain.

use crate::args::PolicyCommand;
use crate::commands::{end, rules, usage};
use crate::say::{complain, say, say_as_is};
use crate::{pools, suite};
use mugai_batch::Exit;
use mugai_core::{
    Assignment, Budget, Finding, Hints, Kind, Opener, Params, Patience, Piece, Refusal, Request,
    Sink, Token, Treatments, Untrusted,
};
use mugai_engine::policy::Explanation;
use mugai_engine::{Isolation, Policy};
use std::path::Path;
use std::process::ExitCode;

/// Runs `mugai policy …`.
pub(crate) fn main(command: &PolicyCommand) -> ExitCode {
    match command {
        PolicyCommand::Show { policy } => match Policy::load(policy) {
            Ok(policy) => {
                show(&policy);
                end(Exit::Delivered)
            }
            Err(message) => usage(message),
        },
        PolicyCommand::Check { policies } => check(policies),
        PolicyCommand::Explain {
            files,
            rules: given,
        } => match rules(given) {
            Ok(policy) => explain(&policy, &given.from, &given.to, files),
            Err(message) => usage(message),
        },
    }
}

fn show(policy: &Policy) {
    let isolation = match policy.isolation() {
        Isolation::Worker | Isolation::InGroups => policy.isolation().code().to_owned(),
        Isolation::WithoutLandlock => format!("{} (weaker)", policy.isolation().code()),
        Isolation::InProcess => "in-process (development only)".to_owned(),
    };
    say!(
        "policy    {}\nhash      {}\nisolation {isolation}\nconverter {}",
        policy.name(),
        policy.hash(),
        suite::program().map_or_else(
            || "none: what needs LibreOffice is withheld".to_owned(),
            |program| program.display().to_string()
        )
    );
    for route in policy.routes() {
        say_as_is!("\n{route}");
    }
    say!("\nFamilies that are not named are withheld, and so is everything without a route.");
}

fn check(policies: &[String]) -> ExitCode {
    let mut exit = Exit::Delivered;
    for policy in policies {
        match Policy::load(policy) {
            Ok(read) => say!(
                "{policy}: good ({}, {} routes, {})",
                read.name(),
                read.routes().len(),
                read.hash()
            ),
            Err(message) => {
                complain!("mugai: {message}");
                exit = Exit::Usage;
            }
        }
    }
    end(exit)
}

fn explain(policy: &Policy, from: &str, to: &str, files: &[std::path::PathBuf]) -> ExitCode {
    let pool = match pools::one(policy, from, to, 1, &[]) {
        Ok(pool) => pool,
        Err(message) => {
            complain!("mugai: {message}");
            return end(Exit::Failed);
        }
    };
    for path in files {
        match identify(&pool, policy, from, to, path) {
            Ok(kind) => say!(
                "{}\n{}\n",
                path.display(),
                Explanation::of(policy, from, to, kind)
            ),
            Err(message) => {
                complain!("mugai: {}: {message}", path.display());
                return end(Exit::Failed);
            }
        }
    }
    end(Exit::Delivered)
}

/// Hears only the kind.
struct Ear(Option<Kind>);

impl Sink for Ear {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.0 = Some(kind);
        Ok(())
    }
    fn put(&mut self, _: Piece) -> Result<(), Refusal> {
        Ok(())
    }
    fn note(&mut self, _: Finding) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Lets a worker recognise the file under an order that withholds everything.
fn identify(
    pool: &dyn Opener,
    policy: &Policy,
    from: &str,
    to: &str,
    path: &Path,
) -> Result<Kind, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if bytes.is_empty() {
        return Ok(Kind::Empty);
    }
    let extension = path
        .extension()
        .and_then(|e| Token::parse(&e.to_string_lossy().to_ascii_lowercase()));
    let limits = policy.route(from, to).map(|route| route.part);
    let limits = limits.or_else(|| {
        Policy::municipal_lgwan()
            .ok()?
            .routes()
            .first()
            .map(|route| route.part)
    });
    let limits = limits.ok_or("no limits")?;
    let assignment = Assignment {
        hints: Hints {
            extension,
            ..Hints::default()
        },
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    };
    let mut ear = Ear(None);
    let request = Request {
        input: &Untrusted::new(bytes),
        assignment: &assignment,
        budget: &Budget::new(limits),
        sink: &mut ear,
    };
    let result = pool.open(request, Patience::default());
    match (ear.0, result) {
        (Some(kind), _) => Ok(kind),
        (None, Err(refusal)) => Err(refusal.to_string()),
        (None, Ok(())) => Err("the worker did not say what it is".to_owned()),
    }
}
