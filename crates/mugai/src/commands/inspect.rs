//! `mugai inspect`: what is in a file and what the policy makes of it, without writing anything.

use crate::args::Inspect;
use crate::commands::sanitise::secrets;
use crate::commands::{end, rules, usage};
use crate::pools;
use crate::say::{complain, say};
use mugai_batch::Exit;
use mugai_core::{Opener, Password, Patience, Refusal, Resource, SafeName, Untrusted};
use mugai_engine::{Order, Policy, Report, sanitise};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Runs `mugai inspect …`.
pub(crate) fn main(args: &Inspect) -> ExitCode {
    let policy = match rules(&args.rules) {
        Ok(policy) => policy,
        Err(message) => return usage(message),
    };
    let passwords = match secrets::all(&args.secrets) {
        Ok(passwords) => passwords,
        Err(message) => return usage(message),
    };
    let (from, to) = (&args.rules.from, &args.rules.to);
    let pool = match pools::one(&policy, from, to, 1, &[]) {
        Ok(pool) => pool,
        Err(message) => {
            complain!("mugai: {message}");
            return end(Exit::Failed);
        }
    };
    let mut exit = Exit::Delivered;
    for path in &args.files {
        match inspect(args, &policy, &pool, &passwords, path) {
            Ok(report) => {
                let shown = if args.json {
                    serde_json::to_string(&report).map_err(|error| error.to_string())
                } else {
                    Ok(tree(&report))
                };
                match shown {
                    Ok(shown) => say!("{shown}"),
                    Err(error) => {
                        complain!("mugai: {}: {error}", path.display());
                        return end(Exit::Failed);
                    }
                }
                if report.withheld_any() && exit == Exit::Delivered {
                    exit = Exit::Withheld;
                }
            }
            Err(message) => {
                complain!("mugai: {}: {message}", path.display());
                return end(Exit::Failed);
            }
        }
    }
    end(exit)
}

fn inspect(
    args: &Inspect,
    policy: &Policy,
    opener: &dyn Opener,
    passwords: &[Password],
    path: &Path,
) -> Result<Report, String> {
    let mut order = Order {
        input: Untrusted::default(),
        name: path
            .file_name()
            .and_then(|name| SafeName::clean(&name.to_string_lossy()).0),
        label: mugai_core::Line::clean(&path.to_string_lossy())
            .0
            .as_str()
            .to_owned(),
        policy,
        from: &args.rules.from,
        to: &args.rules.to,
        passwords,
        patience: Patience::default(),
    };
    let most = policy
        .route(order.from, order.to)
        .map_or(0, |route| route.part.bytes.min(route.job.bytes));
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let data = file.metadata().map_err(|error| error.to_string())?;
    if !data.is_file() {
        return Err("no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let refusal = Refusal::Overrun {
            resource: Resource::Bytes,
            limit: most,
        };
        return Ok(mugai_engine::refuse(&order, data.len(), None, refusal).report);
    }
    order.input = Untrusted::new(bytes);
    Ok(sanitise(order, opener).report)
}

/// The parts as a tree: what each is, how large, what the policy makes of it, and what was seen.
fn tree(report: &Report) -> String {
    let mut out = String::new();
    // writing to a string cannot fail
    let _ = writeln!(out, "{}: {}", report.input.path, report.verdict);
    let mut parts: Vec<_> = report
        .parts
        .iter()
        .map(|part| (key(&part.path), part))
        .collect();
    parts.sort_by(|one, other| one.0.cmp(&other.0));
    for (place, part) in parts {
        let indent = "  ".repeat(place.len());
        let name = part.name.as_deref().unwrap_or("-");
        let outcome = match &part.refusal {
            Some(refusal) => format!("withheld ({})", refusal.detail),
            None => format!("{}, {:?}", part.treatment, part.verdict).to_lowercase(),
        };
        let _ = writeln!(
            out,
            "{indent}{} {name}  [{}, {} bytes] {outcome}",
            part.path, part.kind, part.bytes_in
        );
        for finding in &part.findings {
            let _ = writeln!(
                out,
                "{indent}    {} {} ({})",
                finding.code, finding.count, finding.action
            );
        }
    }
    out.pop();
    out
}

/// The place of a part, to sort by: children behind their parents.
fn key(path: &str) -> Vec<u32> {
    path.split('.')
        .map(|number| number.parse().unwrap_or(u32::MAX))
        .collect()
}
