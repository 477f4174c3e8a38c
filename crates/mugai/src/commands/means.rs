//! What `sanitise` and `watch` share: threads, memory, priority, and who opens parts.

use crate::args::{Means, Rules};
use crate::pools;
use mugai_core::Opener;
use mugai_engine::Policy;
use std::path::PathBuf;

/// How many files are worked on at a time.
pub(super) fn jobs(means: &Means) -> usize {
    means.jobs.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    )
}

/// Makes this process and all that it starts give way to others.
pub(super) fn give_way(means: &Means) -> Result<(), String> {
    if means.nice > 0 {
        let set = rustix::process::nice(means.nice);
        set.map_err(|error| format!("--nice: {error}"))?;
    }
    Ok(())
}

/// What decides about outputs beside content, policy and engine: fonts that were named.
pub(super) fn context(means: &Means) -> String {
    named(&means.font)
}

/// The same of the names of these fonts.
pub(super) fn named(fonts: &[PathBuf]) -> String {
    let names = fonts.iter().map(|path| path.display().to_string());
    names.collect::<Vec<_>>().join("\0")
}

/// A pool of at most so many workers.
pub(super) fn opener(
    policy: &Policy,
    rules: &Rules,
    means: &Means,
    workers: usize,
) -> Result<Box<dyn Opener>, String> {
    let pool = pools::one(policy, &rules.from, &rules.to, workers, &means.font)?;
    Ok(Box::new(pool))
}
