//! Digests of large files, taken beside what else is done with them and not after it: the digests
//! of fifty megabytes take as long as checking them does.

use crate::job::{Job, verifiers};
use crate::report::Digests;
use mugai_core::{Draft, Refusal, Untrusted};
use mugai_verify::Verified;
use std::thread;

/// From this size on, in bytes, a thread of its own is worth its start.
const LARGE: usize = 1 << 20;

/// Does `work`, and takes the digests of `input` meanwhile; they come back as BLAKE3 and as both.
///
/// # Errors
/// [`Refusal::Internal`] where the thread was lost, or the input cannot be read.
pub(super) fn input<T>(
    input: Untrusted,
    work: impl FnOnce() -> T,
) -> Result<(T, blake3::Hash, Digests), Refusal> {
    let large = input.len() >= LARGE;
    let take = move || Digests::both(input.content());
    if !large {
        let (blake3, digests) = take()?;
        return Ok((work(), blake3, digests));
    }
    thread::scope(|scope| {
        let beside = thread::Builder::new().spawn_scoped(scope, take);
        let done = work();
        let lost = || Refusal::internal("job: digests of the input");
        let beside = beside.map_err(|_| lost())?;
        let (blake3, digests) = beside.join().map_err(|_| lost())??;
        Ok((done, blake3, digests))
    })
}

/// A file that passed its checker, with its digests where they were taken meanwhile.
pub(super) struct Accepted {
    /// The file.
    pub(super) file: Verified,
    /// Its digests.
    pub(super) digests: Option<Digests>,
}

impl From<Verified> for Accepted {
    fn from(file: Verified) -> Self {
        Self {
            file,
            digests: None,
        }
    }
}

/// Checks a draft that is delivered by itself, and takes its digests meanwhile if it is large.
///
/// # Errors
/// [`Refusal::Unverified`] with the rule that it breaks.
pub(super) fn accept(
    job: &Job<'_>,
    draft: Draft,
    known: &[&Verified],
) -> Result<Accepted, Refusal> {
    let verifiers = verifiers::of(job);
    if draft.content().len() < LARGE {
        let file = verifiers.judge().verify(draft, known)?;
        return Ok(job.keep(file)?.into());
    }
    let (file, digests) = verifiers
        .judge()
        .verify_beside(draft, known, Digests::of_spooled)?;
    Ok(Accepted {
        file: job.keep(file)?,
        digests: Some(digests),
    })
}
