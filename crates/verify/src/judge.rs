//! Having drafts checked, elsewhere if there is somebody: the half of the checker that makes a [`Verified`].

use crate::{Mark, Verified, archive, check, question, verify};
use mugai_core::{Draft, Refusal, Target, Violation};

/// Puts a question about a draft, in pieces, to a checker in another process; `None` when there is none.
///
/// At the other end is [`answer`](crate::answer).
pub trait Elsewhere: Sync {
    /// Its answer.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that the draft breaks, or why there is no answer.
    fn ask(&self, question: &[u8], draft: &[&[u8]]) -> Option<Result<(), Refusal>>;
}

/// Decides on drafts.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    elsewhere: &'a dyn Elsewhere,
}

impl std::fmt::Debug for Judge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").finish_non_exhaustive()
    }
}

impl<'a> Judge<'a> {
    /// One that asks there, and decides by itself where nobody is.
    ///
    /// Plain text is always decided on here: that is a walk over its characters by our own code, and cheaper than the question.
    #[must_use]
    pub const fn new(elsewhere: &'a dyn Elsewhere) -> Self {
        Self { elsewhere }
    }

    /// Checks a draft against the profile of its target.
    ///
    /// Files in a message or an archive that equal one of `known` byte by byte are not checked again.
    ///
    /// # Errors
    /// [`Refusal::Unverified`] with the rule that the draft breaks; why there is no answer.
    pub fn verify(&self, draft: Draft, known: &[&Verified]) -> Result<Verified, Refusal> {
        let target = draft.target();
        if matches!(target, Target::Txt | Target::Csv) {
            return verify(draft, known).map_err(Refusal::Unverified);
        }
        self.inside(target, draft.bytes(), known)?;
        Ok(Verified::accepted(draft))
    }

    /// As [`Judge::verify`], and does something else with the same bytes meanwhile, on a thread of its own.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub fn verify_beside<T: Send>(
        &self,
        draft: Draft,
        known: &[&Verified],
        beside: impl Fn(&[u8]) -> T + Sync,
    ) -> Result<(Verified, T), Refusal> {
        let bytes = draft.bytes();
        let (checked, done) = std::thread::scope(|scope| {
            let there = std::thread::Builder::new().spawn_scoped(scope, || beside(bytes));
            let checked = self.inside(draft.target(), bytes, known);
            (
                checked,
                there.map_or_else(|_| Ok(beside(bytes)), std::thread::ScopedJoinHandle::join),
            )
        });
        checked?;
        let done = done.map_err(|_| Refusal::internal("verify: what was done beside was lost"))?;
        Ok((Verified::accepted(draft), done))
    }

    fn inside(&self, target: Target, bytes: &[u8], known: &[&Verified]) -> Result<(), Refusal> {
        let marks: Vec<Mark> = known.iter().map(|file| Mark::from(*file)).collect();
        let asked = self
            .elsewhere
            .ask(&question::profile(target, &marks), &[bytes]);
        asked.unwrap_or_else(|| check(target, bytes, known).map_err(Refusal::Unverified))
    }

    /// Checks a draft that is an archive of the files that `marks` are of, in their order, and of nothing else.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub fn verify_archive(&self, draft: Draft, marks: &[Mark]) -> Result<Verified, Refusal> {
        if draft.target() != Target::Zip {
            return Err(Refusal::Unverified(Violation::of("zip: no archive")));
        }
        let bytes = draft.bytes();
        let asked = self.elsewhere.ask(&question::archive(marks), &[bytes]);
        asked.unwrap_or_else(|| {
            archive::of_marks(&mut &*bytes, marks).map_err(Refusal::Unverified)
        })?;
        Ok(Verified::accepted(draft))
    }

    /// Checks the form of a draft that is the archive `plain`, closed with a password.
    ///
    /// # Errors
    /// As [`Judge::verify`].
    pub fn verify_closed(&self, plain: &Verified, draft: Draft) -> Result<Verified, Refusal> {
        if draft.target() != Target::Zip || plain.target() != Target::Zip {
            let rule = Violation::of("zip: only archives are closed");
            return Err(Refusal::Unverified(rule));
        }
        let (plain, closed) = (plain.bytes(), draft.bytes());
        let asked = self
            .elsewhere
            .ask(&question::closed(plain.len()), &[plain, closed]);
        asked
            .unwrap_or_else(|| archive::seal::check(plain, closed).map_err(Refusal::Unverified))?;
        Ok(Verified::accepted(draft))
    }
}
