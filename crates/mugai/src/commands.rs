//! One file a verb.

pub(crate) mod batch;
pub(crate) mod doctor;
pub(crate) mod inspect;
mod means;
pub(crate) mod policy;
pub(crate) mod relay;
pub(crate) mod report;
pub(crate) mod sanitise;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod verify;
pub(crate) mod watch;
pub(crate) mod worker;

use crate::args::{Language, List, Rules};
use crate::say::complain;
use mugai_batch::{Exit, parse_list};
use mugai_core::Lang;
use mugai_engine::Policy;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) fn end(exit: Exit) -> ExitCode {
    if !crate::say::was_heard() {
        complain!("mugai: not all of what was to be said could be written to standard output");
        return ExitCode::from(Exit::Failed.code());
    }
    ExitCode::from(exit.code())
}

/// Says what is wrong with the command line or the policy.
pub(crate) fn usage(message: impl std::fmt::Display) -> ExitCode {
    complain!("mugai: {message}");
    end(Exit::Usage)
}

/// The policy of the command line.
pub(crate) fn rules(rules: &Rules) -> Result<Policy, String> {
    let policy = Policy::load(&rules.policy)?;
    Ok(match rules.lang {
        Some(Language::Ja) => policy.in_language(Lang::Ja),
        Some(Language::En) => policy.in_language(Lang::En),
        None => policy,
    })
}

/// The files of `--files-from`.
fn listed(list: &List) -> Result<Box<dyn Iterator<Item = io::Result<PathBuf>>>, String> {
    let Some(path) = &list.files_from else {
        return Ok(Box::new(std::iter::empty()));
    };
    let told = format!("--files-from {}", path.display());
    let reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = std::fs::File::open(path).map_err(|error| format!("{told}: {error}"))?;
        Box::new(BufReader::new(file))
    };
    let paths = parse_list(reader, list.null);
    Ok(Box::new(paths.map(move |path| {
        path.map_err(|error| io::Error::new(error.kind(), format!("{told}: {error}")))
    })))
}
